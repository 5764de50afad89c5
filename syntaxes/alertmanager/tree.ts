import type { Span } from '../document.ts';
import type { YamlFile, YamlMap, YamlScalar } from '../yaml/tree.ts';

/** `alertmanager.yml`. https://prometheus.io/docs/alerting/latest/configuration/ */
export interface AlertmanagerTree {
  readonly file: YamlFile;
  /** The map at the top, absent where the file is empty or no map. */
  readonly root: YamlMap | undefined;
  readonly global: YamlMap | undefined;
  /** The entries of `templates`: paths and globs of files with Go templates. */
  readonly templates: readonly YamlScalar[];
  /** The root of the routing tree. */
  readonly route: Route | undefined;
  readonly receivers: readonly Receiver[];
  readonly inhibitRules: readonly InhibitRule[];
  /** The names that `time_intervals` and `mute_time_intervals` define. */
  readonly timeIntervals: readonly YamlScalar[];
}

/** A node of the routing tree. */
export interface Route {
  readonly map: YamlMap;
  /** Absent for the root. */
  readonly parent: Route | undefined;
  /** Which of its parent's routes it is. */
  readonly index: number;
  /** `route[severity,team]`, after the labels by which it matches. */
  readonly place: string;
  /** The receiver that it names itself; without one it has that of its parent. */
  readonly receiver: YamlScalar | undefined;
  /** All that an alert has to match, of `match`, `match_re` and `matchers`. */
  readonly matchers: readonly Matcher[];
  /** Whether each matcher could be read. */
  readonly complete: boolean;
  /** Whether an alert that it takes is offered to its later siblings too; undefined where that is not known. */
  readonly continues: boolean | undefined;
  readonly routes: readonly Route[];
}

export type MatchOperator = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
  /** The text that it stands in: an entry of `matchers`, the value of `match`. */
  readonly scalar: YamlScalar;
}

export interface Receiver {
  readonly map: YamlMap;
  readonly name: YamlScalar | undefined;
  /** `receivers.team`. */
  readonly place: string;
  readonly integrations: readonly Integration[];
  /** Whether all of its keys could be read. */
  readonly complete: boolean;
}

/** One entry of `slack_configs`, `email_configs` and so on. */
export interface Integration {
  /** `slack_configs`. */
  readonly kind: string;
  readonly key: YamlScalar;
  readonly map: YamlMap;
  /** `receivers.team.slack_configs.0`. */
  readonly place: string;
}

export interface InhibitRule {
  readonly map: YamlMap;
  /** `inhibit_rules.0`. */
  readonly place: string;
}

/** The route and all below it, those further up first. */
export function routesOf(route: Route | undefined): readonly Route[] {
  if (!route) return [];
  const out: Route[] = [route];
  for (let at = 0; at < out.length; at++) out.push(...(out[at]?.routes ?? []));
  return out;
}

/** The receiver of what a route takes: its own or that of the nearest route above. */
export function receiverOf(route: Route): YamlScalar | undefined {
  for (let at: Route | undefined = route; at; at = at.parent) if (at.receiver) return at.receiver;
  return undefined;
}

/** Where a finding about a whole route is shown: its first matcher, its receiver, else its first key. */
export function spanOfRoute(route: Route): Span {
  return (
    route.matchers[0]?.scalar.span ?? route.receiver?.span ?? route.map.pairs[0]?.key.span ?? route.map.span
  );
}
