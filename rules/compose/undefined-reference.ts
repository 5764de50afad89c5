import { contentSpan } from '../../syntaxes/compose/environment.ts';
import { type ComposeService, mapAt, scalarAt } from '../../syntaxes/compose/tree.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { basename, dirname, joinUri } from '../../syntaxes/uri.ts';
import { asMap, pairOf } from '../../syntaxes/yaml/tree.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { type Context, defineRule, type Edit, type Fix } from '../core/rule.ts';
import { addKey, setBlock } from '../core/yaml-edits.ts';
import { type Reference, referencesOf } from './shared/dangling.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { composeSourceFacts, extendsName, stemOf } from './shared/sources.ts';

export const rule = defineRule({
  id: 'compose/undefined-reference',
  title: 'Name that nothing in the project has',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Compose refuses the whole project when a service names a network, a volume, a secret, a config or another service that is
defined nowhere: nothing starts, most of all not after the next reboot.`,
    fix: `Correct the name, or define it at the top of the file. A path of the host has to begin with \`./\` or \`/\`; without that it
is the name of a volume.`,
    falsePositives: `The files that Compose reads together count as one: \`include\`, override files, a base file, \`extends\`. Silent where
one of them is not in the workspace, for files that others include or extend, and where a Compose file beside this one, or in the
folder above it, has the name: the two may be passed with \`-f\`.`,
    references: [
      'https://docs.docker.com/reference/compose-file/networks/',
      'https://docs.docker.com/reference/compose-file/volumes/',
      'https://docs.docker.com/reference/compose-file/services/#depends_on',
    ],
  },
  bad: [
    {
      name: 'a volume, where there is no section yet',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    volumes:
      - «data»:/var/lib/postgresql/data
      - ./conf:/conf
`,
      },
      fixed: `services:
  db:
    image: postgres:17
    volumes:
      - data:/var/lib/postgresql/data
      - ./conf:/conf
volumes:
  data:
`,
    },
    {
      name: 'a network beside others, in each form',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    networks: [default, front, «back»]
  b:
    image: ghcr.io/acme/b:1
    networks:
      «"inner"»:
        aliases: [b]
networks:
  front:
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    networks: [default, front, back]
  b:
    image: ghcr.io/acme/b:1
    networks:
      "inner":
        aliases: [b]
networks:
  front:
  back:
`,
    },
    {
      name: 'a mistyped name',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    secrets:
      - «api_keys»
      - source: «other»
        mode: 0400
    depends_on:
      «databse»: { condition: service_started }
    volumes:
      - { type: volume, source: «caches», target: /c }
  database:
    image: postgres:17
secrets:
  api_key: { file: ./key }
volumes:
  cache:
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    secrets:
      - api_key
      - source: other
        mode: 0400
    depends_on:
      databse: { condition: service_started }
    volumes:
      - { type: volume, source: caches, target: /c }
  database:
    image: postgres:17
secrets:
  api_key: { file: ./key }
volumes:
  cache:
`,
    },
    {
      name: 'services: links, namespaces, volumes_from, extends',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    links: ["«db»:database"]
    network_mode: service:«vpn»
    volumes_from:
      - «store»:ro
      - container:other
`,
      },
    },
    {
      name: 'a service that extends one which is not there',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
  b:
    extends: { service: «base» }
  c:
    extends: «common»
`,
      },
    },
    {
      name: 'a path without ./ in front',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes: ["«conf/nginx»:/etc/nginx"]
`,
      },
    },
    {
      name: 'all files that belong together are there, and none has it',
      files: {
        'compose.yaml': `include: [db.yaml]
services:
  a:
    image: ghcr.io/acme/a:1
    depends_on: [db, «cache»]
`,
        'db.yaml': `services:\n  db:\n    image: postgres:17\n`,
      },
    },
  ],
  good: [
    {
      name: 'all is defined, by external parts too',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    networks: { front: , default: { aliases: [x] } }
    volumes:
      - data:/data
      - /var/lib/anonymous
      - ~/conf:/conf
      - C:\\\\data:/c
      - \${DATA}:/d
      - { type: tmpfs, target: /t }
      - { type: bind, source: conf, target: /conf }
    secrets: [key]
    configs: [{ source: conf, target: /c }]
    depends_on: { b: { condition: service_started }, c: { condition: service_started, required: false } }
    network_mode: \${MODE}
  b:
    extends: a
volumes: { data: { external: true } }
networks: { front: { external: true } }
secrets: { key: { external: true } }
configs: { conf: { file: ./c } }
`,
      },
    },
    {
      name: 'what an override file, a base file or an included file defines',
      files: {
        'compose.override.yaml': `services:
  a:
    networks: [front]
    depends_on: [b, c]
`,
        'compose.yaml': `include:
  - other/compose.yaml
services:
  a:
    image: ghcr.io/acme/a:1
  b:
    image: ghcr.io/acme/b:1
networks:
  front:
`,
        'other/compose.yaml': `services:\n  c:\n    image: ghcr.io/acme/c:1\n`,
      },
    },
    {
      name: 'what a second document of the file defines: Compose merges the documents',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    networks: [back]
    depends_on: [b]
---
services:
  b:
    image: ghcr.io/acme/b:1
networks:
  back:
`,
      },
    },
    {
      name: 'a part that is not there',
      files: {
        'compose.yaml': `include: [oci://docker.io/acme/db]
services:
  a:
    image: ghcr.io/acme/a:1
    depends_on: [db]
    networks: [back]
`,
      },
    },
    {
      name: 'a file that is passed together with another one beside it',
      files: {
        'docker-compose-monitoring.yml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    networks: [back]
    depends_on: [api]
`,
        'docker-compose.yml': `services:\n  api:\n    image: ghcr.io/acme/a:1\nnetworks:\n  back:\n`,
      },
    },
    {
      name: 'an override file whose base is in another folder',
      files: {
        'extras/docker-compose.override.yml': `services:\n  exporter:\n    image: ghcr.io/acme/exporter:1\n    networks: [back]\n`,
        'docker-compose.yml': `services:\n  a:\n    image: ghcr.io/acme/a:1\n`,
      },
    },
    {
      name: 'a file that others include, or that only adds to one that is not there',
      files: {
        'parts/db.yaml': `services:\n  db:\n    image: postgres:17\n    networks: [back]\n`,
        'compose.yaml': `include: [parts/db.yaml]\nservices:\n  a:\n    image: ghcr.io/acme/a:1\nnetworks: { back: {} }\n`,
        'parts/add.yaml': `services:\n  db:\n    networks: [back]\n`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    const whole = tree.project.complete && !lacksBase(document, context);
    const pick = (service: ComposeService) => [
      ...brokenExtends(document, service),
      ...(whole && !isExtended(document, context, service) ? referencesOf(service) : []),
    ];
    for (const { service, subject, sharers } of eachOrigin(tree, pick, ({ scalar }) => scalar.span.start)) {
      if (subject.path !== 'extends' && isDefined(document, context, subject)) continue;
      const isPath = subject.to === 'volume' && subject.name.includes('/');
      const noun = isPath ? 'volume (a path begins with `./`)' : subject.to;
      context.report({
        span: spanOf(document.text, subject),
        message: withSharers(
          `Compose refuses the project: there is no ${noun} \`${subject.name.slice(0, 40)}\`, which \`${service.name}\` names`,
          sharers,
        ),
        place: `services.${service.name}.${subject.path}`,
        fixes: () => [
          atOrigin(otherName(document, subject), sharers),
          isPath ? undefined : definition(document, subject),
        ],
      });
    }
  },
});

