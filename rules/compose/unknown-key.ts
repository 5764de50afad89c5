import { type ComposeService, type EffectiveMap, mapAt } from '../../syntaxes/compose/tree.ts';
import type { YamlMap, YamlPair } from '../../syntaxes/yaml/tree.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { COMPOSE_KEYS, type ComposePart, ELSEWHERE, OTHER_NAMES } from '../data/compose-keys.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/unknown-key',
  title: 'Key that Compose does not know',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Compose refuses a file with a key that the specification does not have. Other readers of the format pass it over in silence,
and a limit, a healthcheck or an option of security that was meant to be there is not.`,
    fix: 'Correct the name. Data of your own, and anchors for several services, belong below a key that begins with `x-`.',
    falsePositives: `The list of keys has a date; a key that is newer than it is reported as well. Looked at are the top of the file,
services, and in these \`build\`, \`deploy\`, \`healthcheck\` and \`logging\`. Files that are not named for Compose and have other keys at
the top are left out.`,
    cwe: [1389],
    references: [
      'https://docs.docker.com/reference/compose-file/services/',
      'https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json',
    ],
  },
  bad: [
    {
      name: 'a mistyped key',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    «enviroment»:
      A: b
    «mem-limit»: 1g
    «readOnly»: true
    «"port"»: ["127.0.0.1:80:80"]
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      A: b
    mem-limit: 1g
    readOnly: true
    "port": ["127.0.0.1:80:80"]
`,
    },
    {
      name: 'a key by another name, one that stands in another place, one that means nothing',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    «env»: { A: b }
    «replicas»: 2
    «colour»: blue
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment: { A: b }
    replicas: 2
    colour: blue
`,
    },
    {
      name: 'below build, deploy, healthcheck and logging, and at the top',
      files: {
        'compose.yaml': `services:
  api:
    build: { context: ., «dockerFile»: Dockerfile }
    deploy:
      resources:
        limits:
          «mem»: 1g
    healthcheck:
      test: check
      «start-period»: 5s
    logging:
      «option»:
        max-size: 10m
«volume»:
  data:
`,
      },
      fixed: `services:
  api:
    build: { context: ., dockerfile: Dockerfile }
    deploy:
      resources:
        limits:
          mem: 1g
    healthcheck:
      test: check
      start-period: 5s
    logging:
      option:
        max-size: 10m
volume:
  data:
`,
    },
    {
      name: 'an anchor that two services merge in',
      files: {
        'compose.yaml': `x-base: &base
  «restarts»: always
services:
  a: { <<: *base, image: "ghcr.io/acme/a:1" }
  b: { <<: *base, image: "ghcr.io/acme/b:1" }
`,
      },
      fixed: `x-base: &base
  restart: always
services:
  a: { <<: *base, image: "ghcr.io/acme/a:1" }
  b: { <<: *base, image: "ghcr.io/acme/b:1" }
`,
    },
  ],
  good: [
    {
      name: 'keys of one’s own, new keys',
      files: {
        'compose.yaml': `name: acme
x-common: { anything: 1 }
include: []
models:
  llm: { model: ai/smollm2 }
services:
  api:
    image: ghcr.io/acme/api:1.4.2
    x-owner: platform
    models: [llm]
    use_api_socket: false
    gpus: all
    label_file: ./labels
    post_start: [{ command: a }]
    pre_stop: [{ command: b }]
    develop: { watch: [] }
    annotations: { a: b }
    attach: false
    pull_policy: daily
    uts: host
    provider: { type: model }
    deploy: { x-mine: 1, mode: global, resources: { limits: { pids: 5 }, reservations: { devices: [] } } }
    build:
      context: .
      additional_contexts: [a=b]
      provenance: true
      sbom: true
      entitlements: []
    healthcheck: { test: check, start_interval: 1s, start_period: 2s }
`,
      },
    },
    {
      name: 'names that are free: services, networks, variables, labels, options',
      files: {
        'compose.yaml': `services:
  enviroment:
    image: ghcr.io/acme/a:1
    environment: { enviroment: a }
    labels: { image: b }
    logging: { driver: syslog, options: { syslog-address: "udp://a" } }
    networks: { net: { aliases: [a] } }
    build:
      context: .
      args: { image: a }
networks:
  net:
`,
      },
    },
    {
      name: 'a file of another tool',
      files: {
        'app.yml': `defaults: { colour: blue }
services:
  api:
    image: ghcr.io/acme/api:1.4.2
    plan: small
`,
      },
    },
    {
      name: 'a placeholder in place of a key',
      files: {
        'compose.yaml': `services:\n  a:\n    image: ghcr.io/acme/a:1\n    "\${KEY}": a\n`,
      },
    },
  ],
  check({ tree }, context) {
    const top = tree.root ? unknownPairs(tree.root, 'file') : [];
    // A file that only looks like Compose belongs to another tool, which has more keys.
    if (top.length > 0 && !/compose|stack|swarm/i.test(context.path)) return;
    for (const pair of top)
      report(context, { part: 'file', map: tree.root, pair, place: pair.key.value }, []);
    for (const { service, subject, sharers } of eachOrigin(
      tree,
      unknownKeys,
      ({ pair }) => pair.key.span.start,
    )) {
      report(context, { ...subject, place: `services.${service.name}.${subject.place}` }, sharers);
    }
  },
});

