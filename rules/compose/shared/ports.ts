import { contentSpan } from '../../../syntaxes/compose/environment.ts';
import { isEveryAddress, type Port, portsOf } from '../../../syntaxes/compose/ports.ts';
import { imageOf } from '../../../syntaxes/compose/service.ts';
import { type ComposeService, scalarAt } from '../../../syntaxes/compose/tree.ts';
import type { Span } from '../../../syntaxes/document.ts';
import type { Edit, Fix } from '../../core/rule.ts';
import { addKey, setScalar } from '../../core/yaml-edits.ts';
import { AMBIGUOUS_PORTS, DATASTORE_PORTS } from '../../data/datastore-ports.ts';
import { fixOf } from './fixes.ts';

/** A port that is published on every address of the host. */
export interface OpenPort {
  readonly port: Port;
  /** The database or broker that listens there. */
  readonly datastore: string | undefined;
  /** Whether the port is meant for everybody: web and mail under their own numbers. */
  readonly isPublic: boolean;
}

const PUBLIC: ReadonlySet<string> = new Set([
  '25',
  '53',
  '80',
  '110',
  '143',
  '443',
  '465',
  '587',
  '853',
  '993',
  '995',
  '4190',
]);

export function openPorts(service: ComposeService): readonly OpenPort[] {
  // With the host's network Docker publishes nothing.
  const network = scalarAt(service.effective, 'network_mode')?.value ?? '';
  if (network === 'host' || network === 'none' || network.includes('$')) return [];
  const image = imageOf(service) ?? '';
  return portsOf(service).flatMap((port): readonly OpenPort[] => {
    if (!isEveryAddress(port.hostIp) || port.protocol !== 'tcp') return [];
    const isPublic = port.published !== null && PUBLIC.has(port.published);
    return [{ port, datastore: datastoreAt(port, image), isPublic }];
  });
}

/** `8080:80`, or `80` where Docker picks the port on the host. */
export function portLabel({ published, target }: Port): string {
  const inside = target ?? '…';
  return published === '' ? inside : `${published ?? '…'}:${inside}`;
}

/** What a finding about a port marks: the short form without quotes, or the long form's port. */
export function portSpan(text: string, port: Port): Span {
  if (port.short) return contentSpan(port.short, text);
  const entry = port.long?.entries.get('published') ?? port.long?.entries.get('target');
  return entry?.pair.value?.span ?? port.item.node.span;
}

/** Publishes a port on the host's own address only. */
export function bindToLoopback(text: string, port: Port): Fix | undefined {
  return fixOf(port.short ? shortEdit(text, port) : longEdit(text, port), {
    title: 'Publish on 127.0.0.1 only',
    safety: 'review',
    risk: 'Other machines can no longer reach the port; a reverse proxy on the host can.',
  });
}

function shortEdit(text: string, port: Port): Edit | undefined {
  if (!port.short || port.short.style === 'literal' || port.short.style === 'folded') return undefined;
  const span = contentSpan(port.short, text);
  const written = text.slice(span.start, span.end);
  const wildcard = /^(?:0\.0\.0\.0|\*|\[[0:]*\]|0):(?=[^:]*:[^:]*$)/.exec(written)?.[0];
  if (wildcard !== undefined) {
    const address = wildcard.startsWith('[') ? '[::1]:' : '127.0.0.1:';
    return { span: { start: span.start, end: span.start + wildcard.length }, text: address };
  }
  if (port.hostIp !== '' || written.startsWith(':')) return undefined;
  // A variable's default may hold the address as well (`${BIND:-0.0.0.0:80}`); then there is no clean place for it.
  const address = port.published === '' ? '127.0.0.1::' : '127.0.0.1:';
  return { span: { start: span.start, end: span.start }, text: address };
}

function longEdit(text: string, port: Port): Edit | undefined {
  if (!port.long) return undefined;
  const ip = scalarAt(port.long, 'host_ip');
  if (!ip)
    return addKey(text, port.long.node, {
      key: 'host_ip',
      value: '127.0.0.1',
      after: ['target', 'published'],
    });
  return ip.value.includes('$') ? undefined : setScalar(ip, ip.value.includes(':') ? '::1' : '127.0.0.1');
}

function datastoreAt({ target }: Port, image: string): string | undefined {
  if (target === null) return undefined;
  const name = DATASTORE_PORTS[target];
  const wanted = AMBIGUOUS_PORTS[target];
  return wanted && !wanted.test(image) ? undefined : name;
}