const SECTION = { network: 'networks', volume: 'volumes', secret: 'secrets', config: 'configs' } as const;

/** `extends` of a service that this very file would have to have: no other file is asked for it. */
function brokenExtends(document: Document<'compose'>, service: ComposeService): readonly Reference[] {
  const own = service.layers.at(-1);
  const long = mapAt(own, 'extends');
  if (long?.entries.has('file')) return [];
  const scalar = long ? scalarAt(long, 'service') : scalarAt(own, 'extends');
  if (!scalar || scalar.value.includes('$')) return [];
  const services = asMap(pairOf(document.tree.root, 'services')?.value);
  // A merge key below `services` brings names that are not looked up here.
  if (!services || pairOf(services, scalar.value) || pairOf(services, '<<')) return [];
  return [{ to: 'service', name: scalar.value, scalar, path: 'extends' }];
}

/** Whether the file is to be laid over one that is not here. */
function lacksBase({ uri }: Document<'compose'>, context: Context): boolean {
  const { stem, suffix } = stemOf(uri);
  const bases = ['yaml', 'yml'].map((ending) => joinUri(dirname(uri), `${stem}.${ending}`));
  return suffix === 'override' && !bases.some((base) => context.facts.exists(base));
}

function isExtended(document: Document<'compose'>, context: Context, service: ComposeService): boolean {
  return context.facts.about(composeSourceFacts, extendsName(document.uri, service.name)).length > 0;
}

