import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { callOf, type Manager, mountsCache } from './shared/packages.ts';
import { finalLineage, type LocatedCommand, runCommands, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/package-cache',
  title: "A package manager's cache stays in the image",
  kinds: ['dockerfile'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /apt|apk|yum|dnf|pip/,
  docs: {
    why: `Lists and downloads that an installation leaves behind are of no use in a container, and removing them in a later step frees
nothing: every layer keeps what it has. They make each pull and each start on a new machine slower.`,
    fix: `Remove them in the step that makes them (\`rm -rf /var/lib/apt/lists/*\`, \`dnf clean all\`), use \`apk add --no-cache\` and
\`pip install --no-cache-dir\`, or keep them in a cache mount, which is no part of the image.`,
    falsePositives: `Only the stages that the final image is made of count. Silent for cache mounts, for \`PIP_NO_CACHE_DIR\`, and where
the step removes the directory in whatever way.`,
    references: [
      'https://docs.docker.com/build/building/best-practices/#apt-get',
      'https://docs.docker.com/build/cache/optimize/#use-cache-mounts',
    ],
  },
  bad: [
    {
      name: 'apt',
      files: {
        Dockerfile: `FROM debian:12\nRUN apt-get «update» && apt-get install -y --no-install-recommends curl\nUSER 1000\n`,
      },
      fixed: `FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\nUSER 1000\n`,
    },
    {
      name: 'apk',
      files: { Dockerfile: `FROM alpine:3.22\nRUN apk «add» -q \\\n    curl && rm -rf /tmp/*\nUSER 1000\n` },
      fixed: `FROM alpine:3.22\nRUN apk add --no-cache -q \\\n    curl && rm -rf /tmp/*\nUSER 1000\n`,
    },
    {
      name: 'pip, in a stage that the last one builds on',
      files: {
        Dockerfile: `FROM python:3.13 AS base\nRUN python3 -m pip «install» -r requirements.txt\nFROM base\nRUN pip3 «install» gunicorn==23.0.0\n`,
      },
      fixed: `FROM python:3.13 AS base\nRUN python3 -m pip install --no-cache-dir -r requirements.txt\nFROM base\nRUN pip3 install gunicorn==23.0.0\n`,
    },
    {
      name: 'dnf',
      files: { Dockerfile: `FROM fedora:42\nRUN dnf «install» -y nginx\n` },
      fixed: `FROM fedora:42\nRUN dnf install -y nginx && dnf clean all\n`,
    },
  ],
  good: [
    {
      name: 'removed in the same step',
      files: {
        Dockerfile: `FROM debian:12
RUN apt-get update && apt-get install -y curl && apt-get clean && rm -rf /var/lib/apt/lists/* /tmp/*
RUN apt-get update; apt-get install -y git; rm -r /var/lib/apt/lists
RUN apk add curl && rm -rf /var/cache/apk/*
RUN yum install -y tar && yum clean all && rm -rf /var/cache/yum
RUN dnf install -y tar && rm -rf /var/cache/dnf
RUN pip install -r requirements.txt && rm -rf /root/.cache
RUN find /var/lib/apt/lists -type f -delete && apt-get update && apt-get install -y x
`,
      },
    },
    {
      name: 'not made at all',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN apk --no-cache add curl\nRUN pip install --no-cache-dir x && pip --no-cache-dir install y\nRUN PIP_NO_CACHE_DIR=1 pip install z\n`,
      },
    },
    {
      name: 'cache mounts and settings',
      files: {
        Dockerfile: `FROM python:3.13
ENV PIP_NO_CACHE_DIR=1
RUN --mount=type=cache,target=/var/cache/apt --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y curl
RUN pip install -r requirements.txt
`,
      },
    },
    {
      name: 'a builder',
      files: {
        Dockerfile: `FROM debian:12 AS build\nRUN apt-get update && apt-get install -y gcc\nFROM debian:12\nCOPY --from=build /app /app\n`,
      },
    },
    {
      name: 'no lists are read, and no packages',
      files: {
        Dockerfile: `FROM debian:12\nRUN apt-get install -y ./app.deb && apt-get clean\nRUN pip --version\n`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    const stages = new Set(finalLineage(tree).map(({ index }) => index));
    const seen = new Set<string>();
    for (const located of runCommands(tree, /apt|apk|yum|dnf|pip/)) {
      const { stage, instruction } = located;
      const use = stages.has(stage.index) && !mountsCache(located) ? cacheUse(document, located) : undefined;
      // One finding for each step and manager.
      const key = `${instruction.span.start} ${use?.manager ?? ''}`;
      if (!use || seen.has(key)) continue;
      seen.add(key);
      context.report({
        span: use.span,
        message: `\`${use.manager === 'pip' ? 'pip' : located.name}\` leaves ${use.leaves} in this layer: a larger image, whatever a later step removes.`,
        place: `${stagePlace(stage)}.RUN.${located.name}[cache]`,
        fixes: () => [
          use.flag === undefined ? append(instruction, use.cleanup) : addOption(use.span, use.flag),
        ],
      });
    }
  },
});

