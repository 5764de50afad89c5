import { describe, expect, test } from 'vitest';
import { WorkspaceDiagnosticRequest } from 'vscode-languageserver/node';
import { PLAIN, rangeOf, until, withServer } from '../support/lsp.ts';
import { at } from '../support/toy.ts';

const RED = 'color: red\n';

describe('pull diagnostics', () => {
  test('tell everything about a finding', async () => {
    await withServer({}, async (server) => {
      await server.open('a.toy.yaml', RED);
      expect(await server.diagnostics('a.toy.yaml')).toEqual([
        {
          range: rangeOf(RED, 'red'),
          severity: 1,
          source: 'hardlint',
          code: 'toy/red',
          codeDescription: { href: 'https://github.com/hardlint/hardlint/blob/main/docs/rules/toy/red.md' },
          message: 'The colour `red` alarms everybody.',
          data: { rule: 'toy/red', place: 'color' },
        },
      ]);
    });
  });

  test('are not sent again while nothing changes, and are after an edit', async () => {
    await withServer({ files: { 'a.toy.yaml': RED } }, async (server) => {
      await server.open('a.toy.yaml', RED);
      await until(() => (server.refreshes > 0 ? true : undefined));
      const first = await server.pull('a.toy.yaml');
      expect(await server.pull('a.toy.yaml', first.resultId)).toEqual({
        kind: 'unchanged',
        resultId: first.resultId,
      });
      await server.edit('a.toy.yaml', 'red', 'blue');
      const third = await server.pull('a.toy.yaml', first.resultId);
      expect(third).toMatchObject({ kind: 'full', items: [] });
      await server.edit('a.toy.yaml', 'blue', 'red');
      expect(await server.pull('a.toy.yaml', third.resultId)).toMatchObject({
        kind: 'full',
        items: [{ code: 'toy/red' }],
      });
    });
  });

  test.each([
    ['behind characters outside the basic plane', '# 😀😀\nnote: "😀"\ncolor: red # 😀\n'],
    ['with CRLF', '# a\r\n\r\ncolor: red\r\n'],
    ['on one line with an emoji before it', '{note: "😀 é", color: red}\n'],
    ['without a line ending', 'color: red'],
  ])('count columns in UTF-16 %s', async (_, text) => {
    await withServer({}, async (server) => {
      await server.open('a.toy.yaml', text);
      expect(await server.diagnostics('a.toy.yaml')).toMatchObject([{ range: rangeOf(text, 'red') }]);
    });
  });

  test('roll up what one service lacks into one, as bad as its worst', async () => {
    const text = 'service:\n  image: x\n';
    await withServer({}, async (server) => {
      await server.open('a.toy.yaml', text);
      expect(await server.diagnostics('a.toy.yaml')).toMatchObject([
        {
          range: rangeOf(text, 'service'),
          severity: 2,
          code: 'toy/no-braces',
          message: '`service` lacks 3 hardening keys: braces, belt, helmet',
          data: {
            rule: 'toy/no-braces',
            place: 'service.braces',
            others: [
              { rule: 'toy/no-belt', place: 'service.belt' },
              { rule: 'toy/no-helmet', place: 'service.helmet' },
            ],
          },
        },
      ]);
    });
  });

  test('link to the place in the other file', async () => {
    const other = 'x: 1\nsecret: abc\n';
    await withServer({ files: { 'b.toy.yaml': other } }, async (server) => {
      await server.open('a.toy.yaml', 'secret: abc\n');
      const [diagnostic] = await server.diagnostics('a.toy.yaml', (items) => items.length > 0);
      expect(diagnostic?.relatedInformation).toEqual([
        { location: { uri: at('b.toy.yaml'), range: rangeOf(other, 'abc') }, message: 'Here too.' },
      ]);
    });
  });

  test('of an untitled document and of an unknown scheme work', async () => {
    await withServer({}, async (server) => {
      for (const uri of ['untitled:a.toy.yaml', 'strange://host/a.toy.yaml']) {
        await server.open('', RED, uri);
        const report = await server.connection.sendRequest('textDocument/diagnostic', {
          textDocument: { uri },
        });
        expect(report).toMatchObject({ items: [{ code: 'toy/red' }] });
      }
    });
  });

  test('of a document that nobody knows are empty', async () => {
    await withServer({}, async (server) => {
      expect(await server.diagnostics('nothing.toy.yaml')).toEqual([]);
    });
  });
});

