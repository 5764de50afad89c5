import type { Document, Span } from '../../../syntaxes/document.ts';
import type { NginxBlock, NginxDirective } from '../../../syntaxes/nginx/tree.ts';
import type { Derivation, FactReader } from '../../core/facts.ts';
import { type NginxFactDirective, nginxDirectivesFacts } from '../../facts/nginx-directives.ts';
import { nginxOutlineFacts } from '../../facts/nginx-outline.ts';
import {
  contextByPlace,
  type Includer,
  includersOf,
  isFolderOfServers,
  isHarmlessInclude,
  resolveInclude,
  siblingsOf,
} from './include.ts';
import type { Item, Outside, Scope } from './scope.ts';

/** Includes in includes; nobody goes deeper, but a circle does. */
const MAX_INCLUDES = 8;

/** The blocks of a file with what they include, below those of the file that includes it. */
export function scopeOf(document: Document<'nginx'>, facts: FactReader): Scope {
  return facts.ofDocument(document, 'nginx-scope', (own) =>
    new ModelBuilder(document, own).rootOf(document.uri, document.tree.root, 0),
  );
}

/** A directive of this file or of another one. */
interface Source {
  readonly name: string;
  readonly args: readonly string[];
  readonly opaque: boolean;
  /** It may expand to any directives. */
  readonly expands: boolean;
  readonly uri: string;
  readonly span: Span;
  readonly source: string | undefined;
  readonly lead: string | undefined;
  readonly directive: NginxDirective | undefined;
  readonly children: readonly Source[] | undefined;
}