/** By the project, or by a file nearby that may be passed together with this one. */
function isDefined(document: Document<'compose'>, context: Context, { to, name }: Reference): boolean {
  const { project } = document.tree;
  const names = to === 'service' ? project.services : project[SECTION[to]];
  if (names.has(name)) return true;
  const folder = dirname(document.uri);
  const isDefault = /^(?:docker-)?compose\.ya?ml$/.test(basename(document.uri));
  // Compose finds a file of this name by itself, so those further up are no part of it.
  const folders = isDefault ? [folder] : [folder, dirname(folder)];
  return folders
    .flatMap((each) => context.facts.glob(each, '*.{yml,yaml}'))
    .some((uri) => uri !== document.uri && defines(context, uri, to, name));
}

function defines(context: Context, uri: string, to: Reference['to'], name: string): boolean {
  return context.facts.of(composeSourceFacts, uri).some(({ services, sections }) => {
    if (to === 'service') return services === null || services.some(([each]) => each === name);
    const section = sections[SECTION[to]];
    return section !== undefined && JSON.stringify(section).includes(JSON.stringify(name));
  });
}

/** The name within its scalar, without what stands behind a colon. */
function spanOf(text: string, { scalar, name }: Reference): Span {
  if (scalar.value === name || scalar.span.start < 0) return scalar.span;
  const { start, end } = contentSpan(scalar, text);
  const at = start + (text.startsWith('service:', start) ? 'service:'.length : 0);
  return text.startsWith(name, at) ? { start: at, end: at + name.length } : { start, end };
}

/** The name that was meant, where one is near. */
function otherName({ tree, text }: Document<'compose'>, reference: Reference): Fix | undefined {
  const { project } = tree;
  const names = reference.to === 'service' ? project.services : project[SECTION[reference.to]];
  const name = nearestWord(reference.name, names.keys());
  const { scalar } = reference;
  if (name === undefined || scalar.span.start < 0 || !/^[\w.-]+$/.test(name)) return undefined;
  const { start, end } = contentSpan(scalar, text);
  const at = text.slice(start, end).indexOf(reference.name);
  if (at < 0) return undefined;
  const span = { start: start + at, end: start + at + reference.name.length };
  return fixOf(
    { span, text: name },
    {
      title: `Use the ${reference.to} ${name}`,
      safety: 'review',
      risk: `Another ${reference.to} may be meant.`,
    },
  );
}

/** Defines a volume or a network at the top of the file. */
function definition(document: Document<'compose'>, { to, name }: Reference): Fix | undefined {
  if ((to !== 'volume' && to !== 'network') || !/^[a-zA-Z0-9._-]+$/.test(name)) return undefined;
  return fixOf(stub(document, SECTION[to], name), {
    title: `Define the ${to} ${name}`,
    safety: 'review',
    risk: `Compose creates a new ${to}; where one of that name is there already, it has to be \`external: true\`.`,
  });
}

function stub({ tree, text }: Document<'compose'>, section: string, name: string): Edit | undefined {
  const { root } = tree;
  const pair = pairOf(root, section);
  if (!root) return undefined;
  if (!pair) return addKey(text, root, { key: section, block: [`${name}:`], flow: `{ ${name}: {} }` });
  if (!pair.value) return setBlock(text, root, pair, [`${name}:`]);
  return pair.value.type === 'map'
    ? addKey(text, pair.value, { key: name, block: [], flow: '{}' })
    : undefined;
}
