import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { callOf, type Manager, mountsCache, type PackageCall, packageCalls } from './shared/packages.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/update-alone',
  title: 'The package lists are read in a layer of their own',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /apt|apk|zypper/,
  docs: {
    why: `A step is cached for as long as its line stays the same. When packages are added to a later step, it installs from lists that
may be months old: packages are not found any more, or come in versions with known faults.`,
    fix: 'Read the lists and install in one step: `RUN apt-get update && apt-get install -y …`.',
    falsePositives: `Reported only where a later step of the stage, or of one that builds on it, installs without reading the lists
itself, and where the step does nothing else that may use them.`,
    controls: ['CIS Docker 1.6.0 4.7'],
    references: ['https://docs.docker.com/build/building/best-practices/#apt-get'],
  },
  bad: [
    {
      name: 'the next step installs',
      files: {
        Dockerfile: `FROM debian:12
RUN apt-get «update» -qq
RUN apt-get install -y --no-install-recommends \\
    curl \\
    && rm -rf /var/lib/apt/lists/*
USER 1000
`,
      },
      fixed: `FROM debian:12
RUN apt-get update -qq && apt-get install -y --no-install-recommends \\
    curl \\
    && rm -rf /var/lib/apt/lists/*
USER 1000
`,
    },
    {
      name: 'apk, and something between',
      files: { Dockerfile: `FROM alpine:3.22\nRUN apk «update»\nWORKDIR /app\nRUN apk add curl\n` },
    },
    {
      name: 'with a repository that is added',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN dpkg --add-architecture i386 && add-apt-repository -y ppa:a/b && apt-get «update»\nRUN apt-get install -y wine\n`,
      },
      fixed: `FROM ubuntu:24.04\nRUN dpkg --add-architecture i386 && add-apt-repository -y ppa:a/b && apt-get update && apt-get install -y wine\n`,
    },
    {
      name: 'a stage that builds on it',
      files: {
        Dockerfile: `FROM debian:12 AS base\nRUN set -x && sudo apt-get «update» && apt-get clean && useradd -r app\nFROM base\nRUN apt install -y curl\n`,
      },
    },
  ],
  good: [
    {
      name: 'in one step',
      files: {
        Dockerfile: `FROM debian:12
RUN apt-get update && apt-get install -y curl
RUN apt-get update; \\
    apt-get install -y git
RUN apk update && apk upgrade && apk add curl
`,
      },
    },
    {
      name: 'the later step reads the lists itself, or needs none',
      files: {
        Dockerfile: `FROM debian:12
RUN apt-get update
RUN apt-get update && apt-get install -y curl
RUN apt-get install -y ./app.deb
FROM alpine:3.22
RUN apk update
RUN apk add --no-cache curl
`,
      },
    },
    {
      name: 'a script that installs, and a cache mount',
      files: {
        Dockerfile: `FROM debian:12
RUN apt-get update && ./install-dependencies.sh
RUN --mount=type=cache,target=/var/lib/apt apt-get update
RUN --mount=type=cache,target=/var/lib/apt apt-get install -y curl
FROM debian:12
RUN yum update
RUN apt-get install -y curl
`,
      },
    },
    {
      name: 'another stage installs',
      files: {
        Dockerfile: `FROM debian:12 AS a\nRUN apt-get update\nFROM debian:12\nRUN apt-get install -y curl\n`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    if (!tree.stages.some(({ instructions }) => instructions.some(mayBeLone))) return;
    const calls = packageCalls(tree);
    for (const call of calls) {
      if (!isLoneUpdate(call)) continue;
      const later = calls.find((other) => isStale(tree, call, other, calls));
      if (!later) continue;
      context.report({
        span: call.verb.span,
        message: `A later step installs from the lists that \`${call.name} update\` reads here, and the cache keeps them until this line changes.`,
        place: `${stagePlace(call.stage)}.RUN.${call.name}[update]`,
        related: [{ uri: document.uri, span: later.verb.span, message: 'Installs from these lists.' }],
        fixes: () => [join(tree.escape, call.stage, call.instruction, later.instruction)],
      });
    }
  },
});

/** Whether an instruction may read the lists and install nothing, by its text. */
function mayBeLone({ keyword, masked, heredocs }: Instruction): boolean {
  if (keyword !== 'RUN') return false;
  return (
    heredocs.length > 0 ||
    (/\b(?:update|ref|refresh)\b/.test(masked) && !/\b(?:install|add|in)\s/.test(masked))
  );
}

const REFRESH: Readonly<Partial<Record<Manager, RegExp>>> = {
  apt: /^update$/,
  apk: /^update$/,
  zypper: /^(?:refresh|ref)$/,
};

/** Programs that use no package lists. */
const HARMLESS =
  /^(?:|set|echo|printf|adduser|addgroup|useradd|groupadd|usermod|true|:|export|rm|mkdir|cp|mv|ln|chmod|chown|cat|sed|tee|test|\[|ls|date|umask|apt-key|apt-config|add-apt-repository|dpkg|curl|wget|gpg|install)$/;

/** Whether a call reads the package lists and its step does nothing that may need them. */
function isLoneUpdate(call: PackageCall): boolean {
  if (!refreshes(call) || call.instruction.json || mountsCache(call)) return false;
  return call.shell.commands.every((command) => {
    const located = { ...call, command, name: command.program, args: command.operands };
    const other = callOf(located);
    if (other)
      return refreshes(other) || /^(?:clean|autoclean|autoremove|clean-all|cc)$/.test(other.verb.value);
    return HARMLESS.test(located.name);
  });
}

function refreshes({ manager, verb }: PackageCall): boolean {
  return REFRESH[manager]?.test(verb.value) === true;
}

/** Whether a call installs from the lists that an earlier one has read. */
function isStale(
  tree: DockerfileTree,
  update: PackageCall,
  install: PackageCall,
  calls: readonly PackageCall[],
): boolean {
  if (install.manager !== update.manager || !install.installs || mountsCache(install)) return false;
  if (install.verb.span.start < update.verb.span.end || install.instruction === update.instruction)
    return false;
  if (!lineage(tree, install.stage).includes(update.stage)) return false;
  if (install.options.some(({ value }) => /^--(?:no-cache|update-cache)$|^-U$/.test(value))) return false;
  if (!install.packages.some(({ value }) => !/^\.{0,2}\/|\.(?:deb|apk|rpm)$/.test(value))) return false;
  return !calls.some(
    (other) =>
      other !== update &&
      other.manager === update.manager &&
      refreshes(other) &&
      other.verb.span.start > update.verb.span.start &&
      other.verb.span.start < install.verb.span.start &&
      lineage(tree, install.stage).includes(other.stage),
  );
}

/** Two steps as one, where the second follows at once and is a plain list. */
function join(escapeChar: string, stage: Stage, update: Instruction, install: Instruction): Fix | undefined {
  const at = stage.instructions.indexOf(update);
  const plain = [update, install].every(
    ({ flags, heredocs, json, masked }) =>
      flags.length === 0 && heredocs.length === 0 && !json && !/[;|]|(?<!&)&(?!&)/.test(masked),
  );
  if (at < 0 || stage.instructions[at + 1] !== install || !plain || escapeChar === '`') return undefined;
  return {
    title: 'Join it with the next step',
    safety: 'review',
    edits: [{ span: { start: update.arguments.end, end: install.arguments.start }, text: ' && ' }],
    risk: 'The next build reads the lists anew and may install newer versions.',
    verify: 'docker build .',
  };
}
