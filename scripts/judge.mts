// Lets a real nginx judge what hardlint writes: `npm run judge -- DIR` takes every nginx file below a folder that `nginx -t` accepts,
// applies each offered fix by itself and all safe ones together, and wants every result accepted. It ends with 1 where that is not
// so, and skips a folder that is not there. `--why` lists the files that are not judged.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { extractors, rules } from '../rules/registry.generated.ts';
import { foldersFor } from './files.ts';
import { makePrefix, nginxVersion, removePrefix } from './judge/binary.ts';
import { openFolder } from './judge/folder.ts';
import { Judge } from './judge/judge.ts';
import { describeTally, newTally } from './judge/tally.ts';

const [directory, ...flags] = process.argv.slice(2);
const folder = directory === undefined ? undefined : resolve(directory);
if (!folder || !existsSync(folder)) {
  console.log('No folder of real files here: skipped.');
  process.exit(0);
}
const version = nginxVersion();
if (!version) {
  console.error('There is no `nginx` here to judge: install it (Debian: apt-get install nginx-light).');
  process.exit(1);
}

const prefix = makePrefix();
const tally = newTally();
const onPassedOver = (uri: string, reason: string) => {
  if (flags.includes('--why')) console.log(`${uri}\n  ${reason}`);
};
try {
  const judge = new Judge({ prefix, version, onPassedOver }, tally);
  for (const each of foldersFor('nginx', folder)) judge.judge(openFolder(each, { rules, extractors }), each);
} finally {
  removePrefix(prefix);
}
console.log(describeTally(tally));
for (const failure of tally.failures.slice(0, 50)) console.error(failure);
if (tally.failures.length > 0) process.exitCode = 1;
