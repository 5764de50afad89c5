import { lineEndingOf } from '../../../syntaxes/lines.ts';
import { pathOf } from '../../../syntaxes/uri.ts';
import { envNameOf, isAmbient } from '../../core/env-names.ts';
import type { Fix } from '../../core/rule.ts';
import type { ConfigLoad } from './config-loads.ts';

/** What goes before each variable's name where a key of the file would meet a variable that is there for other reasons. */
const PREFIX = 'APP';

export interface OverlayTarget {
  readonly uri: string;
  readonly text: string;
  readonly load: ConfigLoad;
  /** Paths of the settings in the file that is loaded; undefined where nobody knows which file that is. */
  readonly keys: readonly string[] | undefined;
}

/** Wraps the load in a helper that lets environment variables win over the file, and writes the helper at the end of the file. */
export function letEnvironmentWin({ uri, text, load, keys }: OverlayTarget): Fix | undefined {
  const { parseText } = load.yaml;
  if (!parseText || !isContent(load)) return undefined;
  const name = freeName(text);
  const seed =
    keys && !keys.some((key) => isAmbient(envNameOf(key.split('.'))))
      ? ''
      : `, [${quoteOf(text)}${PREFIX}${quoteOf(text)}]`;
  const [start, end] = load.value.range;
  // A setting in a section shows best how names are made.
  const short = keys?.filter((known) => /^[\w.-]{1,30}$/.test(known)) ?? [];
  const key = short.find((known) => known.includes('.')) ?? short[0] ?? 'db.pool.size';
  const example = envNameOf([...(seed === '' ? [] : [PREFIX]), ...key.split('.')]);
  return {
    title: `Let environment variables override the file (${example} for ${key})`,
    safety: 'review',
    edits: [
      { span: { start, end: start }, text: `${name}(` },
      { span: { start: end, end }, text: `${seed})` },
      {
        span: { start: text.length, end: text.length },
        text: helperText(text, { name, key, example, parseText, typed: isTypeScript(uri) }),
      },
    ],
    risk: 'A variable that is set already and has the name of a key now wins over the file; lists are replaced as a whole.',
  };
}

/** A document that is taken apart later is no content yet. */
function isContent({ yaml, call, value }: ConfigLoad): boolean {
  return !yaml.givesDocument || (value !== call && value.type !== 'MemberExpression');
}

function freeName(text: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? 'withEnv' : `withEnv${n}`;
    if (!new RegExp(`\\b${name}\\b`).test(text)) return name;
  }
}

function isTypeScript(uri: string): boolean {
  return /\.(?:[cm]?ts|tsx)$/i.test(pathOf(uri));
}

interface Helper {
  readonly name: string;
  /** A setting of the file, and the variable for it. */
  readonly key: string;
  readonly example: string;
  readonly parseText: (argument: string) => string;
  readonly typed: boolean;
}

/** Only values that are no maps are read from the environment, so that no stray variable replaces a whole section. */
function helperText(text: string, { name, key, example, parseText, typed }: Helper): string {
  const type = (annotation: string) => (typed ? annotation : '');
  const q = quoteOf(text);
  const lines = [
    `/** Environment variables win over the file: \`${key}\` is read from \`${example}\`. Only keys that the file has are looked up. */`,
    `function ${name}${type('<T>')}(file${type(': T')}, path${type(': readonly string[]')} = [])${type(': T')} {`,
    `\tif (file !== null && typeof file === ${q}object${q} && Object.getPrototypeOf(file) === Object.prototype) {`,
    `\t\tconst entries = Object.entries(file).map(([key, value]) => [key, ${name}(value, [...path, key])]);`,
    `\t\treturn Object.fromEntries(entries)${type(' as T')};`,
    '\t}',
    `\tconst words = path.join(${q}_${q}).replace(/([a-z0-9])([A-Z])/g, ${q}$1_$2${q}).replace(/[^A-Za-z0-9]+/g, ${q}_${q});`,
    '\tconst raw = process.env[words.toUpperCase()];',
    '\tif (raw === undefined) return file;',
    `\treturn ${typed ? '(' : ''}typeof file === ${q}string${q} ? raw : ${parseText('raw')}${type(') as T')};`,
    '}',
  ];
  const eol = lineEndingOf(text);
  const unit = indentUnit(text);
  const body = lines.map((line) => line.replaceAll('\t', unit)).join(eol);
  const before = text.endsWith('\n') ? eol : eol + eol;
  return before + (hasSemicolons(text) ? body : body.replaceAll(/;(?=\r?\n|$)/g, '')) + eol;
}

function quoteOf(text: string): string {
  const single = text.split("'").length;
  return text.split('"').length > single ? '"' : "'";
}

function indentUnit(text: string): string {
  const found = /^(\t| {2,8})\S/m.exec(text)?.[1];
  return found === undefined || found === ' ' ? '  ' : found;
}

function hasSemicolons(text: string): boolean {
  return /;[ \t]*(?:\/\/[^\n]*)?\r?$/m.test(text) || !/\n/.test(text.trim());
}
