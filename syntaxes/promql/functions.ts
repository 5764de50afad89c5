export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

export interface FunctionSignature {
  readonly args: readonly ValueType[];
  /** How many arguments may be given. */
  readonly min: number;
  readonly max: number;
  readonly returns: ValueType;
}

const V1 = signature(['vector']);
const V1_OPTIONAL = signature(['vector'], { min: 0 });
const M1 = signature(['matrix']);
const NOW = signature([], { returns: 'scalar' });

/** One line for each signature, with all functions that have it: https://prometheus.io/docs/prometheus/latest/querying/functions/. */
const BY_SIGNATURE: readonly (readonly [FunctionSignature, string])[] = [
  [
    V1,
    'abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count histogram_sum ' +
      'histogram_stddev histogram_stdvar ln log10 log2 rad sgn sin sinh sort sort_desc sqrt tan tanh timestamp start_timestamp',
  ],
  [V1_OPTIONAL, 'days_in_month day_of_month day_of_week day_of_year hour minute month year'],
  [
    M1,
    'absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate last_over_time ' +
      'mad_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time ' +
      'ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time',
  ],
  [NOW, 'time pi start end step range'],
  [signature(['vector'], { returns: 'scalar' }), 'scalar'],
  [signature(['scalar']), 'vector'],
  [signature(['vector', 'scalar', 'scalar']), 'clamp'],
  [signature(['vector', 'scalar']), 'clamp_max clamp_min'],
  [signature(['vector', 'scalar'], { min: 1 }), 'round'],
  [signature(['matrix', 'scalar']), 'predict_linear'],
  [signature(['matrix', 'scalar'], { min: 1 }), 'integral'],
  [signature(['matrix', 'scalar', 'scalar']), 'double_exponential_smoothing holt_winters'],
  [signature(['scalar', 'matrix']), 'quantile_over_time'],
  [signature(['scalar', 'vector']), 'histogram_quantile'],
  [signature(['vector', 'string', 'scalar', 'scalar'], { min: 3, max: 12 }), 'histogram_quantiles'],
  [signature(['scalar', 'scalar', 'vector']), 'histogram_fraction'],
  [signature(['vector', 'vector'], { min: 1 }), 'info'],
  [signature(['vector', 'string', 'string', 'string', 'string']), 'label_replace'],
  [
    signature(['vector', 'string', 'string', 'string'], { min: 3, max: Number.POSITIVE_INFINITY }),
    'label_join',
  ],
  [
    signature(['vector', 'string'], { min: 1, max: Number.POSITIVE_INFINITY }),
    'sort_by_label sort_by_label_desc',
  ],
];

const SIGNATURES: ReadonlyMap<string, FunctionSignature> = new Map(
  BY_SIGNATURE.flatMap(([type, names]) => names.split(' ').map((name) => [name, type] as const)),
);

/** What a function takes and gives; undefined for a name that is no function of Prometheus. */
export function signatureOf(name: string): FunctionSignature | undefined {
  return SIGNATURES.get(name);
}

/** The parameter that an aggregation takes before its vector, where it takes one. */
export function aggregationParameter(op: string): ValueType | undefined {
  if (op === 'count_values') return 'string';
  return /^(?:topk|bottomk|quantile|limitk|limit_ratio)$/.test(op) ? 'scalar' : undefined;
}

/**
 * Whether an expression uses what only MetricsQL has: VictoriaMetrics reads rule files too (vmalert), and there these are right.
 * https://docs.victoriametrics.com/victoriametrics/metricsql/
 */
export function isMetricsQl(text: string): boolean {
  return METRICSQL.test(text);
}

/** Functions that MetricsQL has and PromQL has not, as parts of a regular expression. */
const METRICSQL_FUNCTIONS: readonly string[] = [
  String.raw`rollup\w*`,
  'histogram_share',
  'histogram_over_time',
  'prometheus_buckets',
  'buckets_limit',
  'increase_pure',
  'increase_prometheus',
  'rate_over_sum',
  String.raw`range_\w+`,
  String.raw`running_\w+`,
  'median',
  'median_over_time',
  String.raw`share_\w+`,
  'count_(?:eq|gt|le|ne)_over_time',
  String.raw`outliers\w*`,
  't(?:first|last|max|min)_over_time',
  String.raw`zscore\w*`,
  'lag',
  'lifetime',
  'ascent_over_time',
  'descent_over_time',
  String.raw`quantiles\w*`,
  String.raw`distinct\w*`,
  'any',
  String.raw`mode\w*`,
  String.raw`sum2\w*`,
  String.raw`geomean\w*`,
  'alias',
  'label_(?:set|del|keep|copy|move|value|map|match|mismatch|transform|uppercase|lowercase)',
  'labels_equal',
  'drop_common_labels',
  'union',
  'interpolate',
  'keep_last_value',
  'keep_next_value',
  'smooth_exponential',
  String.raw`(?:top|bottom)k_\w+`,
  'default_rollup',
  'duration_over_time',
  'changes_prometheus',
  'delta_prometheus',
  String.raw`rand\w*`,
  'now',
  'limit_offset',
  'remove_resets',
  'integrate',
  'deriv_fast',
  'ideriv',
  'iqr_over_time',
  'stale_samples_over_time',
  'aggr_over_time',
  String.raw`hoeffding\w*`,
];

const METRICSQL = new RegExp(
  String.raw`\bwith\s*\(|\bkeep_metric_names\b|\)\s*(?:default|if|ifnot)\s|\b(?:${METRICSQL_FUNCTIONS.join('|')})\s*\(`,
  'i',
);

interface Shape {
  readonly min?: number;
  readonly max?: number;
  readonly returns?: ValueType;
}

function signature(args: readonly ValueType[], shape: Shape = {}): FunctionSignature {
  return {
    args,
    min: shape.min ?? args.length,
    max: shape.max ?? args.length,
    returns: shape.returns ?? 'vector',
  };
}
