/*
 * Functions of PromQL that not every Prometheus has, as of 2026-11. Experimental ones are marked in
 * https://github.com/prometheus/prometheus/blob/main/promql/parser/functions.go, the flag is described in
 * https://prometheus.io/docs/prometheus/latest/feature_flags/, first versions stand in
 * https://github.com/prometheus/prometheus/blob/main/CHANGELOG.md, the renaming in
 * https://prometheus.io/docs/prometheus/latest/migration/. To check an entry, run `promtool check rules` of that version on it.
 */

/** The feature that makes experimental functions and aggregations known. */
export const EXPERIMENTAL = 'promql-experimental-functions';

/** Functions and aggregations that no version knows without that feature. */
export const EXPERIMENTAL_FUNCTIONS: ReadonlySet<string> = new Set([
  'double_exponential_smoothing',
  'first_over_time',
  'histogram_quantiles',
  'info',
  'limit_ratio',
  'limitk',
  'mad_over_time',
  'sort_by_label',
  'sort_by_label_desc',
  'ts_of_first_over_time',
  'ts_of_last_over_time',
  'ts_of_max_over_time',
  'ts_of_min_over_time',
]);

/** The version that brought a function. */
export const SINCE: Readonly<Record<string, readonly [number, number]>> = {
  present_over_time: [2, 29],
  ...Object.fromEntries(
    'acos acosh asin asinh atan atanh cos cosh deg pi rad sin sinh tan tanh'
      .split(' ')
      .map((name) => [name, [2, 31] as const]),
  ),
  double_exponential_smoothing: [3, 0],
};

/** The first version that no longer has a function, and what it is called there. */
export const RENAMED: Readonly<
  Record<string, { readonly from: readonly [number, number]; readonly name: string }>
> = {
  holt_winters: { from: [3, 0], name: 'double_exponential_smoothing' },
};
