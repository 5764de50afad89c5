import { type EnvironmentVariable, environmentOf } from '../../syntaxes/compose/environment.ts';
import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { judgedServices } from './shared/absence.ts';
import { fixOf } from './shared/fixes.ts';
import { openStore, withPassword } from './shared/no-login.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { removeVariable } from './shared/variables.ts';

const ON = /^(?:1|true|yes|on)$/i;
const OFF = /^(?:0|false|no|off)$/i;

/** Variables of well-known images that switch the login off, and the value that does so. */
const SWITCHES: readonly { readonly name: RegExp; readonly value: RegExp; readonly what: string }[] = [
  { name: /^POSTGRES_HOST_AUTH_METHOD$/, value: /^trust$/i, what: 'lets everybody in without a password' },
  // The images of MySQL and MariaDB take any value but an empty one for a yes.
  {
    name: /^(?:MYSQL|MARIADB)_ALLOW_EMPTY_(?:ROOT_)?PASSWORD$/,
    value: /^(?!0$|no$|false$)./i,
    what: 'lets root in without a password',
  },
  { name: /(?:^|_)ALLOW_EMPTY_PASSWORD$/, value: ON, what: 'lets everybody in without a password' },
  { name: /(?:^|_)ALLOW_ANONYMOUS_LOGIN$/, value: ON, what: 'lets everybody in without a login' },
  { name: /^xpack\.security\.enabled$/i, value: OFF, what: 'switches logins and TLS of Elasticsearch off' },
  {
    name: /^(?:DISABLE_SECURITY_PLUGIN|plugins\.security\.disabled)$/,
    value: ON,
    what: 'switches the security of OpenSearch off',
  },
  { name: /^NEO4J_AUTH$/, value: /^none$/i, what: 'lets everybody in without a login' },
  { name: /^AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED$/, value: ON, what: 'lets everybody in without a login' },
  { name: /^INFLUXDB_HTTP_AUTH_ENABLED$/, value: OFF, what: 'lets everybody into InfluxDB without a login' },
  {
    name: /^(?:ME_CONFIG_BASICAUTH|PGADMIN_CONFIG_SERVER_MODE|WEBUI_AUTH)$/,
    value: OFF,
    what: 'switches the login off',
  },
  { name: /^(?:\w+_)?DISABLE_AUTH(?:ENTICATION)?$/, value: ON, what: 'switches the login off' },
  {
    name: /^GF_AUTH_ANONYMOUS_ORG_ROLE$/,
    value: /^(?:admin|editor)$/i,
    what: 'gives visitors without a login the right to change everything',
  },
];

