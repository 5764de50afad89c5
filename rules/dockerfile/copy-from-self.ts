import type { Stage } from '../../syntaxes/dockerfile/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/copy-from-self',
  title: 'A stage copies from itself',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /from=/i,
  docs: {
    why: 'A stage is not there yet while it is being built, so the build ends with an error about a circular dependency.',
    fix: 'Name the stage that holds the files, or copy them with `RUN cp` where they are in this one.',
    falsePositives: 'A number is a stage counted from 0; other names that look alike may be images.',
    references: ['https://docs.docker.com/reference/dockerfile/#copy---from'],
  },
  bad: [
    {
      name: 'its own name',
      files: { Dockerfile: `FROM node:22 AS build\nCOPY --from=«build» /app /app\n` },
    },
    {
      name: 'its number, in another case, and in a mount',
      files: {
        Dockerfile: `FROM node:22
copy --chown=node --from=«0» /a /b
FROM node:22 AS Tools
RUN --mount=type=bind,from=«TOOLS»,target=/t cp /t/a /a
`,
      },
    },
  ],
  good: [
    {
      name: 'another stage',
      files: {
        Dockerfile: `FROM node:22 AS build\nFROM nginx:1.29 AS run\nCOPY --from=build /a /a\nCOPY --from=0 /b /b\n`,
      },
    },
    {
      name: 'an image, and no name at all',
      files: {
        Dockerfile: `FROM node:22 AS node-build\nCOPY --from=node:22 /a /a\nCOPY --from=node /a /a\nCOPY a /b\n`,
      },
    },
    {
      name: 'the image that the stage builds on',
      files: { Dockerfile: `FROM golang:1.26 AS build\nCOPY --from=golang:1.26 /usr/local/go /go\n` },
    },
  ],
  check({ tree }, context) {
    for (const stage of tree.stages) {
      for (const { span, name, keyword } of sourcesOf(stage)) {
        if (name.toLowerCase() !== stage.name && name !== String(stage.index)) continue;
        context.report({
          span,
          message: `\`${name.slice(0, 40)}\` is the stage that this stands in, which is not built yet: the build fails.`,
          place: `${stagePlace(stage)}.${keyword}[--from]`,
        });
      }
    }
  },
});

interface Source {
  readonly span: Span;
  readonly name: string;
  readonly keyword: string;
}

/** What `COPY --from` and `RUN --mount=from=` name. */
function sourcesOf(stage: Stage): readonly Source[] {
  return stage.instructions.flatMap(({ keyword, flags }) =>
    flags.flatMap(({ name, value = '', valueSpan }): Source[] => {
      if (!valueSpan) return [];
      if (name === 'from') return [{ span: valueSpan, name: value, keyword }];
      const from = name === 'mount' ? /(?:^|,)from=([^,]+)/.exec(value) : undefined;
      if (!from?.[1]) return [];
      const start = valueSpan.start + from.index + from[0].length - from[1].length;
      return [{ span: { start, end: start + from[1].length }, name: from[1], keyword }];
    }),
  );
}
