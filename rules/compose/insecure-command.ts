import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { imageOf } from '../../syntaxes/compose/service.ts';
import { type ComposeService, type EffectiveItem, itemsAt } from '../../syntaxes/compose/tree.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { removeItem } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, withSharers } from './shared/origin.ts';
import { commandLinesOf, type PlacedWord } from './shared/words.ts';

interface Flag {
  readonly word: RegExp;
  /** The word behind it, where the flag takes one. */
  readonly next?: RegExp;
  /** For flags that mean something else elsewhere. */
  readonly image?: RegExp;
  readonly what: string;
}

const FLAGS: readonly Flag[] = [
  { word: /^--api\.insecure(?:=true)?$/i, what: 'opens the dashboard and API of Traefik without a login' },
  { word: /^--protected-mode$/, next: /^no$/i, what: 'lets everybody into Redis without a password' },
  { word: /^--protected-mode[= ]no$/i, what: 'lets everybody into Redis without a password' },
  { word: /^--web\.enable-admin-api$/, what: 'lets everybody delete the metrics of Prometheus' },
  { word: /^--skip-grant-tables$/, what: 'switches all logins of the database off' },
  { word: /^--noauth$/, image: /mongo/, what: 'switches all logins of MongoDB off' },
  {
    word: /^-dev$/,
    image: /(?:^|\/)(?:vault|openbao|consul)(?::|@|$)/,
    what: 'runs a server for trying out, without TLS or storage',
  },
  { word: /^--insecure(?:=true)?$/, image: /cockroach/, what: 'switches logins and TLS of CockroachDB off' },
  {
    word: /^--(?:NotebookApp|ServerApp|IdentityProvider)\.(?:token|password)=(?:''|"")?$/,
    what: 'lets everybody run code in Jupyter',
  },
];

export const rule = defineRule({
  id: 'compose/insecure-command',
  title: 'Command switches a protection off',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /command|entrypoint/,
  docs: {
    why: 'Some flags are made for a first try on a laptop: they open an API without a login or switch the access control off.',
    fix: 'Delete the flag and configure the login that the program offers.',
    falsePositives: 'Silent in files for development and tests.',
    cwe: [489, 306],
    references: [
      'https://doc.traefik.io/traefik/operations/api/#insecure',
      'https://redis.io/docs/latest/operate/oss_and_stack/management/security/',
      'https://prometheus.io/docs/operating/security/',
    ],
  },
  bad: [
    {
      name: 'a list',
      files: {
        'compose.yaml': `services:
  traefik:
    image: traefik:v3.4
    command:
      - --providers.docker=true
      - «--api.insecure=true»
      - --entrypoints.web.address=:80
`,
      },
      fixed: `services:
  traefik:
    image: traefik:v3.4
    command:
      - --providers.docker=true
      - --entrypoints.web.address=:80
`,
    },
    {
      name: 'a string, and a flag with a value',
      files: {
        'compose.yaml': `services:
  cache:
    image: redis:8
    command: redis-server «--protected-mode no» --appendonly yes
  vault:
    image: hashicorp/vault:1.19
    command: ["server", "«-dev»"]
`,
      },
      fixed: `services:
  cache:
    image: redis:8
    command: redis-server --appendonly yes
  vault:
    image: hashicorp/vault:1.19
    command: ["server", "-dev"]
`,
    },
    {
      name: 'several flags in one line, a script, an entrypoint, and a flag with its value in a list',
      files: {
        'compose.yaml': `services:
  traefik:
    image: traefik:v3.4
    command: >-
      --providers.docker
      «--api.insecure»
      --serversTransport.maxIdleConnsPerHost=7
  cache:
    image: valkey/valkey:8
    command: ["valkey-server", "«--protected-mode", "no»", "--appendonly", "yes"]
  db:
    image: mysql:8.4
    entrypoint: ["sh", "-c", "exec docker-entrypoint.sh mysqld «--skip-grant-tables» --user=mysql"]
  notebook:
    image: quay.io/jupyter/base-notebook:2025-04-01
    command: start-notebook.py «--IdentityProvider.token=»'' «--ServerApp.password=»''
`,
      },
      fixed: `services:
  traefik:
    image: traefik:v3.4
    command: >-
      --providers.docker
      --serversTransport.maxIdleConnsPerHost=7
  cache:
    image: valkey/valkey:8
    command: ["valkey-server", "--protected-mode", "no", "--appendonly", "yes"]
  db:
    image: mysql:8.4
    entrypoint: ["sh", "-c", "exec docker-entrypoint.sh mysqld --skip-grant-tables --user=mysql"]
  notebook:
    image: quay.io/jupyter/base-notebook:2025-04-01
    command: start-notebook.py --IdentityProvider.token='' --ServerApp.password=''
`,
    },
  ],
  good: [
    {
      name: 'the same options, switched off',
      files: {
        'compose.yaml': `services:
  proxy:
    image: traefik:3.5
    command: [--api.insecure=false, --api.dashboard=true]
  cache:
    image: redis:8
    command: redis-server --protected-mode yes --requirepass \${REDIS_PASSWORD}
`,
      },
    },
    {
      name: 'the protections stay on',
      files: {
        'compose.yaml': `services:
  traefik:
    image: traefik:v3.4
    command: [--api.insecure=false, --api.dashboard=true]
  cache:
    image: redis:8
    command: redis-server --protected-mode yes --requirepass \${REDIS_PASSWORD}
  app:
    image: ghcr.io/acme/app:1
    command: ["serve", "-dev", "--insecure"]
`,
      },
    },
  ],
  check(document, context) {
    const seen = new Set<number>();
    for (const service of document.tree.services) {
      for (const found of insecureWords(document.text, service)) {
        const { word, last, what, key } = found;
        const span = { start: word.span().start, end: last.span().end };
        if (seen.has(span.start)) continue;
        seen.add(span.start);
        const sharers = document.tree.sharing.get(word.scalar.span.start) ?? [service.name];
        context.report({
          span,
          message: withSharers(`\`${word.text}\` of \`${service.name}\` ${what}`, sharers),
          place: `services.${service.name}.${key}[${word.text}]`,
          fixes: () => [atOrigin(fixFor(document.text, service, found), sharers)],
        });
      }
    }
  },
});

