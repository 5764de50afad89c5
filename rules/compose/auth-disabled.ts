import { type EnvironmentVariable, environmentOf } from '../../syntaxes/compose/environment.ts';
import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { removeItem } from '../core/yaml-edits.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

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
  docs: {
    why: `Without a login whoever reaches the port owns the data: another container of the network, a request that a web service is
talked into (SSRF), or the internet once the port is published.`,
    fix: 'Delete the variable and set a password from a secret. A database that exists already keeps its users: change them there.',
    falsePositives:
      'Silent in files for development and tests. Grafana is reported only where visitors may edit.',
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
  ],
  good: [
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
        fixes: () => [atOrigin(removeVariable(document.text, variable), sharers)],
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

function removeVariable(text: string, { name, entry, item }: EnvironmentVariable): Fix | undefined {
  const edit = entry ? removeEntry(text, entry) : item && removeItem(text, item.seq, item.index);
  return fixOf(edit, {
    title: `Delete ${name}`,
    safety: 'review',
    risk: 'The service needs a password then, and so do its clients.',
  });
}
