import { durationText } from '../../../syntaxes/promql/durations.ts';
import type { PromqlDuration, PromqlExpr, PromqlSelector } from '../../../syntaxes/promql/tree.ts';
import type { Derivation, FactReader } from '../../core/facts.ts';
import type { Fix, Safety } from '../../core/rule.ts';
import { type PrometheusIntervalsFact, prometheusIntervalsFacts } from '../../facts/prometheus-intervals.ts';
import { prometheusRecordedFacts } from '../../facts/prometheus-recorded.ts';
import { configsLoading, jobsFor } from '../../prometheus/shared/wiring.ts';
import { findAll, type SoundExpression } from './expressions.ts';

/** A range in which a function looks for two samples, and how far apart these are. */
export interface Window {
  /** The function that needs them. */
  readonly call: string;
  readonly range: PromqlDuration;
  readonly seconds: number;
  /** Seconds between two samples. */
  readonly interval: number;
  readonly place: string;
}

/** Functions that give nothing for a series with one sample. */
const NEEDS_TWO = /^(?:rate|irate|increase|delta|idelta|deriv)$/;

/** The ranges of an expression that hold fewer than four samples. */
export function shortWindows(
  { rule, root }: SoundExpression,
  facts: FactReader,
  ruleFile: string,
): readonly Window[] {
  const windows: Window[] = [];
  const places = new Set<string>();
  for (const { node, parents } of findAll(root, 'matrix')) {
    const call = functionAround(parents);
    const { seconds } = node.range;
    const selector = node.expr.type === 'selector' ? node.expr : undefined;
    if (call === undefined || seconds === undefined || !selector) continue;
    const interval = intervalOf(selector, facts, ruleFile);
    if (interval === undefined || seconds >= 4 * interval) continue;
    const base = `${rule.place}.expr.${call}[${selector.name ?? ''}]`;
    const place = places.has(base) ? `${base}[${windows.length}]` : base;
    places.add(base);
    windows.push({ call, range: node.range, seconds, interval, place });
  }
  return windows;
}

/** Gives a range four intervals. `safety` is that of a mean; an increase grows with its range, so its threshold is to be looked at. */
export function windowFix({ call, range, interval }: Window, safety: Safety): Fix {
  const text = durationText(4 * interval);
  const edits = [{ span: range.span, text }];
  const fix = { title: `Set the range to ${text}`, edits, verify: 'promtool check rules' };
  if (/^(?:increase|delta)$/.test(call)) {
    const risk = 'The change over a longer time is larger, so the threshold may have to grow with it.';
    return { ...fix, safety: 'review', risk };
  }
  if (safety === 'safe') return { ...fix, safety };
  return { ...fix, safety, risk: 'A mean over a longer time follows a sudden change more slowly.' };
}

/** The function that a range is given to; undefined for others, and where the range reaches beyond its ends. */
function functionAround(parents: readonly PromqlExpr[]): string | undefined {
  for (const parent of parents.toReversed()) {
    if (parent.type === 'call') return NEEDS_TWO.test(parent.name) ? parent.name : undefined;
    if (parent.type === 'modified' && /^(?:anchored|smoothed)$/.test(parent.modifier)) return undefined;
    if (parent.type !== 'modified' && parent.type !== 'paren') return undefined;
  }
  return undefined;
}

/** The seconds between two samples of a selector's series, the least that may be; undefined where that is not known. */
function intervalOf(selector: PromqlSelector, facts: FactReader, ruleFile: string): number | undefined {
  const { name } = selector;
  if (name === undefined || name.includes(':') || facts.about(prometheusRecordedFacts, name).length > 0)
    return undefined;
  const jobs = facts.derived(JOBS, ruleFile);
  const asked = jobNames(selector);
  if (!asked && !jobsFor(facts, ruleFile)?.complete) return undefined;
  const chosen = asked ? jobs.filter((job) => job.names.some((job) => asked.includes(job))) : jobs;
  if (chosen.length === 0) return undefined;
  const seconds = chosen.map((job) => job.seconds ?? 0);
  const least = Math.min(...seconds);
  return least > 0 ? least : undefined;
}

const JOBS: Derivation<PrometheusIntervalsFact['jobs']> = {
  id: 'promql-job-intervals',
  derive: (facts, ruleFile) =>
    configsLoading(facts, ruleFile)
      .flatMap((uri) => facts.of(prometheusIntervalsFacts, uri))
      .flatMap((fact) => fact.jobs),
};

/** The jobs that a selector asks for by name; undefined where it takes others. */
function jobNames({ matchers }: PromqlSelector): readonly string[] | undefined {
  for (const { label, op, value } of matchers) {
    if (label !== 'job' || value === '') continue;
    if (op === '=') return [value];
    if (op === '=~' && /^[\w/-]+(?:\|[\w/-]+)*$/.test(value)) return value.split('|');
  }
  return undefined;
}
