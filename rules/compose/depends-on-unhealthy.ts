import { buildOf, healthcheckOf, imageOf } from '../../syntaxes/compose/service.ts';
import { type ComposeService, mapAt, scalarAt } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { booleanOf, type YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { healthcheckFix, imageLacksCheck } from './shared/healthcheck.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/depends-on-unhealthy',
  title: 'Service waits for a health that nobody checks',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `\`condition: service_healthy\` on a service without a healthcheck is an error at start: Compose stops with "has no
healthcheck configured", and the whole stack stays down.`,
    fix: 'Give the other service a `healthcheck`, or wait for `service_started` only.',
    falsePositives:
      'Reported only where it is known that neither the Compose file nor the image has a healthcheck.',
    cwe: [703],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#depends_on',
      'https://docs.docker.com/compose/how-tos/startup-order/',
    ],
  },
  bad: [
    {
      name: 'a database without a healthcheck',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on:
      db:
        condition: «service_healthy»
  db:
    image: redis:8
    restart: always
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on:
      db:
        condition: service_healthy
  db:
    image: redis:8
    restart: always
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
      interval: 30s
      timeout: 5s
      retries: 3
      start_period: 30s
`,
      offers: ['Add the healthcheck of this image', 'Wait for service_started'],
    },
    {
      name: 'a healthcheck that is switched off',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on:
      db: { condition: «service_healthy» }
  db:
    image: ghcr.io/acme/db:1
    healthcheck: { disable: true }
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on:
      db: { condition: service_started }
  db:
    image: ghcr.io/acme/db:1
    healthcheck: { disable: true }
`,
    },
  ],
  good: [
    {
      name: 'the image that is built has a check',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    depends_on:
      api:
        condition: service_healthy
  api:
    build: ./api
`,
        'api/Dockerfile': `FROM node:24
HEALTHCHECK CMD ["node", "check.js"]
CMD ["node", "server.js"]
`,
      },
    },
    {
      name: 'a healthcheck is there, or may be in the image',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on:
      db: { condition: service_healthy }
      other: { condition: service_healthy }
      built: { condition: service_healthy }
      elsewhere: { condition: service_healthy }
      cache: { condition: service_started }
      optional: { condition: service_healthy, required: false }
  optional:
    image: redis:8
  db:
    image: postgres:17
    healthcheck: { test: [CMD, pg_isready] }
  other:
    image: ghcr.io/acme/other:1
  built:
    build: ./built
  cache:
    image: redis:8
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => vainWaits(document, context, service);
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      pick,
      ({ scalar }) => scalar.span.start,
    )) {
      const { scalar, target } = subject;
      context.report({
        span: scalar.span,
        message: withSharers(
          `\`${target.name}\` has no healthcheck, so Compose refuses to start \`${service.name}\``,
          sharers,
        ),
        place: `services.${service.name}.depends_on.${target.name}`,
        related: [{ uri: document.uri, span: target.key.span, message: 'This service has no healthcheck.' }],
        fixes: () => {
          const started: Fix | undefined = fixOf(setScalar(scalar, 'service_started'), {
            title: 'Wait for service_started',
            safety: 'review',
            risk: `\`${service.name}\` may start before \`${target.name}\` is ready.`,
          });
          return [healthcheckFix(document, target), atOrigin(started, sharers)];
        },
      });
    }
  },
});

interface VainWait {
  readonly scalar: YamlScalar;
  readonly target: ComposeService;
}

function vainWaits(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
): readonly VainWait[] {
  return [...(mapAt(service.effective, 'depends_on')?.entries ?? [])].flatMap(([name, entry]) => {
    const scalar = entry.value?.type === 'map' ? scalarAt(entry.value, 'condition') : undefined;
    const target = document.tree.project.services.get(name);
    const required = entry.value?.type === 'map' ? scalarAt(entry.value, 'required') : undefined;
    if (scalar?.value !== 'service_healthy' || !target?.complete) return [];
    // Compose goes on without one that is not required.
    if (required && booleanOf(required) !== true) return [];
    const check = healthcheckOf(target);
    const known = imageOf(target) !== undefined || buildOf(target, document.uri) !== undefined;
    const vain =
      check === 'disabled' ||
      (check === 'unset' && known && imageLacksCheck(document, context, target).missing);
    return vain ? [{ scalar, target }] : [];
  });
}
