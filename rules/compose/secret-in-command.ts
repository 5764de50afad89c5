import { assignmentsOf, type EnvironmentVariable } from '../../syntaxes/compose/environment.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { type CommandSecret, commandSecretsIn, labelSecretIn } from './shared/command-secrets.ts';
import { isWellKnown } from './shared/credentials.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { referenceFix } from './shared/references.ts';
import { COMMAND_KEYS, type CommandKey, commandLinesOf } from './shared/words.ts';

export const rule = defineRule({
  id: 'compose/secret-in-command',
  title: 'Credential stands in a command or a label',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /command|entrypoint|test|labels/i,
  docs: {
    why: `A password on a command line is in version control, in \`docker inspect\`, and in the process list of the container and of
the host, which any user there can read. Labels are handed to everything that may ask Docker about its containers.`,
    fix: `Let the program read the password from a file (a secret below \`/run/secrets\`) or from a variable of the container; in a
shell, \`$$NAME\` reaches the container as \`$NAME\`. At the least keep the value out of the file: \`\${NAME:?set NAME}\`. Change the old
value: it has been published.`,
    falsePositives: `Silent for variables, \`$$NAME\` and \`$$(cat …)\`, which the container puts in, for paths, and for hashes of passwords
in labels. Well-known values (\`postgres\`, \`changeme\`) are no finding in files for development.`,
    cwe: [214, 798],
    references: [
      'https://cwe.mitre.org/data/definitions/214.html',
      'https://docs.docker.com/compose/how-tos/use-secrets/',
      'https://docs.docker.com/reference/compose-file/interpolation/',
    ],
  },
  bad: [
    {
      name: 'options of servers, as a string and as a list',
      files: {
        'compose.yaml': `services:
  cache:
    image: redis:8
    command: redis-server --appendonly yes --requirepass «Kx81hQvb»
  kv:
    image: valkey/valkey:8
    command: ["valkey-server", "--requirepass", "«h7Gd2kPq»"]
  tunnel:
    image: cloudflare/cloudflared:2025.4.0
    command:
      - tunnel
      - run
      - --token=«eyJhIjoiMTIzNDU2In0»
`,
      },
      fixed: `services:
  cache:
    image: redis:8
    command: redis-server --appendonly yes --requirepass \${CACHE_PASSWORD:?set CACHE_PASSWORD}
  kv:
    image: valkey/valkey:8
    command: ["valkey-server", "--requirepass", "h7Gd2kPq"]
  tunnel:
    image: cloudflare/cloudflared:2025.4.0
    command:
      - tunnel
      - run
      - --token=eyJhIjoiMTIzNDU2In0
`,
    },
    {
      name: 'healthchecks and scripts; the password stands elsewhere in the file too',
      files: {
        'compose.yaml': `services:
  db:
    image: mysql:8.4
    environment:
      MYSQL_ROOT_PASSWORD: Kx81hQvb
    healthcheck:
      test: ["CMD", "mysqladmin", "ping", "-h", "localhost", "-uroot", "-p«Kx81hQvb»"]
  cache:
    image: redis:8
    entrypoint: ["sh", "-c"]
    command:
      - "exec redis-server --requirepass '«h7Gd2kPq»'"
    healthcheck:
      test: redis-cli -a «h7Gd2kPq» ping | grep PONG
  dump:
    image: postgres:17
    command: >
      sh -c "PGPASSWORD=«Kx81hQvb» pg_dump -h db app"
  search:
    image: elasticsearch:9.0.0
    healthcheck:
      test: ["CMD-SHELL", "curl -fsu elastic:«\${ELASTIC_PW:-Kx81hQvb}» localhost:9200 || exit 1"]
`,
      },
      fixed: `services:
  db:
    image: mysql:8.4
    environment:
      MYSQL_ROOT_PASSWORD: Kx81hQvb
    healthcheck:
      test: ["CMD", "mysqladmin", "ping", "-h", "localhost", "-uroot", "-p\${MYSQL_ROOT_PASSWORD:?set MYSQL_ROOT_PASSWORD}"]
  cache:
    image: redis:8
    entrypoint: ["sh", "-c"]
    command:
      - "exec redis-server --requirepass 'h7Gd2kPq'"
    healthcheck:
      test: redis-cli -a h7Gd2kPq ping | grep PONG
  dump:
    image: postgres:17
    command: >
      sh -c "PGPASSWORD=Kx81hQvb pg_dump -h db app"
  search:
    image: elasticsearch:9.0.0
    healthcheck:
      test: ["CMD-SHELL", "curl -fsu elastic:\${ELASTIC_PW:-Kx81hQvb} localhost:9200 || exit 1"]
`,
    },
    {
      name: 'labels, in both forms',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1.4.2
    labels:
      homepage.widget.type: grafana
      homepage.widget.password: «Kx81hQvb»
      traefik.http.middlewares.auth.basicauth.users: admin:«Kx81hQvb»
  api:
    image: ghcr.io/acme/api:1.4.2
    deploy:
      labels:
        - "traefik.http.middlewares.up.headers.customrequestheaders.Authorization=Bearer «Kx81hQvb2mZ»"
`,
      },
      fixed: `services:
  web:
    image: ghcr.io/acme/web:1.4.2
    labels:
      homepage.widget.type: grafana
      homepage.widget.password: \${WEB_PASSWORD:?set WEB_PASSWORD}
      traefik.http.middlewares.auth.basicauth.users: admin:Kx81hQvb
  api:
    image: ghcr.io/acme/api:1.4.2
    deploy:
      labels:
        - "traefik.http.middlewares.up.headers.customrequestheaders.Authorization=Bearer Kx81hQvb2mZ"
`,
    },
  ],
  good: [
    {
      name: 'variables, of Compose and of the container',
      files: {
        'compose.yaml': `services:
  cache:
    image: redis:8
    command: redis-server --requirepass \${REDIS_PASSWORD:?set REDIS_PASSWORD} --masterauth $REDIS_PASSWORD
    healthcheck:
      test: ["CMD-SHELL", "redis-cli -a $$REDIS_PASSWORD ping"]
  db:
    image: mysql:8.4
    healthcheck:
      test: mysqladmin ping -p$$(cat /run/secrets/db_root) --password="$$MYSQL_ROOT_PASSWORD"
  web:
    image: mariadb:11
    command:
      - sh
      - -c
      - |
        # mariadb -pKx81hQvb
        mariadb -p"$$(cat /run/secrets/pw)" -e "select 1"
    healthcheck:
      test: ["CMD", "mariadb-admin", "ping", "-p\${MARIADB_ROOT_PASSWORD}"]
`,
      },
    },
    {
      name: 'hashes in labels',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1.4.2
    labels:
      - "traefik.http.middlewares.auth.basicauth.users=admin:$$apr1$$H6uskkkW$$IgXLP6ewTrSuBkTrqE8wj/"
      - traefik.http.middlewares.two.basicauth.users=bob:$$2y$$05$$abcdefghijklmnopqrstuv,eve:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=
      - traefik.http.middlewares.three.basicauth.users=\${BASIC_AUTH}
      - traefik.http.middlewares.four.basicauth.usersfile=/run/secrets/users
`,
      },
    },
    {
      name: 'options that only sound so',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    command: ["postgres", "-p", "5433", "-c", "password_encryption=scram-sha-256"]
    healthcheck:
      test: ["CMD", "psql", "-p", "5433", "--no-password", "-U", "app"]
  web:
    image: ghcr.io/acme/web:1.4.2
    command: >-
      serve --max-token 4096 --password-file /run/secrets/pw --token-ttl 3600 --secret /run/secrets/key
      --credentials=/etc/app/creds.json --use-auth-token true -p 8080 -a always --enable-password
      --secret-name prod/db --password \${PW} --tls-cert cert.pem
    labels:
      com.example.token.ttl: "3600"
      traefik.enable: "true"
      traefik.http.routers.web.rule: Host(\`password.example.com\`)
  build:
    image: docker:28
    command: docker build --secret id=npm,src=.npmrc .
  llm:
    image: vllm/vllm-openai:v0.8.5
    command: ["--model", "qwen", "--api-key", "EMPTY"]
`,
      },
    },
    {
      name: 'a well-known value on a developer’s machine',
      files: {
        'compose.dev.yaml': `services:
  cache:
    image: redis:8
    command: redis-server --requirepass redis
`,
      },
    },
  ],
  check(document, context) {
    for (const key of COMMAND_KEYS) reportCommands(document, context, key);
    reportLabels(document, context);
  },
});