interface CacheUse {
  readonly manager: Manager | 'pip';
  readonly span: Span;
  readonly leaves: string;
  /** The option that leaves nothing behind. */
  readonly flag?: string;
  /** The command that removes it. */
  readonly cleanup?: string;
}

/** What a command leaves behind in its layer; undefined where that is nothing, or the step removes it. */
function cacheUse(document: Document<'dockerfile'>, located: LocatedCommand): CacheUse | undefined {
  const { instruction, shell } = located;
  const code = document.text.slice(instruction.span.start, instruction.span.end);
  const pip = pipUse(document.tree, located, code);
  if (pip) return pip;
  const call = callOf(located);
  if (!call || instruction.json) return undefined;
  // What reads the lists leaves them behind, whether or not something is installed.
  if (call.manager === 'apt') {
    if (call.verb.value !== 'update' || code.includes('/var/lib/apt')) return undefined;
    const cleanup = 'rm -rf /var/lib/apt/lists/*';
    const only = shell.commands.every((each) => each.program !== call.name || each === call.command);
    return { manager: 'apt', span: call.verb.span, leaves: 'its package lists', ...(!only && { cleanup }) };
  }
  if (!call.installs || call.packages.length === 0) return undefined;
  if (call.manager === 'apk') {
    const none = call.options.some(({ value }) => value === '--no-cache') || code.includes('/var/cache/apk');
    if (none) return undefined;
    return { manager: 'apk', span: call.verb.span, leaves: 'its index', flag: '--no-cache' };
  }
  if (call.manager !== 'dnf' || /\bclean\b|\/var\/cache/.test(code)) return undefined;
  return { manager: 'dnf', span: call.verb.span, leaves: 'its downloads', cleanup: `${call.name} clean all` };
}

function pipUse(
  tree: DockerfileTree,
  { name, args, stage }: LocatedCommand,
  code: string,
): CacheUse | undefined {
  const isModule = /^python[\d.]*$/.test(name) && args[0]?.value === '-m' && args[1]?.value === 'pip';
  if (!isModule && !/^pip[\d.]*$/.test(name)) return undefined;
  const words = isModule ? args.slice(2) : args;
  const verb = words.find(({ value }) => !value.startsWith('-'));
  if (verb?.value !== 'install' || /--no-cache-dir|PIP_NO_CACHE|PIP_CACHE_DIR|\.cache|cache purge/.test(code))
    return undefined;
  if (setsPipCache(tree, stage)) return undefined;
  return { manager: 'pip', span: verb.span, leaves: 'its downloads', flag: '--no-cache-dir' };
}

/** Whether a variable of the stage switches pip's cache off or moves it. */
function setsPipCache(tree: DockerfileTree, stage: Stage): boolean {
  return lineage(tree, stage).some(({ instructions }) =>
    instructions.some(
      ({ keyword, pairs }) =>
        (keyword === 'ENV' || keyword === 'ARG') &&
        pairs.some(({ name }) => /^PIP_(?:NO_CACHE_DIR|CACHE_DIR|CONFIG_FILE)$/.test(name)),
    ),
  );
}

function addOption(span: Span, flag: string): Fix {
  return {
    title: `Add ${flag}`,
    safety: 'safe',
    edits: [{ span: { start: span.end, end: span.end }, text: ` ${flag}` }],
    verify: 'docker build .',
  };
}

/** A last command for a step that is a plain list. */
function append(
  { masked, heredocs, arguments: { end } }: Instruction,
  cleanup: string | undefined,
): Fix | undefined {
  if (cleanup === undefined || heredocs.length > 0 || /[;|({]|(?<!&)&(?!&)/.test(masked)) return undefined;
  return {
    title: `Add ${cleanup}`,
    safety: 'review',
    edits: [{ span: { start: end, end }, text: ` && ${cleanup}` }],
    risk: 'A later step that installs from the same lists has to read them itself.',
    verify: 'docker build .',
  };
}
