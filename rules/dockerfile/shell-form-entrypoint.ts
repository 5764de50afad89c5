import { lastInstruction } from '../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { execForm } from '../core/dockerfile-edits.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import type { ComposeServiceFact } from '../facts/compose-services.ts';
import { productionStages } from './shared/built-stages.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/shell-form-entrypoint',
  title: 'CMD or ENTRYPOINT starts a shell around the application',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /CMD|ENTRYPOINT/i,
  docs: {
    why: `The shell form runs \`/bin/sh -c\`, and unless the shell happens to replace itself it is process 1. It does not pass \`SIGTERM\`
on, so every stop waits for the timeout and ends in a kill: requests are cut off and nothing is flushed. A shell-form \`ENTRYPOINT\` also ignores \`CMD\`.`,
    fix: `Write the exec form, a JSON array of the words. Where the shell is needed for variables or \`&&\`, put \`exec\` before the last
command, so that the application takes the shell's place.`,
    falsePositives:
      'Only what runs in production is meant: the final stage, or the stages that Compose services name. Silent where `exec` is there already, where `SHELL` sets another shell, and where every Compose service sets `init` or the command itself.',
    cwe: [404],
    references: [
      'https://docs.docker.com/reference/dockerfile/#shell-and-exec-form',
      'https://docs.docker.com/reference/build-checks/json-args-recommended/',
    ],
  },
  bad: [
    {
      name: 'plain words',
      files: { Dockerfile: `FROM node:22\nUSER node\nCMD «node --enable-source-maps 'dist/main.js'»\n` },
      fixed: `FROM node:22\nUSER node\nCMD ["node", "--enable-source-maps", "dist/main.js"]\n`,
    },
    {
      name: 'a variable needs the shell',
      files: { Dockerfile: `FROM python:3.13\nUSER 1000\nCMD «gunicorn --bind 0.0.0.0:$PORT app:app»\n` },
      fixed: `FROM python:3.13\nUSER 1000\nCMD exec gunicorn --bind 0.0.0.0:$PORT app:app\n`,
    },
    {
      name: 'a list of commands',
      files: {
        Dockerfile: `FROM python:3.13\nUSER 1000\nENTRYPOINT «python manage.py migrate && \\\n  gunicorn app:app»\n`,
      },
      fixed: `FROM python:3.13\nUSER 1000\nENTRYPOINT python manage.py migrate && \\\n  exec gunicorn app:app\n`,
    },
    {
      name: 'both, one of them inherited',
      files: {
        Dockerfile: `FROM alpine:3.22 AS base
ENTRYPOINT «/bin/app»

FROM base
CMD «--verbose»
`,
      },
      fixed: `FROM alpine:3.22 AS base
ENTRYPOINT ["/bin/app"]

FROM base
CMD --verbose
`,
    },
    {
      name: 'single quotes are no JSON',
      files: { Dockerfile: `FROM node:22\nUSER node\nCMD «['node', 'server.js']»\n` },
      fixed: `FROM node:22\nUSER node\nCMD ["node", "server.js"]\n`,
    },
    {
      name: 'no clean edit: a loop',
      files: { Dockerfile: `FROM alpine:3.22\nUSER 1000\nCMD «while true; do /bin/job; sleep 60; done»\n` },
    },
  ],
  good: [
    {
      name: 'Compose puts an init before it, or sets the command',
      files: {
        Dockerfile: `FROM node:22\nUSER node\nCMD node server.js --port $PORT\n`,
        'compose.yaml': `services:
  a: { build: ., init: true }
  b:
    build: .
    command: ["node", "worker.js"]
`,
      },
    },
    {
      name: 'Compose builds another stage',
      files: {
        Dockerfile: `FROM node:22 AS app\nUSER node\nCMD ["node", "server.js"]\nFROM app AS other\nCMD node other.js\n`,
        'compose.yaml': `services:\n  a:\n    build: { context: ., target: app }\n`,
      },
    },
    {
      name: 'the exec form',
      files: { Dockerfile: `FROM node:22\nENTRYPOINT ["docker-entrypoint.sh"]\nCMD ["node", "server.js"]\n` },
    },
    { name: 'exec in front', files: { Dockerfile: `FROM node:22\nCMD exec node server.js --port $PORT\n` } },
    {
      name: 'exec at the end',
      files: { Dockerfile: `FROM node:22\nCMD ./migrate.sh && exec node server.js\n` },
    },
    {
      name: 'a builder',
      files: { Dockerfile: `FROM node:22 AS build\nCMD npm run build\n\nFROM nginx:1.29\nCMD ["nginx"]\n` },
    },
    {
      name: 'a health check',
      files: {
        Dockerfile: `FROM node:22\nHEALTHCHECK CMD curl -f http://localhost/ || exit 1\nCMD ["node", "a.js"]\n`,
      },
    },
    { name: 'a trigger', files: { Dockerfile: `FROM node:22\nONBUILD CMD node a.js\n` } },
    {
      name: 'another shell',
      files: { Dockerfile: `FROM ubuntu:24.04\nSHELL ["/bin/bash", "-lc"]\nCMD node a.js\n` },
    },
    { name: 'replaced later', files: { Dockerfile: `FROM node:22\nCMD node a.js\nCMD ["node", "b.js"]\n` } },
    {
      name: 'Windows',
      files: { Dockerfile: `FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\nCMD app.exe --serve\n` },
    },
  ],
  check(document, context) {
    const { text, tree } = document;
    const seen = new Set<number>();
    for (const { stage, services } of productionStages(document, context)) {
      for (const keyword of ['ENTRYPOINT', 'CMD']) {
        const found = lastInstruction(tree, stage, keyword);
        const instruction = found?.instruction;
        if (!instruction || !isShellForm(tree, stage, instruction) || seen.has(instruction.span.start))
          continue;
        if (services.length > 0 && services.every((service) => replaces(service, keyword))) continue;
        seen.add(instruction.span.start);
        // What starts like JSON and is none is a slip of the pen, and no shell form that someone meant.
        const form = instruction.masked.startsWith('[') ? 'is no valid JSON and' : 'in the shell form';
        const other = lastInstruction(tree, stage, keyword === 'CMD' ? 'ENTRYPOINT' : 'CMD') !== undefined;
        context.report({
          span: instruction.arguments,
          message: `\`${keyword}\` ${form} makes a shell process 1, which may not pass on \`SIGTERM\`: stops then end in a kill.`,
          place: `${stagePlace(found.stage)}.${keyword}`,
          fixes: () => [
            asJson(instruction),
            toExecForm(text, instruction, other),
            withExec(text, instruction),
          ],
        });
      }
    }
  },
});

