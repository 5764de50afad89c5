import {
  type EffectiveUser,
  effectiveUser,
  finalStage,
  isRoot,
} from '../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import { addFlag } from '../core/dockerfile-edits.ts';
import { defineRule } from '../core/rule.ts';
import { copyOf, normalPath, pathInImage } from './shared/copies.ts';
import { finalLineage, runCommands, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/copy-after-user',
  title: 'What the application writes to belongs to root',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /\buser\b/i,
  docs: {
    why: `\`COPY\` gives files to root, also behind \`USER\`. In a directory that the application writes to, its first write fails, and
the usual way out is a container that runs as root or a mode of 777.`,
    fix: 'Give these files to the user that the container runs as: `COPY --chown=app uploads /srv/uploads`.',
    falsePositives: `Code and configuration are better left to root, so that the application cannot change them: only volumes, databases
in a file, and directories named \`uploads\`, \`cache\`, \`logs\`, \`tmp\`, \`sessions\` or \`storage\` count, in what the last stage is made of.
Silent where a later step changes owner or mode.`,
    cwe: [732],
    references: ['https://docs.docker.com/reference/dockerfile/#copy---chown---chmod'],
  },
  bad: [
    {
      name: 'a volume',
      files: {
        Dockerfile: `FROM debian:12-slim
RUN useradd -u 10001 app
VOLUME /var/lib/app
USER app
«COPY» seed/ /var/lib/app/
CMD ["/srv/server"]
`,
      },
      fixed: `FROM debian:12-slim
RUN useradd -u 10001 app
VOLUME /var/lib/app
USER app
COPY --chown=app seed/ /var/lib/app/
CMD ["/srv/server"]
`,
    },
    {
      name: 'a volume that is declared later, a directory of uploads, a database',
      files: {
        Dockerfile: `FROM node:22 AS base
WORKDIR /app
USER 1000:1000
«COPY» --from=build /out/uploads ./public/uploads
«COPY» ["app.sqlite3", "/app/"]
«COPY» defaults/ /data/config
COPY . .
FROM base
VOLUME ["/data"]
`,
      },
      fixed: `FROM node:22 AS base
WORKDIR /app
USER 1000:1000
COPY --from=build --chown=1000:1000 /out/uploads ./public/uploads
COPY ["app.sqlite3", "/app/"]
COPY defaults/ /data/config
COPY . .
FROM base
VOLUME ["/data"]
`,
    },
  ],
  good: [
    {
      name: 'code that nobody should change',
      files: {
        Dockerfile: `FROM node:22\nWORKDIR /app\nUSER node\nCOPY . .\nCOPY --from=build /app/dist ./dist\nCOPY config/app.yaml /etc/app/\n`,
      },
    },
    {
      name: 'an owner, and a mode that lets everyone write',
      files: {
        Dockerfile: `FROM node:22\nVOLUME /data\nUSER node\nCOPY --chown=node:node seed /data\nCOPY --chmod=777 cache /app/cache\n`,
      },
    },
    {
      name: 'an owner that a later step gives',
      files: {
        Dockerfile: `FROM node:22\nVOLUME /data\nUSER node\nCOPY seed /data\nUSER root\nRUN chown -R node /data\nUSER node\n`,
      },
    },
    {
      name: 'before USER, as root, and in a builder',
      files: {
        Dockerfile: `FROM node:22 AS build
USER node
COPY uploads /app/uploads
FROM node:22
COPY uploads /app/uploads
USER root
COPY cache /app/cache
USER node
`,
      },
    },
    {
      name: 'words in the name',
      files: {
        Dockerfile: `FROM node:22\nUSER node\nCOPY cache.ts tmp.js /app/src/\nCOPY src/storage.py /app/storage.py\nCOPY logs-config.yaml /app/\n`,
      },
    },
  ],
  check({ tree }, context) {
    const final = finalStage(tree);
    const last = final && effectiveUser(tree, final);
    if (!final || !last || !isUnprivileged(last)) return;
    const volumes = volumesOf(tree, final);
    const owners = ownerChanges(tree);
    for (const stage of finalLineage(tree)) {
      for (const instruction of stage.instructions) {
        const path = writtenPath(tree, stage, instruction, volumes);
        if (path === undefined || owners.some((at) => at > instruction.span.start)) continue;
        const user = effectiveUser(tree, stage, instruction);
        if (!isUnprivileged(user)) continue;
        context.report({
          span: instruction.keywordSpan,
          message: `\`${path.slice(-60)}\` is written to, and \`${instruction.keyword}\` gives what it copies to root, whatever \`USER\` says.`,
          place: `${stagePlace(stage)}.${instruction.keyword}[${path}]`,
          fixes: () => [
            {
              title: `Give the files to ${user.word.text}`,
              safety: 'safe',
              edits: [addFlag(instruction, `--chown=${user.word.text.replace(/["']/g, '')}`)],
              verify: 'docker build .',
            },
          ],
        });
      }
    }
  },
});

function isUnprivileged(user: EffectiveUser): user is EffectiveUser & { from: 'instruction' } {
  return user.from === 'instruction' && user.value !== undefined && !isRoot(user.value);
}

/** Directories whose name says that programs write there, and databases that are a file. */
const WRITTEN = /\/(?:uploads?|cache|logs?|tmp|temp|sessions?|storage)(?:\/|$)/i;
const DATABASE = /\.(?:sqlite3?|db3?)$/i;

/** The place in the image that the application writes to and that the instruction fills; undefined for every other one. */
function writtenPath(
  tree: DockerfileTree,
  stage: Stage,
  instruction: Instruction,
  volumes: readonly string[],
): string | undefined {
  const copy = copyOf(instruction);
  if (!copy || instruction.flags.some(({ name }) => name === 'chown' || name === 'chmod')) return undefined;
  const target = pathInImage(tree, stage, instruction, copy.destination);
  if (target === undefined) return undefined;
  const database = copy.sources.find(({ path }) => DATABASE.test(path));
  if (database) return `${target === '/' ? '' : target}/${database.path.replace(/^.*\//, '')}`;
  const inVolume = volumes.some((volume) => target === volume || target.startsWith(`${volume}/`));
  const isFile = /\/[^/]*\.\w+$/.test(target) && !copy.destination.endsWith('/');
  const directory = isFile ? target.replace(/\/[^/]*$/, '') : target;
  return inVolume || WRITTEN.test(directory) ? target : undefined;
}

function volumesOf(tree: DockerfileTree, stage: Stage): readonly string[] {
  return lineage(tree, stage).flatMap(({ instructions }) =>
    instructions
      .filter(({ keyword }) => keyword === 'VOLUME')
      .flatMap(({ json, words }) => json?.map(({ value }) => value) ?? words.map(({ text }) => text))
      .filter((path) => /^\/[^/$]/.test(path))
      .map(normalPath),
  );
}

/** Where steps change owners or modes. */
function ownerChanges(tree: DockerfileTree): readonly number[] {
  return runCommands(tree, /chown|chmod|install/)
    .filter(({ name }) => /^(?:chown|chmod|install)$/.test(name))
    .map(({ command }) => command.span.start);
}
