import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import * as YAML from 'yaml';
import { rule } from '../rules/script/yaml-only-config.ts';
import { fixesFor, textsAfter } from '../server/engine/fix.ts';
import { joinUri } from '../syntaxes/uri.ts';
import { loadExtractors } from './support/all-rules.ts';
import { ROOT, workspaceOf } from './support/workspace.ts';

/*
 * The fix of script/yaml-only-config writes code, so here the code runs: variables win over the file, and with the types that the
 * file gives its values. (The string 'false' is truthy, which is how such a fix goes wrong when it is made by hand.)
 */

const LOADER = `import fs from 'node:fs';
import YAML from 'yaml';

interface AppConfig {
  healing_dry_run: boolean;
}

export const config = YAML.parse(fs.readFileSync('config.yaml', 'utf8')) as AppConfig;
`;

const CONFIG = `healing_dry_run: true
name: app
hosts: [a, b]
nothing: null
db:
  pool:
    size: 5
  logQueries: true
`;

const extractors = await loadExtractors();

describe('a loader after the fix', () => {
  test('reads the file where no variable is set', () => {
    expect(run(fixed(LOADER, CONFIG), CONFIG, {})).toEqual(YAML.parse(CONFIG));
  });

  test('gives booleans and numbers, not strings', () => {
    const config = run(fixed(LOADER, CONFIG), CONFIG, {
      HEALING_DRY_RUN: 'false',
      DB_POOL_SIZE: '20',
      DB_LOG_QUERIES: 'false',
    });
    expect(config).toMatchObject({ healing_dry_run: false, db: { pool: { size: 20 }, logQueries: false } });
  });

  test('keeps strings as they are', () => {
    expect(run(fixed(LOADER, CONFIG), CONFIG, { NAME: '0123' })).toMatchObject({ name: '0123' });
  });

  test('takes lists and what is null from variables', () => {
    expect(run(fixed(LOADER, CONFIG), CONFIG, { HOSTS: '[c]', NOTHING: '7' })).toMatchObject({
      hosts: ['c'],
      nothing: 7,
    });
  });

  test('is not led astray by a variable with the name of a section', () => {
    expect(run(fixed(LOADER, CONFIG), CONFIG, { DB: 'x', DB_POOL: 'y' })).toEqual(YAML.parse(CONFIG));
  });

  test('takes a prefix where a key has the name of a variable that every system has', () => {
    const config = `path: /srv\n${CONFIG}`;
    const env = { PATH: '/usr/bin', NAME: 'x', APP: 'y', APP_PATH: '/data' };
    expect(run(fixed(LOADER, config), config, env)).toEqual({ ...YAML.parse(config), path: '/data' });
  });

  test('works in plain JavaScript', () => {
    const loader =
      "const fs = require('node:fs');\nconst YAML = require('yaml');\n\nexports.config = YAML.parse(fs.readFileSync('config.yaml', 'utf8'));\n";
    const code = fixed(loader, CONFIG, 'src/config.cjs');
    expect(run(code, CONFIG, { DB_POOL_SIZE: '20' })).toMatchObject({ db: { pool: { size: 20 } } });
  });

  test('compiles with strict types', () => {
    expect(typeErrors(fixed(LOADER, CONFIG))).toEqual([]);
  });
});

function fixed(loader: string, config: string, path = 'src/config.ts'): string {
  const workspace = workspaceOf({ [path]: loader, 'config.yaml': config }, { rules: [rule], extractors });
  const uri = joinUri(ROOT, path);
  const [finding] = workspace.check(uri).findings;
  const [fix] = finding ? fixesFor(workspace, finding) : [];
  const text = fix && textsAfter(workspace, uri, fix)?.get(uri);
  if (text === undefined) throw new Error('no fix is offered');
  return text;
}

/** Runs a loader against a file and an environment and gives what it exports as `config`. */
function run(code: string, file: string, env: Record<string, string>): unknown {
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
  const { outputText } = ts.transpileModule(code, { compilerOptions: options });
  const exports: { config?: unknown } = {};
  const require = (name: string) => (name === 'yaml' ? YAML : { readFileSync: () => file });
  new Function('exports', 'require', 'process', outputText)(exports, require, { env });
  return exports.config;
}

function typeErrors(code: string): readonly string[] {
  const name = '/loader.ts';
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    types: [],
    skipLibCheck: true,
    noUncheckedIndexedAccess: true,
  };
  const host = ts.createCompilerHost(options);
  const declarations =
    "declare module 'node:fs' { const fs: { readFileSync(path: string, encoding: string): string }; export default fs; }\ndeclare module 'yaml' { const yaml: { parse(text: string): unknown }; export default yaml; }\ndeclare const process: { env: Record<string, string | undefined> };\n";
  const texts: Record<string, string> = { [name]: code, '/declarations.d.ts': declarations };
  const { getSourceFile } = host;
  host.getSourceFile = (file, ...rest) => {
    const text = texts[file];
    return text === undefined
      ? getSourceFile.call(host, file, ...rest)
      : ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
  };
  const program = ts.createProgram(Object.keys(texts), options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
}
