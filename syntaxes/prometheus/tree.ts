import type { Span } from '../document.ts';
import type { Promql } from '../promql/tree.ts';
import { asMap, asSeq, type YamlFile, type YamlMap, type YamlPair, type YamlScalar } from '../yaml/tree.ts';

/** `prometheus.yml`. https://prometheus.io/docs/prometheus/latest/configuration/configuration/ */
export interface PrometheusConfigTree {
  readonly file: YamlFile;
  /** The map at the top, absent where the file is empty or no map. */
  readonly root: YamlMap | undefined;
  /** The entries of `rule_files`. */
  readonly rulePatterns: readonly RulePattern[];
  /** The entries of `alerting.alertmanagers` that have static targets or discover some. */
  readonly alertmanagers: readonly YamlMap[];
  readonly jobs: readonly ScrapeJob[];
}

export interface RulePattern {
  /** A path or a glob, relative to the folder of the configuration in use. */
  readonly pattern: string;
  readonly scalar: YamlScalar;
}

export interface ScrapeJob {
  readonly map: YamlMap;
  readonly name: YamlScalar | undefined;
  /** The entries of `static_configs[].targets`. */
  readonly targets: readonly ScrapeTarget[];
  /** Whether relabelling may put another address in place of the targets, as probes and multi-target exporters do. */
  readonly relabelsAddress: boolean;
}

export interface ScrapeTarget {
  readonly scalar: YamlScalar;
  readonly host: string;
  readonly port: string | undefined;
}

/** How the rules of a file are wrapped. */
export type RulesForm =
  /** `groups:` at the top, as Prometheus loads it. */
  | 'file'
  /** `spec.groups` of a PrometheusRule for the Prometheus operator. */
  | 'crd'
  /** A list of rules without `groups:`, which Prometheus refuses. */
  | 'bare';

/** A file with alerting and recording rules. */
export interface PrometheusRulesTree {
  readonly file: YamlFile;
  readonly form: RulesForm;
  readonly groups: readonly RuleGroup[];
}

export interface RuleGroup {
  /** The group's map; absent for the rules of a file without groups. */
  readonly map: YamlMap | undefined;
  readonly name: YamlScalar | undefined;
  /** `groups.http`; for rules without a group, with the file's name. */
  readonly place: string;
  readonly rules: readonly RuleEntry[];
}

/** One rule. */
export interface RuleEntry {
  readonly map: YamlMap;
  readonly group: RuleGroup;
  readonly kind: 'alert' | 'record' | undefined;
  /** The text of `alert` or `record`. */
  readonly name: YamlScalar | undefined;
  readonly expr: RuleExpr | undefined;
  /** `groups.http.rules.HighErrorRate`. */
  readonly place: string;
}

export interface RuleExpr {
  readonly scalar: YamlScalar;
  /** Absent for an expression that is no PromQL yet, since something else puts a text into it first. */
  readonly promql: Promql | undefined;
}

/** The pair of a rule or of one of its maps, also one that a merge key (`<<`) brings along. */
export function fieldOf(map: YamlMap | undefined, key: string, depth = 0): YamlPair | undefined {
  const own = map?.pairs.findLast((pair) => pair.key.value === key);
  if (own || !map || depth > 20) return own;
  for (const pair of map.pairs) {
    if (pair.key.value !== '<<') continue;
    const sources = asSeq(pair.value)?.items ?? [pair.value];
    for (const source of sources) {
      const found = fieldOf(asMap(source), key, depth + 1);
      if (found) return found;
    }
  }
  return undefined;
}

/** The rules of all groups. */
export function rulesOf(tree: PrometheusRulesTree): readonly RuleEntry[] {
  return tree.groups.flatMap((group) => group.rules);
}

/** Where a finding about a whole rule is shown: its name, else its first key. */
export function spanOfRule(rule: RuleEntry): Span {
  return rule.name?.span ?? rule.map.pairs[0]?.key.span ?? rule.map.span;
}
