import { contentSpan } from '../../../syntaxes/compose/environment.ts';
import { isEveryAddress, type Port, portsOf } from '../../../syntaxes/compose/ports.ts';
import { imageOf } from '../../../syntaxes/compose/service.ts';
import { type ComposeService, scalarAt } from '../../../syntaxes/compose/tree.ts';
import type { Span } from '../../../syntaxes/document.ts';
import type { Edit, Fix } from '../../core/rule.ts';
import { addKey, setScalar } from '../../core/yaml-edits.ts';
import { AMBIGUOUS_PORTS, DATASTORE_PORTS, UDP_PORTS } from '../../data/datastore-ports.ts';
import { fixOf } from './fixes.ts';

/** A port that is published on every address of the host. */
export interface OpenPort {
  readonly port: Port;
  /** The database or broker that listens there. */
  readonly datastore: string | undefined;
  /** Whether the port is meant for everybody: mail, DNS and HTTPS under their own numbers, HTTP of a web server. */
  readonly isPublic: boolean;
}

/** Mail, DNS and HTTPS. */
const PUBLIC: ReadonlySet<string> = new Set('25 53 110 143 443 465 587 853 993 995 4190'.split(' '));
/** DNS, time, HTTP/3, VPNs, telephony. Ranges over UDP carry media, which is public as well. */
const PUBLIC_UDP = /^(?:53|123|443|500|853|1194|3478|4500|5060|5061|5349|51820|\d+-\d+)$/;
/** Names of images and services that plain HTTP of the outside is meant for. */
const WEB =
  /nginx|caddy|traefik|haproxy|envoy|httpd|apache|openresty|varnish|kong|swag|certbot|acme-companion|proxy|gateway|ingress|edge|router|balancer|(?:^|[^a-z])(?:lb|web|www|site|ui|gui|client)(?:$|[^a-z])|front|landing|webapp|website/i;

export function openPorts(service: ComposeService): readonly OpenPort[] {
  // With the host's network Docker publishes nothing.
  const network = scalarAt(service.effective, 'network_mode')?.value ?? '';
  if (network === 'host' || network === 'none' || network.includes('$')) return [];
  const image = imageOf(service) ?? '';
  const isWeb = WEB.test(image) || WEB.test(service.name);
  return portsOf(service).flatMap((port): readonly OpenPort[] => {
    if (!isEveryAddress(port.hostIp)) return [];
    return [{ port, datastore: datastoreAt(port, image), isPublic: isPublic(port, isWeb) }];
  });
}

function isPublic({ published, protocol }: Port, isWeb: boolean): boolean {
  if (published === null) return false;
  if (protocol !== 'tcp') return PUBLIC_UDP.test(published);
  return PUBLIC.has(published) || (published === '80' && isWeb);
}

/** `8080:80`, or `80` where Docker picks the port on the host; with `/udp` where it is not TCP. */
export function portLabel({ published, target, protocol }: Port): string {
  const inside = (target ?? '…') + (protocol === 'tcp' ? '' : `/${protocol}`);
  return published === '' ? inside : `${published ?? '…'}:${inside}`;
}

/** Tells a port of a service apart from all others: its label, with the address in front where one is given. */
export function portPlace(port: Port): string {
  return port.hostIp ? `${port.hostIp}:${portLabel(port)}` : portLabel(port);
}

/** What a finding about a port marks: the short form without quotes, or the long form's port. */
export function portSpan(text: string, port: Port): Span {
  if (port.short) return contentSpan(port.short, text);
  const entry = port.long?.entries.get('published') ?? port.long?.entries.get('target');
  return entry?.pair.value?.span ?? port.item.node.span;
}

/** Publishes a port on the host's own address only. */
export function bindToLoopback(text: string, port: Port): Fix | undefined {
  const address = port.hostIp?.includes(':') ? '::1' : '127.0.0.1';
  return fixOf(port.short ? shortEdit(text, port) : longEdit(text, port, address), {
    title: `Publish on ${address} only`,
    safety: 'review',
    risk: 'Other machines can no longer reach the port; a reverse proxy on the host can.',
  });
}

function shortEdit(text: string, port: Port): Edit | undefined {
  if (!port.short || port.short.style === 'literal' || port.short.style === 'folded') return undefined;
  const span = contentSpan(port.short, text);
  const published = onLoopback(text.slice(span.start, span.end), port);
  // Parsers differ on colons in a plain scalar in flow style.
  const quote = port.short.style === 'plain' && port.item.seq.flow ? '"' : '';
  return published === undefined ? undefined : { span, text: quote + published + quote };
}

function onLoopback(written: string, port: Port): string | undefined {
  const wildcard = /^(?:0\.0\.0\.0|\*|\[[0:]*\]|0):(?=[^:]*:[^:]*$)/.exec(written)?.[0];
  if (wildcard !== undefined) {
    const address = wildcard.startsWith('[') ? '[::1]:' : '127.0.0.1:';
    return address + written.slice(wildcard.length);
  }
  const colons = written.replaceAll(/\$\{[^{}]*\}/g, '').split(':').length - 1;
  // `${BIND:-0.0.0.0}:8080:80`: the address is the default of a variable, which stays.
  const variable = /^(\$\{\w+:?-)(?:0\.0\.0\.0)?(\}:.*)$/.exec(written);
  if (colons === 2 && variable) return `${variable[1]}127.0.0.1${variable[2]}`;
  if (port.hostIp !== '' || written.startsWith(':') || colons > 1) return undefined;
  return (port.published === '' ? '127.0.0.1::' : '127.0.0.1:') + written;
}

function longEdit(text: string, port: Port, address: string): Edit | undefined {
  if (!port.long) return undefined;
  const ip = scalarAt(port.long, 'host_ip');
  if (!ip)
    return addKey(text, port.long.node, {
      key: 'host_ip',
      value: '127.0.0.1',
      after: ['target', 'published'],
    });
  return ip.value.includes('$') ? undefined : setScalar(ip, address);
}

/** A wider range is no set of ports that someone looked at one by one. */
const MAX_RANGE = 50;

function datastoreAt({ target, protocol }: Port, image: string): string | undefined {
  const [first = '', last = first] = target?.split('-') ?? [];
  const from = Number(first);
  const to = Number(last);
  if (target === null || !(to - from >= 0 && to - from < MAX_RANGE)) return undefined;
  const port = Object.keys(DATASTORE_PORTS).find((known) => Number(known) >= from && Number(known) <= to);
  if (port === undefined || (protocol !== 'tcp' && !UDP_PORTS.has(port))) return undefined;
  const wanted = AMBIGUOUS_PORTS[port];
  return wanted && !wanted.test(image) ? undefined : DATASTORE_PORTS[port];
}
