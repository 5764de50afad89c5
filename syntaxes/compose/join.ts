import type { YamlMap } from '../yaml/tree.ts';
import { interpolate } from './interpolate.ts';
import { parseShortMount } from './mounts.ts';
import {
  type Effective,
  type EffectiveEntry,
  type EffectiveItem,
  type EffectiveMap,
  type EffectiveSeq,
  scalarAt,
} from './tree.ts';

/** Joins two lists; in some of them an item takes the place of the one that is about the same thing. */
export function joinItems(
  path: string,
  lower: readonly EffectiveItem[],
  upper: readonly EffectiveItem[],
): readonly EffectiveItem[] {
  const subjectOf = SUBJECTS[path];
  if (!subjectOf) return [...lower, ...upper];
  const replaced = new Set(upper.flatMap((item) => subjectOf(item) ?? []));
  return [...lower.filter((item) => !replaced.has(subjectOf(item) ?? '')), ...upper];
}

/**
 * What an item is about, by the list that it is in: of two that are about the same thing the later one counts.
 * https://docs.docker.com/reference/compose-file/merge/#unique-resources
 */
const SUBJECTS: Readonly<Record<string, (item: EffectiveItem) => string | undefined>> = {
  volumes: ({ value }) =>
    value?.type === 'scalar'
      ? (parseShortMount(interpolate(value.node.value).pattern).target ?? undefined)
      : mapScalar(value, 'target'),
  secrets: grantSubject,
  configs: grantSubject,
  ports: ({ value }) => (value?.type === 'scalar' ? value.node.value : undefined),
};

function grantSubject({ value }: EffectiveItem): string | undefined {
  if (value?.type === 'scalar') return value.node.value;
  return mapScalar(value, 'target') ?? mapScalar(value, 'source');
}

/** A list of names as the map that stands for the same. Its pairs have no place where a key could be added. */
export function namesOf(list: EffectiveSeq): EffectiveMap {
  const node: YamlMap = { type: 'map', flow: list.node.flow, pairs: [], span: list.node.span };
  const entries = new Map<string, EffectiveEntry>();
  for (const { value, via } of list.items) {
    if (value?.type !== 'scalar') continue;
    const key = value.node.value;
    entries.set(key, { key, pair: { key: value.node, value: undefined }, map: node, via, value: undefined });
  }
  return { type: 'map', node, entries, complete: true };
}

/** The text under a key. */
export function mapScalar(value: Effective | undefined, key: string): string | undefined {
  return value?.type === 'map' ? scalarAt(value, key)?.value : undefined;
}
