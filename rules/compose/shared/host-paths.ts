import { interpolate, UNKNOWN } from '../../../syntaxes/compose/interpolate.ts';
import type { Mount } from '../../../syntaxes/compose/mounts.ts';
import { imageOf } from '../../../syntaxes/compose/service.ts';
import type { ComposeService, ComposeTree } from '../../../syntaxes/compose/tree.ts';
import type { Span } from '../../../syntaxes/document.ts';
import { textAt } from '../../../syntaxes/yaml/tree.ts';

/** Agents that read the whole host by purpose. */
const MONITORING =
  /(?:^|\/)(?:node[-_]exporter|cadvisor|promtail|alloy|grafana\/agent|datadog\/agent|telegraf|netdata|datadog[\w-]*|filebeat|metricbeat|fluent-bit|fluentd|vector|glances|process[-_]exporter|systemd[-_]exporter|smartctl[-_]exporter|[\w-]*ebpf-profiler|newrelic\/infrastructure|elastic-agent|cloudwatch-agent|collectd|wazuh-agent|osquery|beszel-agent|dozzle|falco|signoz-otel-collector|opentelemetry-collector[\w-]*|zabbix-agent2?)(?::|@|$)/;

/** Whether an image is an agent that watches the host. */
export function isMonitoringImage(image: string): boolean {
  return MONITORING.test(image);
}

/** Whether a service is such an agent; by its name where its image is built here or not known. */
export function watchesHost(service: ComposeService): boolean {
  const image = imageOf(service) ?? UNKNOWN;
  const name = service.effective.entries.has('build') || image.includes(UNKNOWN) ? service.name : '';
  return isMonitoringImage(image) || isMonitoringImage(name);
}

/**
 * The path on the host that a mount shows: a bind mount's source, or the folder behind a named volume (`driver_opts.device`).
 * Undefined where it is no path of the host, or not known.
 */
export function hostPathOf(tree: ComposeTree, mount: Mount): string | undefined {
  if (mount.type === 'bind') return mount.source ? cleanPath(mount.source) : undefined;
  if (mount.type !== 'volume' || !mount.source) return undefined;
  const volume = tree.project.volumes.get(mount.source);
  const option = (name: string) => {
    const text = textAt(volume, 'driver_opts', name);
    return text === undefined ? undefined : interpolate(text).text;
  };
  const device = option('device');
  return device?.startsWith('/') && /(?:^|,)r?bind(?:,|$)/.test(option('o') ?? '')
    ? cleanPath(device)
    : undefined;
}

/** A path on the host without double, final and dotted parts: `/var//run/` gives `/var/run`. */
export function cleanPath(path: string): string {
  if (!path.startsWith('/')) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** What a finding about a mount marks: the short form, or the long form's source. */
export function mountSpan(text: string, mount: Mount): Span {
  if (mount.short) return mount.short.style === 'plain' ? mount.short.span : inner(text, mount.short.span);
  const value = (mount.long?.entries.get('source') ?? mount.long?.entries.get('src'))?.pair.value;
  return value?.span ?? mount.item.node.span;
}

function inner(text: string, span: Span): Span {
  return /["']/.test(text.charAt(span.start)) ? { start: span.start + 1, end: span.end - 1 } : span;
}
