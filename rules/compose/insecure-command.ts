import { imageOf, type Word, wordsOf } from '../../syntaxes/compose/service.ts';
import { type ComposeService, itemsAt } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { removeItem } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

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
    command: «redis-server --protected-mode no»
  vault:
    image: hashicorp/vault:1.19
    command: ["server", «"-dev"»]
`,
      },
    },
  ],
  good: [
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
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      insecureWords,
      ({ word }) => word.scalar.span.start,
    )) {
      const { word, what } = subject;
      context.report({
        span: word.scalar.span,
        message: withSharers(`\`${word.text}\` of \`${service.name}\` ${what}`, sharers),
        place: `services.${service.name}.command[${word.text}]`,
        fixes: () => [atOrigin(fixFor(document, service, subject), sharers)],
      });
    }
  },
});

interface InsecureWord {
  readonly word: Word;
  readonly what: string;
  readonly withNext: boolean;
}

function insecureWords(service: ComposeService): readonly InsecureWord[] {
  const image = imageOf(service) ?? '';
  const words = wordsOf(service, 'command') ?? [];
  return words.flatMap((word, index) => {
    const flag = FLAGS.find(
      ({ word: pattern, next, image: wanted }) =>
        pattern.test(word.text) &&
        (!next || next.test(words[index + 1]?.text ?? '')) &&
        (!wanted || wanted.test(image)),
    );
    return flag ? [{ word, what: flag.what, withNext: flag.next !== undefined }] : [];
  });
}

/** Only an item of its own can be taken out; a part of a command line is left to a person. */
function fixFor(
  document: Document<'compose'>,
  service: ComposeService,
  { word, withNext }: InsecureWord,
): Fix | undefined {
  const item = itemsAt(service.effective, 'command').find(({ node }) => node === word.scalar);
  if (!item || withNext || word.text === '-dev') return undefined;
  return fixOf(removeItem(document.text, item.seq, item.index), {
    title: `Delete ${word.text}`,
    safety: 'review',
    risk: 'Clients need a login, or another way to this API, then.',
  });
}
