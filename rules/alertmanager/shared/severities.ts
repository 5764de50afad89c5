import { type Matcher, type Receiver, type Route, receiverOf } from '../../../syntaxes/alertmanager/tree.ts';

/** Severities for which somebody is to be woken. */
const URGENT = /^(?:critical|crit|page|pager|emergency|emerg|fatal|disaster|p1|p0|sev1|sev0)$/i;

/** Whether an alert of this severity is to wake somebody. */
export function isUrgent(severity: string): boolean {
  return URGENT.test(severity);
}

/** The values of a matcher on a label that are named: of `=` the value, of `=~` the alternatives. Undefined for other patterns. */
export function literalsOf({
  operator,
  value,
}: Pick<Matcher, 'operator' | 'value'>): readonly string[] | undefined {
  if (operator === '=') return [value];
  if (operator !== '=~') return undefined;
  const inner = /^\(?(?:\?:)?([^()]*)\)?$/.exec(value.replace(/^\^/, '').replace(/\$$/, ''))?.[1];
  if (inner === undefined || /[\\^$.*+?[\]{}]/.test(inner)) return undefined;
  return inner.split('|');
}

/** Whether a matcher takes a value; undefined where its pattern is not understood. */
export function takes(matcher: Pick<Matcher, 'operator' | 'value'>, value: string): boolean | undefined {
  const { operator } = matcher;
  if (operator === '=' || operator === '!=') return (matcher.value === value) === (operator === '=');
  // Patterns that JavaScript reads as Go does.
  if (/\\[^dws.]|\(\?|\[:/.test(matcher.value)) return undefined;
  try {
    return new RegExp(`^(?:${matcher.value})$`).test(value) === (operator === '=~');
  } catch {
    return undefined;
  }
}

/** Whether a route is for urgent alerts, by a severity that it names. */
export function isForUrgent(route: Route): boolean {
  return route.matchers.some(
    (matcher) => isSeverityLabel(matcher.label) && (literalsOf(matcher) ?? []).some(isUrgent),
  );
}

export function isSeverityLabel(label: string): boolean {
  return label === 'severity';
}

/** The receiver that a route sends to, as it is defined. */
export function definitionOf(route: Route, receivers: readonly Receiver[]): Receiver | undefined {
  const name = receiverOf(route)?.value;
  return name === undefined ? undefined : receivers.find((receiver) => receiver.name?.value === name);
}

/** Names of receivers that are meant to send nothing. */
export function isNullReceiver(name: string): boolean {
  return /null|black[-_. ]?hole|\bnone\b|no-?op|dead|drop|discard|silen|ignor|mute|void|empty|sink|watchdog|heartbeat|trash|nowhere|nothing|disabled|suppress|no[-_. ]?(?:alert|notif)/i.test(
    name,
  );
}
