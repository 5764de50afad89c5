import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { manifest } from '../../../client/manifest.ts';
import { diagnostic, open, revertAll, type } from './support.ts';

suite('activation', () => {
  teardown(revertAll);

  test('a folder with a Compose file is enough', async () => {
    const extension = vscode.extensions.getExtension('hardlint.hardlint');
    assert.ok(extension, 'the extension is not there');
    // Nothing has been opened yet.
    await extension.activate();
    assert.ok(extension.isActive);
  });

  test('every command of the manifest is registered', async () => {
    const registered = await vscode.commands.getCommands(true);
    const missing = manifest.contributes.commands.filter(({ command }) => !registered.includes(command));
    assert.deepEqual(missing, []);
  });

  test('nginx.conf has a language of its own, other files keep theirs', async () => {
    assert.equal((await open('nginx/nginx.conf')).languageId, 'nginx');
    assert.notEqual((await open('config/config.yaml')).languageId, 'nginx');
  });

  test('a restarted server knows what has been typed and not saved', async () => {
    const document = await open('compose.yaml');
    await diagnostic('compose.yaml', 'compose/secret-world-readable');
    await type(document, document.getText().replace('build: ./app', 'build: ./app\n    privileged: true'));
    await diagnostic('compose.yaml', 'compose/privileged');
    await vscode.commands.executeCommand('hardlint.restartServer');
    await diagnostic('compose.yaml', 'compose/privileged');
  });

  test('a restarted server says the same again', async () => {
    await open('compose.yaml');
    await diagnostic('compose.yaml', 'compose/secret-world-readable');
    await vscode.commands.executeCommand('hardlint.restartServer');
    await diagnostic('compose.yaml', 'compose/secret-world-readable');
  });
});
