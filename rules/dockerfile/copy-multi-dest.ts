import type { Instruction } from '../../syntaxes/dockerfile/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/copy-multi-dest',
  title: 'Several files are copied to a path that does not say that it is a directory',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `With several sources the destination must be a directory and end with a slash. BuildKit forgives its absence; the classic
builder, Podman, Kaniko and what else reads the file stop with an error.`,
    fix: 'End the destination with a slash: `COPY a b /app/`.',
    falsePositives: `Silent for \`.\` and \`..\`, for destinations in a variable, for one source (also with a wildcard, which may match
one file), and on Windows.`,
    references: ['https://docs.docker.com/reference/dockerfile/#copy'],
  },
  bad: [
    {
      name: 'no slash at the end',
      files: { Dockerfile: `FROM node:22\nCOPY package.json package-lock.json «/app»\n` },
      fixed: `FROM node:22\nCOPY package.json package-lock.json /app/\n`,
    },
    {
      name: 'over several lines, from a stage',
      files: {
        Dockerfile: `FROM node:22 AS build\nFROM node:22\ncopy --from=build --chown=node:node \\\n    /src/a /src/b \\\n    «dist»\nUSER node\n`,
      },
      fixed: `FROM node:22 AS build\nFROM node:22\ncopy --from=build --chown=node:node \\\n    /src/a /src/b \\\n    dist/\nUSER node\n`,
    },
    {
      name: 'as JSON, and ADD',
      files: { Dockerfile: `FROM node:22\nCOPY ["a b.txt", "c.txt", «"/srv"»]\nADD a.tgz b.tgz «/opt»\n` },
      fixed: `FROM node:22\nCOPY ["a b.txt", "c.txt", "/srv/"]\nADD a.tgz b.tgz /opt\n`,
    },
  ],
  good: [
    {
      name: 'a slash at the end',
      files: { Dockerfile: `FROM node:22\nCOPY a b /app/\nCOPY ["a", "b", "./"]\nCOPY a b ./\nCOPY a b /\n` },
    },
    {
      name: 'the working directory',
      files: { Dockerfile: `FROM node:22\nCOPY a b .\nCOPY a b ..\nCOPY a b /app/.\n` },
    },
    { name: 'one source', files: { Dockerfile: `FROM node:22\nCOPY a /app\nCOPY package*.json /app\n` } },
    {
      name: 'a variable, quotes, and files that are written in place',
      files: {
        Dockerfile: `FROM node:22
ARG DIR=/app/
COPY a b $DIR
COPY a b "/app/"
COPY <<EOF /etc/app.conf
a b c
EOF
`,
      },
    },
    {
      name: 'Windows',
      files: { Dockerfile: `FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\nCOPY a b C:\\\\app\\\\\n` },
    },
  ],
  check({ tree }, context) {
    for (const stage of tree.stages) {
      if (stage.shell === 'other') continue;
      for (const outer of stage.instructions) {
        const instruction = outer.trigger ?? outer;
        if (instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') continue;
        const target = destination(instruction);
        if (!target || /[/\\$]$|[$`{]|(?:^|\/)\.{1,2}$/.test(target.path)) continue;
        context.report({
          span: target.span,
          message: `\`${target.path.slice(0, 60)}\` gets several files but does not end with a slash: builders other than BuildKit refuse it.`,
          place: `${stagePlace(stage)}.${instruction.keyword}[${target.path}]`,
          fixes: () => [
            {
              title: 'End the destination with a slash',
              safety: 'safe',
              edits: [{ span: { start: target.end, end: target.end }, text: '/' }],
              verify: 'docker build .',
            },
          ],
        });
      }
    }
  },
});

interface Destination {
  readonly path: string;
  readonly span: Span;
  /** The end of the path itself, inside of quotes. */
  readonly end: number;
}

/** Where several sources go; undefined for a single one. */
function destination({ json, words, heredocs }: Instruction): Destination | undefined {
  if (json) {
    const last = json.at(-1);
    return last && json.length > 2
      ? { path: last.value, span: last.span, end: last.span.end - 1 }
      : undefined;
  }
  const last = words.at(-1);
  // Quotes that hold white space cut a path into words.
  if (!last || words.length < 3 || heredocs.length > 0 || words.some(({ text }) => /^["']|["']$/.test(text)))
    return undefined;
  return { path: last.text, span: last.span, end: last.span.end };
}
