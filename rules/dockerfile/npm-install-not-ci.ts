import type { ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import type { Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { dirname, joinUri } from '../../syntaxes/uri.ts';
import { defineRule } from '../core/rule.ts';
import { runCommands, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/npm-install-not-ci',
  title: 'npm install ignores the lock file where npm ci would hold to it',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `\`npm install\` resolves versions anew where \`package.json\` and the lock file differ, and writes the lock file: the image
then holds versions that nobody has tested or reviewed. \`npm ci\` installs exactly what is locked, or fails.`,
    fix: 'Copy the lock file with `package.json` and run `npm ci`.',
    falsePositives:
      'Reported only where a lock file lies beside the Dockerfile and is copied before the step.',
    cwe: [1357],
    references: ['https://docs.npmjs.com/cli/v11/commands/npm-ci'],
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
  ],
  good: [
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
    if (!hasLockFile()) return;
    for (const { stage, instruction, shell, name, args } of runCommands(document.tree, /npm|yarn|pnpm/)) {
      const word = name === 'npm' ? plainInstall(args) : undefined;
      if (
        !word ||
        !copiesLockFile(stage, instruction) ||
        shell.commands.some((each) => each.name?.value === 'cd')
      )
        continue;
      context.report({
        span: word.span,
        message:
          '`npm install` may resolve other versions than the lock file holds; `npm ci` installs exactly those, or fails.',
        place: `${stagePlace(stage)}.RUN.npm[install]`,
        fixes: () => [
          {
            title: 'Use npm ci',
            safety: 'review',
            edits: [{ span: word.span, text: 'ci' }],
            risk: 'The build fails where package.json and the lock file do not agree.',
            verify: 'docker build .',
          },
        ],
      });
    }

    function hasLockFile(): boolean {
      return context.facts.exists(joinUri(dirname(document.uri), 'package-lock.json'));
    }
  },
});

function plainInstall(args: readonly ShellWord[]): ShellWord | undefined {
  const [command, ...rest] = args;
  if (!command || !/^(?:install|i)$/.test(command.value)) return undefined;
  const harmless =
    /^--(?:omit=\S+|only=\S+|production|production=true|no-audit|no-fund|ignore-scripts|legacy-peer-deps|force|loglevel=\S+|quiet|silent|no-optional|include=\S+)$|^-[sdq]$/;
  return rest.every(({ value }) => harmless.test(value)) ? command : undefined;
}

function copiesLockFile(stage: Stage, until: Instruction): boolean {
  return stage.instructions.some(
    ({ keyword, flags, words, json, span }) =>
      (keyword === 'COPY' || keyword === 'ADD') &&
      span.end <= until.span.start &&
      !flags.some(({ name }) => name === 'from') &&
      (json?.map(({ value }) => value) ?? words.map(({ text }) => text))
        .slice(0, -1)
        .some((source) => LOCK_SOURCE.test(source)),
  );
}

/** Sources that hold the lock file: the whole context, `package*.json`, `package-lock.json*`, `*.json`. */
const LOCK_SOURCE =
  /^(?:\.\/?|(?:\.\/)?(?:package(?:-lock)?\*(?:\.json)?|package(?:-\*|-lock)\.json\*?|package\*\.json\*?|\*\.json|\*))$/;
