import { environmentOf } from '../../../syntaxes/compose/environment.ts';
import { UNKNOWN } from '../../../syntaxes/compose/interpolate.ts';
import { portsOf } from '../../../syntaxes/compose/ports.ts';
import { imageOf } from '../../../syntaxes/compose/service.ts';
import { type ComposeService, scalarAt } from '../../../syntaxes/compose/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';
import { isCredentialName } from '../../core/credential-names.ts';
import { bareReferences, type Reference } from './variable-references.ts';
import { commandLinesOf } from './words.ts';

/** A variable without a default in a place that matters for security. */
export interface SecurityUse {
  readonly reference: Reference;
  readonly scalar: YamlScalar;
  /** What comes of it. */
  readonly consequence: string;
  readonly place: string;
}

/** The uses of variables in passwords, tags of images and addresses of ports. */
export function securityUsesIn(
  document: Document<'compose'>,
  service: ComposeService,
): readonly SecurityUse[] {
  return [
    ...inEnvironment(document, service),
    ...inCommand(document, service),
    ...inImage(document, service),
    ...inPorts(document, service),
  ];
}

/** The credentials with which a program guards itself: not those with which it asks others for something. */
function guards(name: string): boolean {
  return (
    isCredentialName(name) &&
    /(?:pass|passwd|password|passphrase|pwd|pw|secret|secret_?key|key_?base|(?:encryption|signing|jwt|session|app)_?key)(?:_?\d+)?$/i.test(
      name,
    ) &&
    !/(?:^|_)(?:smtp|e?mail|mailer|imap|aws|s3|azure|gcp|gcs|google|github|gitlab|slack|discord|telegram|twilio|stripe|oauth\d?|oidc|saml|client|ldap|bind|proxy|webhook|captcha|recaptcha|turnstile|registry|docker|hub|sso|access|api|backup|restic|ftp|sftp|vpn|wifi|sentry|sms|push|vapid|remote|external|upstream)(?:_|$)/i.test(
      name,
    )
  );
}

function inEnvironment(document: Document<'compose'>, service: ComposeService): readonly SecurityUse[] {
  return environmentOf(service, document.text).flatMap(({ name, value, valueSpan, scalar }) => {
    if (!value?.includes('$') || !valueSpan || !scalar) return [];
    return bareReferences(document.text, scalar)
      .filter((reference) => reference.span.start >= valueSpan.start)
      .filter((reference) => guards(reference.name) || (reference.isWhole && guards(name)))
      .map((reference) => ({
        reference,
        scalar,
        consequence: `\`${name}\` gets an empty password`,
        place: `environment.${name}`,
      }));
  });
}

function inCommand(document: Document<'compose'>, service: ComposeService): readonly SecurityUse[] {
  const scalars = new Set(
    commandLinesOf(document.text, service, 'command').flatMap((line) => line.map(({ scalar }) => scalar)),
  );
  return [...scalars].flatMap((scalar) =>
    bareReferences(document.text, scalar)
      .filter(({ name }) => guards(name))
      .map((reference) => ({
        reference,
        scalar,
        consequence: 'the command gets an empty password',
        place: 'command',
      })),
  );
}

/** The tag of an image that is pulled; a name with other variables may be anything. */
function inImage(document: Document<'compose'>, service: ComposeService): readonly SecurityUse[] {
  const scalar = scalarAt(service.effective, 'image');
  if (!scalar?.value.includes('$') || service.effective.entries.has('build')) return [];
  if ((imageOf(service) ?? '').startsWith(UNKNOWN)) return [];
  const tag = /:[^:/]*$/.exec(
    scalar.value.replaceAll(/\$\{[^{}]*\}/g, (each) => '$'.padEnd(each.length, '_')),
  );
  if (!tag) return [];
  return bareReferences(document.text, scalar)
    .filter(({ start }) => start > tag.index)
    .map((reference) => ({ reference, scalar, consequence: 'the image has no tag', place: 'image' }));
}

function inPorts(document: Document<'compose'>, service: ComposeService): readonly SecurityUse[] {
  return portsOf(service).flatMap((port) => {
    const scalar = port.short ?? scalarAt(port.long, 'host_ip');
    if (port.hostIp !== null || !scalar) return [];
    const references = bareReferences(document.text, scalar);
    const [first] = references;
    const rest = first && scalar.value.slice(first.end);
    const isAddress = port.short ? /^:[^:]*:[^:]*$/.test(rest ?? '') : rest === '';
    if (first?.start !== 0 || !isAddress) return [];
    return [
      {
        reference: first,
        scalar,
        consequence: `${port.target === null ? 'the port' : `port ${port.target}`} is published on every address`,
        place: `ports[${port.target ?? scalar.value}]`,
      },
    ];
  });
}
