import { secretDefinition, secretsOf } from '../../syntaxes/compose/secrets.ts';
import { defineRule } from '../core/rule.ts';

/** From so many services on a key is a master key. */
const MANY = 3;

/** Secrets that are shared by their nature: a certificate authority, the password of a database and its clients. */
const SHARED_BY_NATURE =
  /(?:^|[_.-])(?:ca|cert|certs|crt|pem|chain|db|database|postgres|pg|mysql|mariadb|mongo|redis|rabbitmq|smtp|mail)(?:[_.-]|$)/i;

export const rule = defineRule({
  id: 'compose/secret-shared',
  title: 'One secret is given to many services',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  docs: {
    why: `A key that three or more services hold is as safe as the weakest of them: whoever breaks into one can act as all, the log
does not tell which of them it was, and a rotation hits everything at once.`,
    fix: 'Make a key for each service, so that each can be revoked by itself.',
    falsePositives:
      'Silent for certificates and for passwords of databases, brokers and mail servers, which have several clients by nature.',
    cwe: [272],
    references: ['https://docs.docker.com/compose/how-tos/use-secrets/'],
  },
  bad: [
    {
      name: 'an API key of a whole stack',
      files: {
        'compose.yaml': `services:
  aidb:
    image: ghcr.io/acme/aidb:2
    secrets: [stack_api_key]
  embeddings:
    image: ghcr.io/acme/embeddings:2
    secrets:
      - source: stack_api_key
        mode: 0400
  hybrid:
    image: ghcr.io/acme/hybrid:2
    secrets: [stack_api_key]
secrets:
  «stack_api_key»:
    file: ./secrets/stack_api_key
`,
      },
    },
  ],
  good: [
    {
      name: 'two services, and a third that has one of the same name in a comment',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    secrets: [token]
  app:
    image: ghcr.io/acme/app:1
    secrets: [token]
  tool:
    image: ghcr.io/acme/tool:1
    # secrets: [token]
secrets:
  token: {file: ./token.txt}
`,
      },
    },
    {
      name: 'two services, a database password, a certificate',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:2
    secrets: [pair_key, db_password, ca_cert]
  b:
    image: ghcr.io/acme/b:2
    secrets: [pair_key, db_password, ca_cert]
  c:
    image: ghcr.io/acme/c:2
    secrets: [db_password, ca_cert]
secrets:
  pair_key:
    file: ./pair
  db_password:
    file: ./db
  ca_cert:
    file: ./ca.pem
`,
      },
    },
  ],
  check(document, context) {
    const users = new Map<string, Set<string>>();
    for (const service of document.tree.services) {
      for (const { name } of secretsOf(service))
        users.set(name, (users.get(name) ?? new Set()).add(service.name));
    }
    for (const [name, services] of users) {
      const definition = secretDefinition(document.tree, name);
      if (services.size < MANY || !definition || SHARED_BY_NATURE.test(name)) continue;
      context.report({
        span: definition.key.span,
        message: `Secret \`${name}\` is given to ${services.size} services: whoever breaks into one of them can act as all.`,
        place: `secrets.${name}`,
      });
    }
  },
});