function reportCommands(document: Document<'compose'>, context: Context<unknown>, key: CommandKey): void {
  const pick = (service: ComposeService) =>
    commandLinesOf(document.text, service, key).flatMap((line) =>
      commandSecretsIn(line).filter(({ value }) => counts(context, value)),
    );
  const seen = new Set<number>();
  for (const service of document.tree.services) {
    for (const secret of pick(service)) {
      if (seen.has(secret.span.start)) continue;
      seen.add(secret.span.start);
      const what = key === 'healthcheck.test' ? 'healthcheck' : key;
      report(document, context, {
        service,
        secret,
        message: `The ${what} of \`${service.name}\` holds the value of \`${secret.option}\`: the process list and \`docker inspect\` show it`,
        place: `${key}[${secret.option}]`,
      });
    }
  }
}

function reportLabels(document: Document<'compose'>, context: Context<unknown>): void {
  for (const keys of [['labels'], ['deploy', 'labels'], ['build', 'labels']]) {
    const origins = eachOrigin(
      document.tree,
      (service) => assignmentsOf(service, document.text, ...keys),
      ({ offset }) => offset,
    );
    for (const { service, subject } of origins) {
      const secret = labelSecretIn(document.text, subject);
      if (!secret || !counts(context, secret.value)) continue;
      report(document, context, {
        service,
        secret,
        message: `The label \`${shortName(subject)}\` holds a credential that everybody who reads the file or asks Docker can see`,
        place: `${keys.join('.')}[${subject.name}]`,
      });
    }
  }
}

/** On a developer's machine `postgres` is no secret that could leak. */
function counts(context: Context<unknown>, value: string): boolean {
  return context.environment === 'prod' || !isWellKnown(value);
}

function shortName({ name }: EnvironmentVariable): string {
  return name.length > 60 ? `…${name.slice(-57)}` : name;
}

interface Found {
  readonly service: ComposeService;
  readonly secret: CommandSecret;
  readonly message: string;
  readonly place: string;
}

function report(
  document: Document<'compose'>,
  context: Context<unknown>,
  { service, secret, message, place }: Found,
): void {
  const sharers = document.tree.sharing.get(secret.scalar.span.start) ?? [service.name];
  const span: Span = secret.span;
  context.report({
    span,
    message: withSharers(message, sharers),
    place: `services.${service.name}.${place}`,
    fixes: () => [atOrigin(referenceFix(document, service, secret), sharers)],
  });
}
