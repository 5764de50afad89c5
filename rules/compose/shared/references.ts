import { environmentOf } from '../../../syntaxes/compose/environment.ts';
import type { ComposeService } from '../../../syntaxes/compose/tree.ts';
import type { Document, Span } from '../../../syntaxes/document.ts';
import { lineStartAt } from '../../../syntaxes/lines.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';
import type { Fix } from '../../core/rule.ts';
import { openCredentials } from './credentials.ts';
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
function isInFlow(text: string, scalar: YamlScalar): boolean {
  const before = text.slice(lineStartAt(text, scalar.span.start), scalar.span.start);
  return /[[{,][^'"]*$/.test(before.replace(/^\s*-\s/, ''));
}

/** A variable of the file that holds the same value: both then take it from one place. */
export function variableWith(document: Document<'compose'>, value: string): string | undefined {
  return document.tree.services
    .flatMap((service) => openCredentials(environmentOf(service, document.text)))
    .find(
      (each) =>
        each.value === value && each.variable.value === value && /^[A-Za-z_]\w*$/.test(each.variable.name),
    )?.variable.name;
}

/** `--api-key` of `web` gives `WEB_API_KEY`, `-p` gives `WEB_PASSWORD`, `PGPASSWORD` stays. */
function nameFor(service: ComposeService, option: string): string {
  if (/^[A-Z][A-Z\d_]{4,}$/.test(option)) return option;
  const kind = /token|secret|api[-_.]?key|auth[-_.]?key/i.exec(option)?.[0] ?? 'password';
  const words = `${service.name}_${kind}`
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_');
  return words.toUpperCase().replace(/^(?=\d)/, '_');
}
