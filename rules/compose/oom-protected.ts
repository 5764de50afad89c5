import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { flagOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService, EffectiveEntry } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/oom-protected',
  title: 'Container is spared when memory runs out',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /oom_/,
  docs: {
    why: `When the host has no memory left the kernel ends what uses most of it. A container that is spared lets it end something else
instead: another service, \`sshd\`, the Docker daemon. With \`oom_kill_disable\` and no limit a leak stops the whole host.`,
    fix: 'Delete the key, and set a memory limit that the service can live with.',
    cwe: [770],
    references: [
      'https://docs.docker.com/engine/containers/resource_constraints/#understand-the-risks-of-running-out-of-memory',
      'https://docs.docker.com/reference/compose-file/services/#oom_kill_disable',
      'https://docs.docker.com/reference/compose-file/services/#oom_score_adj',
    ],
  },
  bad: [
    {
      name: 'the killer is off',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    oom_kill_disable: «true»
    restart: always
`,
      },
      fixed: `services:
  db:
    image: postgres:17
    restart: always
`,
    },
    {
      name: 'a negative score, quoted and as a default',
      files: {
        'compose.yaml': `services:
  db: { image: "postgres:17", oom_score_adj: «-900» }
  cache:
    image: redis:8
    oom_score_adj: «"-1"»
  queue:
    image: rabbitmq:4
    oom_score_adj: «\${OOM_ADJ:--500}»
`,
      },
      fixed: `services:
  db: { image: "postgres:17" }
  cache:
    image: redis:8
    oom_score_adj: "-1"
  queue:
    image: rabbitmq:4
    oom_score_adj: \${OOM_ADJ:--500}
`,
    },
  ],
  good: [
    {
      name: 'a positive score gives the container up first',
      files: {
        'compose.yaml': `services:
  worker:
    image: ghcr.io/acme/worker:1
    oom_score_adj: 500
  api:
    image: ghcr.io/acme/api:1
    oom_kill_disable: false
    oom_score_adj: 0
`,
      },
    },
    {
      name: 'unknown values, and a variable of that name',
      files: {
        'compose.yaml': `services:
  worker:
    image: ghcr.io/acme/worker:1
    oom_score_adj: \${OOM}
    oom_kill_disable: \${NO_OOM}
    environment: { oom_score_adj: "-500" }
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject: entry, sharers } of eachOrigin(
      document.tree,
      protections,
      (entry) => entry.pair.key.span.start,
    )) {
      context.report({
        span: entry.pair.value?.span ?? entry.pair.key.span,
        message: withSharers(
          `\`${service.name}\` is spared when memory runs out (\`${entry.key}\`), so the kernel ends other services or the host's own`,
          sharers,
        ),
        place: `services.${service.name}.${entry.key}`,
        fixes: () => {
          const fix = fixOf(removeEntry(document.text, entry), {
            title: `Delete ${entry.key}`,
            safety: 'review',
            risk: 'When memory runs out this container may be the one that is ended.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

function protections(service: ComposeService): readonly EffectiveEntry[] {
  const { entries } = service.effective;
  const disabled = entries.get('oom_kill_disable');
  const score = entries.get('oom_score_adj');
  const text = score?.value?.type === 'scalar' ? interpolate(score.value.node.value).text : undefined;
  return [
    ...(disabled && flagOf(service, 'oom_kill_disable') === true ? [disabled] : []),
    ...(score && text !== undefined && /^-0*[1-9]\d*$/.test(text.trim()) ? [score] : []),
  ];
}
