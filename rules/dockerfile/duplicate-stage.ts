import { defineRule } from '../core/rule.ts';

export const rule = defineRule({
  id: 'dockerfile/duplicate-stage',
  title: 'Two stages have the same name',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\bAS\b/i,
  docs: {
    why: `\`COPY --from\`, \`FROM\` and \`--target\` find a stage by its name, and of two with one name they see only one: what the
other one builds never reaches the image, or the wrong half of it does. Case makes no difference.`,
    fix: 'Give each stage a name of its own, and look at what refers to the old one.',
    falsePositives: 'A name that holds a variable is not compared.',
    references: ['https://docs.docker.com/reference/build-checks/duplicate-stage-name/'],
  },
  bad: [
    {
      name: 'the same name twice',
      files: {
        Dockerfile: `FROM node:22 AS build
RUN npm run build

FROM golang:1.26 AS «build»
RUN go build -o /app .

FROM debian:12-slim
COPY --from=build /app /app
`,
      },
    },
    {
      name: 'in another case',
      files: { Dockerfile: `from node:22 as Deps\nFROM node:22 AS «DEPS»\nFROM node:22 AS «deps»\n` },
    },
  ],
  good: [
    {
      name: 'names of their own',
      files: { Dockerfile: `FROM node:22 AS build\nFROM build AS build-prod\nFROM node:22\nFROM node:22\n` },
    },
    {
      name: 'a comment, and the same base',
      files: { Dockerfile: `# FROM node:22 AS build\nFROM node:22 AS build\nFROM node:22 AS run\n` },
    },
    {
      name: 'a name in a variable',
      files: { Dockerfile: `FROM node:22 AS build-$A\nFROM node:22 AS build-$A\n` },
    },
  ],
  check({ uri, tree }, context) {
    const first = new Map<string, (typeof tree.stages)[number]>();
    for (const stage of tree.stages) {
      const word = stage.from.words[2];
      if (stage.name === undefined || !word || stage.name.includes('$')) continue;
      const other = first.get(stage.name);
      if (!other) {
        first.set(stage.name, stage);
        continue;
      }
      context.report({
        span: word.span,
        message: `A stage before this one is called \`${stage.name.slice(0, 40)}\` too: what refers to the name sees only one of the two.`,
        place: `stage[${stage.name}].AS`,
        related: [{ uri, span: other.from.span, message: 'The first stage of this name.' }],
      });
    }
  },
});
