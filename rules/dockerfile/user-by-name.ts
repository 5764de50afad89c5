import { baseImage, effectiveUser, isRoot } from '../../syntaxes/dockerfile/effective.ts';
import type { Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { parseImage } from '../core/image-reference.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { userNumber } from '../data/user-numbers.ts';
import { stagesRunAsBuilt } from './shared/compose-users.ts';
import { runCommands, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/user-by-name',
  title: 'USER names the user instead of giving its number',
  kinds: ['dockerfile'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /\buser\b/i,
  docs: {
    why: `Kubernetes refuses to start an image whose user is a name when the pod says \`runAsNonRoot: true\`: without looking into the
image it cannot know that the name is not another one for root. Volumes and bind mounts know numbers only, too.`,
    fix: 'Give the number: `USER 10001:10001`. It is found with `docker run --rm --entrypoint id IMAGE`.',
    falsePositives: `Only what the container runs as counts, in the last stage or in those that Compose services build. Silent for
variables without a default, for root (dockerfile/root-user), and where Compose sets another user.`,
    cwe: [250],
    references: [
      'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
      'https://docs.docker.com/reference/dockerfile/#user',
    ],
  },
  bad: [
    {
      name: 'the number is in the file',
      files: {
        Dockerfile: `FROM debian:12-slim
RUN groupadd -g 10001 app && useradd -r -u 10001 -g app app
USER «app:app»
CMD ["/srv/server"]
`,
      },
      fixed: `FROM debian:12-slim
RUN groupadd -g 10001 app && useradd -r -u 10001 -g app app
USER 10001:10001
CMD ["/srv/server"]
`,
    },
    {
      name: 'the number is not in the file',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN adduser -S app\nUSER «"app"»\nCMD ["/srv/server"]\n`,
      },
    },
    {
      name: 'a user of the image',
      files: {
        Dockerfile: `FROM node:22-alpine AS base\nUSER «node»\nFROM base\nCMD ["node", "server.js"]\n`,
      },
      fixed: `FROM node:22-alpine AS base\nUSER 1000\nFROM base\nCMD ["node", "server.js"]\n`,
    },
    {
      name: 'a user and a group of the image',
      files: { Dockerfile: `FROM gcr.io/distroless/static\nUSER «nonroot:nonroot»\n` },
      fixed: `FROM gcr.io/distroless/static\nUSER 65532:65532\n`,
    },
    {
      name: 'a default of a variable, and a group by name',
      files: {
        Dockerfile: `FROM alpine:3.22\nARG NAME=app\nRUN adduser -D -u 1001 app\nUSER «\${NAME}:1001»\n`,
      },
    },
  ],
  good: [
    { name: 'a number', files: { Dockerfile: `FROM alpine:3.22\nUSER 10001\n` } },
    { name: 'a number with a group', files: { Dockerfile: `FROM alpine:3.22\nUSER "10001:10001"\n` } },
    {
      name: 'a variable with a number, and one without a value',
      files: {
        Dockerfile: `FROM mcr.microsoft.com/dotnet/aspnet:9.0\nUSER $APP_UID\n`,
        'other.Dockerfile': `FROM alpine:3.22\nARG APP_UID=1000\nUSER \${APP_UID}\n`,
      },
    },
    {
      name: 'a variable whose default is a number',
      files: { Dockerfile: `FROM alpine:3.22\nARG APP_UID=1000\nUSER \${APP_UID:-1000}\n` },
    },
    {
      name: 'in a builder, and overridden',
      files: {
        Dockerfile: `FROM node:22 AS build\nUSER node\nRUN npm ci\nFROM node:22\nUSER node\nRUN id\nUSER 1000\n`,
      },
    },
    { name: 'root', files: { Dockerfile: `FROM node:22\nUSER root\n` } },
    {
      name: 'Compose gives a number',
      files: {
        Dockerfile: `FROM node:22\nUSER node\n`,
        'compose.yaml': `services:\n  web:\n    build: .\n    user: "1000:1000"\n`,
      },
    },
    {
      name: 'Windows',
      files: { Dockerfile: `FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\nUSER ContainerUser\n` },
    },
  ],
  check(document, context) {
    const { tree } = document;
    const reported = new Set<Instruction>();
    for (const stage of stagesRunAsBuilt(document, context)) {
      const user = effectiveUser(tree, stage);
      if (user.from !== 'instruction' || user.value === undefined || stage.shell === 'other') continue;
      const { instruction, word, value } = user;
      const [name = ''] = value.split(':');
      if (reported.has(instruction) || /^\d+$/.test(name) || isRoot(name)) continue;
      reported.add(instruction);
      context.report({
        span: word.span,
        message: `\`${value.slice(0, 40)}\` is a name: Kubernetes refuses it with \`runAsNonRoot\`, and volumes know numbers only.`,
        place: `${stagePlace(stage)}.USER`,
        fixes: () => [asNumber(document, stage, word.span, value)],
      });
    }
  },
});

/** The number in the place of the name, where the file or the image says what it is. */
function asNumber(
  document: Document<'dockerfile'>,
  stage: Stage,
  span: Span,
  value: string,
): Fix | undefined {
  const written = document.text.slice(span.start, span.end).replace(/^(["'])(.*)\1$/, '$2');
  const [name = '', group] = value.split(':');
  const created = numbers(document, stage, /^(?:useradd|adduser)$/, /^(?:-[a-zA-Z]*u|--uid)$/, name);
  const uid = created ?? presetNumber(document, stage, name);
  if (uid === undefined || written !== value) return undefined;
  const gid =
    group === undefined || /^\d+$/.test(group)
      ? group
      : (numbers(document, stage, /^(?:groupadd|addgroup)$/, /^(?:-[a-zA-Z]*g|--gid)$/, group) ??
        // The users that these images bring along have a group of their name and number.
        (group === name && name !== 'nobody' && created === undefined ? uid : undefined));
  if (group !== undefined && gid === undefined) return undefined;
  const user = gid === undefined ? uid : `${uid}:${gid}`;
  return {
    title: `Set USER to ${user}`,
    safety: 'review',
    edits: [{ span, text: user }],
    risk: `If \`${name}\` has another number in the base image, the container runs as somebody else.`,
    verify: 'docker build .',
  };
}

/** The one number that commands of the file give to a name. */
function numbers(
  { tree }: Document<'dockerfile'>,
  stage: Stage,
  program: RegExp,
  option: RegExp,
  name: string,
): string | undefined {
  const stages = new Set(lineage(tree, stage).map(({ index }) => index));
  const found = runCommands(tree, /useradd|adduser|groupadd|addgroup/).flatMap((command) => {
    const words = command.args.map((arg) => arg.value);
    if (!stages.has(command.stage.index) || !program.test(command.name) || !words.includes(name)) return [];
    const at = words.findIndex((word) => option.test(word.replace(/=.*$/, '')));
    const value = words[at]?.includes('=') ? words[at].replace(/^[^=]*=/, '') : words[at + 1];
    return at < 0 ? [] : [value ?? ''];
  });
  const [first] = new Set(found);
  return first !== undefined && new Set(found).size === 1 && /^\d+$/.test(first) ? first : undefined;
}

function presetNumber({ tree }: Document<'dockerfile'>, stage: Stage, name: string): string | undefined {
  const base = baseImage(tree, stage);
  const image = base === undefined ? undefined : parseImage(base);
  return image && userNumber(image, name);
}
