import { lastInstruction } from '../../syntaxes/dockerfile/effective.ts';
import type { ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import type { DockerfileTree, Instruction, Pair, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import type { Document } from '../../syntaxes/document.ts';
import { basename, dirname, joinUri } from '../../syntaxes/uri.ts';
import { type Context, defineRule, type Edit, type Fix, type Report } from '../core/rule.ts';
import { type BuiltStage, productionStages } from './shared/built-stages.ts';
import { type DevServer, devServerOf } from './shared/dev-servers.ts';
import { isApplication } from './shared/runtime-user.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/dev-server',
  title: 'The image runs in development mode',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /CMD|ENTRYPOINT|ENV/i,
  docs: {
    why: `Servers for development show stack traces, source and settings to whoever causes an error, some with a console that runs
code. They watch files, compile on the fly, handle one request at a time, and their makers advise against them in production.`,
    fix: `Start what is made for production: \`next start\`, the built files behind a web server, gunicorn or uvicorn without \`--reload\`,
\`node\` itself. Put the development mode into a stage or a file of its own (\`Dockerfile.dev\`).`,
    falsePositives: `Silent for stages and files whose names say dev, test or debug, where a \`Dockerfile.prod\` stands beside the file,
where only Compose files for development build it, and where every Compose service that builds it sets \`command\`. Values that an
\`ARG\` may change, and variables of an image whose Compose services set \`environment\`, are not judged.`,
    cwe: [489],
    references: [
      'https://flask.palletsprojects.com/en/stable/deploying/',
      'https://docs.djangoproject.com/en/stable/ref/django-admin/#runserver',
      'https://nextjs.org/docs/app/api-reference/cli/next',
    ],
  },
  bad: [
    {
      name: 'a script of npm',
      files: { Dockerfile: `FROM node:22\nCOPY . .\nRUN npm ci\nUSER node\nCMD ["npm", "run", "«dev»"]\n` },
    },
    {
      name: 'a server that reloads',
      files: {
        Dockerfile: `FROM python:3.13\nUSER 1000\nCMD ["uvicorn", "app:app", "--host", "0.0.0.0", "«--reload»", "--workers", "2"]\n`,
      },
      fixed: `FROM python:3.13\nUSER 1000\nCMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--workers", "2"]\n`,
    },
    {
      name: 'in the shell form, behind other commands',
      files: {
        Dockerfile: `FROM python:3.13\nUSER 1000\nENTRYPOINT python manage.py migrate && exec python3 manage.py «runserver» 0.0.0.0:8000\n`,
      },
    },
    {
      name: 'ENTRYPOINT and CMD together',
      files: {
        Dockerfile: `FROM node:22\nUSER node\nENTRYPOINT ["npx"]\nCMD ["next", "«dev»", "-p", "3000"]\n`,
      },
      fixed: `FROM node:22\nUSER node\nENTRYPOINT ["npx"]\nCMD ["next", "start", "-p", "3000"]\n`,
    },
    {
      name: 'variables',
      files: {
        Dockerfile: `FROM node:22
ENV PORT=3000 NODE_ENV=«"development"»
ENV FLASK_DEBUG «1»
USER node
CMD ["node", "server.js"]
`,
      },
      fixed: `FROM node:22
ENV PORT=3000 NODE_ENV="production"
ENV FLASK_DEBUG 1
USER node
CMD ["node", "server.js"]
`,
    },
    {
      name: 'the stage that Compose builds',
      files: {
        Dockerfile: `FROM node:22 AS app\nUSER node\nCMD ["«nodemon»", "server.js"]\n\nFROM app AS other\nCMD ["node", "server.js"]\n`,
        'compose.yaml': `services:\n  app:\n    build:\n      context: .\n      target: app\n`,
      },
      fixed: `FROM node:22 AS app\nUSER node\nCMD ["node", "server.js"]\n\nFROM app AS other\nCMD ["node", "server.js"]\n`,
    },
  ],
  good: [
    {
      name: 'servers for production',
      files: {
        Dockerfile: `FROM python:3.13\nENV NODE_ENV=production FLASK_DEBUG=0\nCMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"]\n`,
      },
    },
    {
      name: 'scripts and words that only look like it',
      files: {
        Dockerfile: `FROM node:22\nENTRYPOINT ["node", "dist/dev.js", "--watch"]\nCMD ["npm", "run", "dev"]\nCMD ["npm", "run", "start:prod", "--", "--reload"]\n`,
      },
    },
    {
      name: 'a stage for development, a builder',
      files: {
        Dockerfile: `FROM node:22 AS build
ENV NODE_ENV=development
CMD ["npm", "run", "dev"]

FROM node:22 AS web-dev
CMD ["npm", "run", "dev"]
`,
      },
    },
    {
      name: 'a file for development',
      files: { 'Dockerfile.dev': `FROM node:22\nENV NODE_ENV=development\nCMD ["npm", "run", "dev"]\n` },
    },
    {
      name: 'another file is for production',
      files: {
        Dockerfile: `FROM node:22\nCMD ["npm", "run", "dev"]\n`,
        'Dockerfile.prod': `FROM node:22\nUSER node\nCMD ["node", "server.js"]\n`,
      },
    },
    {
      name: 'Compose sets the command',
      files: {
        Dockerfile: `FROM node:22\nENV NODE_ENV=development\nCMD ["npm", "run", "dev"]\n`,
        'compose.yaml': `services:
  web:
    build: .
    command: npm start
    environment: { NODE_ENV: production }
  worker: { build: ., command: ["node", "worker.js"], env_file: .env }
`,
      },
    },
    {
      name: 'only a Compose file for development builds it',
      files: {
        Dockerfile: `FROM node:22\nCMD ["npm", "run", "dev"]\n`,
        'docker-compose.dev.yml': `services:\n  web:\n    build: .\n`,
      },
    },
    {
      name: 'a value that an argument changes, and one that is set again',
      files: {
        Dockerfile: `FROM node:22
ARG NODE_ENV=development
ENV NODE_ENV=$NODE_ENV
ENV APP_ENV=development
ENV APP_ENV=production
CMD NODE_ENV=production exec node server.js
`,
      },
    },
    {
      name: 'what was built is shown, and a command that is no server',
      files: { Dockerfile: `FROM node:22\nCMD ["npx", "vite", "preview", "--host"]\n` },
    },
  ],
  check(document, context) {
    if (hasProductionFile(document, context)) return;
    const seen = new Set<number>();
    for (const built of productionStages(document, context)) {
      for (const report of [...servers(document, built), ...variables(document, built)]) {
        // Two targets may have their command from one stage.
        if (seen.has(report.span.start)) continue;
        seen.add(report.span.start);
        context.report(report);
      }
    }
  },
});

