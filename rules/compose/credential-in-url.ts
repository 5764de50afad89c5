import { type EnvironmentVariable, environmentOf } from '../../syntaxes/compose/environment.ts';
import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { openCredentials } from './shared/credentials.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/credential-in-url',
  title: 'Password stands in a URL',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `A connection string with its password is in version control, in \`docker inspect\`, and in the logs of many libraries that
print the URL when a connection fails.`,
    fix: `Put a variable in the password's place, \`\${DB_PASSWORD:?set DB_PASSWORD}\`, and keep its value in \`.env\` or the shell.
Characters that are special in URLs must be percent-encoded in the value.`,
    falsePositives: 'Silent where the password is a variable without a default, and for `user:@host`.',
    cwe: [798],
    references: ['https://docs.docker.com/reference/compose-file/interpolation/'],
  },
  bad: [
    {
      name: 'a database URL',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      DATABASE_URL: postgresql://app:«Kx81hQvb»@db:5432/app?sslmode=disable
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      DATABASE_URL: postgresql://app:\${DATABASE_PASSWORD:?set DATABASE_PASSWORD}@db:5432/app?sslmode=disable
`,
    },
    {
      name: 'the password stands elsewhere in the file too',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      DATABASE_URL: postgresql://app:«Kx81hQvb»@db:5432/app
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: Kx81hQvb
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      DATABASE_URL: postgresql://app:\${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}@db:5432/app
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: Kx81hQvb
`,
    },
    {
      name: 'a default, the list form, and a user that is a variable',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      - "BROKER_URL=amqp://guest:«\${RABBIT_PW:-guest}»@rabbit:5672//"
      - CACHE_URL=redis://:«s3cr3t»@cache:6379/0
      - OTHER_URL=mysql://\${DB_USER}:«hunter2»@db/app
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      - "BROKER_URL=amqp://guest:\${RABBIT_PW:?set RABBIT_PW}@rabbit:5672//"
      - CACHE_URL=redis://:s3cr3t@cache:6379/0
      - OTHER_URL=mysql://\${DB_USER}:hunter2@db/app
`,
    },
  ],
  good: [
    {
      name: 'variables, no password, no user, placeholders',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      DATABASE_URL: postgresql://app:\${DB_PASSWORD}@db:5432/app
      CACHE_URL: redis://cache:6379/0
      EMPTY_URL: mysql://root:@db/app
      REQUIRED_URL: postgresql://\${DB_USER:?}:\${DB_PASSWORD:?set it}@db/app
      TIME_URL: http://example.com:8080/@scope/pkg
      NAMES: "time: 10:30 mail@example.com"
      DSN: https://0123456789abcdef@sentry.example.com/1
      DOCS: postgres://<user>:<password>@host/db
`,
      },
    },
  ],
  check(document, context) {
    const origins = eachOrigin(
      document.tree,
      (service) =>
        environmentOf(service, document.text).flatMap(
          (variable) => passwordIn(document.text, variable) ?? [],
        ),
      ({ variable }) => variable.offset,
    );
    for (const { service, subject, sharers } of origins) {
      context.report({
        span: subject.span,
        message: withSharers(
          `The URL in \`${subject.variable.name}\` holds a password that everybody who reads the file can use`,
          sharers,
        ),
        place: `services.${service.name}.environment.${subject.variable.name}`,
        fixes: () => [atOrigin(fixFor(document, subject), sharers)],
      });
    }
  },
});

interface UrlPassword {
  readonly variable: EnvironmentVariable;
  readonly span: Span;
}

/** The password of the first URL in a value. Braces of variables are stepped over, so `:` and `@` inside do not count. */
function passwordIn(fileText: string, variable: EnvironmentVariable): UrlPassword | undefined {
  const { valueSpan } = variable;
  if (!valueSpan) return undefined;
  const written = fileText.slice(valueSpan.start, valueSpan.end);
  const scheme = /[a-z][a-z0-9+.-]*:\/\//i.exec(written);
  if (!scheme) return undefined;
  const start = scheme.index + scheme[0].length;
  const colon = findOutsideBraces(written, start, ':');
  const at = colon < 0 ? -1 : findOutsideBraces(written, colon + 1, '@');
  if (at < 0) return undefined;
  const password = written.slice(colon + 1, at);
  const known = interpolate(password).text;
  if (!known || /^[<[{*]|^x+$|^\$/i.test(known)) return undefined;
  return { variable, span: { start: valueSpan.start + colon + 1, end: valueSpan.start + at } };
}

/** Where a character stands in the part of a URL that starts at `from`; -1 where the part ends before. */
function findOutsideBraces(text: string, from: number, wanted: string): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '$' && text[i + 1] === '{') depth++;
    else if (char === '}' && depth > 0) depth--;
    else if (depth > 0) continue;
    else if (char === wanted) return i;
    else if (/[\s/?#"',;]/.test(char) || (wanted === ':' && char === '@')) return -1;
  }
  return -1;
}

function fixFor(document: Document<'compose'>, { variable, span }: UrlPassword): Fix | undefined {
  const { scalar, entry, item } = variable;
  if (!scalar || scalar.style === 'literal' || scalar.style === 'folded') return undefined;
  if (scalar.style === 'plain' && (entry?.map.flow ?? item?.seq.flow)) return undefined;
  const written = document.text.slice(span.start, span.end);
  const own = /^\$\{([A-Za-z_]\w*):?-[^{}]*\}$/.exec(written)?.[1];
  const stem =
    variable.name.replace(/_*(?:URL|URI|DSN|CONN|CONNECTION|CONNECTION_STRING|BACKEND)$/i, '') || 'DB';
  const name = own ?? variableWith(document, written) ?? `${stem}_PASSWORD`;
  if (!/^[A-Za-z_]\w*$/.test(name)) return undefined;
  return fixOf(
    { span, text: `\${${name}:?set ${name}}` },
    {
      title: `Take the password from \${${name}}`,
      safety: 'review',
      risk: `Compose does not start until \`${name}\` is set: move the value to .env or the shell first.`,
    },
  );
}

/** A variable of the file that holds the same password: both then take it from one place. */
function variableWith(document: Document<'compose'>, password: string): string | undefined {
  return document.tree.services
    .flatMap((service) => openCredentials(environmentOf(service, document.text)))
    .find(({ value, variable }) => value === password && variable.value === password)?.variable.name;
}
