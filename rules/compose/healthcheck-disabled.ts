import { buildOf, flagOf, imageOf, wordsOf } from '../../syntaxes/compose/service.ts';
import { type ComposeService, type Effective, lookup, scalarAt } from '../../syntaxes/compose/tree.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { parseImage } from '../core/image-reference.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { knownImage } from '../data/images.ts';
import { isJob } from './shared/absence.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { imageLacksCheck } from './shared/healthcheck.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/healthcheck-disabled',
  title: 'Healthcheck is switched off',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /healthcheck/,
  docs: {
    why: `\`disable: true\` and the test \`NONE\` switch the healthcheck of the image off: a process that hangs counts as running, and
nothing can wait for the service to be ready.`,
    fix: 'Delete the block, so that the check of the image is in effect, or write a check that fits the service.',
    falsePositives: `Silent for one-shot jobs, and for services that run another command of an image that a second service runs too: the
check of that image is for the other one.`,
    cwe: [703],
    controls: ['CIS Docker 1.6.0 5.27'],
    references: ['https://docs.docker.com/reference/compose-file/services/#healthcheck'],
  },
  bad: [
    {
      name: 'disable',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    healthcheck:
      disable: «true»
    restart: always
  b:
    image: ghcr.io/acme/b:1
    healthcheck: { disable: «"true"» }
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    restart: always
  b:
    image: ghcr.io/acme/b:1
    healthcheck: { disable: "true" }
`,
    },
    {
      name: 'the test NONE of an image whose check is known',
      files: {
        'compose.yaml': `services:
  cache:
    image: redis:8
    healthcheck:
      test: «["NONE"]»
  db:
    image: postgres:17
    healthcheck: { disable: «yes» }
`,
      },
      fixed: `services:
  cache:
    image: redis:8
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
  db:
    image: postgres:17
    healthcheck: { disable: yes }
`,
    },
    {
      name: 'an image of which it is known that it has no check, so there is nothing to go back to',
      files: {
        'compose.yaml': `services:\n  app:\n    image: node:22\n    command: node server.js\n    healthcheck:\n      disable: «true»\n`,
      },
    },
    {
      name: 'disable, in place of which the known check is written',
      files: {
        'compose.yaml': `services:\n  db:\n    image: postgres:17\n    healthcheck: { disable: «true» }\n`,
      },
      fixed: `services:\n  db:\n    image: postgres:17\n    healthcheck: { test: ["CMD-SHELL", "pg_isready -U $\${POSTGRES_USER:-postgres}"] }\n`,
    },
  ],
  good: [
    {
      name: 'a check, a switch that is off, one that is not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck: { test: [CMD, check], disable: false }
  b:
    image: ghcr.io/acme/b:1
    healthcheck:
      disable: \${NO_CHECK}
  c:
    image: ghcr.io/acme/c:1
    healthcheck:
      interval: 10s
`,
      },
    },
    {
      name: 'jobs',
      files: {
        'compose.yaml': `services:
  migrate:
    image: ghcr.io/acme/api:1.4.2
    command: migrate
    restart: "no"
    healthcheck: { disable: true }
  seed:
    image: ghcr.io/acme/seed:1
    healthcheck: { test: ["NONE"] }
  app:
    image: ghcr.io/acme/app:1
    depends_on:
      seed: { condition: service_completed_successfully }
`,
      },
    },
    {
      name: 'another command of an image whose check is for the server',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/api:1.4.2
  worker:
    image: ghcr.io/acme/api:1.4.2
    command: celery -A app worker
    healthcheck:
      disable: true
  beat:
    build: .
    command: celery -A app beat
    healthcheck:
      disable: true
  site:
    build:
      context: .
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => {
      const off = switchOf(service);
      const wanted = off && (isJob(service, document.tree) || sharesImage(document, service));
      return off && !wanted ? [off] : [];
    };
    for (const { service, subject, sharers } of eachOrigin(document.tree, pick, (span) => span.start)) {
      context.report({
        span: subject,
        message: withSharers(
          `The healthcheck of \`${service.name}\` is switched off: a process that hangs counts as running`,
          sharers,
        ),
        place: `services.${service.name}.healthcheck`,
        fixes: () => [
          atOrigin(knownCheck(document, service), sharers),
          sharers.length < 2 ? backToImage(document, context, service) : undefined,
        ],
      });
    }
  },
});

/** What switches the check off. */
function switchOf(service: ComposeService): Span | undefined {
  const disable = scalarAt(service.effective, 'healthcheck', 'disable');
  if (disable && flagOf(service, 'healthcheck', 'disable') === true) return disable.span;
  const test = lookup(service.effective, 'healthcheck', 'test')?.value;
  return isNone(test) ? test?.node.span : undefined;
}

function isNone(test: Effective | undefined): boolean {
  const first = test?.type === 'seq' ? test.items[0]?.value : test;
  return first?.type === 'scalar' && first.node.value.trim().toUpperCase() === 'NONE';
}

/** Whether the service runs something else than its image is for, which another service runs. */
function sharesImage(document: Document<'compose'>, service: ComposeService): boolean {
  const program = programOf(service);
  if (program === '') return false;
  const own = sourceOf(document, service);
  return document.tree.services.some(
    (other) => programOf(other) !== program && sourceOf(document, other) === own,
  );
}

/** What the service runs in place of the image's own program, '' where that is what it runs. */
function programOf(service: ComposeService): string {
  const words = [...(wordsOf(service, 'entrypoint') ?? []), ...(wordsOf(service, 'command') ?? [])];
  return words.map(({ text }) => text).join(' ');
}

function sourceOf(document: Document<'compose'>, service: ComposeService): string | undefined {
  const build = buildOf(service, document.uri);
  if (!build) return imageOf(service);
  return `${build.contextUri} ${build.dockerfileUri} ${build.target ?? ''}`;
}

/** Writes the check that is known for the image in place of the switch. */
function knownCheck(document: Document<'compose'>, service: ComposeService): Fix | undefined {
  const image = service.effective.entries.has('build') ? undefined : parseImage(imageOf(service) ?? '');
  const test = image && knownImage(image.name, image.tag)?.healthcheck;
  const block = lookup(service.effective, 'healthcheck')?.value;
  if (!test || block?.type !== 'map' || service.effective.entries.has('entrypoint')) return undefined;
  const disable = block.entries.get('disable');
  const given = block.entries.get('test');
  if (disable && given) return undefined;
  const [entry] = [disable, given].filter((each) => each !== undefined);
  const start = disable ? entry?.pair.key.span.start : entry?.pair.value?.span.start;
  const end = entry?.pair.value?.span.end;
  if (start === undefined || end === undefined || start < 0) return undefined;
  if (document.text.slice(start, end).includes('\n')) return undefined;
  return fixOf(
    { span: { start, end }, text: disable ? `test: [${test}]` : `[${test}]` },
    {
      title: 'Use the healthcheck of this image',
      safety: 'review',
      risk: 'The check runs every 30 seconds; a changed port or a required login may need another command.',
    },
  );
}

/** Deletes the block where the image may have a check of its own. */
function backToImage(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
): Fix | undefined {
  const entry = service.effective.entries.get('healthcheck');
  if (entry?.via !== 'own' || imageLacksCheck(document, context, service).missing) return undefined;
  return fixOf(removeEntry(document.text, entry), {
    title: 'Delete healthcheck, so that the one of the image runs',
    safety: 'review',
    risk: 'The check of the image may fail where it is made for another command or port.',
  });
}