/** Names of all directives that an `http` block of the workspace sets. */
const SET_IN_ANY_HTTP: Derivation<ReadonlySet<string>> = {
  id: 'nginx-set-in-any-http',
  derive: (facts) => new Set(facts.all(nginxOutlineFacts).flatMap(({ fact }) => fact.http ?? [])),
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface GrowingScope extends Mutable<Scope> {
  items: Item[];
  children: Scope[];
  unread: string[];
}

class ModelBuilder {
  readonly #document: Document<'nginx'>;
  readonly #facts: FactReader;

  constructor(document: Document<'nginx'>, facts: FactReader) {
    this.#document = document;
    this.#facts = facts;
  }

  rootOf(uri: string, block: NginxBlock, depth: number): Scope {
    const own = this.#document.tree.context;
    const context = own === 'unknown' ? (contextByPlace(this.#facts, uri) ?? own) : own;
    const root =
      context === 'main' ? newScope({ kind: 'main', block }) : this.#fragmentRoot(uri, context, depth, block);
    this.#fill(root, this.#sourcesOf(uri), [uri], undefined);
    return root;
  }

  /** The block that a file is included in, filled with what else stands there. */
  #fragmentRoot(uri: string, kind: string, depth: number, block?: NginxBlock): GrowingScope {
    const includers = includersOf(this.#facts, uri);
    const [includer] = includers;
    if (!includer) return this.#orphan(kind, block, siblingsOf(this.#facts, uri));
    if (includers.length > 1 || depth > MAX_INCLUDES) return this.#orphan(kind, block, []);
    return this.#blockAround(includer, uri, kind, depth, block);
  }

  #blockAround(
    includer: Includer,
    included: string,
    kind: string,
    depth: number,
    block: NginxBlock | undefined,
  ): GrowingScope {
    const sources = this.#sourcesOf(includer.uri);
    const isMain = sources.some((source) => source.name === 'http' || source.name === 'events');
    const seen = [included, includer.uri];
    let scope = isMain
      ? newScope({ kind: 'main', block: undefined })
      : // What stands at its top is where the included file's directives are.
        this.#fragmentRoot(includer.uri, includer.path.length === 0 ? kind : 'unknown', depth + 1);
    let siblings: readonly Source[] = sources;
    for (const index of includer.path) {
      this.#fill(scope, withoutBlocks(siblings), seen, undefined);
      const owner: Source | undefined = siblings[index];
      siblings = owner?.children ?? [];
      scope = newScope({
        kind: owner?.name ?? 'unknown',
        args: owner?.args ?? [],
        parent: scope,
        block: undefined,
      });
    }
    // Its other servers share sockets with those of this file.
    this.#fill(scope, scope.kind === 'http' ? siblings : withoutBlocks(siblings), seen, undefined);
    scope.block = block;
    return scope;
  }

  /** The root of a file that no file, or more than one, is known to include. */
  #orphan(kind: string, block: NginxBlock | undefined, siblings: readonly string[]): GrowingScope {
    const scope = newScope({ kind, block });
    scope.outside = { mayBeSet: kind === 'http' ? this.#facts.derived(SET_IN_ANY_HTTP) : undefined };
    if (kind !== 'http') return scope;
    for (const sibling of siblings)
      this.#fill(scope, this.#sourcesOf(sibling), [this.#document.uri, sibling], undefined);
    return scope;
  }

  #fill(
    scope: GrowingScope,
    sources: readonly Source[],
    seen: readonly string[],
    anchor: NginxDirective | undefined,
  ): void {
    for (const source of sources) {
      const ownAnchor = anchor ?? source.directive;
      if (source.expands) scope.complete = false;
      if (source.name === 'include') this.#include(scope, source, seen, ownAnchor);
      else if (source.children) scope.children.push(this.#child(scope, source, seen, anchor));
      else scope.items.push(itemOf(source, ownAnchor));
      if (source.name.includes('_by_lua_block')) scope.items.push(itemOf(source, ownAnchor));
    }
  }

  #child(parent: Scope, source: Source, seen: readonly string[], anchor: NginxDirective | undefined): Scope {
    const block = anchor ? undefined : source.directive?.block;
    const scope = newScope({ kind: source.name, args: source.args, parent, block });
    this.#fill(scope, source.children ?? [], seen, anchor);
    return scope;
  }

  #include(
    scope: GrowingScope,
    source: Source,
    seen: readonly string[],
    anchor: NginxDirective | undefined,
  ): void {
    const pattern = source.args[0] ?? '';
    const files = source.opaque ? undefined : resolveInclude(this.#facts, source.uri, pattern);
    if (!files) {
      if (source.opaque || !isHarmlessInclude(pattern)) scope.complete = false;
      else scope.unread.push(pattern);
      if (isFolderOfServers(pattern)) scope.unreadServers = true;
      return;
    }
    for (const uri of files) {
      if (seen.includes(uri)) continue;
      const sources = seen.length > MAX_INCLUDES ? [] : this.#sourcesOf(uri);
      // A file that is there and has no facts is a template, empty, or no configuration.
      if (sources.length === 0 && !isHarmlessInclude(pattern)) scope.complete = false;
      this.#fill(scope, sources, [...seen, uri], anchor);
    }
  }

  #sourcesOf(uri: string): readonly Source[] {
    const { text, tree } = this.#document;
    if (uri === this.#document.uri)
      return tree.root.directives.map((directive) => sourceOf(directive, uri, text));
    return this.#facts.of(nginxDirectivesFacts, uri).map((fact) => sourceOfFact(fact, uri));
  }
}

interface NewScope {
  readonly kind: string;
  readonly block: NginxBlock | undefined;
  readonly args?: readonly string[];
  readonly parent?: Scope;
}

function newScope({ kind, block, args = [], parent }: NewScope): GrowingScope {
  const outside: Outside | undefined = undefined;
  return {
    kind,
    args,
    parent,
    items: [],
    children: [],
    complete: true,
    unread: [],
    unreadServers: false,
    outside,
    block,
  };
}

function withoutBlocks(sources: readonly Source[]): readonly Source[] {
  return sources.filter((source) => !source.children);
}

function sourceOf(directive: NginxDirective, uri: string, text: string): Source {
  const { name, args, span, block } = directive;
  return {
    name,
    args: args.map((arg) => arg.value),
    opaque: directive.opaque || args.some((arg) => arg.opaque),
    expands: directive.opaque,
    uri,
    span,
    source: text.slice(span.start, span.end),
    lead: undefined,
    directive,
    children: block?.directives.map((child) => sourceOf(child, uri, text)),
  };
}

function sourceOfFact(fact: NginxFactDirective, uri: string): Source {
  return {
    name: fact.name,
    args: fact.args,
    opaque: fact.opaque === true,
    expands: fact.expands === true,
    uri,
    span: fact.span,
    source: fact.source,
    lead: fact.lead,
    directive: undefined,
    children: fact.children?.map((child) => sourceOfFact(child, uri)),
  };
}

function itemOf(
  { name, args, opaque, uri, span, source, lead }: Source,
  anchor: NginxDirective | undefined,
): Item {
  return { name, args, opaque, uri, span, source, lead, anchor };
}
