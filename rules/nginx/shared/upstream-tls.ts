import { isOn } from './flags.ts';
import { effectiveValue } from './inherit.ts';
import type { Scope } from './scope.ts';
import { isSet } from './tls.ts';

/** Whether requests go to another machine by TLS. */
export function isRemoteTls(target: string): boolean {
  return /^(?:https|grpcs|suwsgi):\/\/(?!127\.|localhost\b|\[::1\]|unix:)/.test(target);
}

/** What a check of the upstream's certificate needs besides; undefined where it is not known what is there. */
export function verifyingLines(scope: Scope, prefix: string): readonly string[] | undefined {
  const trusted = isSet(scope, `${prefix}_ssl_trusted_certificate`);
  const name = effectiveValue(scope, `${prefix}_ssl_server_name`);
  if (trusted === 'unknown' || (!name.item && !name.certain)) return undefined;
  const lines: string[] = [];
  if (trusted === 'no') lines.push(`${prefix}_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;`);
  // Without the name, servers for several sites show the certificate of another one.
  if (!name.item) lines.push(`${prefix}_ssl_server_name on;`);
  else if (!isOn(name.item.args[0])) return undefined;
  return lines;
}