/** Whether `/bin/sh -c` stands around what is started. */
function isShellForm(tree: DockerfileTree, stage: Stage, instruction: Instruction): boolean {
  if (stage.shell !== 'posix' || lastInstruction(tree, stage, 'SHELL')) return false;
  return !instruction.json && instruction.words.length > 0 && !isExec(instruction);
}

/** Whether Compose runs something else, or puts an init process before it that ends the container at once. */
function replaces({ keys }: ComposeServiceFact, keyword: string): boolean {
  return (
    keys.includes('init') || keys.includes('entrypoint') || (keyword === 'CMD' && keys.includes('command'))
  );
}

function isExec({ shell }: Instruction): boolean {
  return shell?.commands.some(({ name }) => name?.value === 'exec') === true;
}

const BUILTIN =
  /^(?:cd|\.|source|export|eval|set|ulimit|umask|alias|trap|exit|return|shift|read|type|command|wait|:)$/;

const OTHER_RISK =
  'The words of `CMD` become arguments of `ENTRYPOINT`, which did not get them in this way before.';

/** An array in single quotes is no JSON, so a shell looks for a program named `[node`. */
function asJson({ arguments: span, masked }: Instruction): Fix | undefined {
  if (!/^\[\s*'[^'"\\]*'(?:\s*,\s*'[^'"\\]*')*\s*\]$/.test(masked)) return undefined;
  return {
    title: 'Write the array with double quotes',
    safety: 'review',
    edits: [{ span, text: masked.replaceAll("'", '"') }],
    risk: 'The container starts another program than before, when a shell was given the whole array.',
    verify: 'docker build .',
  };
}

/** The words as JSON, where the shell does nothing but split them. */
function toExecForm(text: string, { shell, arguments: span }: Instruction, other: boolean): Fix | undefined {
  // A comment between the lines would be lost.
  if (/\n[ \t]*#/.test(text.slice(span.start, span.end))) return undefined;
  const [command] = shell?.commands ?? [];
  if (shell?.commands.length !== 1 || !command?.name || BUILTIN.test(command.name.value)) return undefined;
  if (command.span.start !== span.start || command.span.end !== span.end || command.redirects.length > 0)
    return undefined;
  const words = [command.name, ...command.args];
  if (command.assignments.length > 0 || words.some((word) => !isPlain(word.text))) return undefined;
  return {
    title: 'Write it in the exec form',
    ...(other ? { safety: 'review', risk: OTHER_RISK } : { safety: 'safe' }),
    edits: [{ span, text: execForm(words.map(({ value }) => value)) }],
    verify: 'docker build .',
  };
}

/** No expansion, no pattern, no operator: quotes are the only thing that the shell takes away. */
function isPlain(word: string): boolean {
  return /^'[^']*'$/.test(word) || /^(?:[\w@%+=:,./^-]|"[^"$`\\]*"|'[^']*')+$/.test(word);
}

/** `exec` before the last command of a plain list. */
function withExec(text: string, { shell, arguments: span, masked }: Instruction): Fix | undefined {
  const last = shell?.commands.at(-1);
  if (
    !shell ||
    !last?.name ||
    shell.pipelines.length > 0 ||
    last.span.end !== span.end ||
    BUILTIN.test(last.name.value) ||
    last.name.value.startsWith('-')
  )
    return undefined;
  const between = masked.slice(0, last.span.start - span.start).trim();
  if ((between !== '' && !/(?:&&|;)$/.test(between)) || /\|\||(?<!&)&(?!&)/.test(masked)) return undefined;
  if (last.assignments.length > 0 || text.slice(last.span.start, last.span.start + 4) === 'exec')
    return undefined;
  return {
    title: 'Put exec before the last command',
    safety: 'review',
    edits: [{ span: { start: last.span.start, end: last.span.start }, text: 'exec ' }],
    risk: 'The application becomes process 1: it must handle `SIGTERM` itself and reap its children.',
    verify: 'docker build .',
  };
}
