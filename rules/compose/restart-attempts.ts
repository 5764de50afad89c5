import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, lookup, mapAt, scalarAt } from '../../syntaxes/compose/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineRule, type Edit } from '../core/rule.ts';
import { addKey, setScalar } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

/** As many as the benchmark allows. */
const ATTEMPTS = 5;

export const rule = defineRule({
  id: 'compose/restart-attempts',
  title: 'Service is started again without end',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  mentions: /restart/,
  docs: {
    why: `A service that fails at each start and is started again without end takes processor and disk, floods the log, and hides that
it is down. The CIS benchmark allows five attempts.`,
    fix: 'Write `restart: on-failure:5`, or `max_attempts: 5` below `deploy.restart_policy`.',
    falsePositives: `Only \`on-failure\` is looked at: with \`always\` and \`unless-stopped\` a service is meant to come back whatever happens.
Fewer attempts than five are fine.`,
    cwe: [703],
    controls: ['CIS Docker 1.6.0 5.15'],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#restart',
      'https://docs.docker.com/reference/compose-file/deploy/#restart_policy',
    ],
  },
  bad: [
    {
      name: 'no number, or a high one',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    restart: «on-failure»
  b:
    image: ghcr.io/acme/b:1
    restart: «"on-failure:100"»
  c: { image: "ghcr.io/acme/c:1", restart: «on-failure:0» }
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    restart: on-failure:5
  b:
    image: ghcr.io/acme/b:1
    restart: "on-failure:100"
  c: { image: "ghcr.io/acme/c:1", restart: on-failure:0 }
`,
    },
    {
      name: 'below deploy',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    deploy:
      restart_policy:
        condition: «on-failure»
        delay: 5s
  b:
    image: ghcr.io/acme/b:1
    deploy: { restart_policy: { condition: on-failure, max_attempts: «10» } }
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    deploy:
      restart_policy:
        condition: on-failure
        delay: 5s
        max_attempts: 5
  b:
    image: ghcr.io/acme/b:1
    deploy: { restart_policy: { condition: on-failure, max_attempts: 10 } }
`,
    },
  ],
  good: [
    {
      name: 'five attempts or fewer, other policies, what is not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    restart: on-failure:5
  b:
    image: ghcr.io/acme/b:1
    restart: unless-stopped
  c:
    image: ghcr.io/acme/c:1
    restart: \${RESTART}
  d:
    image: ghcr.io/acme/d:1
    restart: "on-failure:3"
  e:
    image: ghcr.io/acme/e:1
    restart: on-failure:\${ATTEMPTS}
`,
      },
    },
    {
      name: 'below deploy',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    deploy: { restart_policy: { condition: on-failure, max_attempts: 3 } }
  b:
    image: ghcr.io/acme/b:1
    deploy: { restart_policy: { condition: any } }
  c:
    image: ghcr.io/acme/c:1
    deploy: { restart_policy: { condition: on-failure, max_attempts: "\${ATTEMPTS}" } }
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => endless(document.text, service);
    for (const { service, subject, sharers } of eachOrigin(document.tree, pick, ({ span }) => span.start)) {
      context.report({
        span: subject.span,
        message: withSharers(
          `\`${service.name}\` is started again more than ${ATTEMPTS} times when it keeps failing`,
          sharers,
        ),
        place: `services.${service.name}.${subject.path}`,
        fixes: () => [
          atOrigin(
            fixOf(subject.edit(), {
              title: `Give up after ${ATTEMPTS} attempts`,
              safety: 'review',
              risk: 'The service stays down after that, until someone starts it.',
            }),
            sharers,
          ),
        ],
      });
    }
  },
});

interface Endless {
  readonly span: Span;
  readonly path: string;
  readonly edit: () => Edit | undefined;
}

function endless(text: string, service: ComposeService): readonly Endless[] {
  const { effective } = service;
  const found: Endless[] = [];
  const restart = scalarAt(effective, 'restart');
  const attempts = restart && /^on-failure(?::(\d+))?$/.exec(interpolate(restart.value).text?.trim() ?? '');
  if (restart && attempts && !isBounded(attempts[1])) {
    const edit = () =>
      restart.value.includes('$')
        ? undefined
        : restart.style === 'plain'
          ? { span: restart.span, text: `on-failure:${ATTEMPTS}` }
          : setScalar(restart, `on-failure:${ATTEMPTS}`);
    found.push({ span: restart.span, path: 'restart', edit });
  }
  const policy = mapAt(effective, 'deploy', 'restart_policy');
  const condition = scalarAt(policy, 'condition');
  if (!policy || !condition || interpolate(condition.value).text !== 'on-failure') return found;
  const max = scalarAt(policy, 'max_attempts');
  const number = max && interpolate(max.value).text;
  if (lookup(policy, 'max_attempts') && (number === undefined || isBounded(number))) return found;
  const edit = () =>
    max
      ? max.value.includes('$')
        ? undefined
        : setScalar(max, String(ATTEMPTS))
      : addKey(text, policy.node, { key: 'max_attempts', value: String(ATTEMPTS) });
  return [...found, { span: (max ?? condition).span, path: 'deploy.restart_policy', edit }];
}

/** `on-failure:0` has no end, as has one without a number. */
function isBounded(number: string | undefined): boolean {
  return number !== undefined && Number(number) > 0 && Number(number) <= ATTEMPTS;
}
