import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, scalarAt } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { judgedServices, reportAbsence } from './shared/absence.ts';
import { fixOf } from './shared/fixes.ts';
import { addLimit, hasLimit, type Limit } from './shared/limits.ts';

const CPUS: Limit = { short: 'cpus', long: 'cpus', value: '"1.0"' };

/** Other keys that keep a container from using every processor. Shares are a weight, so they are no limit. */
const OTHER_LIMITS: readonly string[] = ['cpu_quota', 'cpuset', 'cpu_count', 'cpu_percent'];

export const rule = defineRule({
  id: 'compose/cpu-limit-missing',
  title: 'Service has no processor limit',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  docs: {
    why: `A busy loop, an expensive request or a miner that an attacker has brought takes every processor of the host, and all other
containers slow down with it.`,
    fix: `Set \`cpus\`, or \`deploy.resources.limits.cpus\`; both at once must agree. The fix writes one processor as a place to start:
measure with \`docker stats\` under load.`,
    falsePositives: `\`cpu_quota\`, \`cpuset\`, \`cpu_count\` and \`cpu_percent\` count as limits, \`cpu_shares\` and reservations do not, and
\`0\` means none. Silent where the limit is a variable without a default.`,
    cwe: [770],
    controls: ['CIS Docker 1.6.0 5.12', 'OWASP Docker Security Cheat Sheet, rule 7'],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#cpus',
      'https://docs.docker.com/reference/compose-file/deploy/#resources',
      'https://docs.docker.com/engine/containers/resource_constraints/#cpu',
    ],
  },
  bad: [
    {
      name: 'none, or one that is no limit',
      files: {
        'compose.yaml': `services:
  «api»:
    image: ghcr.io/acme/api:1.4.2
    environment:
      A: b
  «worker»:
    image: ghcr.io/acme/api:1.4.2
    cpus: \${CPUS:-0}
    cpu_shares: 512
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    cpus: "1.0"
    environment:
      A: b
  worker:
    image: ghcr.io/acme/api:1.4.2
    cpus: \${CPUS:-0}
    cpu_shares: 512
`,
    },
    {
      name: 'the form that is there already: a memory limit below deploy',
      files: {
        'compose.yaml': `services:
  «api»:
    image: ghcr.io/acme/api:1.4.2
    deploy:
      resources:
        limits:
          memory: 256M
    restart: always
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    deploy:
      resources:
        limits:
          memory: 256M
          cpus: "1.0"
    restart: always
`,
    },
    {
      name: 'a limit of 0 is none',
      files: {
        'compose.yaml': `services:\n  «a»:\n    image: ghcr.io/acme/a:1\n    cpus: 0.0 # all\n`,
      },
      fixed: `services:\n  a:\n    image: ghcr.io/acme/a:1\n    cpus: 1.0 # all\n`,
    },
    {
      name: 'a quota that is switched off, where another limit beside it would be refused',
      files: {
        'compose.yaml': `services:\n  «a»: { image: "ghcr.io/acme/a:1", cpu_quota: -1 }\n`,
      },
    },
    {
      name: 'flow style',
      files: { 'compose.yaml': `services:\n  «a»: { image: "ghcr.io/acme/a:1" }\n` },
      fixed: `services:\n  a: { image: "ghcr.io/acme/a:1", cpus: "1.0" }\n`,
    },
  ],
  good: [
    {
      name: 'either form, also through a merge key or a variable',
      files: {
        'compose.yaml': `x-limits: &limits
  deploy:
    resources:
      limits:
        cpus: "0.5"
services:
  a:
    image: ghcr.io/acme/a:1
    cpus: 0.5
  b:
    <<: *limits
    image: ghcr.io/acme/b:1
  c:
    image: ghcr.io/acme/c:1
    cpus: \${CPUS}
  d:
    image: ghcr.io/acme/c:1
    deploy: { resources: { limits: { cpus: "\${D_CPUS:-2}" } } }
`,
      },
    },
    {
      name: 'a quota or a set of processors is a limit too',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    cpu_quota: 50000
  b:
    image: ghcr.io/acme/b:1
    cpuset: "0,1"
  c:
    image: ghcr.io/acme/c:1
    cpu_quota: \${QUOTA}
`,
      },
    },
    {
      name: 'a second file adds the limit',
      files: {
        'compose.yaml': `services:\n  a:\n    image: ghcr.io/acme/a:1\n`,
        'compose.prod.yaml': `services:\n  a:\n    cpus: 2\n`,
      },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, ['cpus', 'deploy', ...OTHER_LIMITS])) {
      if (hasLimit(service, CPUS) !== false || hasOtherLimit(service)) continue;
      reportAbsence(context, service, {
        item: 'cpu limit',
        message: `\`${service.name}\` has no processor limit: a busy loop in it slows the whole host down.`,
        fixes: () => [fixFor(document, service)],
      });
    }
  },
});

/** Also where one is not known. */
function hasOtherLimit(service: ComposeService): boolean {
  return OTHER_LIMITS.some((key) => {
    const scalar = scalarAt(service.effective, key);
    return scalar !== undefined && !/^(?:-1|0+|)$/.test(interpolate(scalar.value).text?.trim() ?? 'unknown');
  });
}

function fixFor(document: Document<'compose'>, service: ComposeService): Fix | undefined {
  // Docker refuses a quota and a number of processors side by side.
  if (service.effective.entries.has('cpu_quota')) return undefined;
  return fixOf(addLimit(document.text, document.tree, service, CPUS), {
    title: 'Limit to one processor',
    safety: 'review',
    risk: 'The service becomes slower where it used more than one processor; one is only a place to start.',
  });
}
