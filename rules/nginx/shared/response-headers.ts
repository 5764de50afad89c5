import { effectiveSet } from './inherit.ts';
import { type Item, itemsNamed, type Scope, scopesAround } from './scope.ts';

/** A header of the responses from a block. */
export interface ResponseHeader {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
  readonly item: Item;
  /** Which argument of the directive has the value. */
  readonly index: number;
}

/** The headers that `add_header` and `more_set_headers` set in a block. */
export function responseHeaders(scope: Scope): readonly ResponseHeader[] {
  const added = effectiveSet(scope, 'add_header').items.map((item) => ({
    name: (item.args[0] ?? '').toLowerCase(),
    value: item.args[1] ?? '',
    item,
    index: 1,
  }));
  const set = [...scopesAround(scope)].flatMap((around) =>
    itemsNamed(around, 'more_set_headers').flatMap((item) =>
      item.args.flatMap((arg, index) => (arg.includes(':') ? [headerOf(arg, item, index)] : [])),
    ),
  );
  return [...added, ...set];
}

function headerOf(text: string, item: Item, index: number): ResponseHeader {
  const colon = text.indexOf(':');
  return {
    name: text.slice(0, colon).trim().toLowerCase(),
    value: text.slice(colon + 1).trim(),
    item,
    index,
  };
}
