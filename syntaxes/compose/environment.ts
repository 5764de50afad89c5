import { isElsewhere, type Span } from '../document.ts';
import { embeddedIn } from '../yaml/embedded.ts';
import type { YamlScalar } from '../yaml/tree.ts';
import { type ComposeService, type EffectiveEntry, type EffectiveItem, lookup, remembered } from './tree.ts';

/** A variable that a service is given, from the map or the list form of `environment`. */
export interface EnvironmentVariable {
  readonly name: string;
  /** As written, before interpolation; undefined where the variable is passed on from the shell. */
  readonly value: string | undefined;
  /** The value's text in the file, without quotes. */
  readonly valueSpan: Span | undefined;
  readonly scalar: YamlScalar | undefined;
  /** The map form's pair. */
  readonly entry: EffectiveEntry | undefined;
  /** The list form's item. */
  readonly item: EffectiveItem | undefined;
  /** Where the variable is written: the key or the item. */
  readonly offset: number;
}

/** The variables in effect: a later layer replaces what an earlier one sets, whichever form each has. */
export function environmentOf(service: ComposeService, fileText: string): readonly EnvironmentVariable[] {
  return remembered(service, 'environment', () => assignmentsOf(service, fileText, 'environment'));
}

/** What is written in the forms of `environment` below a path of keys: `labels`, `build.args`. */
export function assignmentsOf(
  service: ComposeService,
  fileText: string,
  ...keys: readonly string[]
): readonly EnvironmentVariable[] {
  const variables = new Map<string, EnvironmentVariable>();
  for (const layer of service.layers) {
    const value = lookup(layer, ...keys)?.value;
    if (value?.type === 'map') {
      for (const entry of value.entries.values()) variables.set(entry.key, fromEntry(entry, fileText));
    }
    for (const item of value?.type === 'seq' ? value.items : []) {
      const variable = fromItem(item, fileText);
      if (variable) variables.set(variable.name, variable);
    }
  }
  return [...variables.values()];
}

/**
 * The service with what its own file writes alone. A secret stands there for everybody to read, whatever a file that goes over this one
 * puts in its place.
 */
export function asWritten(service: ComposeService): ComposeService {
  const layers = service.layers.filter(({ node }) => !isElsewhere(node.span));
  return { ...service, layers, memory: new Map() };
}

function fromEntry(entry: EffectiveEntry, fileText: string): EnvironmentVariable {
  const scalar = entry.value?.type === 'scalar' ? entry.value.node : undefined;
  const common = { name: entry.key, entry, item: undefined, offset: entry.pair.key.span.start };
  if (!scalar) return { ...common, value: undefined, valueSpan: undefined, scalar: undefined };
  return { ...common, value: scalar.value, valueSpan: contentSpan(scalar, fileText), scalar };
}

function fromItem(item: EffectiveItem, fileText: string): EnvironmentVariable | undefined {
  if (item.value?.type !== 'scalar') return undefined;
  const scalar = item.value.node;
  const equals = scalar.value.indexOf('=');
  const name = equals < 0 ? scalar.value : scalar.value.slice(0, equals);
  const common = { name, entry: undefined, item, scalar, offset: item.node.span.start };
  if (equals < 0) return { ...common, value: undefined, valueSpan: undefined };
  const whole = contentSpan(scalar, fileText);
  const at = isElsewhere(whole) ? whole.start : fileText.indexOf('=', whole.start) + 1;
  return { ...common, value: scalar.value.slice(equals + 1), valueSpan: { start: at, end: whole.end } };
}

/** A scalar's text without its quotes. */
export function contentSpan(scalar: YamlScalar, fileText: string): Span {
  if (scalar.style === 'literal' || scalar.style === 'folded') return scalar.span;
  const { text, at } = embeddedIn(fileText, scalar);
  return { start: at(0), end: at(text.length) };
}
