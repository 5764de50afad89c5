import { effectiveUser, isRoot } from '../../syntaxes/dockerfile/effective.ts';
import type { ShellCommand, ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { addFlag, removeInstruction } from '../core/dockerfile-edits.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { copyOf, pathInImage } from './shared/copies.ts';
import { secretFileKind } from './shared/secret-files.ts';
import { finalLineage, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/secret-removed-later',
  title: 'A secret is deleted in a later layer than the one that has it',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\b(?:rm|shred|unlink)\b/,
  docs: {
    why: `Each step is a layer of its own. A later \`rm\` hides the file in the container, and the layer before still has it: everyone
who can pull the image gets it with \`docker save\`.`,
    fix: `Mount the file for the steps that need it, \`RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci\`; it is in no layer. Or
create, use and delete it in one step. Replace the secret if an image with it was pushed.`,
    falsePositives: `The file's name decides (keys, \`.netrc\`, \`.npmrc\`, \`.env\` and their kin). Silent in stages that are no part of the
last one, and where one step both makes and deletes the file.`,
    cwe: [538],
    references: [
      'https://docs.docker.com/build/building/secrets/',
      'https://docs.docker.com/get-started/docker-concepts/building-images/understanding-image-layers/',
    ],
  },
  bad: [
    {
      name: 'a file of the build context',
      files: {
        Dockerfile: `FROM node:22
WORKDIR /app
COPY package*.json ./
COPY .npmrc ./
RUN npm ci
RUN rm -f «.npmrc»
COPY . .
`,
      },
      fixed: `FROM node:22
WORKDIR /app
COPY package*.json ./
RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci
COPY . .
`,
    },
    {
      name: 'a key that a step writes, and its folder',
      files: {
        Dockerfile: `FROM debian:12
ARG KEY
RUN mkdir -p /root/.ssh && echo "$KEY" > /root/.ssh/id_rsa && chmod 600 /root/.ssh/id_rsa
RUN git clone git@github.com:example/a.git
RUN apt-get purge -y git && rm -rf «/root/.ssh/»
`,
      },
    },
    {
      name: 'through the home directory, a pattern and a stage below',
      files: {
        Dockerfile: `FROM debian:12 AS base
COPY ["certs/server.key", "/etc/app/"]
COPY <<EOF /root/.netrc
machine example.com login a password b
EOF
FROM base
RUN rm «~/.netrc» && shred -u «/etc/app/*»
`,
      },
    },
    {
      name: 'another name in the image',
      files: {
        Dockerfile: `FROM debian:12\nCOPY deploy/id_ed25519 /tmp/key\nRUN GIT_SSH_COMMAND="ssh -i /tmp/key" git clone git@example.com:a.git\nRUN rm «/tmp/key»\n`,
      },
      fixed: `FROM debian:12\nRUN --mount=type=secret,id=id_ed25519,target=/tmp/key GIT_SSH_COMMAND="ssh -i /tmp/key" git clone git@example.com:a.git\n`,
    },
  ],
  good: [
    {
      name: 'in one step',
      files: {
        Dockerfile: `FROM node:22\nRUN echo "//registry.npmjs.org/:_authToken=$T" > .npmrc && npm ci && rm .npmrc\n`,
      },
    },
    {
      name: 'a builder, whose layers nobody gets',
      files: {
        Dockerfile: `FROM node:22 AS build
WORKDIR /app
COPY .npmrc ./
RUN npm ci
RUN rm .npmrc
FROM node:22-slim
COPY --from=build /app /app
`,
      },
    },
    {
      name: 'a mount',
      files: {
        Dockerfile: `FROM node:22\nRUN --mount=type=secret,id=n,target=/root/.npmrc npm ci\nRUN rm -f /root/.npmrc /root/.netrc\n`,
      },
    },
    {
      name: 'other files',
      files: {
        Dockerfile: `FROM debian:12
COPY .env.example config.yaml ca.crt id_rsa.pub /app/
COPY keys/repo.key /etc/apt/keyrings/
RUN echo "registry=https://npm.example.com" > /app/.npmrc
RUN rm -rf /app/.env.example /app/config.yaml /app/ca.crt /app/id_rsa.pub /app/.npmrc /var/lib/apt/lists/* /etc/apt/keyrings/repo.key
`,
      },
    },
    {
      name: 'deleted before it is copied, and another file of the name',
      files: {
        Dockerfile: `FROM debian:12\nRUN rm -f /etc/app/server.key\nCOPY server.key /etc/app/\nRUN rm -f /etc/ssl/server.key /etc/app/server.crt\n`,
      },
    },
    {
      name: 'a copy of the example',
      files: { Dockerfile: `FROM php:8.4\nWORKDIR /app\nRUN cp .env.example .env\nRUN rm .env\n` },
    },
    {
      name: 'on a file system of the step',
      files: {
        Dockerfile: `FROM debian:12\nRUN --mount=type=tmpfs,target=/root/.ssh echo "$KEY" > /root/.ssh/id_rsa\nRUN rm -rf /root/.ssh\n`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    const stages = finalLineage(tree);
    const created = stages.flatMap((stage) =>
      stage.instructions.flatMap((instruction) => secretsOf(document, stage, instruction)),
    );
    if (created.length === 0) return;
    for (const stage of stages) {
      for (const instruction of stage.instructions) {
        for (const deletion of deletionsOf(tree, stage, instruction)) {
          const secret = created.find((each) => isDeleted(each, deletion));
          if (!secret) continue;
          const name = lastSegment(secret.paths[0] ?? '');
          context.report({
            span: deletion.word.span,
            message: `Deleting \`${name}\` here only hides it: the layer that \`${secret.instruction.keyword}\` made before still has it, for everyone who pulls the image.`,
            place: `${stagePlace(stage)}.RUN.rm[${deletion.path}]`,
            related: [{ uri: document.uri, span: secret.span, message: 'This layer has it.' }],
            fixes: () => [mountInstead(document, secret, deletion)],
          });
        }
      }
    }
  },
});

/** A secret that a layer has. */
interface Secret {
  readonly stage: Stage;
  readonly instruction: Instruction;
  readonly span: Span;
  /** Where it may lie: a destination may be a folder or a file. */
  readonly paths: readonly string[];
}

interface Deletion {
  readonly stage: Stage;
  readonly instruction: Instruction;
  readonly command: ShellCommand;
  readonly word: ShellWord;
  /** In the image where the directory is known, else as written; without a pattern for everything in a folder. */
  readonly path: string;
}

function secretsOf(
  document: Document<'dockerfile'>,
  stage: Stage,
  instruction: Instruction,
): readonly Secret[] {
  const { tree } = document;
  const at = (path: string): string =>
    pathInImage(tree, stage, instruction, homePath(path)) ?? path.replace(/^\.\//, '');
  const copy = copyOf(instruction);
  if (copy) {
    return copy.sources.flatMap(({ path, span }) => {
      const isHeredoc = path.startsWith('<<');
      if (!isSecretFile(isHeredoc ? copy.destination : path, copy.destination)) return [];
      const inFolder = `${copy.destination.replace(/\/$/, '')}/${lastSegment(path)}`;
      const isFolder = /(?:^|\/)\.{0,2}$/.test(copy.destination) || copy.sources.length > 1;
      const paths = isHeredoc ? [copy.destination] : isFolder ? [inFolder] : [copy.destination, inFolder];
      return [{ stage, instruction, span, paths: paths.map(at) }];
    });
  }
  if (instruction.keyword !== 'RUN' || !/>|\btee\b/.test(instruction.masked)) return [];
  return (instruction.shell?.commands ?? []).flatMap((command) =>
    writtenFiles(command)
      .filter(({ value }) => isWrittenSecret(value, document.text, instruction))
      .map(({ value, span }) => ({ stage, instruction, span, paths: [at(value)] }))
      .filter(({ paths }) => !isMounted(instruction, paths[0] ?? '')),
  );
}

/** `.npmrc` and Composer's `auth.json` may hold nothing secret, but then there is no reason to delete them. */
function isSecretFile(path: string, destination: string): boolean {
  return (
    secretFileKind(path, destination) !== undefined || /^(?:\.npmrc|auth\.json)$/.test(lastSegment(path))
  );
}

function isWrittenSecret(path: string, text: string, { span }: Instruction): boolean {
  if (secretFileKind(path, path) === 'file') return true;
  return lastSegment(path) === '.npmrc' && /:_(?:auth|password)/.test(text.slice(span.start, span.end));
}

function writtenFiles({ program, operands, redirects }: ShellCommand): readonly ShellWord[] {
  const redirected = redirects.flatMap(({ operator, target }) =>
    /^>/.test(operator) && target ? [target] : [],
  );
  const named = program === 'tee' ? operands.filter(({ value }) => !value.startsWith('-')) : [];
  return [...redirected, ...named];
}

function isMounted({ flags }: Instruction, path: string): boolean {
  return flags.some(({ name, value }) => {
    const target =
      name === 'mount' ? /(?:^|,)(?:target|dst|destination)=([^,]+)/.exec(value ?? '')?.[1] : undefined;
    return target !== undefined && isBelow(path, target.replace(/\/$/, ''));
  });
}

function deletionsOf(tree: DockerfileTree, stage: Stage, instruction: Instruction): readonly Deletion[] {
  if (instruction.keyword !== 'RUN') return [];
  if (instruction.heredocs.length === 0 && !/\b(?:rm|shred|unlink)\b/.test(instruction.masked)) return [];
  const commands = instruction.shell?.commands ?? [];
  const moves = commands.some(({ program }) => program === 'cd' || program === 'pushd');
  return commands.flatMap((command) => {
    if (!/^(?:rm|shred|unlink|srm)$/.test(command.program)) return [];
    return command.operands
      .filter(({ value }) => !value.startsWith('-'))
      .map((word) => {
        const written = homePath(word.value).replace(/\/\*$/, '');
        const path = moves ? undefined : pathInImage(tree, stage, instruction, written);
        return { stage, instruction, command, word, path: path ?? written.replace(/^\.\//, '') };
      });
  });
}

function isDeleted({ instruction, paths }: Secret, deletion: Deletion): boolean {
  if (instruction.span.start >= deletion.instruction.span.start) return false;
  return paths.some((path) => {
    if (deletion.path.startsWith('/') && path.startsWith('/'))
      return deletion.path !== '/' && isBelow(path, deletion.path);
    return lastSegment(path) === lastSegment(deletion.path);
  });
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** `~`, as root has it, who runs builds unless another user is set. */
function homePath(path: string): string {
  return path.replace(/^(?:~|\$HOME|\$\{HOME\})(?=\/|$)/, '/root');
}

function lastSegment(path: string): string {
  return path.replace(/\/$/, '').replace(/^.*\//, '');
}

/** A secret mount in the steps between, in the place of the copy and the deletion. */
function mountInstead(
  { text, tree }: Document<'dockerfile'>,
  { stage, instruction, paths }: Secret,
  deletion: Deletion,
): Fix | undefined {
  const copy = copyOf(instruction);
  const source = copy?.sources[0];
  const target = deletion.path;
  if (!source || copy?.from !== undefined || copy?.sources.length !== 1 || source.path.startsWith('<<'))
    return undefined;
  if (stage !== deletion.stage || !paths.includes(target) || !target.startsWith('/')) return undefined;
  const alone = deletion.instruction.shell?.commands.length === 1;
  if (!alone || deletion.command.operands.filter(({ value }) => !value.startsWith('-')).length !== 1)
    return undefined;
  const users = stage.instructions.filter(
    ({ keyword, span }) =>
      keyword === 'RUN' && span.start > instruction.span.start && span.end < deletion.instruction.span.start,
  );
  const user = effectiveUser(tree, stage, deletion.instruction);
  const removals = [removeInstruction(text, instruction), removeInstruction(text, deletion.instruction)];
  const [first, second] = removals;
  if (users.length === 0 || !first || !second) return undefined;
  // A mounted secret is readable by root alone.
  if (user.from === 'instruction' && (user.value === undefined || !isRoot(user.value))) return undefined;
  const id = lastSegment(source.path)
    .replace(/^[._]+/, '')
    .toLowerCase();
  return {
    title: `Mount ${lastSegment(source.path)} as a secret in the steps that need it`,
    safety: 'review',
    edits: [
      first,
      ...users.map((each) => addFlag(each, `--mount=type=secret,id=${id},target=${target}`)),
      second,
    ],
    risk: `The build needs \`--secret id=${id},src=${source.path}\`.`,
    verify: `docker build --secret id=${id},src=${source.path} .`,
  };
}
