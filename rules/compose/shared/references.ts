import { environmentOf } from '../../../syntaxes/compose/environment.ts';
import type { ComposeService } from '../../../syntaxes/compose/tree.ts';
import type { Document, Span } from '../../../syntaxes/document.ts';
import { lineStartAt } from '../../../syntaxes/lines.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';
import { isCredentialName } from '../../core/credential-names.ts';
import type { Fix } from '../../core/rule.ts';
import { isWellKnown, openCredentials } from './credentials.ts';
import { fixOf } from './fixes.ts';

/** A credential that stands somewhere in a scalar. */
export interface EmbeddedSecret {
  /** What it is the value of: `--requirepass`, `DATABASE_URL`. */
  readonly option: string;
  readonly value: string;
  readonly span: Span;
  readonly scalar: YamlScalar;
}

/** Puts a variable that has to be set in a credential's place. Undefined where the scalar cannot hold it as it is written. */
export function referenceFix(
  document: Document<'compose'>,
  service: ComposeService,
  secret: EmbeddedSecret,
): Fix | undefined {
  const { text } = document;
  const { span, scalar } = secret;
  const written = text.slice(span.start, span.end);
  const own = /^\$\{([A-Za-z_]\w*):?-[^{}]*\}$/.exec(written)?.[1];
  if (own === undefined && written !== secret.value) return undefined;
  const name = own ?? variableWith(document, secret.value) ?? nameFor(service, secret.option);
  if (scalar.style === 'plain' && isInFlow(text, scalar)) return undefined;
  return fixOf(
    { span, text: `\${${name}:?set ${name}}` },
    {
      title: `Take the value from \${${name}}`,
      safety: 'review',
      risk: `Compose does not start until \`${name}\` is set: move the value to .env or the shell first.`,
    },
  );
}

/** Whether a plain scalar stands between brackets, where it cannot hold braces. */
export function isInFlow(text: string, scalar: YamlScalar): boolean {
  const before = text.slice(lineStartAt(text, scalar.span.start), scalar.span.start);
  return /[[{,][^'"]*$/.test(before.replace(/^\s*-\s/, ''));
}

/** A variable of the file that holds the same value: both then take it from one place. */
function variableWith(document: Document<'compose'>, value: string): string | undefined {
  const names = document.tree.services
    .flatMap((service) => openCredentials(environmentOf(service, document.text)))
    .filter((each) => each.value === value && each.variable.value === value)
    .map(({ variable }) => variable.name)
    .filter((name) => /^[A-Za-z_]\w*$/.test(name));
  // Two secrets may have one well-known value by accident.
  return names.find((name) => /pass|pwd|pw$/i.test(name)) ?? (isWellKnown(value) ? undefined : names[0]);
}

/** `--api-key` of `web` gives `WEB_API_KEY`, `-p` gives `WEB_PASSWORD`, `DATABASE_URL` gives `DATABASE_PASSWORD`. */
function nameFor(service: ComposeService, option: string): string {
  if (isCredentialName(option) && /^[A-Z][A-Z\d_]{4,}$/.test(option)) return option;
  const stem = /^[A-Za-z_][A-Za-z\d_]*$/.test(option) && option === option.toUpperCase() ? option : '';
  const own = stem.replace(/_*(?:URL|URI|DSN|CONN|CONNECTION|CONNECTION_STRING|BACKEND)$/, '');
  const kind = /token|secret|api[-_.]?key|auth[-_.]?key/i.exec(stem === '' ? option : '')?.[0] ?? 'password';
  const base = stem === '' ? service.name : own || 'DB';
  const name = `${base}_${kind}`.replaceAll(/[^A-Za-z0-9]+/g, '_').toUpperCase();
  return name.replace(/^(?=\d)/, '_');
}
