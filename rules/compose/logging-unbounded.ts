import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import {
  type ComposeService,
  lookup,
  mapAt,
  scalarAt,
  servicesSharing,
} from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { pairOf, walkPairs } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { addKey, setBlock, setScalar } from '../core/yaml-edits.ts';
import { judgedServices, reportAbsence } from './shared/absence.ts';
import { addServiceKey, fixOf } from './shared/fixes.ts';
import { atOrigin } from './shared/origin.ts';

const UNLIMITED = /^(?:-1|0)$/;
/** Drivers that bound the log by themselves, or hand it on. */
const BOUNDED = /^(?:local|journald|syslog|gelf|fluentd|awslogs|gcplogs|splunk|loki|etwlogs)$/;
const OPTIONS: readonly string[] = ['max-size: "10m"', 'max-file: "3"'];
const BLOCK: readonly string[] = ['driver: json-file', 'options:', ...OPTIONS.map((line) => `  ${line}`)];

export const rule = defineRule({
  id: 'compose/logging-unbounded',
  title: 'Logs of the container grow without a limit',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `The default driver \`json-file\` keeps everything that a container has ever written, until the disk of the host is full and
all containers stop, the database too.`,
    fix: `Set \`max-size\` and \`max-file\`. The values are strings: without quotes Docker refuses a number.`,
    falsePositives: `Silent for drivers that bound or forward the log (\`local\`, \`journald\`, \`syslog\`, …). A \`daemon.json\` with
\`log-opts\` makes the key unnecessary, which cannot be seen from here.`,
    cwe: [779],
    references: [
      'https://docs.docker.com/engine/logging/drivers/json-file/',
      'https://docs.docker.com/reference/compose-file/services/#logging',
    ],
  },
  bad: [
    {
      name: 'nothing is said',
      files: {
        'compose.yaml': `services:
  «api»:
    image: ghcr.io/acme/api:1.4.2
    restart: unless-stopped
    environment:
      A: b
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    restart: unless-stopped
    logging:
      driver: json-file
      options:
        max-size: "10m"
        max-file: "3"
    environment:
      A: b
`,
    },
    {
      name: 'an anchor for logging is there already',
      files: {
        'compose.yaml': `x-logging: &default-logging
  driver: json-file
  options:
    max-size: "5m"
    max-file: "2"
services:
  a:
    image: ghcr.io/acme/a:1
    logging: *default-logging
  «b»:
    image: ghcr.io/acme/b:1
`,
      },
      fixed: `x-logging: &default-logging
  driver: json-file
  options:
    max-size: "5m"
    max-file: "2"
services:
  a:
    image: ghcr.io/acme/a:1
    logging: *default-logging
  b:
    image: ghcr.io/acme/b:1
    logging: *default-logging
`,
    },
    {
      name: 'an anchor for logging with another driver',
      files: {
        'compose.yaml': `x-logging: &logging { driver: local }
x-network: &network { driver: bridge }
services:
  «a»:
    image: ghcr.io/acme/a:1
`,
      },
      fixed: `x-logging: &logging { driver: local }
x-network: &network { driver: bridge }
services:
  a:
    image: ghcr.io/acme/a:1
    logging: *logging
`,
    },
    {
      name: 'the driver without a size',
      files: {
        'compose.yaml': `services:
  «a»:
    image: ghcr.io/acme/a:1
    logging:
      driver: json-file
    restart: always
  «b»:
    image: ghcr.io/acme/b:1
    logging:
      options:
        max-file: "3"
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    logging:
      driver: json-file
      options:
        max-size: "10m"
        max-file: "3"
    restart: always
  b:
    image: ghcr.io/acme/b:1
    logging:
      options:
        max-file: "3"
`,
    },
    {
      name: 'an anchor without a size is mended where it stands',
      files: {
        'compose.yaml': `x-base: &base
  logging:
    driver: json-file
    options:
      tag: app
services:
  «a»:
    <<: *base
    image: ghcr.io/acme/a:1
  «b»:
    <<: *base
    image: ghcr.io/acme/b:1
`,
      },
      fixed: `x-base: &base
  logging:
    driver: json-file
    options:
      tag: app
      max-size: "10m"
      max-file: "3"
services:
  a:
    <<: *base
    image: ghcr.io/acme/a:1
  b:
    <<: *base
    image: ghcr.io/acme/b:1
`,
    },
    {
      name: 'a size that means no limit',
      files: {
        'compose.yaml': `services:
  «a»:
    image: ghcr.io/acme/a:1
    logging:
      driver: json-file
      options:
        max-size: "-1"
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    logging:
      driver: json-file
      options:
        max-size: "10m"
`,
    },
    {
      name: 'flow style',
      files: { 'compose.yaml': `services:\n  «a»: {image: "ghcr.io/acme/a:1"}\n` },
      fixed: `services:\n  a: {image: "ghcr.io/acme/a:1", logging: {driver: json-file, options: {max-size: "10m", max-file: "3"}}}\n`,
    },
  ],
  good: [
    {
      name: 'drivers that keep their files small or have none',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    logging: {driver: journald}
  app:
    image: ghcr.io/acme/app:1
    logging:
      driver: local
  tool:
    image: ghcr.io/acme/tool:1
    logging:
      driver: "json-file"
      options: {max-size: 10m}
`,
      },
    },
    {
      name: 'a size, another driver, or one that is not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    logging:
      options:
        max-size: 10m
  b:
    image: ghcr.io/acme/b:1
    logging: { driver: journald }
  c:
    image: ghcr.io/acme/c:1
    logging:
      driver: \${LOG_DRIVER}
  d:
    image: ghcr.io/acme/d:1
    logging:
      driver: local
`,
      },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, ['logging'])) {
      const driver = scalarAt(service.effective, 'logging', 'driver');
      const name = driver ? interpolate(driver.value).text : 'json-file';
      if (name !== 'json-file' && name !== '') continue;
      const size = lookup(service.effective, 'logging', 'options', 'max-size')?.value;
      if (size && !(size.type === 'scalar' && UNLIMITED.test(size.node.value))) continue;
      reportAbsence(context, service, {
        item: 'log limit',
        message: `The log of \`${service.name}\` has no \`max-size\`: it grows until the disk of the host is full.`,
        fixes: () => [fixFor(document, service)],
      });
    }
  },
});

