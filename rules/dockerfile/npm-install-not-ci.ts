import type { ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { variablesBefore } from '../../syntaxes/dockerfile/variables.ts';
import type { Document } from '../../syntaxes/document.ts';
import { dirname, joinUri } from '../../syntaxes/uri.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { composeServicesFacts } from '../facts/compose-services.ts';
import { type LocatedCommand, runCommands, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/npm-install-not-ci',
  title: 'An installation may change the lock file instead of holding to it',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /npm|yarn|bun/,
  docs: {
    why: `\`npm install\` resolves versions anew where \`package.json\` and the lock file differ, and writes the lock file: the image
then holds versions that nobody has tested or reviewed. So do yarn, pnpm and bun. \`npm ci\` and \`--frozen-lockfile\` install exactly
what is locked, or fail.`,
    fix: 'Copy the lock file with `package.json` and run `npm ci`, or give yarn, pnpm and bun `--frozen-lockfile` (`--immutable` from Yarn 2 on).',
    falsePositives: `Reported only where a lock file lies in the build context (beside the Dockerfile, or where Compose says) and is
copied before the step. Silent where \`CI\` is set, which makes pnpm and newer versions of Yarn hold to the lock file.`,
    cwe: [1357],
    references: [
      'https://docs.npmjs.com/cli/v11/commands/npm-ci',
      'https://classic.yarnpkg.com/en/docs/cli/install',
      'https://pnpm.io/cli/install#--frozen-lockfile',
    ],
  },
  bad: [
    {
      name: 'the lock file is there',
      files: {
        Dockerfile: `FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm «install» --omit=dev && npm cache clean --force\n`,
        'package-lock.json': '{}\n',
      },
      fixed: `FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci --omit=dev && npm cache clean --force\n`,
    },
    {
      name: 'all files are copied',
      files: { Dockerfile: `FROM node:22\nCOPY . .\nRUN npm «i»\n`, 'package-lock.json': '{}\n' },
      fixed: `FROM node:22\nCOPY . .\nRUN npm ci\n`,
    },
    {
      name: 'yarn, with and without its verb',
      files: {
        Dockerfile: `FROM node:22\nCOPY package.json yarn.lock ./\nRUN yarn «install» --production && yarn cache clean\nRUN «yarn»\n`,
        'yarn.lock': '\n',
      },
      fixed: `FROM node:22\nCOPY package.json yarn.lock ./\nRUN yarn install --frozen-lockfile --production && yarn cache clean\nRUN yarn\n`,
    },
    {
      name: 'pnpm, the context being the folder above',
      files: {
        'docker/Dockerfile': `FROM node:22\nCOPY pnpm-lock.yaml package.json ./\nRUN corepack enable && pnpm «i» --prod\n`,
        'compose.yaml': `services:\n  app:\n    build: { context: ., dockerfile: docker/Dockerfile }\n`,
        'pnpm-lock.yaml': 'lockfileVersion: "9.0"\n',
      },
      fixed: `FROM node:22\nCOPY pnpm-lock.yaml package.json ./\nRUN corepack enable && pnpm i --frozen-lockfile --prod\n`,
    },
    {
      name: 'a newer Yarn',
      files: {
        Dockerfile: `FROM node:22\nCOPY . .\nRUN yarn «install»\n`,
        'yarn.lock': '\n',
        '.yarnrc.yml': 'nodeLinker: node-modules\n',
      },
      fixed: `FROM node:22\nCOPY . .\nRUN yarn install --immutable\n`,
    },
  ],
  good: [
    {
      name: 'yarn, pnpm and bun that hold to it',
      files: {
        Dockerfile: `FROM node:22
COPY . .
RUN yarn install --frozen-lockfile && yarn --immutable && yarn build && yarn add x && yarn --version && yarn global add y
RUN pnpm install --frozen-lockfile && pnpm i --offline --frozen-lockfile=true && CI=1 pnpm install && pnpm run build
RUN bun install --frozen-lockfile && yarn install --pure-lockfile
`,
        'yarn.lock': '\n',
        'pnpm-lock.yaml': '\n',
        'bun.lock': '\n',
      },
    },
    {
      name: 'CI is set; the lock file of another tool',
      files: {
        Dockerfile: `FROM node:22\nENV CI=true\nCOPY . .\nRUN yarn install && npm install\n`,
        'yarn.lock': '\n',
      },
    },
    {
      name: 'npm ci',
      files: { Dockerfile: `FROM node:22\nCOPY . .\nRUN npm ci\n`, 'package-lock.json': '{}\n' },
    },
    { name: 'no lock file', files: { Dockerfile: `FROM node:22\nCOPY . .\nRUN npm install\n` } },
    {
      name: 'not copied yet',
      files: {
        Dockerfile: `FROM node:22\nCOPY package.json ./\nRUN npm install\nCOPY . .\n`,
        'package-lock.json': '{}\n',
      },
    },
    {
      name: 'a package',
      files: {
        Dockerfile: `FROM node:22\nCOPY . .\nRUN npm install -g pnpm && npm install typescript && npm install --no-save\n`,
        'package-lock.json': '{}\n',
      },
    },
    {
      name: 'in another directory',
      files: {
        Dockerfile: `FROM node:22\nCOPY . .\nRUN cd web && npm install\n`,
        'package-lock.json': '{}\n',
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    const folders = contextsOf(document, context);
    const has = (file: string): boolean =>
      folders.every((folder) => context.facts.exists(joinUri(folder, file)));
    if (!MANAGERS.some(({ locks }) => locks.some(has))) return;
    for (const located of runCommands(tree, /npm|yarn|bun/)) {
      const { stage, instruction, shell, name } = located;
      const manager = MANAGERS.find(({ program }) => program === name);
      const word = manager && plainInstall(located, manager);
      const lock = manager?.locks.find(has);
      if (!manager || !word || lock === undefined || !copies(stage, instruction, lock)) continue;
      if (shell.commands.some((each) => each.name?.value === 'cd')) continue;
      if (name !== 'npm' && isCi(tree, located)) continue;
      const option = name === 'yarn' && has('.yarnrc.yml') ? '--immutable' : manager.option;
      const strict = option === undefined ? 'npm ci' : `${name} install ${option}`;
      context.report({
        span: word.span,
        message: `\`${name} install\` may resolve other versions than the lock file holds; \`${strict}\` installs exactly those, or fails.`,
        place: `${stagePlace(stage)}.RUN.${name}[install]`,
        fixes: () => [
          {
            title: `Use ${strict}`,
            safety: 'review',
            edits: [
              option === undefined
                ? { span: word.span, text: 'ci' }
                : { span: { start: word.span.end, end: word.span.end }, text: ` ${option}` },
            ],
            risk: 'The build fails where package.json and the lock file do not agree.',
            verify: 'docker build .',
          },
        ],
      });
    }
  },
});

interface Manager {
  readonly program: string;
  readonly locks: readonly string[];
  /** The option that holds it to the lock file; npm has a command for that. */
  readonly option?: string;
}

const MANAGERS: readonly Manager[] = [
  { program: 'npm', locks: ['package-lock.json'] },
  { program: 'yarn', locks: ['yarn.lock'], option: '--frozen-lockfile' },
  { program: 'pnpm', locks: ['pnpm-lock.yaml'], option: '--frozen-lockfile' },
  { program: 'bun', locks: ['bun.lock', 'bun.lockb'], option: '--frozen-lockfile' },
];

/** The folders that the file is built with: what Compose says, else its own. */
function contextsOf({ uri }: Document<'dockerfile'>, context: Context<undefined>): readonly string[] {
  const folders = context.facts
    .about(composeServicesFacts, uri)
    .flatMap(({ fact }) => fact.build?.contextUri ?? []);
  return folders.length > 0 ? folders : [dirname(uri)];
}

/** The word that installs all that the project needs, with no option that decides about the lock file. */
function plainInstall({ args, command }: LocatedCommand, { program }: Manager): ShellWord | undefined {
  const [first, ...rest] = args;
  if (!first) return program === 'yarn' && command.name?.value === 'yarn' ? command.name : undefined;
  if (!/^(?:install|i)$/.test(first.value) || (program === 'yarn' && first.value === 'i')) return undefined;
  return rest.every(({ value }) => HARMLESS.test(value)) ? first : undefined;
}

/** Options that decide nothing about versions. */
const HARMLESS =
  /^--(?:omit=\S+|only=\S+|production|production=true|prod|no-audit|no-fund|ignore-scripts|legacy-peer-deps|force|loglevel=\S+|quiet|silent|no-optional|include=\S+|network-timeout=\S+|non-interactive|no-progress|prefer-offline|ignore-engines|ignore-optional|reporter=\S+)$|^-[sdqPD]$/;

/** Whether `CI` is set for the step: pnpm and Yarn 2 then hold to the lock file by themselves. */
function isCi(tree: DockerfileTree, { stage, instruction, command }: LocatedCommand): boolean {
  return (
    command.assignments.some(({ name }) => name === 'CI') ||
    variablesBefore(tree, stage, instruction).has('CI')
  );
}

function copies(stage: Stage, until: Instruction, lock: string): boolean {
  return stage.instructions.some(
    ({ keyword, flags, words, json, span }) =>
      (keyword === 'COPY' || keyword === 'ADD') &&
      span.end <= until.span.start &&
      !flags.some(({ name }) => name === 'from') &&
      (json?.map(({ value }) => value) ?? words.map(({ text }) => text))
        .slice(0, -1)
        .some((source) => holds(source.replace(/^\.\//, ''), lock)),
  );
}

/** Whether a source is the whole context, the lock file, or a pattern that matches it: `package*.json`, `yarn.lock*`. */
function holds(source: string, lock: string): boolean {
  if (source === '' || source === '.') return true;
  const [head = '', ...tails] = source.split('*');
  if (tails.length === 0 || !lock.startsWith(head)) return source === lock;
  let at = head.length;
  for (const tail of tails) {
    const found = lock.indexOf(tail, at);
    if (found < 0) return false;
    at = found + tail.length;
  }
  return lock.endsWith(tails.at(-1) ?? '');
}