/** `Dockerfile.prod` beside `Dockerfile` says what the latter is for. */
function hasProductionFile({ uri }: Document<'dockerfile'>, context: Context<undefined>): boolean {
  const name = basename(uri);
  return ['.prod', '.production', '-prod', '.release'].some((ending) =>
    context.facts.exists(joinUri(dirname(uri), `${name}${ending}`)),
  );
}

function servers({ text, tree }: Document<'dockerfile'>, { stage, services }: BuiltStage): readonly Report[] {
  const overridden = (keyword: string): boolean =>
    services.length > 0 &&
    services.every(
      ({ keys }) => keys.includes('entrypoint') || (keyword === 'CMD' && keys.includes('command')),
    );
  const found = ['ENTRYPOINT', 'CMD'].flatMap((keyword) => {
    const located = lastInstruction(tree, stage, keyword);
    return located && !overridden(keyword) ? [{ keyword, ...located }] : [];
  });
  return found.flatMap(({ keyword, stage: at, instruction }) => {
    const server = serverOf(instruction, keyword === 'CMD' ? entrypointWords(tree, stage) : []);
    if (!server) return [];
    const { word, words, index } = server;
    return [
      {
        span: word.span,
        message: `\`${shown(words, index)}\` is for development: it shows its insides on errors and was never meant to face users.`,
        place: `${stagePlace(at)}.${keyword}[${word.value}]`,
        fixes: () => [fixServer(text, server)],
      },
    ];
  });
}

interface Found extends DevServer {
  readonly words: readonly ShellWord[];
  /** Of the word that gives it away. */
  readonly index: number;
  readonly word: ShellWord;
}

/** The development server in a start command; `before` are the words of `ENTRYPOINT` that stand in front of it. */
function serverOf(instruction: Instruction, before: readonly string[]): Found | undefined {
  if (!MAY_BE_SERVER.test(instruction.masked) && !before.some((word) => MAY_BE_SERVER.test(word)))
    return undefined;
  for (const { name, args } of instruction.shell?.commands ?? []) {
    if (!name) continue;
    const words = [name, ...args];
    const values = words.map(({ value }) => value);
    for (const lead of instruction.json ? [[], before] : [[]]) {
      const server = devServerOf([...lead, ...values]);
      const index = (server?.at ?? -1) - lead.length;
      const word = words[index];
      if (server && word) return { ...server, words, index, word };
    }
  }
  return undefined;
}

