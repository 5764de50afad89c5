import { defineRule } from '../core/rule.ts';
import { reportOverridden } from './shared/duplicates.ts';

export const rule = defineRule({
  id: 'dockerfile/multiple-healthcheck',
  title: 'HEALTHCHECK stands more than once',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /HEALTHCHECK/i,
  docs: {
    why: 'Only the last `HEALTHCHECK` of a stage counts; what the others check goes unnoticed when it fails.',
    fix: 'Keep the one that is meant and remove the others.',
    falsePositives: 'Stages are looked at one by one: a stage may replace what the stage below it says.',
    references: ['https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/'],
  },
  bad: [
    {
      name: 'twice in one stage',
      files: {
        Dockerfile: `FROM alpine:3.22
«HEALTHCHECK» CMD ["/bin/a"]
USER 1000
HEALTHCHECK CMD ["/bin/b"]
`,
      },
      fixed: `FROM alpine:3.22
USER 1000
HEALTHCHECK CMD ["/bin/b"]
`,
    },
    {
      name: 'over several lines, in lower case',
      files: {
        Dockerfile: `from alpine:3.22
«healthcheck» --interval=5s \\
  CMD /bin/a
healthcheck CMD ["/bin/b"]
`,
      },
      fixed: `from alpine:3.22
healthcheck CMD ["/bin/b"]
`,
    },
  ],
  good: [
    {
      name: 'once for each stage',
      files: {
        Dockerfile: `FROM alpine:3.22 AS base
HEALTHCHECK CMD ["/bin/a"]
FROM base
HEALTHCHECK CMD ["/bin/b"]
`,
      },
    },
    {
      name: 'a trigger and a comment',
      files: {
        Dockerfile: `FROM alpine:3.22
# HEALTHCHECK CMD ["/bin/a"]
ONBUILD HEALTHCHECK CMD ["/bin/a"]
HEALTHCHECK CMD ["/bin/b"]
`,
      },
    },
  ],
  check: (document, context) => reportOverridden(document, context, 'HEALTHCHECK'),
});