export const rule = defineRule({
  id: 'compose/auth-disabled',
  title: 'Login is switched off',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /environment|ports|extends/,
  docs: {
    why: `Without a login whoever reaches the port owns the data: another container of the network, a request that a web service is
talked into (SSRF), or the internet once the port is published.`,
    fix: 'Delete the variable and set a password from a secret. A database that exists already keeps its users: change them there.',
    falsePositives: `Silent in files for development and tests. Grafana is reported only where visitors may edit. Redis, Valkey and
MongoDB ask for no password by themselves: they are reported only where their port is published on every address, and where no option,
variable or file of settings may switch a login on.`,
    cwe: [306],
    references: [
      'https://hub.docker.com/_/postgres',
      'https://hub.docker.com/_/mysql',
      'https://www.elastic.co/docs/reference/elasticsearch/configuration-reference/security-settings',
    ],
  },
  bad: [
    {
      name: 'postgres without passwords, mysql with an empty one',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_DB: app
      POSTGRES_HOST_AUTH_METHOD: «trust»
  legacy:
    image: mysql:8.4
    environment:
      - MYSQL_DATABASE=app
      - MYSQL_ALLOW_EMPTY_PASSWORD=«1»
`,
      },
      fixed: `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_DB: app
  legacy:
    image: mysql:8.4
    environment:
      - MYSQL_DATABASE=app
      - MYSQL_ALLOW_EMPTY_PASSWORD=1
`,
    },
    {
      name: 'search without security, an editor without a login',
      files: {
        'compose.yaml': `services:
  search:
    image: docker.elastic.co/elasticsearch/elasticsearch:9.0.0
    environment:
      - discovery.type=single-node
      - "xpack.security.enabled=«false»"
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_AUTH_ANONYMOUS_ENABLED: "true"
      GF_AUTH_ANONYMOUS_ORG_ROLE: «Admin»
`,
      },
      fixed: `services:
  search:
    image: docker.elastic.co/elasticsearch/elasticsearch:9.0.0
    environment:
      - discovery.type=single-node
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_AUTH_ANONYMOUS_ENABLED: "true"
      GF_AUTH_ANONYMOUS_ORG_ROLE: Admin
`,
    },
    {
      name: 'databases that ask for no password by themselves, published',
      files: {
        'compose.yaml': `services:
  «cache»:
    image: redis:8-alpine
    ports: ["6379:6379"]
  «docs»:
    image: mongo:8
    command: ["mongod", "--bind_ip_all"]
    ports:
      - target: 27017
        published: "27017"
`,
      },
      fixed: `services:
  cache:
    image: redis:8-alpine
    command: redis-server --requirepass \${REDIS_PASSWORD:?set REDIS_PASSWORD}
    ports: ["6379:6379"]
  docs:
    image: mongo:8
    command: ["mongod", "--bind_ip_all"]
    ports:
      - target: 27017
        published: "27017"
`,
    },
  ],
  good: [
    {
      name: 'databases that are not published, have a login, or may have one',
      files: {
        'compose.yaml': `services:
  inside:
    image: redis:8
  loopback:
    image: redis:8
    ports: ["127.0.0.1:6379:6379"]
  password:
    image: redis:8
    command: redis-server --requirepass \${REDIS_PASSWORD:?}
    ports: ["6379:6379"]
  settings:
    image: valkey/valkey:8
    command: ["valkey-server", "/etc/valkey/valkey.conf"]
    ports: ["6380:6379"]
  mounted:
    image: redis:8
    volumes: ["./redis.conf:/usr/local/etc/redis/redis.conf"]
    ports: ["6381:6379"]
  docs:
    image: mongo:8
    environment:
      MONGO_INITDB_ROOT_USERNAME: app
      MONGO_INITDB_ROOT_PASSWORD:
    ports: ["27017:27017"]
  script:
    image: redis:8
    command: sh -c "redis-server $$ARGS"
    ports: ["6382:6379"]
  other:
    image: ghcr.io/acme/redis:1
    ports: ["6383:6379"]
`,
      },
    },
    {
      name: 'logins that are on, and variables',
      files: {
        'compose.yaml': `services:
  a:
    image: postgres:17
    environment:
      POSTGRES_HOST_AUTH_METHOD: scram-sha-256
      ALLOW_EMPTY_PASSWORD: "no"
      MYSQL_ALLOW_EMPTY_PASSWORD: ""
      NEO4J_AUTH: \${NEO4J_AUTH}
      xpack.security.enabled: "true"
      GF_AUTH_ANONYMOUS_ENABLED: "true"
      GF_AUTH_ANONYMOUS_ORG_ROLE: Viewer
`,
      },
    },
    {
      name: 'a role for visitors, who are not let in',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_AUTH_ANONYMOUS_ORG_ROLE: Admin
`,
      },
    },
    {
      name: 'a file for tests',
      files: {
        'compose.test.yaml': `services:\n  db:\n    image: postgres:17\n    environment: [POSTGRES_HOST_AUTH_METHOD=trust]\n`,
      },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, ['command', 'environment', 'env_file'])) {
      const store = openStore(document, service);
      if (!store) continue;
      context.report({
        span: service.key.span,
        message: `\`${service.name}\` publishes ${store.product} without a password: whoever reaches the port owns its data.`,
        place: `services.${service.name}.login`,
        fixes: () => [withPassword(document, service, store)],
      });
    }
    const pick = (service: ComposeService) => openLogins(document, service);
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      pick,
      ({ variable }) => variable.offset,
    )) {
      const { variable, what } = subject;
      if (!variable.valueSpan) continue;
      context.report({
        span: variable.valueSpan,
        message: withSharers(
          `\`${variable.name}\` ${what}: whoever reaches \`${service.name}\` owns its data`,
          sharers,
        ),
        place: `services.${service.name}.environment.${variable.name}`,
        // Without the role visitors may still look.
        ...(variable.name === 'GF_AUTH_ANONYMOUS_ORG_ROLE' && {
          covers: [
            `grafana/anonymous-enabled services.${service.name}.environment.GF_AUTH_ANONYMOUS_ENABLED`,
          ],
        }),
        fixes: () => {
          const fix = fixOf(removeVariable(document.text, service, variable), {
            title: `Delete ${variable.name}`,
            safety: 'review',
            risk: 'The service needs a password then, and so do its clients.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

interface OpenLogin {
  readonly variable: EnvironmentVariable;
  readonly what: string;
}

function openLogins(document: Document<'compose'>, service: ComposeService): readonly OpenLogin[] {
  const variables = environmentOf(service, document.text);
  const knownValue = (variable: EnvironmentVariable) =>
    variable.value === undefined ? undefined : interpolate(variable.value).text?.trim();
  return variables.flatMap((variable) => {
    const value = knownValue(variable);
    if (value === undefined) return [];
    const found = SWITCHES.find(
      ({ name, value: pattern }) => name.test(variable.name) && pattern.test(value),
    );
    if (!found) return [];
    const anonymous = variables.find(({ name }) => name === 'GF_AUTH_ANONYMOUS_ENABLED');
    if (
      variable.name === 'GF_AUTH_ANONYMOUS_ORG_ROLE' &&
      !ON.test((anonymous && knownValue(anonymous)) ?? '')
    )
      return [];
    return [{ variable, what: found.what }];
  });
}
