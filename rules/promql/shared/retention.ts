import { durationSeconds } from '../../../syntaxes/promql/durations.ts';
import type { PromqlDuration, PromqlExpr } from '../../../syntaxes/promql/tree.ts';
import type { Derivation, FactReader } from '../../core/facts.ts';
import { prometheusIntervalsFacts } from '../../facts/prometheus-intervals.ts';
import { findAll } from './expressions.ts';
import { type Server, serversFor } from './servers.ts';

/** How long the servers that evaluate a rule file keep samples, the longest of them, in seconds; undefined where not known. */
export function retentionFor(facts: FactReader, ruleFile: string): number | undefined {
  return facts.derived(RETENTION, ruleFile);
}

/** https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects */
const DEFAULT_SECONDS = 15 * 86_400;

const RETENTION: Derivation<number | undefined> = {
  id: 'promql-retention',
  derive(facts, ruleFile) {
    const kept = serversFor(facts, ruleFile)?.map((server) => retentionOf(facts, server)) ?? [];
    const known = kept.filter((seconds) => seconds !== undefined);
    return known.length > 0 && known.length === kept.length ? Math.max(...known) : undefined;
  },
};

function retentionOf(facts: FactReader, { configUri, flags }: Server): number | undefined {
  const [config] = facts.of(prometheusIntervalsFacts, configUri);
  if (!config || config.readsMore || config.retention === null) return undefined;
  const flag = flags['storage.tsdb.retention.time'] ?? flags['storage.tsdb.retention'];
  const seconds = config.retention ?? (flag === undefined ? 0 : durationSeconds(flag));
  if (seconds !== 0) return seconds;
  // Without a time a size alone counts.
  return flags['storage.tsdb.retention.size'] === undefined ? DEFAULT_SECONDS : undefined;
}

/** A range or an offset, and how far back the samples lie that it asks for. */
interface LookBack {
  readonly kind: 'range' | 'offset';
  readonly duration: PromqlDuration;
  readonly seconds: number;
  /** With all ranges and offsets around and within. */
  readonly total: number;
}

/** All ranges and offsets of an expression. */
function lookBacks(root: PromqlExpr): readonly LookBack[] {
  return findAll(root, 'selector').flatMap(({ parents }) => {
    const steps = parents.flatMap((parent): Omit<LookBack, 'total'>[] => {
      if (parent.type === 'matrix' || parent.type === 'subquery')
        return [{ kind: 'range', duration: parent.range, seconds: parent.range.seconds ?? 0 }];
      if (parent.type !== 'modified' || parent.modifier !== 'offset' || !parent.duration) return [];
      return [{ kind: 'offset', duration: parent.duration, seconds: parent.duration.seconds ?? 0 }];
    });
    // `@` asks for a time of its own.
    if (parents.some((parent) => parent.type === 'modified' && parent.modifier === 'at')) return [];
    const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
    return steps.map((step) => ({ ...step, total }));
  });
}

/** The longest look back of one kind that asks for more than is kept, by itself or together with others that do not. */
export function beyond(root: PromqlExpr, kind: LookBack['kind'], retention: number): readonly LookBack[] {
  const all = lookBacks(root);
  const own = all.filter((back) => back.kind === kind && back.seconds > retention);
  if (own.length > 0 || kind === 'offset') return unique(own);
  const together = all.filter((back) => back.kind === 'range' && back.total > retention);
  const isTold = all.some((back) => back.seconds > retention);
  return isTold ? [] : unique(together).slice(0, 1);
}

function unique(backs: readonly LookBack[]): readonly LookBack[] {
  const starts = backs.map(({ duration }) => duration.span.start);
  return backs.filter((_, index) => starts.indexOf(starts[index] ?? 0) === index);
}
