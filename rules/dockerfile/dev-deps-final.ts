import { baseImage, lastInstruction } from '../../syntaxes/dockerfile/effective.ts';
import type { ShellCommand } from '../../syntaxes/dockerfile/shell.ts';
import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import type { Document } from '../../syntaxes/document.ts';
import { insertBefore } from '../core/dockerfile-edits.ts';
import { parseImage } from '../core/image-reference.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { imageFamily } from '../data/image-families.ts';
import { productionStages } from './shared/built-stages.ts';
import { type Install, installOf, type Tool } from './shared/dev-installs.ts';
import { isApplication } from './shared/runtime-user.ts';
import { type LocatedCommand, runCommands, stagePlace } from './shared/stages.ts';

const PROGRAMS = /npm|yarn|composer|bundle|pip|poetry/;

export const rule = defineRule({
  id: 'dockerfile/dev-deps-final',
  title: 'The image holds packages for development',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: PROGRAMS,
  docs: {
    why: `Test runners, compilers and linters are as large as the application and are never run in production, but each of them, and all
that it depends on, is code with faults and maintainers of its own that an attacker can make use of.`,
    fix: `Leave them out: \`npm ci --omit=dev\`, \`composer install --no-dev\`, \`poetry install --only main\`. Where the build needs them,
build in a stage of its own and copy the result.`,
    falsePositives: `Only the stages that run in production count. Silent where the stage builds or tests something with the packages
(\`npm run build\`), prunes them later, is named dev or test, where \`NODE_ENV\` and the like are set to anything but development,
where the base image is not known and may set them, and for uv and pdm, whose groups only the project file tells.`,
    cwe: [1104],
    references: [
      'https://docs.npmjs.com/cli/v11/commands/npm-ci#omit',
      'https://getcomposer.org/doc/03-cli.md#install-i',
      'https://bundler.io/man/bundle-config.1.html',
      'https://python-poetry.org/docs/cli/#install',
    ],
  },
  bad: [
    {
      name: 'npm',
      files: {
        Dockerfile: `FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm «ci» --no-audit && npm cache clean --force\nCOPY . .\nUSER node\nCMD ["node", "server.js"]\n`,
      },
      fixed: `FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci --omit=dev --no-audit && npm cache clean --force\nCOPY . .\nUSER node\nCMD ["node", "server.js"]\n`,
    },
    {
      name: 'the last stage installs again what a builder has left behind',
      files: {
        Dockerfile: `FROM node:22 AS build
COPY . .
RUN npm ci && npm run build

FROM node:22-alpine
COPY package.json yarn.lock ./
RUN yarn «install» --frozen-lockfile
COPY --from=build /app/dist ./dist
USER node
CMD ["node", "dist/main.js"]
`,
      },
      fixed: `FROM node:22 AS build
COPY . .
RUN npm ci && npm run build

FROM node:22-alpine
COPY package.json yarn.lock ./
RUN yarn install --production --frozen-lockfile
COPY --from=build /app/dist ./dist
USER node
CMD ["node", "dist/main.js"]
`,
    },
    {
      name: 'composer',
      files: {
        Dockerfile: `FROM php:8.4-apache\nCOPY . .\nRUN composer «install» --optimize-autoloader\nUSER www-data\n`,
      },
      fixed: `FROM php:8.4-apache\nCOPY . .\nRUN composer install --no-dev --optimize-autoloader\nUSER www-data\n`,
    },
    {
      name: 'bundler',
      files: {
        Dockerfile: `FROM ruby:3.4\nCOPY Gemfile* ./\nRUN bundle «install» --jobs 4\nUSER 1000\nCMD ["bundle", "exec", "puma"]\n`,
      },
      fixed: `FROM ruby:3.4\nCOPY Gemfile* ./\nENV BUNDLE_WITHOUT="development:test"\nRUN bundle install --jobs 4\nUSER 1000\nCMD ["bundle", "exec", "puma"]\n`,
    },
    {
      name: 'Python',
      files: {
        Dockerfile: `FROM python:3.13
COPY . .
RUN pip install --no-cache-dir -r requirements.txt -r «requirements-dev.txt»
RUN pip install -r «requirements/test.txt» && pip install -e «.[dev,aws]»
RUN poetry «install» --no-root && pipenv install «--dev»
USER 1000
CMD ["gunicorn", "app:app"]
`,
      },
    },
    {
      name: 'poetry',
      files: {
        Dockerfile: `FROM python:3.13\nCOPY . .\nRUN poetry «install» --no-root\nUSER 1000\nCMD ["gunicorn", "app:app"]\n`,
      },
      fixed: `FROM python:3.13\nCOPY . .\nRUN poetry install --only main --no-root\nUSER 1000\nCMD ["gunicorn", "app:app"]\n`,
    },
  ],
  good: [
    {
      name: 'left out',
      files: {
        Dockerfile: `FROM node:22
RUN npm ci --omit=dev && npm install --production && npm ci --only=production && npm install --omit dev
RUN yarn install --production=true && yarn workspaces focus --production && pnpm install -P && pnpm i --prod
RUN composer install --no-dev && poetry install --only=main && poetry install --without dev,test && poetry install --no-dev
RUN uv sync --frozen && pipenv install --deploy && bundle install --without development test
RUN pip install -r requirements.txt && pip install .[prod] && npm install -g pnpm && npm install express
CMD ["node", "server.js"]
`,
      },
    },
    {
      name: 'a builder',
      files: {
        Dockerfile: `FROM node:22 AS build\nCOPY . .\nRUN npm ci && npm run build\nFROM nginx:1.29\nCOPY --from=build /app/dist /usr/share/nginx/html\nCMD ["nginx", "-g", "daemon off;"]\n`,
      },
    },
    {
      name: 'the stage builds with them',
      files: {
        Dockerfile: `FROM node:22\nCOPY . .\nRUN npm ci\nRUN npm run build\nUSER node\nCMD ["node", "dist/main.js"]\n`,
      },
    },
    {
      name: 'pruned later',
      files: {
        Dockerfile: `FROM node:22\nCOPY . .\nRUN npm ci\nRUN ./compile && npm prune --omit=dev\nCMD ["node", "dist/main.js"]\n`,
      },
    },
    {
      name: 'a setting',
      files: {
        Dockerfile: `FROM node:22 AS base
ENV NODE_ENV=production
FROM base
RUN npm ci
CMD ["node", "server.js"]
FROM ruby:3.4
ENV BUNDLE_WITHOUT=development:test BUNDLE_DEPLOYMENT=1
RUN bundle install
CMD ["puma"]
`,
      },
    },
    {
      name: 'a setting for the step, and one that an argument gives',
      files: {
        Dockerfile: `FROM node:22\nARG NODE_ENV=development\nENV NODE_ENV=$NODE_ENV\nRUN NODE_ENV=production npm ci\nRUN npm ci\nCMD ["node", "server.js"]\n`,
      },
    },
    {
      name: 'bundle config',
      files: {
        Dockerfile: `FROM ruby:3.4\nRUN bundle config set --local without 'development test' && bundle install\nCMD ["puma"]\n`,
      },
    },
    {
      name: 'a stage for tests, and an image that runs them',
      files: {
        Dockerfile: `FROM python:3.13 AS test\nRUN pip install -r requirements-dev.txt\nCMD ["gunicorn", "app:app"]\n`,
      },
    },
    {
      name: 'an image that runs tests',
      files: {
        Dockerfile: `FROM python:3.13\nRUN pip install -r requirements-dev.txt\nCMD ["pytest", "-q"]\n`,
      },
    },
    {
      name: 'an unknown base, and an image to build upon',
      files: {
        Dockerfile: `FROM registry.example.com/node-production:22\nRUN npm ci\nCMD ["node", "server.js"]\n`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    const seen = new Set<number>();
    for (const { stage } of productionStages(document, context)) {
      if (!isMeant(tree, stage)) continue;
      const stages = new Set(lineage(tree, stage).map(({ index }) => index));
      const commands = runCommands(tree, /./).filter((each) => stages.has(each.stage.index));
      for (const located of commands) {
        const install = installOf(located);
        if (
          !install ||
          seen.has(install.word.span.start) ||
          isExcused(tree, stage, located, install, commands)
        )
          continue;
        seen.add(install.word.span.start);
        context.report({
          span: install.word.span,
          message: `\`${located.name}\` also installs packages for development, which the image carries with all their faults and never runs.`,
          place: `${stagePlace(located.stage)}.RUN.${located.name}[${install.word.value}]`,
          fixes: () => [fixOf(document, located, install)],
        });
      }
    }
  },
});

/** Whether a stage runs an application in production, on a base that sets no variable of a package manager. */
function isMeant(tree: DockerfileTree, stage: Stage): boolean {
  const name = baseImage(tree, stage);
  const image = name === undefined ? undefined : parseImage(name);
  if (!image || imageFamily(image) === undefined) return false;
  if (!isApplication(tree, stage) && image.name !== 'php') return false;
  return !['ENTRYPOINT', 'CMD'].some((keyword) =>
    TESTS.test(lastInstruction(tree, stage, keyword)?.instruction.masked ?? ''),
  );
}

/** Programs of development that are run on purpose. */
const TESTS =
  /(?<![\w-])(?:pytest|tox|nox|mypy|ruff|flake8|phpunit|rspec|jest|vitest|mocha|playwright|cypress|ts-node|tsx|nodemon|test|tests|dev|lint|storybook|rake|jupyter)(?![\w-])/;

/** Variables that leave the packages out. */
const SETTINGS: Readonly<Record<Tool, RegExp>> = {
  node: /^(?:NODE_ENV|NPM_CONFIG_(?:OMIT|PRODUCTION|ONLY)|YARN_PRODUCTION)$/i,
  composer: /^COMPOSER_NO_DEV$/,
  bundler: /^BUNDLE_(?:WITHOUT|ONLY|APP_CONFIG)$/,
  python: /^POETRY_(?:WITHOUT|ONLY)$/,
};

function isExcused(
  tree: DockerfileTree,
  stage: Stage,
  located: LocatedCommand,
  { tool }: Install,
  commands: readonly LocatedCommand[],
): boolean {
  const isSet = lineage(tree, stage).some(({ instructions }) =>
    instructions.some((instruction) => setsOption(instruction, tool)),
  );
  if (isSet || located.command.assignments.some(({ name }) => SETTINGS[tool].test(name))) return true;
  if (
    commands.some(({ name, args }) => tool === 'bundler' && name === 'bundle' && args[0]?.value === 'config')
  )
    return true;
  // What comes later, or stands beside it, may need the packages, or take them out again.
  return commands.some(
    (other) => other.command.span.start > located.command.span.start && usesOrPrunes(other.command, tool),
  );
}

function setsOption({ keyword, pairs }: Instruction, tool: Tool): boolean {
  return (
    (keyword === 'ENV' || keyword === 'ARG') &&
    pairs.some(
      ({ name, value }) =>
        SETTINGS[tool].test(name) && !(keyword === 'ENV' && /^(?:dev|development|test)$/.test(value ?? '')),
    )
  );
}

const NODE_TOOLS =
  /^(?:npx|bunx|tsc|vite|next|nuxt|nuxi|ng|gulp|grunt|webpack|rollup|esbuild|parcel|turbo|nx|lerna|prisma|make|just|tsx|ts-node|nest|node|astro|gatsby|bun|vue-cli-service|react-scripts)$/;

/** Whether a later command may run what was installed for development, or removes it. */
function usesOrPrunes({ program, operands }: ShellCommand, tool: Tool): boolean {
  const values = operands.map(({ value }) => value);
  const verb = values.find((value) => !value.startsWith('-')) ?? '';
  if (tool === 'node') {
    if (NODE_TOOLS.test(program) || /\/node_modules\/|\.(?:sh|[cm]?js)$/.test(program)) return true;
    if (program === 'npm')
      return (
        /^(?:run|run-script|exec|x|prune|test|t|start|build|rebuild|pack)$/.test(verb) ||
        values.some((value) => /^--(?:omit|production)/.test(value))
      );
    return (
      (program === 'yarn' || program === 'pnpm') &&
      !/^(?:install|i|cache|config|store|add|global|set|--version|)$/.test(verb)
    );
  }
  if (tool === 'composer')
    return (
      (program === 'composer' &&
        (values.includes('--no-dev') || /^(?:run|run-script|exec|test)$/.test(verb))) ||
      /^(?:phpunit|phpstan|pest|rm|make)$/.test(program)
    );
  if (tool === 'bundler')
    return /^(?:rspec|make)$/.test(program) || values.some((value) => /rspec|rubocop|test/.test(value));
  return (
    /^(?:pytest|tox|nox|make|mypy|ruff|coverage|pre-commit|invoke)$/.test(program) ||
    values.some((value) => /^(?:pytest|mypy|ruff|tox|--only|--no-dev)$/.test(value))
  );
}

function fixOf(
  document: Document<'dockerfile'>,
  { instruction }: LocatedCommand,
  { tool, word, option }: Install,
): Fix | undefined {
  const add = option !== undefined && {
    span: { start: word.span.end, end: word.span.end },
    text: ` ${option}`,
  };
  const isPlain = instruction.json === undefined;
  const edit =
    tool === 'bundler'
      ? insertBefore(document, instruction, [{ keyword: 'ENV', text: 'BUNDLE_WITHOUT="development:test"' }])
      : add && isPlain
        ? add
        : undefined;
  return (
    edit && {
      title: tool === 'bundler' ? 'Set BUNDLE_WITHOUT' : `Add ${option ?? ''}`,
      safety: 'review',
      edits: [edit],
      risk: 'What the application needs when it runs must not stand among the packages for development.',
      verify: 'docker build .',
    }
  );
}
