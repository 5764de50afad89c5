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

/** Fields of a group, with those of Thanos, Mimir, Loki and vmalert. */
const GROUP_KEYS: ReadonlySet<string> = new Set([
  'name',
  'interval',
  'query_offset',
  'limit',
  'rules',
  'labels',
  '<<',
  'partial_response_strategy',
  'source_tenants',
  'evaluation_delay',
  'align_evaluation_time_on_interval',
  'remote_write',
  'type',
  'concurrency',
  'eval_offset',
  'eval_delay',
  'eval_alignment',
  'extra_filter_labels',
  'params',
  'headers',
  'notifier_headers',
  'tenant',
  'debug',
]);

/** What people write for a field of a rule. */
const MISSPELT: Readonly<Record<string, string>> = {
  label: 'labels',
  annotation: 'annotations',
  annotaions: 'annotations',
  anotations: 'annotations',
  expression: 'expr',
  query: 'expr',
  exp: 'expr',
  duration: 'for',
  keep_firing: 'keep_firing_for',
  keepFiringFor: 'keep_firing_for',
};

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

/** Whether some ruler knows a field of this name beside `rules`. */
export function isGroupKey(key: string): boolean {
  return GROUP_KEYS.has(key);
}

/** The field that a name was meant to be, where that is plain: another case, or a usual mistake. */
export function nearestKey(key: string): string | undefined {
  const lower = key.toLowerCase();
  return RULE_KEYS.has(lower) ? lower : MISSPELT[key];
}
