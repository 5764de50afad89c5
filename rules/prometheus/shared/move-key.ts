import type { Document } from '../../../syntaxes/document.ts';
import { lineEndAt, lineEndingOf, lineStartAt } from '../../../syntaxes/lines.ts';
import type { RuleEntry } from '../../../syntaxes/prometheus/tree.ts';
import { asScalar, pairOf, type YamlMap, type YamlPair } from '../../../syntaxes/yaml/tree.ts';
import type { Edit, Fix, Safety } from '../../core/rule.ts';
import { addKey, endOfPair, indentStep, keyIndent, removePair } from '../../core/yaml-edits.ts';

interface Move {
  /** The map that the key is taken out of: the rule itself or one of its maps. */
  readonly from: YamlMap;
  readonly to: 'labels' | 'annotations';
  readonly safety?: Safety;
  readonly risk?: string;
}

/** What tells that a file with rules is right. */
export const CHECK_RULES = 'promtool check rules';

/**
 * Moves a key of a rule under its `labels` or `annotations`, as its first key and with its quotes and comment. Undefined where
 * the key is there with another value, and where the layout leaves no clean place.
 */
export function moveFix(document: Document, rule: RuleEntry, pair: YamlPair, move: Move): Fix | undefined {
  const edits = moveEdits(document.text, rule, pair, move);
  if (!edits) return undefined;
  return {
    title: `Move \`${pair.key.value}\` under \`${move.to}\``,
    safety: move.safety ?? 'safe',
    edits,
    ...(move.risk && { risk: move.risk }),
    verify: CHECK_RULES,
  };
}

function moveEdits(
  text: string,
  rule: RuleEntry,
  pair: YamlPair,
  { from, to }: Move,
): readonly Edit[] | undefined {
  const removed = removePair(text, from, pair);
  const target = pairOf(rule.map, to);
  if (!target && from === rule.map) return replaceByBlock(text, rule.map, pair, to);
  if (!target) return removed && moveToNewMap(text, rule.map, pair, to, removed);
  const map = target.value;
  if (!removed || map?.type !== 'map') return undefined;
  const there = pairOf(map, pair.key.value);
  if (there) return asScalar(there.value)?.value === asScalar(pair.value)?.value ? [removed] : undefined;
  const added = insertFirst(text, map, pair);
  return added && [removed, added];
}

/** From one of the rule's maps into one that has to be made. */
function moveToNewMap(
  text: string,
  ruleMap: YamlMap,
  pair: YamlPair,
  to: string,
  removed: Edit,
): readonly Edit[] | undefined {
  const written = text.slice(pair.key.span.start, endOfPair(text, pair));
  if (written.includes('\n')) return undefined;
  const after = ['alert', 'expr', 'for', 'keep_firing_for', ...(to === 'annotations' ? ['labels'] : [])];
  const added = addKey(text, ruleMap, { key: to, block: [written], after });
  if (!added) return undefined;
  if (added.span.start < removed.span.start || added.span.start > removed.span.end) return [removed, added];
  // The new map comes right behind the line that goes: one edit for both.
  const eol = lineEndingOf(text);
  const endsLine = text.slice(removed.span.start, removed.span.end).endsWith('\n');
  return [{ span: removed.span, text: endsLine ? added.text.slice(eol.length) + eol : added.text }];
}

/** Without a `labels` to move into, the key's own lines become one. */
function replaceByBlock(
  text: string,
  ruleMap: YamlMap,
  pair: YamlPair,
  to: string,
): readonly Edit[] | undefined {
  if (ruleMap.flow) {
    const span = { start: pair.key.span.start, end: endOfPair(text, pair) };
    return [{ span, text: `${to}: {${text.slice(span.start, span.end)}}` }];
  }
  const indent = keyIndent(text, ruleMap);
  const start = lineStartAt(text, pair.key.span.start);
  if (indent === undefined) return undefined;
  // Behind a dash the key shares its line with the item.
  if (text.slice(start, pair.key.span.start) !== indent) return fromDash(text, ruleMap, pair, to);
  const step = ' '.repeat(indentStep(text));
  const eol = lineEndingOf(text);
  const lines = text.slice(start, lineEndAt(text, endOfPair(text, pair))).split(eol);
  const moved = lines.map((line) => (line === '' ? line : step + line)).join(eol);
  return [
    { span: { start, end: lineEndAt(text, endOfPair(text, pair)) }, text: `${indent}${to}:${eol}${moved}` },
  ];
}

/** The first key of an item gives its place behind the dash to the next one. */
function fromDash(text: string, ruleMap: YamlMap, pair: YamlPair, to: string): readonly Edit[] | undefined {
  const [first, second] = ruleMap.pairs;
  const written = text.slice(pair.key.span.start, endOfPair(text, pair));
  if (first !== pair || !second || written.includes('\n')) return undefined;
  const removed = { start: pair.key.span.start, end: second.key.span.start };
  // A comment in between would end up behind the dash.
  if (text.slice(pair.key.span.start + written.length, removed.end).trim() !== '') return undefined;
  const after = ['alert', 'expr', 'for', 'keep_firing_for'];
  const added = addKey(text, ruleMap, { key: to, block: [written], after });
  return added && added.span.start >= removed.end ? [{ span: removed, text: '' }, added] : undefined;
}

function insertFirst(text: string, map: YamlMap, pair: YamlPair): Edit | undefined {
  const first = map.pairs[0];
  if (!first) return undefined;
  const at = first.key.span.start;
  const start = pair.key.span.start;
  if (map.flow) {
    const written = text.slice(start, endOfPair(text, pair));
    return written.includes('\n') ? undefined : { span: { start: at, end: at }, text: `${written}, ` };
  }
  const indent = keyIndent(text, map);
  const line = lineStartAt(text, at);
  if (indent === undefined || text.slice(line, at) !== indent) return undefined;
  const own = text.slice(lineStartAt(text, start), start);
  const eol = lineEndingOf(text);
  const end = endOfPair(text, pair);
  // What stands behind it in its line is a comment, or in flow style the other keys.
  const isAlone = own.trim() === '';
  const [head = '', ...rest] = text.slice(start, isAlone ? lineEndAt(text, end) : end).split(eol);
  // Further lines keep their distance from the key.
  const shifted = rest.map((next) =>
    next.startsWith(own) ? indent + next.slice(own.length) : next.trim() === '' ? '' : undefined,
  );
  if (shifted.includes(undefined)) return undefined;
  return { span: { start: line, end: line }, text: [indent + head, ...shifted].join(eol) + eol };
}
