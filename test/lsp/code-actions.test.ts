import { describe, expect, test } from 'vitest';
import { type CodeAction, CodeActionResolveRequest } from 'vscode-languageserver/node';
import { PLAIN, rangeOf, type TestServer, until, VSCODE, withServer } from '../support/lsp.ts';
import { manyRule } from '../support/lsp-rules.ts';
import { at } from '../support/toy.ts';

const FILE = 'a.toy.yaml';
const URI = at(FILE);
const RED = 'color: red # why\n';
const SERVICE = '# 😀\nservice:\n  image: x\nlast: 1\n';

const titles = (actions: readonly CodeAction[]) => actions.map(({ title }) => title);

function named(actions: readonly CodeAction[], title: string): CodeAction {
  const found = actions.find((action) => action.title.startsWith(title));
  if (!found) throw new Error(`No action ${title}, only ${titles(actions).join('; ')}`);
  return found;
}

async function resolved(server: TestServer, action: CodeAction): Promise<CodeAction> {
  return server.connection.sendRequest(CodeActionResolveRequest.type, action);
}

/** The server with all files read, so that what needs other files is known. */
async function opened(server: TestServer, text: string): Promise<TestServer> {
  await server.open(FILE, text);
  await until(() => (server.refreshes > 0 ? true : undefined));
  return server;
}

describe('fixes', () => {
  test('come safe ones first, then those to review with their risk, then what keeps the finding quiet', async () => {
    await withServer({}, async (server) => {
      await opened(server, RED);
      const actions = await server.actions(FILE, rangeOf(RED, 'red'));
      expect(titles(actions)).toEqual([
        'Set the colour to green',
        'Call it crimson (review: It is still reddish)',
        'Ignore toy/red here, with a reason',
        'Ignore toy/red in this file, with a reason',
        'Fix all safe problems of hardlint in this file',
      ]);
      expect(actions.map(({ isPreferred }) => isPreferred)).toEqual([true, ...Array(4)]);
    });
  });

  test('that are safe change the file at once', async () => {
    await withServer({}, async (server) => {
      await opened(server, RED);
      const { edit, diagnostics } = named(await server.actions(FILE, rangeOf(RED, 'red')), 'Set the colour');
      expect(server.apply(URI, edit)).toBe('color: green # why\n');
      expect(edit?.changeAnnotations).toBeUndefined();
      expect(diagnostics).toMatchObject([{ code: 'toy/red' }]);
    });
  });

  test('that are to be reviewed ask first, where the editor can ask', async () => {
    await withServer({}, async (server) => {
      await opened(server, RED);
      const { edit } = named(await server.actions(FILE, rangeOf(RED, 'red')), 'Call it crimson');
      expect(server.apply(URI, edit)).toBe('color: crimson # why\n');
      expect(edit?.changeAnnotations).toEqual({
        0: { label: 'Call it crimson', needsConfirmation: true, description: 'It is still reddish.' },
      });
    });
  });

  test('over two files name the version of the open one, and none of the other', async () => {
    await withServer({ files: { 'b.toy.yaml': 'secret: abc\n' } }, async (server) => {
      const text = 'secret: abc\n';
      await opened(server, text);
      await server.edit(FILE, 'secret', 'secret');
      const { title, edit } = named(await server.actions(FILE, rangeOf(text, 'abc')), 'Give both');
      expect(title).toBe(
        'Give both files a secret of their own (review: Programs that use the old secret are locked out until they are told)',
      );
      expect(edit?.documentChanges).toMatchObject([
        { textDocument: { uri: URI, version: 2 }, edits: [{ newText: 'mine', annotationId: '0' }] },
        {
          textDocument: { uri: at('b.toy.yaml'), version: null },
          edits: [{ newText: 'yours', annotationId: '0' }],
        },
      ]);
      expect(edit?.changeAnnotations?.['0']?.description).toContain('Check with `toy check`.');
    });
  });

  test('are plain text edits for an editor that knows no more', async () => {
    await withServer({ capabilities: PLAIN }, async (server) => {
      await server.open(FILE, RED);
      const { edit } = named(await server.actions(FILE, rangeOf(RED, 'red')), 'Call it crimson');
      expect(Object.keys(edit ?? {})).toEqual(['changes']);
      expect(server.apply(URI, edit)).toBe('color: crimson # why\n');
    });
  });

  test('are found by the diagnostic that the editor names, wherever the file has moved since', async () => {
    await withServer({}, async (server) => {
      await opened(server, RED);
      const diagnostics = await server.diagnostics(FILE);
      await server.edit(FILE, 'color', 'x: 1\ny: 2\ncolor');
      const actions = await server.actions(FILE, rangeOf(RED, 'color'), ['quickfix'], diagnostics);
      expect(server.apply(URI, named(actions, 'Set the colour').edit)).toBe(
        'x: 1\ny: 2\ncolor: green # why\n',
      );
    });
  });

  test('are none away from all findings, and none of a kind that is not asked for', async () => {
    await withServer({}, async (server) => {
      await opened(server, `${RED}other: 1\n`);
      expect(titles(await server.actions(FILE, rangeOf(`${RED}other: 1\n`, 'other'), ['quickfix']))).toEqual(
        [],
      );
      expect(titles(await server.actions(FILE, rangeOf(RED, 'red'), ['refactor']))).toEqual([]);
    });
  });
});