function fixFor(document: Document<'compose'>, service: ComposeService): Fix | undefined {
  const logging = service.effective.entries.get('logging');
  if (!logging) {
    const anchor = boundedAnchor(document, service);
    const added = anchor
      ? { key: 'logging', value: `*${anchor.name}` }
      : { key: 'logging', block: BLOCK, flow: `{ driver: json-file, options: { ${OPTIONS.join(', ')} } }` };
    const edit = addServiceKey(document.text, service, added);
    const title = titleFor(anchor?.name);
    if (!anchor || anchor.isDefault) return fixOf(edit, { title, safety: 'safe' });
    const risk = 'Another driver takes the log of the service: it is kept, and read, in another place.';
    return fixOf(edit, { title, safety: 'review', risk });
  }
  const sharers = servicesSharing(document.tree, logging.pair.key.span.start, service);
  return atOrigin(
    fixOf(optionEdits(document.text, service), { title: titleFor(undefined), safety: 'safe' }),
    sharers,
  );
}

function titleFor(anchor: string | undefined): string {
  return anchor ? `Use the logging of *${anchor}` : 'Limit the log to 3 files of 10m';
}

function optionEdits(text: string, service: ComposeService): readonly (Edit | undefined)[] {
  const options = mapAt(service.effective, 'logging', 'options');
  const unlimited = options && scalarAt(options, 'max-size');
  if (unlimited) return [setScalar(unlimited, '10m')];
  if (options?.node.flow && options.node.pairs.length === 0)
    return [{ span: options.node.span, text: `{ ${OPTIONS.join(', ')} }` }];
  if (options) {
    const size = addKey(text, options.node, { key: 'max-size', value: '"10m"' });
    if (options.entries.has('max-file')) return [size];
    return [size, addKey(text, options.node, { key: 'max-file', value: '"3"' })];
  }
  const logging = service.effective.entries.get('logging');
  if (!logging || lookup(service.effective, 'logging', 'options')) return [undefined];
  if (!logging.pair.value) return [setBlock(text, logging.map, logging.pair, BLOCK)];
  if (logging.value?.type !== 'map') return [undefined];
  return [
    addKey(text, logging.value.node, { key: 'options', block: OPTIONS, flow: `{ ${OPTIONS.join(', ')} }` }),
  ];
}

interface LoggingAnchor {
  readonly name: string;
  /** Whether its driver is the one that Docker takes by itself. */
  readonly isDefault: boolean;
}

/** An anchor above the service whose map is a bounded logging block. */
function boundedAnchor(document: Document<'compose'>, service: ComposeService): LoggingAnchor | undefined {
  let found: LoggingAnchor | undefined;
  walkPairs(document.tree.root, (pair) => {
    const { value } = pair;
    if (value?.type !== 'map' || !value.anchor || value.span.end > service.key.span.start) return;
    const isLogging = pair.key.value === 'logging' || pair.key.value.startsWith('x-');
    const options = pairOf(value, 'options')?.value;
    const driver = pairOf(value, 'driver')?.value;
    const name = driver === undefined ? 'json-file' : driver.type === 'scalar' ? driver.value : '';
    const isBounded = name === 'json-file' ? pairOf(options, 'max-size') !== undefined : BOUNDED.test(name);
    if (isLogging && isBounded) found ??= { name: value.anchor, isDefault: name === 'json-file' };
  });
  return found;
}
