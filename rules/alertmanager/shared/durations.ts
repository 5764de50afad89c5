import type { Route } from '../../../syntaxes/alertmanager/tree.ts';
import { fieldOf } from '../../../syntaxes/prometheus/tree.ts';
import { asScalar, type YamlScalar } from '../../../syntaxes/yaml/tree.ts';

export type Timing = 'group_wait' | 'group_interval' | 'repeat_interval';

/** What holds where no route says otherwise. https://prometheus.io/docs/alerting/latest/configuration/#route */
const DEFAULTS: Readonly<Record<Timing, number>> = {
  group_wait: 30,
  group_interval: 5 * 60,
  repeat_interval: 4 * 3600,
};

const UNITS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 7 * 86_400,
  y: 365 * 86_400,
};

/** A duration of Prometheus in seconds, `1h30m`; undefined for a text that is none. */
export function secondsOf(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(?:\d{1,9}(?:ms|[smhdwy]))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0),
    0,
  );
}

/** A setting of a route as it is in effect: its own, that of a route above, or the default. */
export interface EffectiveTiming {
  /** In seconds; undefined where what is written is no duration. */
  readonly seconds: number | undefined;
  /** Where it is written, and by which route; absent for the default. */
  readonly scalar: YamlScalar | undefined;
  readonly route: Route | undefined;
}

export function timingOf(route: Route, key: Timing): EffectiveTiming {
  for (let at: Route | undefined = route; at; at = at.parent) {
    const field = fieldOf(at.map, key);
    const scalar = asScalar(field?.value);
    if (field) return { seconds: scalar && secondsOf(scalar.value), scalar, route: at };
  }
  return { seconds: DEFAULTS[key], scalar: undefined, route: undefined };
}
