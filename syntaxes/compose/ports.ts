import type { YamlScalar } from '../yaml/tree.ts';
import { interpolate, UNKNOWN } from './interpolate.ts';
import {
  type ComposeService,
  type EffectiveItem,
  type EffectiveMap,
  itemsAt,
  remembered,
  scalarAt,
} from './tree.ts';

/** One entry of `ports`, in either form. https://docs.docker.com/reference/compose-file/services/#ports */
export interface Port {
  readonly item: EffectiveItem;
  /** The short form's scalar. */
  readonly short: YamlScalar | undefined;
  /** The long form's map. */
  readonly long: EffectiveMap | undefined;
  /** The address on the host: '' where none is given, null where it is not known. */
  readonly hostIp: string | null;
  /** The port or range on the host: '' where Docker picks one, null where it is not known. */
  readonly published: string | null;
  /** The port or range in the container, null where it is not known. */
  readonly target: string | null;
  readonly protocol: string;
}

export function portsOf(service: ComposeService): readonly Port[] {
  return remembered(service, 'ports', () =>
    itemsAt(service.effective, 'ports').flatMap((item) => portOf(item) ?? []),
  );
}

/** Whether an address means every network of the host; also where none is given. Not for an unknown one. */
export function isEveryAddress(hostIp: string | null): boolean {
  if (hostIp === null) return false;
  const ip = hostIp.replace(/^\[|\]$/g, '').toLowerCase();
  return (
    ip === '' ||
    ip === '*' ||
    /^(0+\.){3}0+$|^0$/.test(ip) ||
    /^[0:]*:[0:]*$/.test(ip) ||
    /^(?:[0:]*:)?ffff:(?:0\.0\.0\.0|0+:0+)$/.test(ip)
  );
}

function portOf(item: EffectiveItem): Port | undefined {
  const { value } = item;
  if (value?.type === 'map') return longPort(item, value);
  if (value?.type !== 'scalar') return undefined;
  const short = parseShortPort(interpolate(value.node.value).pattern);
  return { item, short: value.node, long: undefined, ...short };
}

function longPort(item: EffectiveItem, long: EffectiveMap): Port {
  const text = (key: string, missing: string): string | null => {
    const scalar = scalarAt(long, key);
    return scalar ? (interpolate(scalar.value).text ?? null) : long.entries.has(key) ? null : missing;
  };
  const published = text('published', '');
  const isPort = published === null || PORTS.test(published);
  return {
    item,
    short: undefined,
    long,
    hostIp: isPort ? text('host_ip', '') : null,
    published: isPort ? published : null,
    target: text('target', ''),
    protocol: text('protocol', 'tcp') ?? 'tcp',
  };
}

/**
 * `[[ip:]published:]target[/protocol]`. A lone variable in front (`${HTTP_PORT}:80`) may hold an address too,
 * so then the address is unknown.
 */
export function parseShortPort(pattern: string): Pick<Port, 'hostIp' | 'published' | 'target' | 'protocol'> {
  const slash = pattern.lastIndexOf('/');
  const protocol = slash < 0 ? 'tcp' : pattern.slice(slash + 1).toLowerCase();
  const text = (slash < 0 ? pattern : pattern.slice(0, slash)).trim();
  const colon = text.lastIndexOf(':');
  const target = known(text.slice(colon + 1));
  // `${PORTS}` alone may be anything.
  if (colon < 0)
    return { hostIp: target === null ? null : '', published: target === null ? null : '', target, protocol };
  const rest = text.slice(0, colon);
  if (rest === UNKNOWN) return { hostIp: null, published: null, target, protocol };
  const split = rest.lastIndexOf(':');
  const hostIp = split < 0 ? '' : known(rest.slice(0, split));
  const published = known(rest.slice(split + 1));
  // `127.0.0.1:3000` publishes nothing: Compose refuses it.
  if (published !== null && !PORTS.test(published))
    return { hostIp: null, published: null, target, protocol };
  return { hostIp, published, target, protocol };
}

/** A port or a range of them, and nothing where Docker picks one. */
const PORTS = /^\s*(?:\d+(?:-\d+)?)?\s*$/;

function known(text: string): string | null {
  return text.includes(UNKNOWN) ? null : text;
}