describe('what a service lacks', () => {
  const key = rangeOf(SERVICE, 'service');

  test('can be mended together, in its safe part, or key by key', async () => {
    await withServer({}, async (server) => {
      await opened(server, SERVICE);
      const actions = await server.actions(FILE, key, ['quickfix']);
      expect(titles(actions)).toEqual([
        'Harden this service (review: The service may not work with braces)',
        'Harden this service, safe fixes only',
        'Add braces (review: The service may not work with braces)',
        'Add belt',
        'Add helmet',
        'Ignore all 3 here, with a reason',
        'Ignore toy/no-braces here, with a reason',
        'Ignore toy/no-belt here, with a reason',
        'Ignore toy/no-helmet here, with a reason',
      ]);
      const whole = named(actions, 'Harden this service (');
      expect(server.apply(URI, whole.edit)).toBe(
        SERVICE.replace('image: x', 'image: x\n  braces: yes\n  belt: yes\n  helmet: yes'),
      );
      expect(whole.edit?.changeAnnotations).toMatchObject({
        0: { label: 'Add braces', needsConfirmation: true },
        1: { label: 'Add belt', needsConfirmation: false },
        2: { label: 'Add helmet', needsConfirmation: false },
      });
      const gentle = named(actions, 'Harden this service, safe');
      expect(gentle.isPreferred).toBe(true);
      expect(server.apply(URI, gentle.edit)).toBe(
        SERVICE.replace('image: x', 'image: x\n  belt: yes\n  helmet: yes'),
      );
      expect(server.apply(URI, named(actions, 'Add helmet').edit)).toBe(
        SERVICE.replace('image: x', 'image: x\n  helmet: yes'),
      );
    });
  });

  test('can be ignored together by one comment', async () => {
    await withServer({}, async (server) => {
      await opened(server, SERVICE);
      const { edit } = named(await server.actions(FILE, key, ['quickfix']), 'Ignore all 3');
      const text = server.apply(URI, edit);
      expect(text).toContain(
        `\n# hardlint-ignore toy/no-braces, toy/no-belt, toy/no-helmet: \${1:say why}\nservice:`,
      );
    });
  });
});

