import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, scalarAt } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import type { YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/logging-disabled',
  title: 'Log of the container is thrown away',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /logging/,
  docs: {
    why: `With the driver \`none\` nothing that the container writes is kept: after a crash or a break-in there is nothing to read, and
\`docker logs\` shows an error.`,
    fix: `Use the driver \`local\`, which keeps five compressed files of 20 MB each unless told otherwise, or the driver that ships
the logs of the other services.`,
    falsePositives: `Some containers write their own log files or are too chatty on purpose: suppress the finding with the reason. Silent
where the driver is a variable without a default.`,
    cwe: [778],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#logging',
      'https://docs.docker.com/engine/logging/configure/',
      'https://docs.docker.com/engine/logging/drivers/local/',
    ],
  },
  bad: [
    {
      name: 'the driver none',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    restart: always
    logging:
      driver: «none» # too chatty
    ports: []
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    restart: always
    logging:
      driver: local # too chatty
    ports: []
`,
      offers: ['Use the driver local', 'Delete logging'],
    },
    {
      name: 'flow style, quotes, a default of a variable',
      files: {
        'compose.yaml': `services:
  a: { image: "ghcr.io/acme/a:1", logging: { driver: «"none"» } }
  b:
    image: ghcr.io/acme/b:1
    logging:
      driver: «\${LOG_DRIVER:-none}»
`,
      },
      fixed: `services:
  a: { image: "ghcr.io/acme/a:1", logging: { driver: "local" } }
  b:
    image: ghcr.io/acme/b:1
    logging:
      driver: \${LOG_DRIVER:-none}
`,
      offers: ['Use the driver local', 'Delete logging'],
    },
    {
      name: 'an anchor that several services use',
      files: {
        'compose.yaml': `x-logging: &logging
  driver: «none»
services:
  a:
    image: ghcr.io/acme/a:1
    logging: *logging
  b:
    image: ghcr.io/acme/b:1
    logging: *logging
`,
      },
      fixed: `x-logging: &logging
  driver: local
services:
  a:
    image: ghcr.io/acme/a:1
    logging: *logging
  b:
    image: ghcr.io/acme/b:1
    logging: *logging
`,
      offers: ['Use the driver local'],
    },
  ],
  good: [
    {
      name: 'other drivers, one that is not known, none elsewhere',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    network_mode: none
    logging: { driver: local }
  b:
    image: ghcr.io/acme/b:1
    logging:
      driver: \${LOG_DRIVER}
  c:
    image: ghcr.io/acme/c:1
    logging:
      driver: json-file
      options: { tag: none }
  d:
    image: ghcr.io/acme/d:1
`,
      },
    },
    {
      name: 'an anchor that no service uses, and one that a service replaces',
      files: {
        'compose.yaml': `x-quiet: &quiet
  logging:
    driver: none
services:
  a:
    <<: *quiet
    image: ghcr.io/acme/a:1
    logging:
      driver: journald
`,
      },
    },
    {
      name: 'a file for development',
      files: {
        'compose.override.yaml': `services:\n  a:\n    image: ghcr.io/acme/a:1\n    logging: { driver: none }\n`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      silencer,
      (scalar) => scalar.span.start,
    )) {
      context.report({
        span: subject.span,
        message: withSharers(
          `Docker throws away what \`${service.name}\` writes: after a crash there is no log to read`,
          sharers,
        ),
        place: `services.${service.name}.logging.driver`,
        covers: [`compose/logging-unbounded services.${service.name}.log limit`],
        fixes: () => fixesFor(document, service, subject, sharers),
      });
    }
  },
});

function silencer(service: ComposeService): readonly YamlScalar[] {
  const driver = scalarAt(service.effective, 'logging', 'driver');
  return driver && interpolate(driver.value).text?.trim() === 'none' ? [driver] : [];
}

function fixesFor(
  document: Document<'compose'>,
  service: ComposeService,
  driver: YamlScalar,
  sharers: readonly string[],
): readonly (Fix | undefined)[] {
  const local = fixOf(driver.value.includes('$') ? undefined : setScalar(driver, 'local'), {
    title: 'Use the driver local',
    safety: 'review',
    risk: 'The log takes up to 100 MB of the disk of the host, and what the container writes can be read there.',
  });
  const entry = service.effective.entries.get('logging');
  const removal =
    entry?.via === 'own' && sharers.length < 2
      ? fixOf(removeEntry(document.text, entry), {
          title: 'Delete logging',
          safety: 'review',
          risk: 'The driver of the daemon takes over; `json-file`, which is the default, keeps everything without a limit.',
        })
      : undefined;
  return [atOrigin(local, sharers), removal];
}
