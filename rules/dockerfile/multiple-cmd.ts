import { defineRule } from '../core/rule.ts';
import { reportOverridden } from './shared/duplicates.ts';

export const rule = defineRule({
  id: 'dockerfile/multiple-cmd',
  title: 'CMD stands more than once',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /CMD/i,
  docs: {
    why: 'Only the last `CMD` of a stage counts; what the others say is never run, and whoever reads the file may take it for what runs.',
    fix: 'Keep the one that is meant and remove the others.',
    falsePositives: 'Stages are looked at one by one: a stage may replace what the stage below it says.',
    references: ['https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/'],
  },
  bad: [
    {
      name: 'twice in one stage',
      files: {
        Dockerfile: `FROM alpine:3.22
«CMD» ["/bin/a"]
USER 1000
CMD ["/bin/b"]
`,
      },
      fixed: `FROM alpine:3.22
USER 1000
CMD ["/bin/b"]
`,
    },
    {
      name: 'over several lines, in lower case',
      files: {
        Dockerfile: `from alpine:3.22
«cmd» ["/bin/a", \\
  "--flag"]
cmd ["/bin/b"]
`,
      },
      fixed: `from alpine:3.22
cmd ["/bin/b"]
`,
    },
  ],
  good: [
    {
      name: 'once for each stage',
      files: {
        Dockerfile: `FROM alpine:3.22 AS base
CMD ["/bin/a"]
FROM base
CMD ["/bin/b"]
`,
      },
    },
    {
      name: 'a trigger and a comment',
      files: {
        Dockerfile: `FROM alpine:3.22
# CMD ["/bin/a"]
ONBUILD CMD ["/bin/a"]
CMD ["/bin/b"]
`,
      },
    },
  ],
  check: (document, context) => reportOverridden(document, context, 'CMD'),
});
