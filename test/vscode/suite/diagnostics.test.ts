import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  at,
  diagnostic,
  diagnostics,
  noDiagnostic,
  open,
  revertAll,
  ruleOf,
  type,
  until,
  write,
} from './support.ts';

/** How a diagnostic begins that stands for several findings. */
const LACKS = /^`[\w-]+` lacks \d+ hardening keys/;

suite('diagnostics', () => {
  teardown(revertAll);

  const smells: readonly [file: string, rule: string, marked: RegExp][] = [
    ['compose.yaml', 'compose/secret-world-readable', /^0444$/],
    ['nginx/nginx.conf', 'nginx/hsts-missing', /server/],
    ['app/Dockerfile', 'dockerfile/image-latest', /latest/],
    ['config/config.yaml', 'config/db-pool-tiny', /5/],
    ['src/app-config.ts', 'script/yaml-only-config', /./],
    ['prometheus/rules/web.yml', 'promql/self-ratio', /rate|\//],
  ];
  for (const [file, rule, marked] of smells) {
    test(`${rule} in ${file}`, async () => {
      const document = await open(file);
      const found = await diagnostic(file, rule);
      assert.match(document.getText(found.range), marked);
      assert.ok(found.message.length > 0 && !found.message.includes('\n'), found.message);
      assert.ok(
        typeof found.code === 'object' && found.code.target.toString().includes(rule),
        'the code leads to the documentation',
      );
    });
  }

  test('a file that nobody has opened has its findings among the problems', async () => {
    assert.ok(vscode.workspace.textDocuments.every(({ uri }) => uri.path !== at('config/jobs.yaml').path));
    await diagnostic('config/jobs.yaml', 'config/db-pool-tiny');
  });

  test('one diagnostic stands for all hardening keys that a service lacks', async () => {
    await open('compose.yaml');
    await diagnostic('compose.yaml', 'compose/secret-world-readable');
    assert.equal(diagnostics('compose.yaml').filter(({ message }) => LACKS.test(message)).length, 4);
  });

  test('a service without a user is blamed together with the Dockerfile that names none, and cleared by it', async () => {
    await open('compose.yaml');
    const found = await until('the user among what `web` lacks', () => lackOf('web', /\buser\b/));
    const related = found.relatedInformation?.map(({ location }) => location.uri.path) ?? [];
    assert.ok(
      related.some((path) => path.endsWith('/app/Dockerfile')),
      `related: ${related.join()}`,
    );

    const dockerfile = await open('app/Dockerfile');
    await type(dockerfile, dockerfile.getText().replace('CMD', 'USER node\nCMD'));
    await until('the user to be no longer missed', () => lackOf('web', /lacks (?!.*\buser\b)/));
  });

  test('a change on the disk is seen without the file being open', async () => {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(at('config/jobs.yaml')));
    await diagnostic('config/jobs.yaml', 'config/db-pool-tiny');
    await write('config/jobs.yaml', text.replace('size: 5', 'size: 20'));
    await noDiagnostic('config/jobs.yaml', 'config/db-pool-tiny');
    await write('config/jobs.yaml', text);
    await diagnostic('config/jobs.yaml', 'config/db-pool-tiny');
  });

  test('half-typed text keeps the findings of the rest', async () => {
    const document = await open('compose.yaml');
    await diagnostic('compose.yaml', 'compose/secret-world-readable');
    await type(document, document.getText().replace('  prometheus:', '  prometheus: [unclosed'));
    await diagnostic('compose.yaml', 'hardlint/syntax-error');
    assert.ok(
      diagnostics('compose.yaml').some((candidate) => ruleOf(candidate) === 'compose/secret-world-readable'),
    );
  });
});

/** The diagnostic that says what a service lacks, if its message is as asked for. */
function lackOf(service: string, message: RegExp): vscode.Diagnostic | undefined {
  return diagnostics('compose.yaml').find(
    (found) => found.message.startsWith(`\`${service}\` lacks`) && message.test(found.message),
  );
}
