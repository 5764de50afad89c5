import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { ENGINE_RULES } from '../server/engine/engine-rules.ts';
import { loadRules, ruleIds } from './support/all-rules.ts';

/* The house's directions and doors, held against every import and every literal of the source. */

const root = join(import.meta.dirname, '..');

/** Rooms, and the rooms that each may look into. A file belongs to the longest prefix. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  syntaxes: ['syntaxes'],
  rules: ['rules', 'syntaxes'],
  'server/engine': ['server/engine', 'rules', 'syntaxes'],
  'server/report': ['server/report', 'server/engine', 'rules', 'syntaxes'],
  'server/host': ['server/host', 'server/engine', 'rules', 'syntaxes'],
  'server/lsp': ['server/lsp', 'server/host', 'server/report', 'server/engine', 'rules', 'syntaxes'],
  'server/cli': ['server/cli', 'server/host', 'server/report', 'server/engine', 'rules', 'syntaxes'],
  client: ['client', 'server/lsp/protocol'],
};

/** Rooms without I/O: they run in a browser. */
const PURE = ['syntaxes', 'rules', 'server/engine', 'server/report'];

/** Packages that open a network connection or start a program, by the rooms that may have them. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  'node:fs': ['server/host'],
  'node:fs/promises': ['server/host'],
  'node:child_process': [],
  'node:http': [],
  'node:https': [],
  'node:net': [],
  'node:vm': [],
  'node:worker_threads': [],
  vscode: ['client'],
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

const files = Object.keys(MAY_IMPORT).flatMap((room) => sourceFiles(join(root, room)));
const imports = [...new Set(files)].flatMap(importsOf);

describe('imports', () => {
  test('are found at all', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  test('go one way: syntaxes <- rules <- engine <- report, host, lsp, cli; the client knows the protocol only', () => {
    const wrong = imports.filter(({ room, target }) => isLocal(target) && !allowed(room, target));
    expect(wrong).toEqual([]);
  });

  test('of pure rooms are of packages that run in a browser', () => {
    const wrong = imports.filter(({ room, target }) => PURE.includes(room) && /^(node:|vscode)/.test(target));
    expect(wrong).toEqual([]);
  });

  test('of anything that reads a disk, opens a connection or starts a program stand only where the door is', () => {
    const wrong = imports.filter(({ room, target }) => DOORS[target] && !DOORS[target].includes(room));
    expect(wrong).toEqual([]);
  });
});

describe('rules', async () => {
  const rules = await loadRules();

  test('are named after their files', () => {
    expect(rules.map((rule) => rule.id)).toEqual(ruleIds());
  });

  test('are known by their ids only in their own files: nothing switches over them', () => {
    const known = new Set(rules.map((rule) => rule.id));
    const elsewhere = files
      .filter((file) => !relative(root, file).startsWith('rules/'))
      .flatMap((file) =>
        literalsOf(file)
          .filter((literal) => known.has(literal))
          .map((literal) => `${relative(root, file)}: ${literal}`),
      );
    expect(elsewhere).toEqual([]);
  });

  test("do not take the names of the engine's own checks", () => {
    expect(rules.map((rule) => rule.id).filter((id) => ENGINE_RULES.some((own) => own.id === id))).toEqual(
      [],
    );
  });
});

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sourceFiles(path);
    return /\.ts$/.test(name) && !/\.generated\.ts$/.test(name) ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const room = roomOf(relative(root, file));
  return ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map(({ fileName }) => ({
    file: relative(root, file),
    room,
    target: fileName.startsWith('.') ? relative(root, join(dirname(file), fileName)) : fileName,
  }));
}

function isLocal(target: string): boolean {
  return target.endsWith('.ts');
}

function allowed(room: string, target: string): boolean {
  return (MAY_IMPORT[room] ?? []).some((prefix) => target === `${prefix}.ts` || roomOf(target) === prefix);
}

function roomOf(path: string): string {
  return (
    Object.keys(MAY_IMPORT)
      .filter((room) => path.startsWith(`${room}/`))
      .sort((a, b) => b.length - a.length)[0] ?? ''
  );
}

function literalsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
