import type { ComposeService, EffectiveEntry, EffectiveItem } from '../../../syntaxes/compose/tree.ts';
import { pairOf } from '../../../syntaxes/yaml/tree.ts';
import type { Edit, Fix } from '../../core/rule.ts';
import { addKey, type NewKey, removeItem, removePair } from '../../core/yaml-edits.ts';

/** Tells whether Compose accepts the file. */
export const VERIFY = 'docker compose config -q';

/** New keys of a service go behind the last of these. */
const AFTER: readonly string[] = ['image', 'build', 'container_name', 'restart'];

/** A fix from an edit; undefined where the edit could not be made. */
export function fixOf(
  edits: Edit | readonly (Edit | undefined)[] | undefined,
  fix: Omit<Fix, 'edits' | 'verify'>,
): Fix | undefined {
  const list = edits === undefined ? [undefined] : Array.isArray(edits) ? edits : [edits as Edit];
  const complete = list.filter((edit): edit is Edit => edit !== undefined);
  return complete.length === list.length ? { ...fix, edits: complete, verify: VERIFY } : undefined;
}

/** Adds a key to a service. Undefined where its map belongs to others too, or is not there. */
export function addServiceKey(text: string, service: ComposeService, added: NewKey): Edit | undefined {
  if (!service.body || service.aliased) return undefined;
  return addKey(text, service.body, { after: AFTER, ...added });
}

/** Removes a key where it is written. */
export function removeEntry(text: string, entry: EffectiveEntry): Edit | undefined {
  return removePair(text, entry.map, entry.pair);
}

/** Removes an item of a list, and the key with it where it is the only one. */
export function removeItemOrKey(
  text: string,
  service: ComposeService,
  key: string,
  item: EffectiveItem,
): Edit | undefined {
  if (item.seq.items.length > 1) return removeItem(text, item.seq, item.index);
  const entry = service.effective.entries.get(key);
  // The pair must hold this very list: a longer, joined one may have come from several places.
  const pair = entry && pairOf(entry.map, key);
  return entry && pair?.value === item.seq ? removePair(text, entry.map, pair) : undefined;
}