describe('fix all', () => {
  const text = 'a: 1\r\ncolor: red # 😀\r\nservice:\r\n  image: x\r\n';

  test('of a file applies safe fixes only, when it is chosen', async () => {
    await withServer({}, async (server) => {
      await opened(server, text);
      const [action] = await server.actions(FILE, rangeOf(text, 'a'), ['source.fixAll']);
      expect(action).toMatchObject({ kind: 'source.fixAll.hardlint' });
      expect(action?.edit).toBeUndefined();
      const { edit } = await resolved(server, action as CodeAction);
      const fixed = server.apply(URI, edit);
      expect(fixed.replaceAll('\r\n', '\n')).toBe(
        'a: 1\ncolor: green # 😀\nservice:\n  image: x\n  belt: yes\n  helmet: yes\n',
      );
      expect(edit?.documentChanges).toMatchObject([{ textDocument: { uri: URI, version: 1 } }]);
      expect(JSON.stringify(edit)).not.toContain('# 😀');
    });
  });

  test('has its edit at once for an editor that cannot ask for it', async () => {
    await withServer({ capabilities: PLAIN }, async (server) => {
      await server.open(FILE, RED);
      const [action] = await server.actions(FILE, rangeOf(RED, 'why'), ['source.fixAll.hardlint']);
      expect(server.apply(URI, action?.edit)).toBe('color: green # why\n');
    });
  });

  test('of one rule is offered where there are several findings of it', async () => {
    await withServer({ rules: [manyRule] }, async (server) => {
      const words = 'a: BAD\nb: good\nc: BAD\n';
      await opened(server, words);
      const action = named(
        await server.actions(FILE, rangeOf(words, 'BAD')),
        'Fix all toy/many in this file',
      );
      expect(server.apply(URI, (await resolved(server, action)).edit)).toBe('a: fine\nb: good\nc: fine\n');
      expect(server.apply(URI, named(await server.actions(FILE, rangeOf(words, 'BAD')), 'Say').edit)).toBe(
        'a: fine\nb: good\nc: BAD\n',
      );
    });
  });

  test('is not offered in a clean file', async () => {
    await withServer({}, async (server) => {
      await opened(server, 'color: blue\n');
      expect(await server.actions(FILE, rangeOf('color', 'color'), ['source'])).toEqual([]);
    });
  });
});

describe('ignoring', () => {
  test('selects the reason, indents as the line below and keeps the finding quiet', async () => {
    await withServer({}, async (server) => {
      const text = '{\r\n  color: red,\r\n}\r\n';
      await opened(server, text);
      const { edit } = named(await server.actions(FILE, rangeOf(text, 'red')), 'Ignore toy/red here');
      expect(server.apply(URI, edit)).toBe(
        `{\r\n  # hardlint-ignore toy/red: \${1:say why}\r\n  color: red,\r\n}\r\n`,
      );
      await server.edit(FILE, '  color', '  # hardlint-ignore toy/red: it is a brand\r\n  color');
      expect(await server.diagnostics(FILE)).toEqual([]);
    });
  });

  test('writes a placeholder where the editor cannot select it', async () => {
    const capabilities = { ...VSCODE, workspace: { workspaceEdit: { documentChanges: true } } };
    await withServer({ capabilities }, async (server) => {
      await server.open(FILE, RED);
      const actions = await server.actions(FILE, rangeOf(RED, 'red'));
      expect(server.apply(URI, named(actions, 'Ignore toy/red here').edit)).toBe(
        `# hardlint-ignore toy/red: say why\n${RED}`,
      );
      expect(server.apply(URI, named(actions, 'Ignore toy/red in this file').edit)).toBe(
        `# hardlint-ignore-file toy/red: say why\n${RED}`,
      );
    });
  });

  test.each(['name: |\n  some\n  SHOUT\n', 'name: some\n  SHOUT\n', "name: 'some\n  SHOUT'\n"])(
    'is not offered on a line where a comment would be part of a text: %j',
    async (text) => {
      await withServer({}, async (server) => {
        await opened(server, text);
        expect(titles(await server.actions(FILE, rangeOf(text, 'SHOUT'), ['quickfix']))).toEqual([
          'Ignore toy/shout in this file, with a reason',
        ]);
      });
    },
  );

  test('goes above a text, and above the first line of one', async () => {
    await withServer({}, async (server) => {
      const text = '\ufeffname: SHOUT\n  more\n';
      await opened(server, text);
      const actions = await server.actions(FILE, rangeOf(text, 'SHOUT'), ['quickfix']);
      const comment = /hardlint-ignore(?:-file)? toy\/shout: .*\nname: SHOUT\n {2}more\n$/;
      expect(actions).toHaveLength(2);
      for (const action of actions) expect(server.apply(URI, action.edit)).toMatch(comment);
    });
  });
});

describe('explaining', () => {
  test('is offered where the client has registered the command', async () => {
    const initializationOptions = { commands: ['hardlint.explainRule'] };
    await withServer({ initializationOptions }, async (server) => {
      await opened(server, RED);
      expect(named(await server.actions(FILE, rangeOf(RED, 'red')), 'Explain').command).toEqual({
        title: 'Explain toy/red',
        command: 'hardlint.explainRule',
        arguments: ['toy/red'],
      });
    });
  });
});
