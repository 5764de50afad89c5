import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, scalarAt } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { judgedServices, reportAbsence } from './shared/absence.ts';
import { fixOf } from './shared/fixes.ts';
import { addLimit, hasLimit, isSwitchedOff, PIDS } from './shared/limits.ts';

export const rule = defineRule({
  id: 'compose/pids-limit-missing',
  title: 'Service has no limit of processes',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  docs: {
    why: 'A fork bomb, or a worker pool that runs wild, uses up the process ids of the whole host, and then nobody can log in to stop it.',
    fix: 'Set `pids_limit: 256`, or `deploy.resources.limits.pids` where that form is in use. Threads count as well.',
    falsePositives:
      'A limit that is switched off (`-1`, `0`) is `compose/pids-unlimited`. Silent where the limit is not known.',
    cwe: [770],
    controls: ['CIS Docker 1.6.0 5.29'],
    references: ['https://docs.docker.com/reference/compose-file/services/#pids_limit'],
  },
  bad: [
    {
      name: 'none',
      files: {
        'compose.yaml': `services:\n  «api»:\n    image: ghcr.io/acme/api:1.4.2\n    restart: always\n`,
      },
      fixed: `services:\n  api:\n    image: ghcr.io/acme/api:1.4.2\n    restart: always\n    pids_limit: 256\n`,
    },
  ],
  good: [
    {
      name: 'either form',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    pids_limit: 100
  b:
    image: ghcr.io/acme/b:1
    deploy: { resources: { limits: { pids: 100 } } }
`,
      },
    },
    {
      name: 'one that is not known, and one that is switched off, which is another smell',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    pids_limit: \${PIDS}
  b:
    image: ghcr.io/acme/b:1
    pids_limit: -1
`,
      },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, ['pids_limit', 'deploy'])) {
      if (hasLimit(service, PIDS) !== false || isSwitchedOffIn(service)) continue;
      reportAbsence(context, service, {
        item: 'pids limit',
        message: `\`${service.name}\` has no limit of processes: a fork bomb in it stops the whole host.`,
        fixes: () => [
          fixOf(addLimit(document.text, document.tree, service, PIDS), {
            title: 'Limit processes to 256',
            safety: 'review',
            risk: 'Servers with many threads need a higher number.',
          }),
        ],
      });
    }
  },
});

/** `compose/pids-unlimited` speaks of these. */
function isSwitchedOffIn({ effective }: ComposeService): boolean {
  return [
    scalarAt(effective, 'pids_limit'),
    scalarAt(effective, 'deploy', 'resources', 'limits', 'pids'),
  ].some((scalar) => isSwitchedOff(scalar && interpolate(scalar.value).text));
}
