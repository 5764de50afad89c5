import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, scalarAt } from '../../syntaxes/compose/tree.ts';
import type { YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { hasLimit, isSwitchedOff, PIDS } from './shared/limits.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/pids-unlimited',
  title: 'Limit of processes is switched off',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /pids/,
  docs: {
    why: `\`-1\` and \`0\` take away the limit that a daemon or an operator may have set for all containers: a fork bomb, or a worker
pool that runs wild, uses up the process ids of the whole host, and then nobody can log in to stop it.`,
    fix: 'Set a number that the service does not reach: threads count as well. 256 is a place to start.',
    falsePositives:
      'Silent where the value is a variable without a default, and where the other form sets a limit.',
    cwe: [770],
    controls: ['CIS Docker 1.6.0 5.29'],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#pids_limit',
      'https://docs.docker.com/reference/compose-file/deploy/#pids',
    ],
  },
  bad: [
    {
      name: 'the short form',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    pids_limit: «-1» # java
  b:
    image: ghcr.io/acme/b:1
    "pids_limit": «"0"»
  c: { image: "ghcr.io/acme/c:1", pids_limit: «0» }
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    pids_limit: 256 # java
  b:
    image: ghcr.io/acme/b:1
    "pids_limit": "0"
  c: { image: "ghcr.io/acme/c:1", pids_limit: 0 }
`,
    },
    {
      name: 'below deploy',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    deploy:
      resources:
        limits:
          memory: 1G
          pids: «-1»
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    deploy:
      resources:
        limits:
          memory: 1G
          pids: 256
`,
    },
    {
      name: 'in an anchor of several services, and as a default',
      files: {
        'compose.yaml': `x-base: &base
  restart: always
  pids_limit: «-1»
services:
  a: { <<: *base, image: "ghcr.io/acme/a:1" }
  b: { <<: *base, image: "ghcr.io/acme/b:1" }
  c:
    image: ghcr.io/acme/c:1
    pids_limit: «\${PIDS:--1}»
`,
      },
      fixed: `x-base: &base
  restart: always
  pids_limit: 256
services:
  a: { <<: *base, image: "ghcr.io/acme/a:1" }
  b: { <<: *base, image: "ghcr.io/acme/b:1" }
  c:
    image: ghcr.io/acme/c:1
    pids_limit: \${PIDS:--1}
`,
    },
  ],
  good: [
    {
      name: 'a number, nothing, or a variable that is not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    pids_limit: 100
  b:
    image: ghcr.io/acme/b:1
  c:
    image: ghcr.io/acme/c:1
    pids_limit: \${PIDS}
  d:
    image: ghcr.io/acme/d:1
    pids_limit: 10
`,
      },
    },
    {
      name: 'the other form sets the limit, or the service replaces what its anchor says',
      files: {
        'compose.yaml': `x-base: &base
  pids_limit: -1
services:
  a:
    image: ghcr.io/acme/a:1
    deploy: { resources: { limits: { pids: 100 } } }
    pids_limit: 0
  b:
    <<: *base
    image: ghcr.io/acme/b:1
    pids_limit: 200
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      unlimited,
      ({ scalar }) => scalar.span.start,
    )) {
      const { scalar, path } = subject;
      context.report({
        span: scalar.span,
        message: withSharers(
          `\`${service.name}\` may start any number of processes: a fork bomb in it stops the whole host`,
          sharers,
        ),
        place: `services.${service.name}.${path}`,
        // Without the switch the service would have no limit either, which is the milder smell.
        covers: [`compose/pids-limit-missing services.${service.name}.pids limit`],
        fixes: () => {
          const edit = scalar.value.includes('$') ? undefined : setScalar(scalar, PIDS.value);
          const fix = fixOf(edit, {
            title: 'Limit processes to 256',
            safety: 'review',
            risk: 'Somebody has switched the limit off: a server with many threads needs a higher number.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

interface Switch {
  readonly scalar: YamlScalar;
  readonly path: string;
}

function unlimited(service: ComposeService): readonly Switch[] {
  if (hasLimit(service, PIDS) !== false) return [];
  return [['pids_limit'], ['deploy', 'resources', 'limits', 'pids']].flatMap((path) => {
    const scalar = scalarAt(service.effective, ...path);
    const off = scalar && isSwitchedOff(interpolate(scalar.value).text);
    return scalar && off ? [{ scalar, path: path.join('.') }] : [];
  });
}
