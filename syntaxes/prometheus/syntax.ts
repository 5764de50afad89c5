import type { Document, Syntax } from '../document.ts';
import { withoutStrings } from '../promql/literals.ts';
import { parseYaml } from '../yaml/parse.ts';
import { configTree } from './config.ts';
import { isPrometheusConfig, isPrometheusRules, templateReason } from './detect.ts';
import { rulesTree } from './rules.ts';
import { type PrometheusRulesTree, rulesOf } from './tree.ts';

/** The configuration of a Prometheus server. */
export const prometheusConfigSyntax: Syntax<'prometheus-config'> = {
  kind: 'prometheus-config',
  detect: isPrometheusConfig,
  parse: parseConfig,
};

/** Alerting and recording rules. */
export const prometheusRulesSyntax: Syntax<'prometheus-rules'> = {
  kind: 'prometheus-rules',
  detect: isPrometheusRules,
  parse: parseRules,
};

function parseConfig(uri: string, text: string): Document<'prometheus-config'> {
  const { file, problems } = parseYaml(text);
  const template = templateReason(uri, text);
  const tree = configTree(file);
  if (template) return { uri, kind: 'prometheus-config', text, tree, problems: [], notAnalysed: template };
  return { uri, kind: 'prometheus-config', text, tree, problems };
}

function parseRules(uri: string, text: string): Document<'prometheus-rules'> {
  const { file, problems } = parseYaml(text);
  const tree = rulesTree(file, text, uri);
  const notAnalysed =
    templateReason(uri, text) ??
    otherLanguage(tree) ??
    (problems.length > 0 ? brokenByTemplate(text) : undefined);
  if (notAnalysed) return { uri, kind: 'prometheus-rules', text, tree, problems: [], notAnalysed };
  return { uri, kind: 'prometheus-rules', text, tree, problems };
}

/** Loki's ruler reads the same groups with expressions in LogQL: a pipe behind a selector, which PromQL does not have. */
function otherLanguage(tree: PrometheusRulesTree): string | undefined {
  const expressions = rulesOf(tree).flatMap((rule) => rule.expr?.scalar.value ?? []);
  if (expressions.some((expr) => /\}\s*(?:\||(?:!=|!~|!>)\s*"")/.test(withoutStrings(expr)))) {
    return 'The rules are written in LogQL, for Loki.';
  }
  return expressions.some((expr) => expr.includes('{{'))
    ? 'The file is a template: its expressions hold `{{`.'
    : undefined;
}

function brokenByTemplate(text: string): string | undefined {
  return /^[ \t]*(?:-[ \t]+)?(?:[\w.-]+:[ \t]+)?\{\{/m.test(text)
    ? 'The file is a template (`{{` begins a value or a line), so it is no YAML yet.'
    : undefined;
}
