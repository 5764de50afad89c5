import { defineRule } from '../core/rule.ts';
import { judgedServices, reportAbsence } from './shared/absence.ts';
import { fixOf } from './shared/fixes.ts';
import { addLimit, hasLimit, type Limit } from './shared/limits.ts';

const MEMORY: Limit = { short: 'mem_limit', long: 'memory', value: '512M' };

export const rule = defineRule({
  id: 'compose/memory-limit-missing',
  title: 'Service has no memory limit',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `A leak or a flood of requests in one container takes the memory of the whole host, and the kernel then kills whichever
process it likes: often the database.`,
    fix: `Set \`mem_limit\`, or \`deploy.resources.limits.memory\`; both at once must agree. The fix writes 512M as a place to start:
measure with \`docker stats\` and leave room for peaks.`,
    falsePositives:
      'A reservation is no limit, and `0` means none. Silent where the limit is a variable without a default.',
    cwe: [770],
    controls: ['CIS Docker 1.6.0 5.11', 'OWASP Docker Security Cheat Sheet, rule 7'],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#mem_limit',
      'https://docs.docker.com/reference/compose-file/deploy/#resources',
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
    mem_limit: \${MEMORY:-0}
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    mem_limit: 512M
    environment:
      A: b
  worker:
    image: ghcr.io/acme/api:1.4.2
    mem_limit: \${MEMORY:-0}
`,
    },
    {
      name: 'the form that is there already: a reservation below deploy',
      files: {
        'compose.yaml': `services:
  «api»:
    image: ghcr.io/acme/api:1.4.2
    deploy:
      resources:
        reservations:
          memory: 256M
    restart: always
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    deploy:
      resources:
        reservations:
          memory: 256M
        limits:
          memory: 512M
    restart: always
`,
    },
    {
      name: 'the form that the other services use',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    deploy:
      resources:
        limits:
          memory: 1G
  «b»:
    image: ghcr.io/acme/b:1
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    deploy:
      resources:
        limits:
          memory: 1G
  b:
    image: ghcr.io/acme/b:1
    deploy:
      resources:
        limits:
          memory: 512M
`,
    },
    {
      name: 'a default of 0 with a unit is none',
      files: {
        'compose.yaml': `services:\n  «a»:\n    image: ghcr.io/acme/a:1\n    deploy: { resources: { limits: { memory: "\${MEM:-0}m" } } }\n`,
      },
    },
    {
      name: 'a limit of 0 is none',
      files: {
        'compose.yaml': `services:\n  «a»:\n    image: ghcr.io/acme/a:1\n    mem_limit: 0 # all\n`,
      },
      fixed: `services:\n  a:\n    image: ghcr.io/acme/a:1\n    mem_limit: 512M # all\n`,
    },
    {
      name: 'limits for the processor only',
      files: {
        'compose.yaml': `services:
  «a»:
    image: ghcr.io/acme/a:1
    deploy: { resources: { limits: { cpus: "1" } } }
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    deploy: { resources: { limits: { cpus: "1", memory: 512M } } }
`,
    },
  ],
  good: [
    {
      name: 'each form of a limit',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    mem_limit: 512m
  app:
    image: ghcr.io/acme/app:1
    deploy: {resources: {limits: {memory: 1G}}}
  tool:
    image: ghcr.io/acme/tool:1
    mem_limit: "\${MEM}"
`,
      },
    },
    {
      name: 'either form, also through a merge key or a variable',
      files: {
        'compose.yaml': `x-limits: &limits
  deploy:
    resources:
      limits:
        memory: 256M
services:
  a:
    image: ghcr.io/acme/a:1
    mem_limit: 256m
  b:
    <<: *limits
    image: ghcr.io/acme/b:1
  c:
    image: ghcr.io/acme/c:1
    mem_limit: \${MEMORY}
  d:
    image: ghcr.io/acme/c:1
    deploy: { resources: { limits: { memory: "\${D_MEMORY:-1g}" } } }
`,
      },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, ['mem_limit', 'deploy'])) {
      if (hasLimit(service, MEMORY) !== false) continue;
      reportAbsence(context, service, {
        item: 'memory limit',
        message: `\`${service.name}\` has no memory limit: a leak in it takes the memory of the whole host.`,
        fixes: () => [
          fixOf(addLimit(document.text, document.tree, service, MEMORY), {
            title: 'Limit memory to 512M',
            safety: 'review',
            risk: 'The kernel kills the container when it needs more; 512M is only a place to start.',
          }),
        ],
      });
    }
  },
});
