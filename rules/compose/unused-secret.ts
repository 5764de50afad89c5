import { isSplit } from '../../syntaxes/compose/project.ts';
import { secretsOf } from '../../syntaxes/compose/secrets.ts';
import { type ComposeService, itemsAt, scalarAt } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { dirname } from '../../syntaxes/uri.ts';
import { asMap, pairOf, type YamlPair } from '../../syntaxes/yaml/tree.ts';
import { type Context, defineRule, type Edit } from '../core/rule.ts';
import { removePair } from '../core/yaml-edits.ts';
import { composeSecretUses } from '../facts/compose-secret-uses.ts';
import { fixOf } from './shared/fixes.ts';

export const rule = defineRule({
  id: 'compose/unused-secret',
  title: 'Secret is granted to no service',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  mentions: /secrets/,
  docs: {
    why: `A secret that no service gets is a leftover: its file or variable is still looked after, rotated and leaked for nothing, or a
service was meant to get it and does not.`,
    fix: 'Delete the definition, or grant the secret to the service that needs it. Delete the file behind it too.',
    falsePositives: `Silent where a service or the build of one may use it in a part that is not known: an \`extends\` that leads out of
the workspace, a name with a variable, another file of the workspace that uses a secret of this name.`,
    references: ['https://docs.docker.com/reference/compose-file/secrets/'],
  },
  bad: [
    {
      name: 'one of two',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    secrets: [db_password]
secrets:
  db_password:
    file: ./db_password.txt
  «old_password»:
    file: ./old_password.txt
`,
      },
      fixed: `services:
  db:
    image: postgres:17
    secrets: [db_password]
secrets:
  db_password:
    file: ./db_password.txt
`,
    },
    {
      name: 'the only one goes with its key',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
secrets:
  «"db_password"»:
    environment: DB_PASSWORD
volumes:
  data: {}
`,
      },
      fixed: `services:
  db:
    image: postgres:17
volumes:
  data: {}
`,
    },
    {
      name: 'flow style, and a secret from outside',
      files: {
        'compose.yaml': `services:
  db: { image: "postgres:17", secrets: [{ source: a, target: b }] }
secrets: { a: { file: ./a }, «b»: { external: true } }
`,
      },
      fixed: `services:
  db: { image: "postgres:17", secrets: [{ source: a, target: b }] }
secrets: { a: { file: ./a } }
`,
    },
  ],
  good: [
    {
      name: 'a service in a second document of the file uses it',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
secrets:
  key: { file: ./key }
---
services:
  b:
    image: ghcr.io/acme/b:1
    secrets: [key]
`,
      },
    },
    {
      name: 'a service, a build, an anchor and an extended service use them',
      files: {
        'compose.yaml': `x-common: &common
  secrets: [common_key]
services:
  base:
    image: ghcr.io/acme/base:1
    secrets: [base_key]
  web:
    <<: *common
    extends: base
    build:
      context: .
      secrets:
        - npm_token
        - source: pip_token
secrets:
  common_key: { file: ./a }
  base_key: { file: ./b }
  npm_token: { environment: NPM_TOKEN }
  pip_token: { environment: PIP_TOKEN }
`,
      },
    },
    {
      name: 'the override file uses it',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
secrets:
  db_password:
    file: ./db_password.txt
`,
        'compose.override.yaml': `services:
  db:
    secrets: [db_password]
`,
      },
    },
    {
      name: 'another file of the stack uses it',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
secrets:
  db_password:
    file: ./db_password.txt
`,
        'compose.prod.yaml': `services:
  db:
    secrets:
      - source: db_password
        target: pw
`,
      },
    },
    {
      name: 'what uses it is not known',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    secrets: ["\${DB_SECRET}"]
secrets:
  db_password:
    file: ./db_password.txt
`,
      },
    },
    {
      name: 'a service of a file that is not here',
      files: {
        'compose.yaml': `services:
  db:
    extends:
      file: ../elsewhere/common.yaml
      service: db
secrets:
  db_password:
    file: ./db_password.txt
`,
      },
    },
  ],
  check(document, context) {
    const section = pairOf(document.tree.root, 'secrets');
    const map = asMap(section?.value);
    if (!map || section?.value?.type === 'alias' || isSplit(document.tree.file)) return;
    const services = [...document.tree.services, ...document.tree.project.services.values()];
    if (services.length === 0 || services.some((service) => !service.complete)) return;
    const used = new Set(services.flatMap(namesUsedBy));
    if ([...used].some((name) => name.includes('$')) || map.pairs.some(({ key }) => key.value === '<<'))
      return;
    for (const pair of map.pairs) {
      const name = pair.key.value;
      if (used.has(name) || name.startsWith('x-') || usedElsewhere(document, context, name)) continue;
      context.report({
        span: pair.key.span,
        message: `No service gets the secret \`${name}\`: it is looked after for nothing, or a service lacks it.`,
        place: `secrets.${name}`,
        fixes: () => [
          fixOf(removal(document, pair), {
            title: `Delete the secret ${name}`,
            safety: 'review',
            risk: 'Files that are passed with `-f` and are not in this workspace may use it.',
          }),
        ],
      });
    }
  },
});

/** The secrets that a service or its build is granted. */
function namesUsedBy(service: ComposeService): readonly string[] {
  const build = service.layers.flatMap((layer) =>
    itemsAt(layer, 'build', 'secrets').flatMap(({ value }) => {
      if (value?.type === 'scalar') return [value.node.value];
      return value?.type === 'map' ? [scalarAt(value, 'source')?.value ?? '$'] : [];
    }),
  );
  return [...secretsOf(service).map(({ name }) => name), ...build];
}

/** By a file that is read together with this one: it lies beside it, or lacks the definition. */
function usedElsewhere(document: Document<'compose'>, context: Context<unknown>, name: string): boolean {
  return context.facts
    .about(composeSecretUses, name)
    .some(
      ({ uri, fact }) => uri !== document.uri && (!fact.defined || dirname(uri) === dirname(document.uri)),
    );
}

function removal(document: Document<'compose'>, pair: YamlPair): Edit | undefined {
  const { root } = document.tree;
  const section = pairOf(root, 'secrets');
  const map = asMap(section?.value);
  if (!root || !section || !map) return undefined;
  return map.pairs.length > 1
    ? removePair(document.text, map, pair)
    : removePair(document.text, root, section);
}
