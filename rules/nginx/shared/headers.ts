import { type Document, emptySpan } from '../../../syntaxes/document.ts';
import { basename } from '../../../syntaxes/uri.ts';
import type { Edit, Fix } from '../../core/rule.ts';
import { insertAfter, insertBefore, insertFirst } from './edits.ts';
import { isOn } from './flags.ts';
import { effectiveSet } from './inherit.ts';
import { enclosing, type Item, itemsNamed, type Scope, scopesAround, scopesIn } from './scope.ts';
import { answersItself, type Server, serverOf } from './server.ts';

/** Headers that protect, in lower case. Losing one of them is a smell; losing others may be meant. */
export const SECURITY_HEADERS: ReadonlySet<string> = new Set([
  'strict-transport-security',
  'x-frame-options',
  'x-content-type-options',
  'content-security-policy',
  'referrer-policy',
  'permissions-policy',
  'cross-origin-opener-policy',
  'cross-origin-embedder-policy',
  'cross-origin-resource-policy',
]);

export type HeaderState = 'yes' | 'no' | 'unknown';

/** Whether responses from a block carry a header, given in lower case. A header that is set to nothing is set on purpose. */
export function headerState(scope: Scope, header: string): HeaderState {
  const set = effectiveSet(scope, 'add_header');
  if (set.items.some((item) => headerOf(item) === header)) return 'yes';
  if (setByOtherModule(scope, header)) return 'yes';
  if (!set.certain || set.items.some(hasUnknownName)) return 'unknown';
  for (const around of scopesAround(scope)) {
    if (around.items.some((item) => /^(?:header_filter_by_lua|js_header_filter)/.test(item.name)))
      return 'unknown';
    // Who lets the upstream's header through says that the upstream sends it.
    if (itemsNamed(around, 'proxy_pass_header').some((item) => headerOf(item) === header)) return 'unknown';
    if (around.outside?.mayBeSet?.has('more_set_headers')) return 'unknown';
  }
  return 'no';
}

/** As `headerState` of a server, but `unknown` too where one of its locations sets the header: then most answers carry it. */
export function serverHeaderState({ scope }: Server, header: string): HeaderState {
  const state = headerState(scope, header);
  if (state !== 'no') return state;
  for (const inner of scopesIn(scope)) {
    const main = inner.kind === 'location' && inner.args.at(-1) === '/';
    if (main && !inner.complete) return 'unknown';
    if (inner !== scope && headerState(inner, header) === 'yes') return 'unknown';
  }
  return 'no';
}

/** Whether some content security policy of a server says who may frame it. One that a variable decides may. */
export function frameAncestorsState({ scope }: Server): HeaderState {
  for (const inner of scopesIn(scope)) {
    for (const { name, args, opaque } of [...inner.items, ...effectiveSet(inner, 'add_header').items]) {
      const text = args.join(' ').toLowerCase();
      if (
        !/^(?:add_header|more_set_headers)$/.test(name) ||
        !/^content-security-policy(?!-report)/.test(text)
      )
        continue;
      if (text.includes('frame-ancestors')) return 'yes';
      if (opaque || text.includes('$')) return 'unknown';
    }
  }
  return 'no';
}

/** A template's tag is read as `x…`. */
function hasUnknownName(item: Item): boolean {
  return item.opaque && !/^(?!x+$)[\w-]+$/.test(item.args[0] ?? '');
}

/** The name of the header that an `add_header` sets, in lower case. */
export function headerOf(item: Item): string {
  return (item.args[0] ?? '').toLowerCase();
}

/** A header to add. */
export interface NewHeader {
  /** In lower case. */
  readonly name: string;
  /** The whole directive. */
  readonly line: string;
  /** In titles: "HSTS". */
  readonly label: string;
}

export type FixKind = Pick<Fix, 'safety' | 'risk' | 'verify'>;

/**
 * Fixes that make a server's responses carry a header. `add_header` is inherited all or none, so the line goes where the set
 * in effect is written, be it a file that is included; locations below that have a set of their own get it too.
 */
export function addHeaderFixes(
  document: Document<'nginx'>,
  server: Server,
  header: NewHeader,
  kind: FixKind,
): readonly Fix[] {
  if (document.tree.template) return [];
  const { owner, items } = effectiveSet(server.scope, 'add_header');
  const fix = (where: string, edits: readonly Edit[]): Fix => ({
    title: `Add ${header.label} ${where}`,
    edits,
    ...kind,
  });
  const below = (scope: Scope) => editsBelow(document, scope, header);
  if (owner && owner !== server.scope) return inheritedFixes(document, server, { owner, items, header, fix });
  const edit = owner
    ? insertIntoSet(document, items, header)
    : insertIntoServer(document, server, [header.line]);
  const here = edit && fix('to this server', [edit, ...below(server.scope)]);
  return [owner && fixInIncluded(document, owner, items, header, fix), here].filter(
    (one) => one !== undefined,
  );
}

