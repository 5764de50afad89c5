import { defineRule } from '../core/rule.ts';
import { reportOverridden } from './shared/duplicates.ts';

export const rule = defineRule({
  id: 'dockerfile/multiple-entrypoint',
  title: 'ENTRYPOINT stands more than once',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /ENTRYPOINT/i,
  docs: {
    why: 'Only the last `ENTRYPOINT` of a stage counts; what the others say is never run, a wrapper that drops rights or sets limits among it.',
    fix: 'Keep the one that is meant and remove the others.',
    falsePositives: 'Stages are looked at one by one: a stage may replace what the stage below it says.',
    references: ['https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/'],
  },
  bad: [
    {
      name: 'twice in one stage',
      files: {
        Dockerfile: `FROM alpine:3.22
«ENTRYPOINT» ["/bin/a"]
USER 1000
ENTRYPOINT ["/bin/b"]
`,
      },
      fixed: `FROM alpine:3.22
USER 1000
ENTRYPOINT ["/bin/b"]
`,
    },
    {
      name: 'over several lines, in lower case',
      files: {
        Dockerfile: `from alpine:3.22
«entrypoint» ["/bin/a", \\
  "--flag"]
entrypoint ["/bin/b"]
`,
      },
      fixed: `from alpine:3.22
entrypoint ["/bin/b"]
`,
    },
  ],
  good: [
    {
      name: 'once for each stage',
      files: {
        Dockerfile: `FROM alpine:3.22 AS base
ENTRYPOINT ["/bin/a"]
FROM base
ENTRYPOINT ["/bin/b"]
`,
      },
    },
    {
      name: 'a trigger and a comment',
      files: {
        Dockerfile: `FROM alpine:3.22
# ENTRYPOINT ["/bin/a"]
ONBUILD ENTRYPOINT ["/bin/a"]
ENTRYPOINT ["/bin/b"]
`,
      },
    },
  ],
  check: (document, context) => reportOverridden(document, context, 'ENTRYPOINT'),
});
