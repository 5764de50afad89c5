import type { NginxBlock } from '../../../syntaxes/nginx/tree.ts';
import { DIRECTIVES } from '../../data/nginx-directives.generated.ts';

const CODES: ReadonlyMap<string, string> = codesByName();

function codesByName(): Map<string, string> {
  const codes = new Map<string, string>();
  for (const [code, names] of DIRECTIVES) {
    for (const name of names.split(' ')) codes.set(name, (codes.get(name) ?? '') + code);
  }
  return codes;
}

/** All names that the documentation of nginx has. */
export function directiveNames(): Iterable<string> {
  return CODES.keys();
}

/** The blocks that a directive may stand in, as letters (see `DIRECTIVES`); undefined for a name that nginx does not document. */
export function contextsOf(name: string): string | undefined {
  return CODES.get(name);
}

/** Letters of blocks in words. */
const WORDS: Readonly<Record<string, string>> = {
  m: 'the top of the file',
  e: '`events`',
  h: '`http`',
  s: '`server`',
  l: '`location`',
  i: '`if`',
  f: '`if`',
  x: '`limit_except`',
  u: '`upstream`',
  S: '`stream`',
  T: '`server` of `stream`',
  M: '`mail`',
  N: '`server` of `mail`',
  U: '`upstream` of `stream`',
};

export function contextWord(letter: string): string {
  return WORDS[letter] ?? 'another block';
}

/**
 * The letter of a block, by its owner and those around it; undefined where it is not known or takes no directives. `root` is the letter
 * of the file's top.
 */
export function contextLetter(block: NginxBlock, root: string | undefined): string | undefined {
  const { owner } = block;
  if (!owner) return root;
  const around = contextLetter(owner.parent, root);
  if (owner.name === 'http' || owner.name === 'events' || owner.name === 'location')
    return owner.name.charAt(0);
  if (owner.name === 'limit_except') return 'x';
  if (owner.name === 'stream') return 'S';
  if (owner.name === 'mail') return 'M';
  return around === undefined ? undefined : INNER[`${owner.name} ${around}`];
}

/** Blocks that depend on the one around them. */
const INNER: Readonly<Record<string, string>> = {
  'server h': 's',
  'server S': 'T',
  'server M': 'N',
  'upstream h': 'u',
  'upstream S': 'U',
  'if s': 'f',
  'if l': 'i',
};