interface UnknownKey {
  readonly part: ComposePart;
  readonly map: YamlMap | undefined;
  readonly pair: YamlPair;
  readonly place: string;
}

/** The parts of a service whose keys are known, by their path. */
const PARTS: readonly (readonly [ComposePart, ...string[]])[] = [
  ['service'],
  ['build', 'build'],
  ['deploy', 'deploy'],
  ['resources', 'deploy', 'resources'],
  ['limits', 'deploy', 'resources', 'limits'],
  ['restart_policy', 'deploy', 'restart_policy'],
  ['healthcheck', 'healthcheck'],
  ['logging', 'logging'],
];

const WHERE: Readonly<Record<ComposePart, string>> = {
  file: 'at the top of a file',
  service: 'of a service',
  build: 'below `build`',
  deploy: 'below `deploy`',
  resources: 'below `resources`',
  limits: 'below `limits`',
  restart_policy: 'below `restart_policy`',
  healthcheck: 'below `healthcheck`',
  logging: 'below `logging`',
};

function unknownKeys({ effective }: ComposeService): readonly UnknownKey[] {
  return PARTS.flatMap(([part, ...path]) => {
    const map = path.length === 0 ? effective : mapAt(effective, ...path);
    return map ? unknownEntries(map, part, path) : [];
  });
}

function unknownEntries(
  map: EffectiveMap,
  part: ComposePart,
  path: readonly string[],
): readonly UnknownKey[] {
  const found: UnknownKey[] = [];
  for (const [key, entry] of map.entries) {
    if (isUnknown(part, key))
      found.push({ part, map: entry.map, pair: entry.pair, place: [...path, key].join('.') });
  }
  return found;
}

function unknownPairs(map: YamlMap, part: ComposePart): readonly YamlPair[] {
  return map.pairs.filter(({ key }) => isUnknown(part, key.value));
}

function isUnknown(part: ComposePart, key: string): boolean {
  return !COMPOSE_KEYS[part].has(key) && !key.startsWith('x-') && /^[A-Za-z][\w.-]*$/.test(key);
}

function report(context: Context, unknown: UnknownKey, sharers: readonly string[]): void {
  const { part, pair, place } = unknown;
  const key = pair.key.value;
  const name = key.length > 30 ? `${key.slice(0, 29)}…` : key;
  const known = meant(unknown);
  const elsewhere = part === 'service' ? ELSEWHERE[key] : undefined;
  const hint = elsewhere
    ? `: it is \`${elsewhere}\``
    : known
      ? `: \`${known}\` is meant`
      : ', or passes it over';
  context.report({
    span: pair.key.span,
    message: withSharers(
      `Compose knows no key \`${name}\` ${WHERE[part]} and refuses the file${hint}`,
      sharers,
    ),
    place,
    fixes: () => [elsewhere ? undefined : atOrigin(rename(unknown, known), sharers)],
  });
}

function meant({ part, pair }: UnknownKey): string | undefined {
  const key = pair.key.value;
  if (part === 'service' && OTHER_NAMES[key]) return OTHER_NAMES[key];
  return nearestWord(key, COMPOSE_KEYS[part]);
}

function rename({ map, pair }: UnknownKey, known: string | undefined): Fix | undefined {
  if (known === undefined || map?.pairs.some(({ key }) => key.value === known)) return undefined;
  return fixOf(setScalar(pair.key, known), {
    title: `Rename to ${known}`,
    safety: 'review',
    risk: 'What stands below the key takes effect for the first time.',
  });
}
