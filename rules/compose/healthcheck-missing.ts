import { healthcheckOf } from '../../syntaxes/compose/service.ts';
import { defineRule } from '../core/rule.ts';
import { isJob, judgedServices, reportAbsence } from './shared/absence.ts';
import { healthcheckFix, imageLacksCheck } from './shared/healthcheck.ts';

export const rule = defineRule({
  id: 'compose/healthcheck-missing',
  title: 'Service has no healthcheck',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `Without a healthcheck a process that hangs counts as running: nothing restarts it, nothing waits for it, and
\`depends_on\` only knows that it has been started.`,
    fix: `Add \`healthcheck\` with a command that the image has: \`pg_isready\`, \`redis-cli ping\`, \`wget --spider\` on a health
endpoint. Keep the timeout shorter than the interval.`,
    falsePositives: `Reported only where it is known that the image brings none: official images of Docker (which never do), some
well-known others, and images built from a Dockerfile in the workspace. Silent for one-shot jobs.`,
    cwe: [703],
    controls: ['CIS Docker 1.6.0 5.27'],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#healthcheck',
      'https://github.com/docker-library/faq#healthcheck',
    ],
  },
  bad: [
    {
      name: 'an image whose check is known',
      files: {
        'compose.yaml': `services:
  «db»:
    image: postgres:17
    restart: always
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db
`,
      },
      fixed: `services:
  db:
    image: postgres:17
    restart: always
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U $\${POSTGRES_USER:-postgres}"]
      interval: 30s
      timeout: 5s
      retries: 3
      start_period: 30s
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db
`,
    },
    {
      name: 'an official image that no check is known for',
      files: { 'compose.yaml': `services:\n  «app»:\n    image: node:22\n    command: node server.js\n` },
    },
    {
      name: 'only the times are given, the image has no check; a server that starts again on failure',
      files: {
        'compose.yaml': `services:
  «cache»:
    image: redis:8
    restart: on-failure
    healthcheck:
      interval: 10s
`,
      },
    },
  ],
  good: [
    {
      name: 'a check, or one that is switched off on purpose',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    healthcheck:
      test: pg_isready
  cache:
    image: redis:8
    healthcheck:
      disable: true
  other:
    image: redis:8
    healthcheck: { test: ["NONE"] }
`,
      },
    },
    {
      name: 'images that are not known, and those that are built elsewhere',
      files: {
        'compose.yaml': `services:
  app:
    image: ghcr.io/acme/app:1
  built:
    build: ./app
  var:
    image: \${IMAGE:?}
  local:
    image: our-own-server:3
`,
      },
    },
    {
      name: 'jobs',
      files: {
        'compose.yaml': `services:
  migrate:
    image: node:22
    command: npm run migrate
    restart: on-failure
  seed:
    image: python:3.13
  app:
    image: ghcr.io/acme/app:1
    depends_on:
      seed: { condition: service_completed_successfully }
`,
      },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, ['healthcheck'])) {
      if (healthcheckOf(service) !== 'unset' || isJob(service, document.tree)) continue;
      const { missing, related } = imageLacksCheck(document, context, service);
      if (!missing) continue;
      reportAbsence(context, service, {
        item: 'healthcheck',
        message: `Neither \`${service.name}\` nor its image has a healthcheck: a process that hangs counts as running.`,
        ...(related && { related: [related] }),
        fixes: () => [healthcheckFix(document, service)],
      });
    }
  },
});
