import { type PrometheusRulesTree, type RuleEntry, rulesOf } from '../../../syntaxes/prometheus/tree.ts';
import { isMetricsQl } from '../../../syntaxes/promql/functions.ts';
import { type Promql, type PromqlExpr, walkPromql } from '../../../syntaxes/promql/tree.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';

/** An expression of a rule that Prometheus can read. */
export interface SoundExpression {
  readonly rule: RuleEntry;
  readonly scalar: YamlScalar;
  readonly promql: Promql;
  readonly root: PromqlExpr;
}

/** The expressions of a file that are PromQL without a mistake: only their trees mean what they say. */
export function soundExpressions(tree: PrometheusRulesTree): readonly SoundExpression[] {
  return rulesOf(tree).flatMap((rule) => {
    const promql = rule.expr?.promql;
    if (!rule.expr || !promql?.root || promql.problems.length > 0 || isMetricsQl(promql.text)) return [];
    return [{ rule, scalar: rule.expr.scalar, promql, root: promql.root }];
  });
}

/** The same without the expressions that an alias repeats: what is wrong with one is wrong once, where it is written. */
export function writtenExpressions(tree: PrometheusRulesTree): readonly SoundExpression[] {
  const seen = new Set<string>();
  return soundExpressions(tree).filter(({ scalar, rule }) => {
    const key = `${scalar.span.start} ${rule.kind}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** All expressions of one type below another, with it. */
export function findAll<T extends PromqlExpr['type']>(
  root: PromqlExpr,
  type: T,
): readonly { readonly node: Extract<PromqlExpr, { type: T }>; readonly parents: readonly PromqlExpr[] }[] {
  const found: { node: Extract<PromqlExpr, { type: T }>; parents: readonly PromqlExpr[] }[] = [];
  walkPromql(root, (node, parents) => {
    if (node.type === type) found.push({ node: node as Extract<PromqlExpr, { type: T }>, parents });
  });
  return found;
}
