// Shows that the suite can fail: a failing test, an extension host that dies, and a suite without a test each give exit code 1.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './host.mjs';

const CONTROLS = ['failing', 'dying', 'empty'];

const wrong = CONTROLS.filter((control) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'test/vscode/run.mjs')], {
    env: { ...process.env, HARDLINT_SUITE: control },
    encoding: 'utf8',
  });
  const isRight = status === 1;
  console.log(`${isRight ? 'ok' : 'WRONG'}: the suite \`${control}\` ended with ${status}`);
  if (!isRight) console.log(stdout, stderr);
  return !isRight;
});
process.exitCode = wrong.length > 0 ? 1 : 0;
