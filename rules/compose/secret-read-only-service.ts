import { definedAs, type SecretUse, secretsOf } from '../../syntaxes/compose/secrets.ts';
import { flagOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService, ComposeTree } from '../../syntaxes/compose/tree.ts';
import { type Document, isElsewhere } from '../../syntaxes/document.ts';
import { booleanOf, type YamlPair } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { isPlainSafe } from '../core/yaml-edits.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/secret-read-only-service',
  title: 'Compose cannot hand a secret to a read-only service',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /read_only/,
  docs: {
    why: `Compose copies secrets and configs that come from \`environment:\` or \`content:\` into the container before it starts. With
\`read_only: true\` it cannot, and \`docker compose up\` stops: "\`file\` is the sole supported option".`,
    fix: `Take the secret or config from a \`file:\`, which is mounted, and keep that file out of the repository. Deleting
\`read_only: true\` works too, but gives up the protection.`,
    falsePositives:
      'Silent for secrets and configs from files and from outside, and where the source is in another file.',
    cwe: [1188],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#read_only',
      'https://docs.docker.com/reference/compose-file/secrets/',
      'https://github.com/docker/compose/blob/main/pkg/compose/secrets.go',
    ],
  },
  bad: [
    {
      name: 'a secret from the environment',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    read_only: true
    secrets:
      - «api_key»
      - tls_key
secrets:
  api_key:
    environment: API_KEY
  tls_key:
    file: ./tls.key
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    read_only: true
    secrets:
      - api_key
      - tls_key
secrets:
  api_key:
    file: ./secrets/api_key
  tls_key:
    file: ./tls.key
`,
    },
    {
      name: 'the long form, flow style, and a config with its content',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    read_only: "true"
    secrets: [{ source: «api_key», mode: 0400 }]
    configs:
      - source: «app»
        target: /etc/app.conf
secrets:
  api_key: { environment: "API_KEY" }
configs:
  app:
    content: |
      debug = false
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    read_only: "true"
    secrets: [{ source: api_key }]
    configs:
      - source: app
        target: /etc/app.conf
secrets:
  api_key: { file: "./secrets/api_key" }
configs:
  app:
    content: |
      debug = false
`,
    },
  ],
  good: [
    {
      name: 'sources that are mounted',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    read_only: true
    secrets: [tls_key, swarm_key, elsewhere]
    configs: [app]
secrets:
  tls_key:
    file: ./tls.key
  swarm_key:
    external: true
configs:
  app:
    file: ./app.conf
`,
      },
    },
    {
      name: 'a service that may write, and one where it is not known',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    read_only: false
    secrets: [api_key]
  web:
    image: ghcr.io/acme/web:1.4.2
    read_only: \${READ_ONLY}
    secrets: [api_key]
  job:
    image: ghcr.io/acme/job:1.4.2
    secrets: [api_key]
secrets:
  api_key:
    environment: API_KEY
`,
      },
    },
    {
      name: 'a secret of the build',
      files: {
        'compose.yaml': `services:
  api:
    build:
      context: .
      secrets: [api_key]
    read_only: true
secrets:
  api_key:
    environment: API_KEY
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      (each) => copiedInto(document.tree, each),
      ({ use }) => use.item.node.span.start,
    )) {
      const { use, section, source } = subject;
      const noun = section === 'secrets' ? 'secret' : 'config';
      context.report({
        span: use.short?.span ?? use.long?.entries.get('source')?.pair.value?.span ?? use.item.node.span,
        message: withSharers(
          `\`${service.name}\` does not start: Compose cannot copy the ${noun} \`${use.name}\` from \`${source.key.value}\` into a read-only container`,
          sharers,
        ),
        place: `services.${service.name}.${section}[${use.name}]`,
        ...(!isElsewhere(source.key.span) && {
          related: [{ uri: document.uri, span: source.key.span, message: `The ${noun} is defined here.` }],
        }),
        fixes: () => [atOrigin(fromFile(document, subject), sharers)],
      });
    }
  },
});

interface Copied {
  readonly use: SecretUse;
  readonly section: 'secrets' | 'configs';
  /** `environment:` or `content:` of the definition. */
  readonly source: YamlPair;
}

function copiedInto(tree: ComposeTree, service: ComposeService): readonly Copied[] {
  if (flagOf(service, 'read_only') !== true) return [];
  return (['secrets', 'configs'] as const).flatMap((section) =>
    secretsOf(service, section).flatMap((use) => {
      const definition = tree.project[section].get(use.name);
      const external = definedAs(definition, 'external');
      if (definedAs(definition, 'file') || (external && booleanOf(external.value) !== false)) return [];
      const source = definedAs(definition, 'environment') ?? definedAs(definition, 'content');
      return source?.value ? [{ use, section, source }] : [];
    }),
  );
}

/** Only for what a variable holds: a text that stands in the file would have to be moved as well. */
function fromFile(document: Document<'compose'>, { use, section, source }: Copied): Fix | undefined {
  const { key, value } = source;
  if (value?.type !== 'scalar' || key.value !== 'environment' || value.anchor) return undefined;
  const path = `./${section}/${use.name}`;
  if (!isPlainSafe(path)) return undefined;
  const quote = value.style === 'double' ? '"' : value.style === 'single' ? "'" : '';
  const quotedKey = document.text.slice(key.span.start, key.span.end).replace(key.value, 'file');
  // Compose mounts a file as it is, whatever its mode is to be.
  const ignored = [use.mode, use.uid, use.gid].flatMap((entry) =>
    entry ? [removeEntry(document.text, entry)] : [],
  );
  return fixOf(
    [{ span: key.span, text: quotedKey }, { span: value.span, text: quote + path + quote }, ...ignored],
    {
      title: `Take it from the file ${path}`,
      safety: 'review',
      risk: `Compose does not start before ${path} is there: write the value of \`${value.value}\` into it, mode 0400, outside of git.`,
    },
  );
}
