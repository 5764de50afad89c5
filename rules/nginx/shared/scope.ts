import type { Span } from '../../../syntaxes/document.ts';
import type { NginxBlock, NginxDirective } from '../../../syntaxes/nginx/tree.ts';

/** A directive in effect in a block, from this file or from one that is included there. */
export interface Item {
  readonly name: string;
  readonly args: readonly string[];
  /** Some part of it is filled in by a template. */
  readonly opaque: boolean;
  readonly uri: string;
  readonly span: Span;
  /** Its text; of a directive of another file only where that is kept. */
  readonly source: string | undefined;
  /** What separates it from the line before: a line break with the indentation. Only where it stands in another file. */
  readonly lead: string | undefined;
  /** In this file: the directive itself, or the `include` that it came by. */
  readonly anchor: NginxDirective | undefined;
}

/** A block with what is included in it, and the blocks around it, also those of the file that includes this one. */
export interface Scope {
  /** `http`, `server`, `location`, `if`, …; `main` for the file at the top, `unknown` where a file may be included anywhere. */
  readonly kind: string;
  /** Behind the name: `/files/`. */
  readonly args: readonly string[];
  readonly parent: Scope | undefined;
  /** Directives without a block. */
  readonly items: readonly Item[];
  readonly children: readonly Scope[];
  /** False where an include could not be followed or a placeholder may bring more. */
  readonly complete: boolean;
  /** Includes whose files are not in the workspace and that matter to few: `proxy_params`, `fastcgi.conf`. */
  readonly unread: readonly string[];
  /** Whether a folder of servers is included here whose files are not in the workspace. They set nothing here, but are there. */
  readonly unreadServers: boolean;
  /** Only for the outermost block of a file whose includer is unknown: what may be set around it. */
  readonly outside: Outside | undefined;
  /** The block in this file; undefined for blocks of other files. */
  readonly block: NginxBlock | undefined;
}

/** What is known of the blocks around a file that nobody is known to include. */
export interface Outside {
  /** Directives that some `http` block of the workspace sets, as in `NginxOutline`; undefined where nothing can be said at all. */
  readonly mayBeSet: ReadonlySet<string> | undefined;
}

/** The scopes below one, and itself, outermost first. */
export function* scopesIn(scope: Scope): Generator<Scope> {
  yield scope;
  for (const child of scope.children) yield* scopesIn(child);
}

/** A scope and those around it, innermost first. */
export function* scopesAround(scope: Scope): Generator<Scope> {
  for (let at: Scope | undefined = scope; at; at = at.parent) yield at;
}

/** The nearest scope of a kind, itself included. */
export function enclosing(scope: Scope, kind: string): Scope | undefined {
  for (const around of scopesAround(scope)) if (around.kind === kind) return around;
  return undefined;
}

export function itemsNamed(scope: Scope, name: string): readonly Item[] {
  return scope.items.filter((item) => item.name === name);
}
