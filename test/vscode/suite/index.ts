/// <reference types="mocha" />
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What VS Code calls in its extension host. The closing line tells the harness that the suite came to its end, since VS Code
 * reports success when the extension host dies. HARDLINT_SUITE names a suite that shows that failures are seen.
 */
export async function run(): Promise<void> {
  const { default: Mocha } = await import('mocha');
  const mocha = new Mocha({ ui: 'tdd', color: false, timeout: 60_000, slow: 5_000 });
  const grep = process.env.HARDLINT_GREP;
  if (grep) mocha.grep(grep);
  for (const file of testFiles(process.env.HARDLINT_SUITE)) mocha.addFile(file);
  await new Promise<void>((done, fail) => {
    const runner = mocha.run((failed) => {
      console.log(`vscode: ${runner.stats?.passes ?? 0} passed, ${failed} failed`);
      if (failed > 0) fail(new Error(`${failed} tests failed`));
      else done();
    });
  });
}

function testFiles(control: string | undefined): string[] {
  const folder = control ? join(__dirname, 'controls', control) : __dirname;
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.js'));
  return files.sort().map((file) => join(folder, file));
}
