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
    assert.ok(
      vscode.workspace.textDocuments.every(
        (document) => document.uri.toString() !== at('nginx/nginx.conf').toString(),
      ),
    );
    await diagnostic('nginx/nginx.conf', 'nginx/hsts-missing');
  });

  test('one diagnostic stands for all hardening keys that a service lacks', async () => {
    await open('compose.yaml');
    await diagnostic('compose.yaml', 'compose/secret-world-readable');
    const onService = await until('the service`s diagnostic', () => {
      const found = diagnostics('compose.yaml').filter(({ message }) => /^`proxy` lacks \d+/.test(message));
      return found.length > 0 && found;
    });
    assert.equal(onService.length, 1);
  });

  test('a service without a user is blamed with the Dockerfile that names none, and is cleared by it', async () => {
    await open('compose.yaml');
    const found = await diagnostic('compose.yaml', 'compose/user-missing');
    const related = found.relatedInformation?.map(({ location }) => location.uri.path) ?? [];
    assert.ok(
      related.some((path) => path.endsWith('/app/Dockerfile')),
      `related: ${related.join()}`,
    );

    const dockerfile = await open('app/Dockerfile');
    await type(dockerfile, dockerfile.getText().replace('CMD', 'USER node\nCMD'));
    await noDiagnostic('compose.yaml', 'compose/user-missing');
  });

  test('a change on the disk is seen without the file being open', async () => {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(at('config/config.yaml')));
    await diagnostic('config/config.yaml', 'config/db-pool-tiny');
    await write('config/config.yaml', text.replace('size: 5', 'size: 20'));
    await noDiagnostic('config/config.yaml', 'config/db-pool-tiny');
    await write('config/config.yaml', text);
    await diagnostic('config/config.yaml', 'config/db-pool-tiny');
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
