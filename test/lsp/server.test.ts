import { describe, expect, test } from 'vitest';
import {
  type Hover,
  HoverRequest,
  type ProtocolConnection,
  type Registration,
  RegistrationRequest,
  WorkDoneProgress,
  WorkDoneProgressCreateRequest,
} from 'vscode-languageserver/node';
import type { Host } from '../../server/host/host.ts';
import { createMemoryHost } from '../../server/host/memory.ts';
import type { ReportResult, StatusParams } from '../../server/lsp/protocol.ts';
import { rangeOf, type TestServer, until, VSCODE, withServer } from '../support/lsp.ts';
import { lspRules } from '../support/lsp-rules.ts';
import { at, bombRule } from '../support/toy.ts';

const FILE = 'a.toy.yaml';
const RED = 'color: red\n';

async function hover(server: TestServer, text: string, part: string): Promise<string | undefined> {
  const found: Hover | null = await server.connection.sendRequest(HoverRequest.type, {
    textDocument: { uri: at(FILE) },
    position: rangeOf(text, part).start,
  });
  return found ? (found.contents as { value: string }).value : undefined;
}

describe('hover', () => {
  test('says what, why, how to mend it and where it is wrong', async () => {
    await withServer({}, async (server) => {
      await server.open(FILE, 'service:\n  x: 1\n');
      const text = await hover(server, 'service:\n', 'service');
      expect(text).toContain('The service has no `belt`.');
      for (const part of ['It shows.', '**Fix:** Mend it.', 'Toys.', 'CWE-732', 'toy/no-belt.md'])
        expect(text).toContain(part);
      expect(await hover(server, 'service:\n  x: 1\n', 'x')).toBeUndefined();
    });
  });

  test('explains a rule that a comment or the configuration names', async () => {
    await withServer({}, async (server) => {
      const text = `# hardlint-ignore toy/red: a brand\n${RED}`;
      await server.open(FILE, text);
      expect(await hover(server, text, 'toy/red')).toContain('**Colour is red**');
      expect(await hover(server, text, 'brand')).toBeUndefined();
    });
  });
});

