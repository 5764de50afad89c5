import type { Document } from '../../../syntaxes/document.ts';
import type { NginxDirective } from '../../../syntaxes/nginx/tree.ts';
import type { Context, Edit, Fix } from '../../core/rule.ts';
import { insertBefore } from './edits.ts';
import { droppedBy, type Family, keyOf } from './inherit.ts';
import { scopeOf } from './model.ts';
import { placeOf } from './place.ts';
import { type Item, itemsNamed, type Scope, scopesIn } from './scope.ts';

/** A directive that is inherited all or none, and what of it must not be lost. */
export interface Watched {
  readonly family: Family;
  /** Whether the loss of one does harm in a block. */
  readonly matters: (item: Item, scope: Scope) => boolean;
  /** Whether the directive does anything in a block. */
  readonly applies: (scope: Scope, root: Scope) => boolean;
}

/** Reports the blocks of a file that lose something by directives of their own; the fix repeats all that is lost. */
export function reportDropped(
  document: Document<'nginx'>,
  context: Context,
  watched: readonly Watched[],
): void {
  const root = scopeOf(document, context.facts);
  for (const scope of scopesIn(root)) {
    const owner = scope.block?.owner;
    if (!owner || scope.items.length === 0) continue;
    for (const one of watched) {
      const lost = droppedBy(scope, one.family);
      const harmful = lost.filter((item) => one.matters(item, scope));
      const anchor = itemsNamed(scope, one.family)[0]?.anchor;
      if (harmful.length === 0 || !anchor || !one.applies(scope, root)) continue;
      reportBlock(document, context, { scope, family: one.family, lost, harmful, anchor, owner });
    }
  }
}

interface Loss {
  readonly scope: Scope;
  readonly family: Family;
  readonly lost: readonly Item[];
  readonly harmful: readonly Item[];
  /** The first of the block's own, or the `include` that brings it. */
  readonly anchor: NginxDirective;
  readonly owner: NginxDirective;
}

function reportBlock(document: Document<'nginx'>, context: Context, loss: Loss): void {
  const { family, harmful, anchor, owner } = loss;
  const names = listNames(harmful.map((item) => nameOf(item, family)));
  context.report({
    span: { start: anchor.nameSpan.start, end: anchor.args[0]?.span.end ?? anchor.nameSpan.end },
    message: `This \`${anchor.name}\` drops every \`${family}\` of the blocks around it: ${names} ${harmful.length === 1 ? 'is' : 'are'} lost here.`,
    place: `${placeOf(owner)}.${family}`,
    related: harmful.map((item) => ({
      uri: item.uri,
      span: item.span,
      message: `\`${nameOf(item, family)}\` is set here and lost`,
    })),
    fixes: () => [fixFor(document, loss)],
  });
}

function fixFor(document: Document<'nginx'>, { scope, family, lost }: Loss): Fix | undefined {
  if (document.tree.template || lost.some((item) => item.source === undefined || item.opaque))
    return undefined;
  const edits = restore(document, scope, family, lost);
  return {
    title: 'Repeat what is lost',
    safety: 'review',
    risk: 'The block gets all that it would inherit; it may have dropped some of it on purpose.',
    edits,
    verify: 'nginx -t',
  };
}

/** Copies of the lost lines before the block's own first one, and before those of blocks in it. */
function restore(
  { text }: Document<'nginx'>,
  scope: Scope,
  family: Family,
  lost: readonly Item[],
): readonly Edit[] {
  return [...scopesIn(scope)].flatMap((inner) => {
    const own = itemsNamed(inner, family);
    const anchor = inner.block && own[0]?.anchor;
    const has = new Set(own.map((item) => keyOf(item, family)));
    const lines = lost.filter((item) => !has.has(keyOf(item, family))).flatMap((item) => item.source ?? []);
    return anchor && lines.length > 0 ? [insertBefore(text, anchor, lines)] : [];
  });
}

function nameOf(item: Item, family: Family): string {
  return family === 'error_page' ? keyOf(item, family) : (item.args[0] ?? '');
}

/** At most three names, so that a message stays short. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, names.length > 3 ? 2 : 3).map((name) => `\`${name.slice(0, 30)}\``);
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : shown.join(', ');
}
