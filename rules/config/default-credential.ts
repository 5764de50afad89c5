import { settingOf } from '../../syntaxes/appconfig/placeholder.ts';
import type { ConfigEntry } from '../../syntaxes/appconfig/tree.ts';
import { defineRule } from '../core/rule.ts';
import { shortPath } from './shared/entries.ts';
import { readFromEnvironment } from './shared/env-reference.ts';
import { isSample } from './shared/files.ts';
import { reachBeside } from './shared/hosts.ts';
import { type SecretSetting, secretSettings } from './shared/secrets.ts';

/** Passwords that products come with, and those that every list of guesses starts with. */
const WELL_KNOWN: ReadonlySet<string> = new Set(
  (
    'admin administrator root toor postgres mysql mongo mongodb redis rabbitmq guest minio minioadmin grafana elastic sa sysdba oracle ' +
    'password passw0rd p@ssw0rd pass secret default user test1234 letmein welcome qwerty nacos sonar keycloak kong airflow superset ' +
    '1234 12345 123456 1234567 12345678 123456789 1234567890 111111 000000 admin123 admin1234 root123 password1 password123 abc123 abcd1234 123456abc'
  ).split(' '),
);

export const rule = defineRule({
  id: 'config/default-credential',
  title: 'Password is a well-known default',
  kinds: ['appconfig'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: 'Default passwords are the first that a scanner tries, and the password that is the same as the user name is the second. Whoever reaches the port is in.',
    fix: 'Generate a password (`openssl rand -base64 24`), set it where the service runs, and read it from the environment here.',
    falsePositives:
      'Not reported: values that only name a type (`String`), that repeat their key (a translation), that are written in capitals (a placeholder), and services on the same machine.',
    cwe: [1392, 521],
    references: ['https://cwe.mitre.org/data/definitions/1392.html'],
  },
  bad: [
    {
      name: 'a password that every scanner tries',
      files: {
        'src/main/resources/application.yml': `spring:
  rabbitmq:
    host: rabbitmq
    username: guest
    password: «guest»
`,
      },
      fixed: `spring:
  rabbitmq:
    host: rabbitmq
    username: guest
    password: \${SPRING_RABBITMQ_PASSWORD}
`,
    },
    {
      name: 'the same as the user name; no word that is known',
      files: {
        'config.yaml': `database:\n  host: db.internal\n  user: warehouse\n  password: '«warehouse»'\n`,
      },
    },
  ],
  good: [
    {
      name: 'from the environment',
      files: {
        'config.yaml': `db:\n  user: app\n  password: \${DB_PASSWORD}\nmq:\n  password: \${MQ_PASSWORD:guest}\n`,
      },
    },
    {
      name: 'types, keys that repeat themselves, placeholders in capitals',
      files: {
        'config.yaml': `fields:\n  password: String\n  secret: string\nlabels:\n  password: Password\n  token: TOKEN\n  secret: SECRET\n`,
      },
    },
    {
      name: 'on the same machine',
      files: {
        'config.yaml': `db:\n  host: 127.0.0.1\n  user: root\n  password: root\ncache:\n  url: redis://localhost:6379\n  password: redis\n`,
      },
    },
    { name: 'a developer’s file', files: { 'application-dev.yml': `db:\n  password: 123456\n` } },
    { name: 'an example', files: { 'config.sample.yaml': `db:\n  password: admin\n` } },
    {
      name: 'about a password',
      files: {
        'config.yaml': `auth:\n  password_encoder: default\n  token_type: default\n  secret_name: postgres\n`,
      },
    },
  ],
  check({ text, tree }, context) {
    if (isSample(context.path)) return;
    for (const setting of secretSettings(text, tree.entries)) {
      const { entry, value, span } = setting;
      if (setting.variable !== undefined) continue;
      const user = userBeside(text, entry);
      if (!isGuessable(setting, user) || reachBeside(text, entry) === 'loopback') continue;
      const what = value === user ? 'the same as the user name' : 'a well-known default';
      context.report({
        span,
        message: `\`${shortPath(entry.path)}\` is ${what}: whoever reaches the service can log in.`,
        place: entry.place,
        fixes: () => [entry.scalar && readFromEnvironment(text, context.path, entry, entry.scalar)],
      });
    }
  },
});

function isGuessable({ entry, value }: SecretSetting, user: string | undefined): boolean {
  if (/^(?:string|number|boolean|[A-Z][A-Z_]*)$/i.test(value) && !/^[a-z]+$/.test(value)) return false;
  if (/^(?:string|number|boolean)$/.test(value)) return false;
  if (value === user) return value.length > 2;
  // `password: password` is a translation or a schema, unless a user stands beside it.
  if (value.toLowerCase() === entry.pair.key.value.toLowerCase()) return user !== undefined;
  return WELL_KNOWN.has(value);
}

function userBeside(text: string, entry: ConfigEntry): string | undefined {
  const user = entry.siblings.find(
    ({ key, scalar }) => scalar && /^(?:\w+_)?(?:user|username|user_name|login|login_username)$/.test(key),
  );
  const setting = user?.scalar && settingOf(text, user.scalar);
  return setting?.type === 'literal' ? setting.value : undefined;
}