describe('an edit', () => {
  test('that changes a fact makes the editor ask for other files again', async () => {
    await withServer({}, async (server) => {
      await server.open('a.toy.yaml', 'secret: abc\n');
      await server.open('b.toy.yaml', 'secret: xyz\n');
      await server.diagnostics('b.toy.yaml');
      const quiet = await until(async () => {
        const before = server.refreshes;
        await new Promise((resolve) => setTimeout(resolve, 400));
        return server.refreshes === before ? before : undefined;
      });
      await server.edit('b.toy.yaml', 'xyz', 'abc');
      await until(() => (server.refreshes > quiet ? true : undefined));
      expect(await server.diagnostics('a.toy.yaml')).toMatchObject([{ code: 'toy/shared' }]);
    });
  });

  test('that changes no fact does not', async () => {
    await withServer({}, async (server) => {
      await server.open('a.toy.yaml', `secret: abc\n${RED}`);
      await server.diagnostics('a.toy.yaml');
      await new Promise((resolve) => setTimeout(resolve, 700));
      const before = server.refreshes;
      await server.edit('a.toy.yaml', 'red', 'blue');
      expect(await server.diagnostics('a.toy.yaml')).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(server.refreshes).toBe(before);
    });
  });
});

describe('workspace diagnostics', () => {
  const files = { 'a.toy.yaml': RED, 'b.toy.yaml': 'color: blue\n', 'c.toy.yaml': RED };

  test('tell of files that are not open, and only of what is new', async () => {
    await withServer({ files }, async (server) => {
      const ask = async (previousResultIds: { uri: string; value: string }[]) =>
        (await server.connection.sendRequest(WorkspaceDiagnosticRequest.type, { previousResultIds })).items;
      const first = await until(async () => {
        const items = await ask([]);
        return items.length > 0 ? items : undefined;
      });
      expect(first).toMatchObject([
        { uri: at('a.toy.yaml'), version: null, kind: 'full', items: [{ code: 'toy/red' }] },
        { uri: at('c.toy.yaml'), version: null, kind: 'full', items: [{ code: 'toy/red' }] },
      ]);
      const known = first.map(({ uri, resultId }) => ({ uri, value: resultId ?? '' }));
      expect((await ask(known)).map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged']);
    });
  });

  test('are held while nothing changes, for an editor that takes partial results', async () => {
    await withServer({ files }, async (server) => {
      await server.open('b.toy.yaml', 'color: blue\n');
      const ask = async (previousResultIds: { uri: string; value: string }[]) =>
        (
          await server.connection.sendRequest(WorkspaceDiagnosticRequest.type, {
            previousResultIds,
            partialResultToken: 'w',
          })
        ).items;
      const first = await ask([]);
      const known = first.map(({ uri, resultId }) => ({ uri, value: resultId ?? '' }));
      await new Promise((resolve) => setTimeout(resolve, 700));
      let answered = false;
      const held = ask(known).finally(() => {
        answered = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(answered).toBe(false);
      await server.host.write(at('a.toy.yaml'), 'color: blue\n');
      await server.connection.sendNotification('workspace/didChangeWatchedFiles', {
        changes: [{ uri: at('a.toy.yaml'), type: 2 }],
      });
      expect((await held).filter(({ kind }) => kind === 'full')).toMatchObject([
        { uri: at('a.toy.yaml'), items: [] },
      ]);
    });
  });

  test('are none for files that are not open, where the settings say so', async () => {
    const initializationOptions = { settings: { diagnostics: 'open' } };
    await withServer({ files, initializationOptions }, async (server) => {
      await server.diagnostics('a.toy.yaml');
      const { items } = await server.connection.sendRequest(WorkspaceDiagnosticRequest.type, {
        previousResultIds: [{ uri: at('a.toy.yaml'), value: 'old' }],
      });
      expect(items).toMatchObject([{ uri: at('a.toy.yaml'), kind: 'full', items: [] }]);
    });
  });
});

describe('an editor that does not ask', () => {
  test('is sent diagnostics of open documents, again when they change, and none when they are closed', async () => {
    await withServer({ capabilities: PLAIN, files: { 'b.toy.yaml': RED } }, async (server) => {
      const uri = await server.open('a.toy.yaml', RED);
      const latest = () => server.published.filter((sent) => sent.uri === uri).at(-1)?.diagnostics;
      await until(() => (latest()?.length === 1 ? true : undefined));
      await server.edit('a.toy.yaml', 'red', 'blue');
      await until(() => (latest()?.length === 0 ? true : undefined));
      await server.edit('a.toy.yaml', 'blue', 'red');
      await until(() => (latest()?.length === 1 ? true : undefined));
      await server.close('a.toy.yaml');
      await until(() => (latest()?.length === 0 ? true : undefined));
      expect(server.published.every((sent) => sent.uri === uri)).toBe(true);
      expect(server.result?.capabilities.diagnosticProvider).toBeUndefined();
    });
  });

  test('is sent those of all files where the settings say so', async () => {
    const initializationOptions = { settings: { diagnostics: 'workspace' } };
    const files = { 'b.toy.yaml': RED };
    await withServer({ capabilities: PLAIN, files, initializationOptions }, async (server) => {
      await until(() => server.published.find((sent) => sent.uri === at('b.toy.yaml')));
    });
  });
});
