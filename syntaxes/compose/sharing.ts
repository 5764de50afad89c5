import type { ComposeService, Effective } from './tree.ts';

/** Files that copy more entries than this through anchors are bombs; what is over the limit counts as not shared. */
const MAX_COPIES = 200_000;

/** By offset of a key, an item or a scalar: the names of the services that it is in effect for, where there are several. */
export function sharingOf(services: readonly ComposeService[]): ReadonlyMap<number, readonly string[]> {
  const names = new Map<number, string[]>();
  let left = MAX_COPIES;
  for (const service of services) {
    const seen = new Set<Effective>();
    const note = (offset: number): void => {
      if (offset < 0) return; // in another file, which tells it of itself
      const list = names.get(offset);
      if (!list) names.set(offset, [service.name]);
      else if (list.at(-1) !== service.name) list.push(service.name);
    };
    const visit = (value: Effective | undefined): void => {
      if (!value || seen.has(value) || left-- <= 0) return;
      seen.add(value);
      if (value.type === 'scalar') note(value.node.span.start);
      for (const entry of value.type === 'map' ? value.entries.values() : []) {
        note(entry.pair.key.span.start);
        visit(entry.value);
      }
      for (const item of value.type === 'seq' ? value.items : []) {
        note(item.node.span.start);
        visit(item.value);
      }
    };
    visit(service.effective);
  }
  for (const [offset, list] of names) if (list.length < 2) names.delete(offset);
  return names;
}
