import type { ConfigEntry } from '../../syntaxes/appconfig/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import type { YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { envNameOf } from '../core/env-names.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { scalarsOf, shortPath } from './shared/entries.ts';
import { readFromEnvironment } from './shared/env-reference.ts';
import { isSample } from './shared/files.ts';
import { reachOf } from './shared/hosts.ts';
import { isPlaceholder } from './shared/secrets.ts';

const URL_WITH_PASSWORD =
  /\b([a-z][a-z0-9+.-]{1,30}):\/\/([^\s:/@"'<>{}$]{0,100}):([^\s@/"'<>]{3,200})@([^\s:/?#"',]{1,255})/i;

export const rule = defineRule({
  id: 'config/url-credentials',
  title: 'Password is written into a URL',
  kinds: ['appconfig'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: 'A URL is what programs log when a connection fails, and show in status pages; the password goes along. In a file under version control it is known to everyone who has the repository.',
    fix: 'Replace the password and read it, or the whole URL, from the environment. The edit is offered where the file is certainly read by something that fills in `${NAME}`.',
    falsePositives:
      'References, placeholders, example files, and throw-away credentials on the same machine or in a container network, where user and password are the same, are not reported.',
    cwe: [798, 532],
    references: ['https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1'],
  },
  bad: [
    {
      name: 'a database URL',
      files: {
        'config/config.yaml': `listen: \${LISTEN:-8080}
database:
  url: postgres://shop:«s3cr3t-Pa55»@db.example.com:5432/shop
`,
      },
      fixed: `listen: \${LISTEN:-8080}
database:
  url: postgres://shop:\${DATABASE_PASSWORD}@db.example.com:5432/shop
`,
    },
    {
      name: 'without a user, in a list',
      files: { 'settings.yaml': `brokers:\n  - "redis://:«kQ9zLm27»@cache.internal:6379/0"\n` },
    },
  ],
  good: [
    {
      name: 'references',
      files: {
        'config.yaml': `a: postgres://\${USER}:\${PASSWORD}@db/app\nb: postgres://app:\${PASSWORD}@db.example.com/app\nc: postgres://app:$PASSWORD@db.example.com/app\n`,
      },
    },
    {
      name: 'placeholders',
      files: {
        'config.yaml': `a: postgres://user:password@host/db\nb: https://user:<token>@git.example.com\nc: amqp://user:changeme@mq.example.com\nd: redis://:xxxxx@cache.example.com\n`,
      },
    },
    {
      name: 'throw-away credentials',
      files: {
        'config.yaml': `a: postgres://postgres:postgres@localhost:5432/app\nb: amqp://guest:guest@rabbitmq:5672\n`,
      },
    },
    {
      name: 'no password',
      files: {
        'config.yaml': `a: https://example.com/a:b@c\nb: ssh://git@example.com:22/x\nc: postgres://app@db.example.com/app\n`,
      },
    },
    {
      name: 'an example',
      files: { 'config.example.yaml': `a: postgres://shop:s3cr3t-Pa55@db.example.com/shop\n` },
    },
  ],
  check({ text, tree }, context) {
    if (isSample(context.path)) return;
    for (const entry of tree.entries) {
      for (const [index, scalar] of scalarsOf(entry).entries()) {
        const span = passwordIn(text, scalar);
        if (!span) continue;
        context.report({
          span,
          message: `\`${shortPath(entry.path)}\` has a password in its URL, where logs and status pages show it too.`,
          place: entry.scalar ? entry.place : `${entry.place}[${index}]`,
          fixes: () => [fixOf(text, context.path, entry, span)],
        });
      }
    }
  },
});

function passwordIn(text: string, { span, tag }: YamlScalar): Span | undefined {
  if (tag !== undefined) return undefined;
  const match = URL_WITH_PASSWORD.exec(text.slice(span.start, span.end));
  if (!match) return undefined;
  const [, scheme = '', user = '', password = '', host = ''] = match;
  if (/[${}%]|^\*+$/.test(password) && !/%[0-9A-F]{2}/i.test(password)) return undefined;
  if (isPlaceholder(password) || /^(?:pass|passwd|password|pwd|secret|token|pw)$/i.test(password))
    return undefined;
  const reach = reachOf(host);
  if (
    reach === 'loopback' ||
    (user === password && reach !== 'remote') ||
    /^example\.(?:com|org|net)$/i.test(host)
  )
    return undefined;
  const start = span.start + match.index + scheme.length + 3 + user.length + 1;
  return { start, end: start + password.length };
}

/** Only the password goes: the rest of the URL is no secret. */
function fixOf(text: string, path: string, entry: ConfigEntry, span: Span): Fix | undefined {
  const { scalar } = entry;
  if (!scalar || (scalar.style === 'plain' && entry.map.flow)) return undefined;
  const whole = readFromEnvironment(text, path, entry, scalar);
  if (!whole) return undefined;
  const owner = entry.keys
    .slice(-4)
    .filter(
      (key, index, all) =>
        index < all.length - 1 ||
        !/^(?:url|uri|dsn|connection_string|connection|address|endpoint)$/.test(key),
    );
  const name = envNameOf([...owner, 'password']);
  return {
    title: `Read the password from the environment variable ${name}`,
    safety: 'review',
    edits: [{ span, text: `\${${name}}` }],
    risk: `The application cannot connect until ${name} is set where it runs, percent-encoded as in a URL.`,
  };
}
