/** Fields of a rule, https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule. */
const RULE_KEYS: ReadonlySet<string> = new Set([
  'alert',
  'record',
  'expr',
  'for',
  'keep_firing_for',
  'labels',
  'annotations',
  '<<',
]);

/** Fields that only other rulers know: Thanos, Mimir, vmalert. */
const OTHER_RULERS: ReadonlySet<string> = new Set([
  'partial_response_strategy',
  'debug',
  'update_entries_limit',
  'id',
  'eval_offset',
]);

/** Annotations that dashboards and receivers of alerts know by name. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  'summary',
  'description',
  'message',
  'runbook',
  'runbook_url',
  'dashboard',
  'dashboard_url',
]);

/** Labels by which alerts are routed. */
const LABELS: ReadonlySet<string> = new Set([
  'severity',
  'team',
  'service',
  'priority',
  'env',
  'environment',
  'component',
  'tier',
]);

/** Whether some ruler knows a field of this name beside `expr`. */
export function isRuleKey(key: string): boolean {
  return RULE_KEYS.has(key) || OTHER_RULERS.has(key);
}

/** Whether a key is plainly meant for `labels`. */
export function isLabelKey(key: string): boolean {
  return LABELS.has(key);
}

/** Whether a key is plainly meant for `annotations`. */
export function isAnnotationKey(key: string): boolean {
  return ANNOTATIONS.has(key);
}
