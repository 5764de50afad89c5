import { walkPairs, type YamlMap, type YamlPair } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { isComputed } from './shared/loading.ts';

export const rule = defineRule({
  id: 'prometheus/inline-secret',
  title: 'Secret stands in the Prometheus configuration',
  kinds: ['prometheus-config'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `The configuration is checked in, mounted and read by many; a password or token in it is known to all of them.
Prometheus puts no environment variables in, so teams tend to write the value itself.`,
    fix: 'Put the secret into a file that only Prometheus reads, and name it with the `…_file` key of the same setting.',
    falsePositives: 'Placeholders such as `<password>` and shell variables are left alone.',
    cwe: [798, 312],
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config',
      'https://prometheus.io/docs/operating/security/#secrets',
    ],
  },
  bad: [
    {
      name: 'a password',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: app
    basic_auth:
      username: prometheus
      «password»: correct-horse-battery
    static_configs:
      - targets: [app:8000]
`,
      },
      fixed: `scrape_configs:
  - job_name: app
    basic_auth:
      username: prometheus
      password_file: /run/secrets/prometheus_password
    static_configs:
      - targets: [app:8000]
`,
    },
    {
      name: 'tokens of several sorts',
      files: {
        'prometheus.yml': `remote_write:
  - url: https://metrics.example.com/push
    authorization:
      «credentials»: "eyJhbGciOi"
  - url: https://other.example.com/push
    oauth2:
      client_id: prometheus
      «client_secret»: 9d8f7a
      token_url: https://login.example.com/token
scrape_configs:
  - job_name: app
    «bearer_token»: abc123
`,
      },
      fixed: `remote_write:
  - url: https://metrics.example.com/push
    authorization:
      credentials_file: "/run/secrets/prometheus_credentials"
  - url: https://other.example.com/push
    oauth2:
      client_id: prometheus
      client_secret: 9d8f7a
      token_url: https://login.example.com/token
scrape_configs:
  - job_name: app
    bearer_token: abc123
`,
    },
  ],
  good: [
    {
      name: 'files',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: app
    basic_auth:
      username: prometheus
      password_file: /run/secrets/password
    bearer_token_file: /var/run/secrets/token
`,
      },
    },
    {
      name: 'placeholders, and a module of an exporter with such a name',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: app
    basic_auth:
      username: prometheus
      password: <password>
  - job_name: b
    basic_auth: {username: u, password: "\${PASSWORD}"}
    params:
      password: [x]
  - job_name: c
    basic_auth:
      username: u
      password: ""
`,
      },
    },
  ],
  check({ tree }, context) {
    walkPairs(tree.root, (pair, path, parent) => {
      if (!isInlineSecret(pair, path)) return;
      context.report({
        span: pair.key.span,
        message: `\`${pair.key.value}\` holds the secret itself, which everyone with the file can read.`,
        place: [...path, pair.key.value].join('.'),
        fixes: () => [fileFix(parent, pair)],
      });
    });
  },
});

/** The settings that take a secret, by the key above them; all have a `_file` beside them. */
const SECRETS: Readonly<Record<string, RegExp>> = {
  password: /^basic_auth$/,
  credentials: /^authorization$/,
  client_secret: /^oauth2$/,
  bearer_token: /./,
};

function isInlineSecret({ key, value }: YamlPair, path: readonly string[]): boolean {
  const above = SECRETS[key.value];
  if (!above?.test(path.at(-1) ?? '') || value?.type !== 'scalar') return false;
  const text = value.value.trim();
  return (
    text !== '' && text !== 'null' && !isComputed(text) && !/^(?:<.*>|\*+|x{3,}|__.*__|\[.*\])$/i.test(text)
  );
}

function fileFix(map: YamlMap, { key, value }: YamlPair): Fix | undefined {
  const name = `${key.value}_file`;
  if (value?.type !== 'scalar' || map.pairs.some((pair) => pair.key.value === name)) return undefined;
  const path = `/run/secrets/prometheus_${key.value}`;
  const edits = [setScalar(key, name), setScalar(value, path)].flatMap((edit) => edit ?? []);
  if (edits.length !== 2) return undefined;
  return {
    title: `Read it from \`${path}\``,
    safety: 'review',
    edits,
    risk: 'The file has to be there, readable by Prometheus, and hold the secret; change the secret, since it was in this file.',
    verify: 'promtool check config',
  };
}