interface Inherited {
  readonly owner: Scope;
  readonly items: readonly Item[];
  readonly header: NewHeader;
  readonly fix: MakeFix;
}

type MakeFix = (where: string, edits: readonly Edit[]) => Fix;

/** The set is that of `http`: add to it for all servers, or give this server the whole set. */
function inheritedFixes(
  document: Document<'nginx'>,
  server: Server,
  { owner, items, header, fix }: Inherited,
): readonly Fix[] {
  const edit = owner.block && insertIntoSet(document, items, header);
  const forAll = edit && fix('for all servers', [edit, ...editsBelow(document, owner, header)]);
  const included = fixInIncluded(document, owner, items, header, fix);
  const copies = items.flatMap((item) => item.source ?? []);
  const copied =
    copies.length === items.length ? insertIntoServer(document, server, [...copies, header.line]) : undefined;
  // Two such copies in one server would send each header twice, so the edit must not merge with another of its sort.
  const forOne =
    copied &&
    fix('to this server, with the inherited headers', [
      exclusive(document.text, copied),
      ...editsBelow(document, server.scope, header),
    ]);
  // What other files get is for their own findings to say.
  const others = [...scopesIn(owner)].filter((scope) => scope.kind === 'server').map(serverOf);
  const allLack =
    forAll && others.every((other) => !other.tls || headerState(other.scope, header.name) === 'no');
  const ordered = allLack ? [included, forAll, forOne] : [forOne, included, forAll];
  return ordered.filter((candidate) => candidate !== undefined);
}

/** Adds to the set in the file that it is included from, where all of it stands in one. */
function fixInIncluded(
  document: Document<'nginx'>,
  owner: Scope,
  items: readonly Item[],
  header: NewHeader,
  fix: MakeFix,
): Fix | undefined {
  const last = items.at(-1);
  if (last?.lead === undefined || items.some((item) => item.uri !== last.uri || item.opaque))
    return undefined;
  const { uri, span, lead } = last;
  const edit: Edit = { uri, span: emptySpan(span.start), text: header.line + lead };
  return fix(`in ${basename(uri)}`, [edit, ...editsBelow(document, owner, header, uri)]);
}

/** Adds to a set behind its last line, or behind the `include` that brings it. */
function insertIntoSet(
  { text }: Document<'nginx'>,
  items: readonly Item[],
  header: NewHeader,
): Edit | undefined {
  const anchor = items.findLast((item) => item.anchor)?.anchor;
  return anchor && insertAfter(text, anchor, [header.line]);
}

/** Puts lines behind a server's last `add_header`, `ssl_…`, `server_name` or `listen`. */
function insertIntoServer(
  { text }: Document<'nginx'>,
  { scope }: Server,
  lines: readonly string[],
): Edit | undefined {
  const anchor = scope.block?.directives.findLast(
    ({ name, block }) => !block && /^(?:ssl_\w+|server_name|listen)$/.test(name),
  );
  if (anchor) return insertAfter(text, anchor, lines);
  return scope.block ? insertFirst(text, scope.block, lines) : undefined;
}

/** Blocks below that have headers of their own would not inherit the new one. */
function editsBelow(
  { text }: Document<'nginx'>,
  scope: Scope,
  header: NewHeader,
  edited?: string,
): readonly Edit[] {
  return ownersBelow(scope).flatMap((inner) => {
    const own = itemsNamed(inner, 'add_header');
    const anchor = own[0]?.anchor;
    if (!anchor || own.some((item) => headerOf(item) === header.name || item.uri === edited)) return [];
    if (header.name === 'strict-transport-security' && !isTlsScope(inner)) return [];
    return [insertBefore(text, anchor, [header.line])];
  });
}

/** Blocks of this file below a scope that have headers of their own, those apart whose answer is written in the configuration. */
export function ownersBelow(scope: Scope): readonly Scope[] {
  return [...scopesIn(scope)].filter(
    (inner) =>
      inner !== scope && inner.block && itemsNamed(inner, 'add_header').length > 0 && !answersItself(inner),
  );
}

/** Whether a block belongs to a server that speaks TLS. Blocks of files that are included anywhere might. */
export function isTlsScope(scope: Scope): boolean {
  const server = enclosing(scope, 'server');
  return server === undefined || serverOf(server).tls;
}

function setByOtherModule(scope: Scope, header: string): boolean {
  for (const around of scopesAround(scope)) {
    for (const { name, args, source } of around.items) {
      if (name === 'security_headers' && isOn(args[0])) return true;
      if (name === 'more_set_headers' && args.some((arg) => arg.toLowerCase().startsWith(`${header}:`)))
        return true;
      if (name.startsWith('header_filter_by_lua') && source?.toLowerCase().includes(header)) return true;
    }
  }
  return false;
}

/** The same edit as a replacement of the character before it, so that it overlaps with others at its place. */
function exclusive(text: string, edit: Edit): Edit {
  const { start, end } = edit.span;
  if (start === 0) return edit;
  return { ...edit, span: { start: start - 1, end }, text: text.slice(start - 1, start) + edit.text };
}
