import type { Document, Syntax } from '../document.ts';
import { basename } from '../uri.ts';
import type { DotenvVariable } from './tree.ts';

/** `.env`, `.env.production`, `db.env`, `env.list`; nothing that another language has a name for. */
const NAME = /^(?:\.env(?:rc)?|.+\.env|env\.list)(?:[._-][\w.-]+)?$/i;
const OTHER =
  /\.(?:[cm]?[jt]sx?|json|ya?ml|md|html?|vue|py|rb|php|go|rs|sh|bash|toml|txt|zip|gz|gpg|age|enc|j2|tmpl|erb)$|\.envrc/i;

/** The environment files of Compose and of the dotenv libraries, https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax. */
export const dotenvSyntax: Syntax<'dotenv'> = {
  kind: 'dotenv',
  detect(uri) {
    const name = basename(uri);
    return NAME.test(name) && !OTHER.test(name);
  },
  parse,
};

function parse(uri: string, text: string): Document<'dotenv'> {
  const variables: DotenvVariable[] = [];
  // A byte order mark is no part of the first name.
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; ) {
    const end = lineEnd(text, at);
    const variable = variableAt(text, at, end);
    if (variable) variables.push(variable);
    // A value in quotes may end in a later line.
    at = nextLine(text, Math.max(end, variable?.valueSpan?.end ?? 0));
  }
  return { uri, kind: 'dotenv', text, tree: { variables }, problems: [] };
}

function variableAt(text: string, start: number, end: number): DotenvVariable | undefined {
  const match = /^([ \t]*(?:export[ \t]+)?)([A-Za-z_][\w.-]*)[ \t]*(=|:[ \t]|$)/.exec(
    text.slice(start, end).replace(/\r$/, ''),
  );
  if (!match) return undefined;
  const [whole, lead = '', name = '', separator] = match;
  const nameStart = start + lead.length;
  const common = { name, nameSpan: { start: nameStart, end: nameStart + name.length } };
  if (separator === '') return { ...common, value: undefined, valueSpan: undefined, quote: 'none' };
  let at = start + whole.length;
  while (at < end && /[ \t]/.test(text.charAt(at))) at++;
  const quoted = quotedAt(text, at);
  return { ...common, ...(quoted ?? plainAt(text, at, end)) };
}

type Value = Pick<DotenvVariable, 'value' | 'valueSpan' | 'quote'>;

function quotedAt(text: string, at: number): Value | undefined {
  const mark = text.charAt(at);
  if (mark !== '"' && mark !== "'") return undefined;
  let close = at + 1;
  while (close < text.length && text.charAt(close) !== mark) close += text.charAt(close) === '\\' ? 2 : 1;
  // A quote that nothing closes is a part of the value.
  if (close >= text.length) return undefined;
  const inner = text.slice(at + 1, close);
  return {
    value: mark === '"' ? inner.replace(/\\(["\\$])/g, '$1') : inner,
    valueSpan: { start: at, end: close + 1 },
    quote: mark === '"' ? 'double' : 'single',
  };
}

/** A comment begins at a `#` behind white space. */
function plainAt(text: string, at: number, end: number): Value {
  const rest = text.slice(at, end);
  const comment = rest.startsWith('#') ? 0 : rest.search(/[ \t]#/);
  const value = (comment < 0 ? rest : rest.slice(0, comment)).trimEnd();
  return { value, valueSpan: { start: at, end: at + value.length }, quote: 'none' };
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function nextLine(text: string, at: number): number {
  return lineEnd(text, at) + 1;
}
