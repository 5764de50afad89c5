import { assignmentsOf, asWritten } from '../../syntaxes/compose/environment.ts';
import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, lookup } from '../../syntaxes/compose/tree.ts';
import { embeddedIn } from '../../syntaxes/yaml/embedded.ts';
import type { YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isWellKnown } from './shared/credentials.ts';
import { atOrigin, withSharers } from './shared/origin.ts';
import { type EmbeddedSecret, referenceFix } from './shared/references.ts';
import { COMMAND_KEYS, type CommandKey } from './shared/words.ts';

export const rule = defineRule({
  id: 'compose/credential-in-url',
  title: 'Password stands in a URL',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /:\/\//,
  docs: {
    why: `A connection string with its password is in version control, in \`docker inspect\`, and in the logs of many libraries that
print the URL when a connection fails.`,
    fix: `Put a variable in the password's place, \`\${DB_PASSWORD:?set DB_PASSWORD}\`, and keep its value in \`.env\` or the shell.
Characters that are special in URLs must be percent-encoded in the value.`,
    falsePositives: `Silent where the password is a variable without a default, and for \`user:@host\`. Well-known passwords, and those
that are the user's name, are no finding in files for development.`,
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
    {
      name: 'in a command, a healthcheck, a label and a build argument; two URLs in one value',
      files: {
        'compose.yaml': `services:
  exporter:
    image: prometheuscommunity/postgres-exporter:v0.17.1
    command: ["--url", "postgres://mon:«Kx81hQvb»@db/app"]
    healthcheck:
      test: curl -f http://admin:«h7Gd2kPq»@localhost:9187/metrics || exit 1
    labels:
      - "com.example.backup=s3://key:«Kx81hQvb»@minio/backups"
    environment:
      PEERS: "http://a:«s3cr3tOne»@one:80,http://b:«s3cr3tTwo»@two:80"
  web:
    build:
      context: .
      args:
        REGISTRY: https://bot:«h7Gd2kPq»@npm.example.com/
`,
      },
      fixed: `services:
  exporter:
    image: prometheuscommunity/postgres-exporter:v0.17.1
    command: ["--url", "postgres://mon:\${EXPORTER_PASSWORD:?set EXPORTER_PASSWORD}@db/app"]
    healthcheck:
      test: curl -f http://admin:h7Gd2kPq@localhost:9187/metrics || exit 1
    labels:
      - "com.example.backup=s3://key:Kx81hQvb@minio/backups"
    environment:
      PEERS: "http://a:s3cr3tOne@one:80,http://b:s3cr3tTwo@two:80"
  web:
    build:
      context: .
      args:
        REGISTRY: https://bot:h7Gd2kPq@npm.example.com/
`,
    },
  ],
  good: [
    {
      name: 'well-known passwords on a developer’s machine',
      files: {
        'compose.override.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      DATABASE_URL: postgresql://postgres:postgres@db:5432/app
      CACHE_URL: redis://app:app@cache
`,
      },
    },
    {
      name: 'what the container puts in',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    command: sh -c "serve --db postgres://app:$$DB_PASSWORD@db/app"
    healthcheck:
      test: ["CMD-SHELL", "curl -f http://app:$$(cat /run/secrets/pw)@localhost/"]
    labels:
      traefik.http.routers.a.rule: Host(\`a.example.com\`)
`,
      },
    },
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
    const seen = new Set<number>();
    for (const service of document.tree.services) {
      for (const { scalar, where, name } of textsOf(document.text, service)) {
        if (seen.has(scalar.span.start)) continue;
        seen.add(scalar.span.start);
        const sharers = document.tree.sharing.get(scalar.span.start) ?? [service.name];
        for (const secret of passwordsIn(document.text, scalar, name)) {
          if (context.environment === 'dev' && secret.weak) continue;
          context.report({
            span: secret.span,
            message: withSharers(
              `The URL in \`${name}\` holds a password that everybody who reads the file can use`,
              sharers,
            ),
            place: `services.${service.name}.${where}`,
            fixes: () => [atOrigin(referenceFix(document, service, secret), sharers)],
          });
        }
      }
    }
  },
});

interface Text {
  readonly scalar: YamlScalar;
  /** In symbols: `environment.DATABASE_URL`, `command`. */
  readonly where: string;
  /** What a person calls it: `DATABASE_URL`, `command`. */
  readonly name: string;
}

/** Everything of a service that URLs of other services are handed over in. */
function textsOf(fileText: string, service: ComposeService): readonly Text[] {
  const assigned = [['environment'], ['build', 'args'], ['labels'], ['deploy', 'labels']].flatMap((keys) =>
    assignmentsOf(asWritten(service), fileText, ...keys).flatMap(({ name, scalar, value }) =>
      scalar && value !== undefined ? [{ scalar, where: `${keys.join('.')}.${name}`, name }] : [],
    ),
  );
  const commands = COMMAND_KEYS.flatMap((key) =>
    commandScalars(service, key).map((scalar) => ({ scalar, where: key, name: key })),
  );
  return [...assigned, ...commands];
}

function commandScalars(service: ComposeService, key: CommandKey): readonly YamlScalar[] {
  const value = lookup(service.effective, ...key.split('.'))?.value;
  if (value?.type === 'scalar') return [value.node];
  return value?.type === 'seq'
    ? value.items.flatMap(({ value: item }) => (item?.type === 'scalar' ? [item.node] : []))
    : [];
}

interface UrlPassword extends EmbeddedSecret {
  /** Well known, or the same as the name of the user. */
  readonly weak: boolean;
}

/** The passwords of the URLs in a value. Braces of variables are stepped over, so `:` and `@` inside do not count. */
function passwordsIn(fileText: string, scalar: YamlScalar, option: string): readonly UrlPassword[] {
  if (!scalar.value.includes('://')) return [];
  const { text, at } = embeddedIn(fileText, scalar);
  return [...text.matchAll(/[a-z][a-z0-9+.-]*:\/\//gi)].flatMap((scheme) => {
    const start = scheme.index + scheme[0].length;
    const colon = findOutsideBraces(text, start, ':');
    const end = colon < 0 ? -1 : findOutsideBraces(text, colon + 1, '@');
    if (end <= colon + 1) return [];
    const value = interpolate(text.slice(colon + 1, end)).text;
    if (!value || /^[<[{*]|^x+$|^\$/i.test(value)) return [];
    const weak = isWellKnown(value) || value === interpolate(text.slice(start, colon)).text;
    return [{ option, value, weak, scalar, span: { start: at(colon + 1), end: at(end - 1) + 1 } }];
  });
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
