import { describe, expect, test } from 'vitest';
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionResolveRequest,
  CodeActionTriggerKind,
} from 'vscode-languageserver/node';
import { areaRules } from '../support/area-rules.ts';
import {
  PLAIN,
  rangeOf,
  type TestServer,
  type TestServerOptions,
  until,
  VSCODE,
  withServer,
} from '../support/lsp.ts';
import { at } from '../support/toy.ts';
import { syntaxes } from '../support/workspace.ts';

const KIND = 'refactor.rewrite.hardlint';
const COMPOSE = `services:
  web:
    image: BAD1
    hostname: "RISKY STUCK"
    # here
    user: app

  db:
    image: BAD2
`;
const HARDENED = COMPOSE.replace('BAD1', 'bad1').replace('RISKY', 'risky');
const DOCKERFILE = 'FROM BAD1 AS build\nCOPY . .\n\nFROM scratch\nRUN RISKY\n# end\n';

/** A server over real kinds of file, and one open file in it; all files are read where the editor is told of that. */
async function withFile(
  [path, text]: readonly [string, string],
  run: (server: TestServer) => Promise<void>,
  options: TestServerOptions = {},
): Promise<void> {
  await withServer({ rules: areaRules, syntaxes, ...options }, async (server) => {
    await server.open(path, text);
    if (options.capabilities !== PLAIN) await until(() => (server.refreshes > 0 ? true : undefined));
    await run(server);
  });
}

const titles = (actions: readonly CodeAction[]) => actions.map(({ title }) => title);

async function resolved(server: TestServer, [action]: readonly CodeAction[]): Promise<CodeAction> {
  if (!action) throw new Error('Nothing is offered.');
  return server.connection.sendRequest(CodeActionResolveRequest.type, action);
}

describe('"Harden this service"', () => {
  test.each(['web', 'image', 'RISKY', '# here'])('is offered with the cursor at %s', async (word) => {
    await withFile(['compose.yaml', COMPOSE], async (server) => {
      const actions = await server.actions('compose.yaml', rangeOf(COMPOSE, word), [KIND]);
      expect(titles(actions)).toEqual(['Harden this service']);
      expect(actions[0]).toMatchObject({ kind: KIND });
      expect(actions[0]?.edit).toBeUndefined();
    });
  });

  test('is offered for each kind that holds its own, and for no other', async () => {
    await withFile(['compose.yaml', COMPOSE], async (server) => {
      const asked = async (only?: string[]) =>
        titles(await server.actions('compose.yaml', rangeOf(COMPOSE, '# here'), only)).filter((title) =>
          title.startsWith('Harden'),
        ).length;
      for (const only of [undefined, [''], ['refactor'], ['refactor.rewrite'], [KIND]]) {
        expect(await asked(only)).toBe(1);
      }
      for (const only of [['quickfix'], ['refactor.extract'], ['source'], [`${KIND}.more`]]) {
        expect(await asked(only)).toBe(0);
      }
    });
  });

  test('makes no light bulb, but is there when someone asks', async () => {
    await withFile(['compose.yaml', COMPOSE], async (server) => {
      const ask = async (kind: CodeActionTriggerKind) =>
        titles(await server.actions('compose.yaml', rangeOf(COMPOSE, '# here'), undefined, [], kind));
      expect(await ask(CodeActionTriggerKind.Automatic)).not.toContain('Harden this service');
      expect(await ask(CodeActionTriggerKind.Invoked)).toContain('Harden this service');
    });
  });

  test('is one edit with an annotation for each part, and asks about those to review', async () => {
    await withFile(['compose.yaml', COMPOSE], async (server) => {
      const actions = await server.actions('compose.yaml', rangeOf(COMPOSE, 'web'), [KIND]);
      const { edit } = await resolved(server, actions);
      expect(server.apply(at('compose.yaml'), edit)).toBe(HARDENED);
      expect(edit?.changeAnnotations).toEqual({
        0: {
          label: 'Mend RISKY',
          description: 'area/risky: It may bite. Check with `toy check`.',
          needsConfirmation: true,
        },
        1: { label: 'Mend BAD1', description: 'area/bad', needsConfirmation: false },
      });
      expect(edit?.documentChanges).toMatchObject([
        { textDocument: { version: 1 }, edits: [{ annotationId: '1' }, { annotationId: '0' }] },
      ]);
    });
  });

  test('is not offered outside of services, and where fewer than two findings have a fix', async () => {
    await withFile(['compose.yaml', COMPOSE], async (server) => {
      for (const word of ['services', 'BAD2']) {
        expect(await server.actions('compose.yaml', rangeOf(COMPOSE, word), [KIND])).toEqual([]);
      }
    });
  });

  test('leaves out what a comment keeps quiet', async () => {
    const text = COMPOSE.replace('BAD1', 'BAD1 # hardlint-ignore area/bad: it is a brand').replace(
      'app',
      'BAD3',
    );
    await withFile(['compose.yaml', text], async (server) => {
      const actions = await server.actions('compose.yaml', rangeOf(text, 'web'), [KIND]);
      const { edit } = await resolved(server, actions);
      expect(server.apply(at('compose.yaml'), edit)).toBe(
        text.replace('RISKY', 'risky').replace('BAD3', 'bad3'),
      );
    });
  });

  test('says why there is no edit, when nothing is left of what was offered', async () => {
    await withFile(['compose.yaml', COMPOSE], async (server) => {
      const actions = await server.actions('compose.yaml', rangeOf(COMPOSE, 'web'), [KIND]);
      await server.edit('compose.yaml', 'BAD1', 'good');
      await server.edit('compose.yaml', 'RISKY', 'good');
      const { edit, disabled } = await resolved(server, actions);
      expect(edit).toBeUndefined();
      expect(disabled?.reason).toBe('No fix of what is found here works.');
    });
  });

  test('takes what works of fixes that do not work together', async () => {
    const text = 'services:\n  web:\n    image: ODD1\n    hostname: ODD2\n';
    await withFile(['compose.yaml', text], async (server) => {
      const actions = await server.actions('compose.yaml', rangeOf(text, 'web'), [KIND]);
      const { edit } = await resolved(server, actions);
      expect(server.apply(at('compose.yaml'), edit)).toBe(text.replace('ODD1', 'even'));
    });
  });

  test('has its edit at once for an editor that cannot ask for it, and says that a part is to be reviewed', async () => {
    const run = async (server: TestServer) => {
      const [action] = await server.actions('compose.yaml', rangeOf(COMPOSE, '# here'), ['refactor']);
      expect(action).toMatchObject({ title: 'Harden this service (review)', kind: KIND });
      expect(Object.keys(action?.edit ?? {})).toEqual(['changes']);
      expect(server.apply(at('compose.yaml'), action?.edit)).toBe(HARDENED);
    };
    await withFile(['compose.yaml', COMPOSE], run, { capabilities: PLAIN });
  });
});