interface InsecureWord {
  readonly key: 'command' | 'entrypoint';
  readonly word: PlacedWord;
  /** The word behind it, where that is its value; else the same word. */
  readonly last: PlacedWord;
  readonly what: string;
}

function insecureWords(fileText: string, service: ComposeService): readonly InsecureWord[] {
  const image = imageOf(service) ?? '';
  return (['entrypoint', 'command'] as const).flatMap((key) =>
    commandLinesOf(fileText, service, key).flatMap((line) =>
      line.flatMap((word, index) => {
        const next = line[index + 1];
        const flag = FLAGS.find(
          (each) =>
            each.word.test(textOf(word)) &&
            (!each.next || (next && each.next.test(textOf(next)))) &&
            (!each.image || each.image.test(image)),
        );
        return flag ? [{ key, word, last: flag.next && next ? next : word, what: flag.what }] : [];
      }),
    ),
  );
}

/** With the defaults of variables put in. */
function textOf({ text }: PlacedWord): string {
  return interpolate(text).pattern;
}

/** Items of their own are taken out of the list, words of a line with the space before them. */
function fixFor(text: string, service: ComposeService, { key, word, last }: InsecureWord): Fix | undefined {
  if (word.text === '-dev') return undefined;
  const fix = {
    title: `Delete ${word.text}${last === word ? '' : ` ${last.text}`}`,
    safety: 'review',
    risk: 'Clients need a login, or another way to this API, then.',
  } as const;
  const items = itemsAt(service.effective, key);
  const item = items.find(({ node }) => node === word.scalar);
  if (item && !word.inShell) {
    if (last === word) return fixOf(removeItem(text, item.seq, item.index), fix);
    const following = items.find(({ node }) => node === last.scalar);
    return following && item.seq === following.seq
      ? fixOf(removeBoth(text, item, following), fix)
      : undefined;
  }
  const { start } = word.span();
  const space = /\s+$/.exec(text.slice(word.scalar.span.start, start))?.[0];
  const { end } = last.span();
  // An empty value in quotes ends behind them.
  const quotes = /^(?:''|"")(?=\s|$)/.exec(text.slice(end, end + 3))?.[0] ?? '';
  return space === undefined
    ? undefined
    : fixOf({ span: { start: start - space.length, end: end + quotes.length }, text: '' }, fix);
}

/** Two items that stand one after the other. */
function removeBoth(
  text: string,
  first: EffectiveItem,
  second: EffectiveItem,
): readonly (Edit | undefined)[] {
  return [removeItem(text, first.seq, first.index), removeItem(text, second.seq, second.index)];
}
