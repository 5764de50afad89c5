import { replaceKeyword } from '../core/dockerfile-edits.ts';
import { defineRule } from '../core/rule.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/maintainer',
  title: 'MAINTAINER is deprecated',
  kinds: ['dockerfile'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  mentions: /MAINTAINER/i,
  docs: {
    why: 'The instruction is deprecated since 2017, and tools that look for the people behind an image read the label instead.',
    fix: 'Write `LABEL org.opencontainers.image.authors="…"`.',
    references: ['https://docs.docker.com/reference/dockerfile/#maintainer-deprecated'],
  },
  bad: [
    {
      name: 'a name and an address',
      files: { Dockerfile: `FROM alpine:3.22\n«MAINTAINER» Jane Doe <jane@example.com>\nUSER 1000\n` },
      fixed: `FROM alpine:3.22\nLABEL org.opencontainers.image.authors="Jane Doe <jane@example.com>"\nUSER 1000\n`,
    },
    {
      name: 'in quotes and lower case',
      files: { Dockerfile: `from alpine:3.22\n«maintainer» "Jane Doe"\n` },
      fixed: `from alpine:3.22\nlabel org.opencontainers.image.authors="Jane Doe"\n`,
    },
  ],
  good: [
    {
      name: 'a label, a comment, a word of a command',
      files: {
        Dockerfile: `FROM debian:13
# MAINTAINER is no more
LABEL maintainer="ops@example.com"
RUN echo MAINTAINER jane@example.com > /etc/motd
`,
      },
    },
    {
      name: 'the label',
      files: { Dockerfile: `FROM alpine:3.22\nLABEL maintainer="Jane Doe"\n# MAINTAINER Jane\n` },
    },
  ],
  check({ text, tree }, context) {
    for (const stage of tree.stages) {
      for (const instruction of stage.instructions) {
        if (instruction.keyword !== 'MAINTAINER') continue;
        const name = instruction.masked.trim().replace(/^(["'])(.*)\1$/, '$2');
        const plain = !/["\\$`\n]/.test(name.replace(/^"|"$/g, '')) && name !== '';
        context.report({
          span: instruction.keywordSpan,
          message: '`MAINTAINER` is deprecated: tools read the label `org.opencontainers.image.authors`.',
          place: `${stagePlace(stage)}.MAINTAINER`,
          fixes: () => [
            plain
              ? {
                  title: 'Use the label org.opencontainers.image.authors',
                  safety: 'safe',
                  edits: [
                    replaceKeyword(text, instruction, 'LABEL'),
                    {
                      span: instruction.arguments,
                      text: `org.opencontainers.image.authors="${name.replace(/^"|"$/g, '')}"`,
                    },
                  ],
                }
              : undefined,
          ],
        });
      }
    }
  },
});