describe('"Harden this image"', () => {
  test.each(['build', '# end'])('takes all stages, and makes files, with the cursor at %s', async (word) => {
    await withFile(['Dockerfile', DOCKERFILE], async (server) => {
      const actions = await server.actions('Dockerfile', rangeOf(DOCKERFILE, word), [KIND]);
      expect(titles(actions)).toEqual(['Harden this image']);
      const { edit } = await resolved(server, actions);
      expect(server.apply(at('Dockerfile'), edit)).toBe(
        DOCKERFILE.replace('BAD1', 'bad1').replace('RISKY', 'risky'),
      );
      expect(edit?.documentChanges?.[0]).toEqual({
        kind: 'create',
        uri: at('.dockerignore'),
        options: { ignoreIfExists: true },
        annotationId: '2',
      });
      expect(edit?.changeAnnotations?.['2']).toMatchObject({
        label: 'Write a .dockerignore',
        needsConfirmation: true,
      });
    });
  });
});

describe('"Harden this server"', () => {
  const server = (...words: string[]) => `server {\n  listen 80;\n  add_header X "${words.join(' ')}";\n}\n`;

  test('is offered where a server lacks something, and mends all that is found in it', async () => {
    const text = server('LACK', 'BAD1') + server('BAD2', 'BAD3');
    await withFile(['nginx/conf.d/a.conf', text], async (editor) => {
      const actions = await editor.actions('nginx/conf.d/a.conf', rangeOf(text, 'listen'), [KIND]);
      expect(titles(actions)).toEqual(['Harden this server']);
      const { edit } = await resolved(editor, actions);
      expect(editor.apply(at('nginx/conf.d/a.conf'), edit)).toBe(
        server('lack', 'bad1') + server('BAD2', 'BAD3'),
      );
      expect(await editor.actions('nginx/conf.d/a.conf', rangeOf(text, 'BAD2'), [KIND])).toEqual([]);
    });
  });
});

describe('a fix that makes a file', () => {
  const range = rangeOf(DOCKERFILE, 'COPY');
  const mine = (actions: readonly CodeAction[]) =>
    actions.find(({ title }) => title.startsWith('Write a .dockerignore'));

  test('makes it before it writes into it, and asks about both', async () => {
    await withFile(['app/Dockerfile', DOCKERFILE], async (server) => {
      const action = mine(await server.actions('app/Dockerfile', range, ['quickfix']));
      const start = { line: 0, character: 0 };
      const uri = at('app/.dockerignore');
      expect(action?.title).toBe('Write a .dockerignore (review: The build may need what it passes over)');
      expect(action?.edit).toEqual({
        documentChanges: [
          { kind: 'create', uri, options: { ignoreIfExists: true }, annotationId: '0' },
          {
            textDocument: { uri, version: null },
            edits: ['.git\n', '.env\n'].map((newText) => ({
              range: { start, end: start },
              newText,
              annotationId: '0',
            })),
          },
        ],
        changeAnnotations: {
          0: {
            label: 'Write a .dockerignore',
            description: 'The build may need what it passes over. Check with `docker build .`.',
            needsConfirmation: true,
          },
        },
      });
    });
  });

  test('is not offered to an editor that cannot make files', async () => {
    const workspaceEdit = { documentChanges: true, resourceOperations: ['rename' as const] };
    const capabilities: ClientCapabilities = {
      ...VSCODE,
      workspace: { ...VSCODE.workspace, workspaceEdit },
    };
    const run = async (server: TestServer) => {
      const actions = await server.actions('app/Dockerfile', range);
      expect(titles(actions)).toContain('Ignore area/no-ignore here, with a reason');
      expect(mine(actions)).toBeUndefined();
    };
    await withFile(['app/Dockerfile', DOCKERFILE], run, { capabilities });
  });

  test('is not offered where the file is there', async () => {
    const run = async (server: TestServer) => {
      expect(mine(await server.actions('app/Dockerfile', range))).toBeUndefined();
    };
    await withFile(['app/Dockerfile', DOCKERFILE], run, { files: { 'app/.dockerignore': '.git\n' } });
  });
});
