import type { NginxDirective } from '../../../syntaxes/nginx/tree.ts';
import { type Item, itemsNamed, type Scope, scopesIn } from './scope.ts';

/** A directive that is written in this file, with the block that it stands in. */
export interface OwnDirective {
  readonly scope: Scope;
  readonly item: Item;
  readonly directive: NginxDirective;
}

/** The directives of a name that stand in this file, blocks and what an `include` brings apart. */
export function* ownDirectives(root: Scope, name: string): Generator<OwnDirective> {
  for (const scope of scopesIn(root)) {
    if (!scope.block) continue;
    for (const item of itemsNamed(scope, name)) {
      const { anchor } = item;
      if (anchor?.name === name) yield { scope, item, directive: anchor };
    }
  }
}