/** A part of whatever `devServerOf` knows: reading a command takes longer than looking for it. */
const MAY_BE_SERVER =
  /dev|serve|start|watch|hot|reload|debug|run|mon|tsnd|entr|\bair\b|reflex|sync|vite|sanic|php|nest/i;

function entrypointWords(tree: DockerfileTree, stage: Stage): readonly string[] {
  return lastInstruction(tree, stage, 'ENTRYPOINT')?.instruction.json?.map(({ value }) => value) ?? [];
}

function shown(words: readonly ShellWord[], index: number): string {
  const end = words[index]?.value ?? '';
  const first = (words[0]?.value ?? '').replace(/^.*\//, '');
  return (index === 0 ? end : index === 1 ? `${first} ${end}` : `${first} … ${end}`).slice(0, 40);
}

function fixServer(text: string, { instead, words, index, word }: Found): Fix | undefined {
  if (instead === undefined || word.text !== word.value) return undefined;
  const edit =
    instead === '' ? withoutWord(text, words[index - 1], word) : { span: word.span, text: instead };
  return (
    edit && {
      title: instead === '' ? `Remove ${word.value}` : `Use ${instead} instead of ${word.value}`,
      safety: 'review',
      edits: [edit],
      risk: 'What the development server compiled on the fly has to be built into the image.',
      verify: 'docker build .',
    }
  );
}

/** Takes a word out, with the space or the comma before it. */
function withoutWord(text: string, previous: ShellWord | undefined, word: ShellWord): Edit | undefined {
  if (!previous) return undefined;
  const quoted = text[word.span.start - 1] === '"' && text[word.span.end] === '"';
  const shift = quoted ? 1 : 0;
  const span = { start: previous.span.end + shift, end: word.span.end + shift };
  const gap = text.slice(span.start, word.span.start - shift);
  return (quoted ? /^\s*,\s*$/ : /^[ \t]+$/).test(gap) ? { span, text: '' } : undefined;
}

/** Variables with the value that stands for development, and the one for production. */
const MODES: readonly (readonly [name: RegExp, development: RegExp, production: string])[] = [
  [/^NODE_ENV$/, /^dev(?:elopment)?$/, 'production'],
  [/^(?:FLASK_ENV|RAILS_ENV|RACK_ENV)$/, /^development$/, 'production'],
  [/^(?:ASPNETCORE_ENVIRONMENT|DOTNET_ENVIRONMENT)$/, /^development$/i, 'Production'],
  [/^APP_ENV$/, /^(?:dev|development|local)$/, 'production'],
  [/^(?:FLASK_DEBUG|DJANGO_DEBUG|APP_DEBUG)$/, /^1$/, '0'],
  [/^(?:FLASK_DEBUG|DJANGO_DEBUG|APP_DEBUG)$/, /^true$/, 'false'],
  [/^(?:FLASK_DEBUG|DJANGO_DEBUG|APP_DEBUG)$/, /^True$/, 'False'],
];

function variables(
  { text, tree }: Document<'dockerfile'>,
  { stage, services }: BuiltStage,
): readonly Report[] {
  const set = services.some(({ keys }) => keys.includes('environment') || keys.includes('env_file'));
  if (set || !isApplication(tree, stage)) return [];
  const last = new Map<string, { readonly pair: Pair; readonly stage: Stage }>();
  for (const each of lineage(tree, stage)) {
    for (const { keyword, pairs } of each.instructions) {
      if (keyword === 'ENV') for (const pair of pairs) last.set(pair.name, { pair, stage: each });
    }
  }
  const start = ['ENTRYPOINT', 'CMD']
    .map((keyword) => lastInstruction(tree, stage, keyword)?.instruction.masked ?? '')
    .join(' ');
  return [...last.values()].flatMap(({ pair, stage: at }) => {
    const { name, value = '', valueSpan } = pair;
    const mode = MODES.find(([names, development]) => names.test(name) && development.test(value));
    if (!mode || !valueSpan || start.includes(`${name}=`)) return [];
    const production = mode[2];
    return [
      {
        span: valueSpan,
        message: `\`${name}=${value}\` is the mode for development: errors show their insides, and checks and caches for production are off.`,
        place: `${stagePlace(at)}.ENV[${name}]`,
        fixes: () => [
          {
            title: `Set ${name} to ${production}`,
            safety: 'review',
            edits: [
              {
                span: valueSpan,
                text: text.slice(valueSpan.start, valueSpan.end).replace(value, production),
              },
            ],
            risk: 'Steps behind it leave out packages for development, and the application behaves as in production.',
            verify: 'docker build .',
          } satisfies Fix,
        ],
      },
    ];
  });
}