describe('requests of the client', () => {
  test('fix gives the safe fix of a finding, and null for one that is gone', async () => {
    await withServer({}, async (server) => {
      const uri = await server.open(FILE, RED);
      const fix = (place: string) =>
        server.connection.sendRequest('hardlint/fix', { uri, rule: 'toy/red', place });
      expect(server.apply(uri, (await fix('color')) as never)).toBe('color: green\n');
      expect(await fix('gone')).toBeNull();
    });
  });

  test('explain gives a page, and null for an unknown rule', async () => {
    await withServer({}, async (server) => {
      const explain = (rule: unknown) => server.connection.sendRequest('hardlint/explain', { rule });
      expect(await explain('toy/red')).toContain('# toy/red\n\n**Colour is red.**');
      expect(await explain('hardlint/syntax-error')).toContain('## Why');
      expect(await explain('toy/unknown')).toBeNull();
      expect(await explain(7)).toBeNull();
    });
  });

  test('status tells of rules, configuration and what failed', async () => {
    const statuses: StatusParams[] = [];
    const options = {
      files: { '.hardlint.yaml': 'rules:\n  toy/shared: off\n' },
      rules: [...lspRules, bombRule],
      initializationOptions: { commands: [] },
      prepare: (connection: ProtocolConnection) =>
        void connection.onNotification('hardlint/status', (status: StatusParams) => {
          statuses.push(status);
        }),
    };
    await withServer(options, async (server) => {
      await server.open(FILE, 'bomb: 1\n');
      await server.diagnostics(FILE);
      const status = await until(() => statuses[0]);
      expect(status).toMatchObject({
        uri: at(FILE),
        rules: lspRules.length,
        configuration: ['/workspace/.hardlint.yaml'],
        muted: ['toy/bomb'],
      });
    });
  });

  test('report covers all files, with open documents as they are in the editor', async () => {
    const files = { [FILE]: 'color: blue\n', 'b.toy.yaml': RED, 'c.toy.yaml': 'secret: x\n' };
    await withServer({ files }, async (server) => {
      await server.open(FILE, RED);
      const seen: WorkDoneProgressEvent[] = [];
      server.connection.onProgress(WorkDoneProgress.type, 'r', (value) => {
        seen.push(value);
      });
      const report: ReportResult = await server.connection.sendRequest('hardlint/report', {
        workDoneToken: 'r',
      });
      expect(report.summary).toEqual({ critical: 0, high: 2, medium: 0, low: 0, info: 0 });
      expect(report.html).toContain(`data-uri="${at('b.toy.yaml')}"`);
      expect(report.markdown).toContain('a.toy.yaml');
      expect(seen[0]).toMatchObject({ kind: 'begin' });
      expect(seen.at(-1)).toMatchObject({ kind: 'end' });
    });
  });

  test('report stops when it is cancelled', async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f${i}.toy.yaml`, RED]));
    await withServer({ files }, async (server) => {
      const { CancellationTokenSource } = await import('vscode-languageserver/node');
      const source = new CancellationTokenSource();
      const report = server.connection.sendRequest('hardlint/report', {}, source.token);
      setTimeout(() => source.cancel(), 20);
      await expect(report).rejects.toMatchObject({ code: -32800 });
    });
  });
});

type WorkDoneProgressEvent = { readonly kind: string };

describe('the scan of the workspace', () => {
  const files = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [at(`f${i}.toy.yaml`), `secret: s${i}\n`]),
  );

  /** A disk on which every file takes its time. */
  function slowHost(read: (uri: string) => void = () => undefined): Host {
    const host = createMemoryHost(files);
    return {
      ...host,
      read: async (uri) => {
        read(uri);
        await new Promise((resolve) => setTimeout(resolve, 5));
        return host.read(uri);
      },
    };
  }

  const capabilities = { ...VSCODE, window: { workDoneProgress: true } };

  test('does not hold up the first diagnostics of an open document, which claim nothing of what is not read yet', async () => {
    await withServer({ host: slowHost() }, async (server) => {
      await server.open(FILE, `${RED}secret: s199\n`);
      expect(await server.diagnostics(FILE)).toMatchObject([{ code: 'toy/red' }]);
      expect(server.refreshes).toBe(0);
      const all = await server.diagnostics(FILE, (items) => items.length > 1);
      expect(all.map(({ code }) => code)).toEqual(['toy/red', 'toy/shared']);
    });
  });

  test('says how far it is', async () => {
    const kinds: string[] = [];
    const prepare = (connection: ProtocolConnection) =>
      void connection.onRequest(WorkDoneProgressCreateRequest.type, ({ token }) => {
        connection.onProgress(WorkDoneProgress.type, token, ({ kind }) => {
          kinds.push(kind);
        });
      });
    await withServer({ host: slowHost(), capabilities, prepare }, async () => {
      await until(() => (kinds.includes('end') ? true : undefined));
      expect(kinds[0]).toBe('begin');
      expect(kinds.filter((kind) => kind === 'report').length).toBeGreaterThan(1);
    });
  });

  test('stops when it is cancelled', async () => {
    const read = new Set<string>();
    const prepare = (connection: ProtocolConnection) =>
      void connection.onRequest(WorkDoneProgressCreateRequest.type, ({ token }) => {
        connection.onProgress(WorkDoneProgress.type, token, ({ kind }) => {
          if (kind === 'begin') void connection.sendNotification('window/workDoneProgress/cancel', { token });
        });
      });
    const host = slowHost((uri) => read.add(uri));
    await withServer({ host, capabilities, prepare }, async (server) => {
      await until(() => server.logged.find((message) => message.includes('cancelled')));
      expect(read.size).toBeLessThan(200);
      await server.open(FILE, `${RED}secret: s0\n`);
      expect(await server.diagnostics(FILE)).toMatchObject([{ code: 'toy/red' }]);
    });
  });
});

describe('what happens on the disk', () => {
  const changed = (server: TestServer, path: string, type: number) =>
    server.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: at(path), type }],
    });

  test('is watched, the configuration with it', async () => {
    const registrations: Registration[] = [];
    const capabilities = {
      ...VSCODE,
      workspace: { ...VSCODE.workspace, didChangeWatchedFiles: { dynamicRegistration: true } },
    };
    const prepare = (connection: ProtocolConnection) =>
      void connection.onRequest(RegistrationRequest.type, (params) => {
        registrations.push(...params.registrations);
      });
    await withServer({ capabilities, prepare }, async () => {
      const found = await until(() =>
        registrations.find(({ method }) => method.endsWith('didChangeWatchedFiles')),
      );
      expect(JSON.stringify(found.registerOptions)).toContain('yaml');
    });
  });

  test('reaches findings in open files: new, changed and deleted files', async () => {
    await withServer({}, async (server) => {
      await server.open(FILE, 'secret: abc\n');
      await until(() => (server.refreshes > 0 ? true : undefined));
      await server.host.write(at('b.toy.yaml'), 'secret: abc\n');
      await changed(server, 'b.toy.yaml', 1);
      expect(await server.diagnostics(FILE, (items) => items.length === 1)).toMatchObject([
        { code: 'toy/shared' },
      ]);
      await changed(server, 'b.toy.yaml', 3);
      await server.diagnostics(FILE, (items) => items.length === 0);
    });
  });

  test('does not touch an open document, whose text wins', async () => {
    await withServer({ files: { [FILE]: 'color: blue\n' } }, async (server) => {
      await server.open(FILE, RED);
      await changed(server, FILE, 2);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await server.diagnostics(FILE)).toMatchObject([{ code: 'toy/red' }]);
      await server.close(FILE);
      await server.diagnostics(FILE, (items) => items.length === 0);
    });
  });

  test('in the configuration holds at once, and its mistakes are shown in it', async () => {
    await withServer({}, async (server) => {
      await server.open(FILE, RED);
      await server.diagnostics(FILE, (items) => items.length === 1);
      await server.host.write(at('.hardlint.yaml'), 'rules:\n  toy/red: off\n  toy/rad: off\n');
      await changed(server, '.hardlint.yaml', 1);
      await server.diagnostics('.hardlint.yaml', (items) => items.length === 1);
      await server.host.write(at('.hardlint.yaml'), 'rules:\n  toy/red: off\n');
      await changed(server, '.hardlint.yaml', 2);
      await server.diagnostics(FILE, (items) => items.length === 0);
    });
  });
});

describe('settings', () => {
  test('turn everything off and on again', async () => {
    await withServer({}, async (server) => {
      await server.open(FILE, RED);
      const set = (enable: boolean) =>
        server.connection.sendNotification('workspace/didChangeConfiguration', {
          settings: { hardlint: { enable } },
        });
      await set(false);
      await server.diagnostics(FILE, (items) => items.length === 0);
      await set(true);
      await server.diagnostics(FILE, (items) => items.length === 1);
    });
  });

  test('name a configuration file for all files', async () => {
    const files = { 'team.yaml': 'rules:\n  toy/red: low\n' };
    const initializationOptions = { settings: { config: 'team.yaml' } };
    await withServer({ files, initializationOptions }, async (server) => {
      await server.open(FILE, RED);
      await server.diagnostics(FILE, (items) => items[0]?.severity === 3);
    });
  });

  test('a folder that is added is read', async () => {
    await withServer(
      { files: { 'b.toy.yaml': 'secret: abc\n' }, params: { workspaceFolders: null, rootUri: null } },
      async (server) => {
        await server.open(FILE, 'secret: abc\n');
        expect(await server.diagnostics(FILE)).toEqual([]);
        await server.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
          event: { added: [{ uri: at(''), name: 'w' }], removed: [] },
        });
        await server.diagnostics(FILE, (items) => items.length === 1);
      },
    );
  });
});

describe('bad input', () => {
  test('of any sort leaves the server running', async () => {
    const throwing: Host = {
      list: () => Promise.reject(new Error('no disk')),
      read: () => Promise.reject(new Error('no disk')),
      kind: () => Promise.reject(new Error('no disk')),
      write: () => Promise.reject(new Error('no disk')),
    };
    const params = { initializationOptions: [null, 7] };
    await withServer({ host: throwing, params }, async (server) => {
      const { connection } = server;
      const requests = [
        'textDocument/diagnostic',
        'textDocument/codeAction',
        'textDocument/hover',
        'workspace/diagnostic',
        'codeAction/resolve',
        'hardlint/fix',
        'hardlint/explain',
      ];
      for (const method of requests) {
        for (const bad of [{}, { textDocument: { uri: 7 } }, { uri: 'x', rule: [], place: {} }])
          await connection.sendRequest(method, bad).catch(() => undefined);
      }
      for (const method of [
        'textDocument/didOpen',
        'textDocument/didChange',
        'workspace/didChangeWatchedFiles',
        'workspace/didChangeConfiguration',
      ])
        await connection.sendNotification(method, { changes: 7, settings: 7 });
      await server.open(FILE, RED);
      expect(await server.diagnostics(FILE)).toMatchObject([{ code: 'toy/red' }]);
    });
  });

  test.each([
    '',
    '\ufeff',
    '\0\0\0',
    'a: [',
    '"',
    '- '.repeat(5_000),
    '😀'.repeat(999),
    '%YAML 9\n---\n&a *a',
  ])('text %j is answered', async (text) => {
    await withServer({}, async (server) => {
      await server.open(FILE, text);
      expect(await server.diagnostics(FILE)).toBeInstanceOf(Array);
      expect(await server.actions(FILE, rangeOf('x', 'x'))).toBeInstanceOf(Array);
    });
  });
});
