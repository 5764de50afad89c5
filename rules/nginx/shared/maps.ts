import type { Document } from '../../../syntaxes/document.ts';
import { lineEndingOf } from '../../../syntaxes/lines.ts';
import type { NginxWord } from '../../../syntaxes/nginx/tree.ts';
import type { Edit, Fix } from '../../core/rule.ts';
import { indentUnit, insertFirst, replaceWord } from './edits.ts';
import { type Scope, scopesAround, scopesIn } from './scope.ts';

/** A variable that a `map` makes of another one. */
export interface NewMap {
  readonly source: string;
  readonly variable: string;
  readonly entries: readonly string[];
}

/** A variable to use, and the edit that defines it where it is not there yet. */
export interface MapUse {
  readonly variable: string;
  readonly edits: readonly Edit[];
}

/** The variable of a map of the same source that is known here, else a new map. Undefined where `http` is in another file. */
export function useMap(document: Document<'nginx'>, root: Scope, map: NewMap): MapUse | undefined {
  const known = mapsIn(root);
  const same = known.find(([source]) => source === map.source)?.[1];
  if (same) return { variable: same, edits: [] };
  // The name may be taken by a map of something else.
  if (known.some(([, variable]) => variable === map.variable)) return undefined;
  const edit = insertMap(document, map);
  return edit && { variable: map.variable, edits: [edit] };
}

/** Takes an argument from a variable of a map. */
export function byMap(
  document: Document<'nginx'>,
  root: Scope,
  value: NginxWord | undefined,
  map: NewMap,
  fix: Pick<Fix, 'title' | 'safety' | 'risk'>,
): Fix | undefined {
  if (document.tree.template || !value) return undefined;
  const use = useMap(document, root, map);
  return use && { ...fix, edits: [...use.edits, replaceWord(value, use.variable)], verify: 'nginx -t' };
}

/** The maps that are known where a file is read, those of other files among them, as `[source, variable]`. */
export function mapsIn(root: Scope): readonly (readonly string[])[] {
  // The block around a file is not among the children of its own parent.
  const around = [...scopesAround(root)].flatMap((scope) => scope.children);
  return [...around, ...scopesIn(root)].filter(({ kind }) => kind === 'map').map(({ args }) => args);
}

/** A map stands in `http`: at the start of the block, or of a file that is read there. */
export function insertMap(
  { text, tree }: Document<'nginx'>,
  { source, variable, entries }: NewMap,
): Edit | undefined {
  if (tree.template) return undefined;
  const eol = lineEndingOf(text);
  const lines = [`map ${source} ${variable} {`, ...entries.map((entry) => indentUnit(text) + entry), '}'];
  if (tree.context === 'main') {
    const http = tree.root.directives.find(({ name, block }) => name === 'http' && block)?.block;
    return http && insertFirst(text, http, lines);
  }
  const first = tree.root.directives[0];
  if (tree.context !== 'http' || !first) return undefined;
  const { start } = first.span;
  return { span: { start, end: start }, text: lines.join(eol) + eol + eol };
}
