import type { Instruction } from '../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import type { Document } from '../../syntaxes/document.ts';
import { lineEndingOf } from '../../syntaxes/lines.ts';
import { basename, joinUri, relativePath } from '../../syntaxes/uri.ts';
import type { FactReader } from '../core/facts.ts';
import { ignoredBy, isDockerIgnored } from '../core/ignored.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import {
  type BuildContext,
  type BuildIgnore,
  buildContextsOf,
  buildIgnore,
  isKeptOut,
  workspaceRoot,
} from './shared/build-contexts.ts';
import { type CopySource, copyOf } from './shared/copies.ts';
import { secretFileKind } from './shared/secret-files.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/copy-context-unfiltered',
  title: 'The whole build context is copied into the image, secrets and all',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /\b(?:copy|add)\b/i,
  docs: {
    why: `\`COPY . .\` takes what is in the folder: the history in \`.git\` with all that was ever committed, \`.env\` with the developer's
own passwords, keys. Everyone who can pull the image has it then.`,
    fix: `Name in \`.dockerignore\` what does not belong into the image, or copy only what the application needs: \`COPY src ./src\`.
Better still, copy into a builder stage and take the result from there.`,
    falsePositives: `Silent in stages that are not part of the image. Where there is no ignore file, the folder has to be the workspace's or
that of a project (\`package.json\`, \`go.mod\`, …); where there is one, the workspace has to hold what it lets through: \`.env\`, keys, or
the \`.git\` of a workspace with a \`.gitignore\`. Where no Compose file says what the build context is, the Dockerfile's folder is
taken for it if it looks like a project.`,
    cwe: [538],
    references: [
      'https://docs.docker.com/build/concepts/context/#dockerignore-files',
      'https://docs.docker.com/build/building/best-practices/#exclude-with-dockerignore',
    ],
  },
  bad: [
    {
      name: 'no ignore file',
      files: {
        Dockerfile: `FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY «.» .\n`,
        'package.json': '{}',
      },
      fixed: {
        '.dockerignore': `.git\n**/.env\n**/.env.*\n!**/.env.example\n**/node_modules\n`,
      },
    },
    {
      name: 'an ignore file that lets .env and a key through',
      files: {
        Dockerfile: `FROM python:3.13\nADD --chown=app «./» /srv/\n`,
        '.dockerignore': `.git\n*.env\nnode_modules\n`,
        '.env': 'DB_PASSWORD=hunter2hunter2\n',
        'deploy/id_rsa': '',
      },
      fixed: {
        '.dockerignore': `deploy/id_rsa\n.git\n*.env\nnode_modules\n`,
      },
    },
    {
      name: 'the context that Compose names, and an ignore file of its own',
      files: {
        'docker/web.Dockerfile': `FROM python:3.13 AS base\nCOPY ["«.»", "/srv/"]\nFROM base\n`,
        'docker/web.Dockerfile.dockerignore': `# nothing yet\n`,
        'compose.yaml': `services:\n  web:\n    build:\n      context: .\n      dockerfile: docker/web.Dockerfile\n`,
        'api/.env.production': 'A=b\n',
        '.dockerignore': '**\n',
      },
      fixed: {
        'docker/web.Dockerfile.dockerignore': `api/.env.production\n# nothing yet\n`,
      },
    },
    {
      name: 'the history, and an .env that every developer makes',
      files: {
        Dockerfile: `FROM node:22\nCOPY «.» /app\n`,
        '.dockerignore': `node_modules\n`,
        '.gitignore': `node_modules\n.env\n`,
        '.env.example': 'DB_PASSWORD=\n',
      },
      fixed: {
        '.dockerignore': `.env\n.git\nnode_modules\n`,
      },
    },
  ],
  good: [
    {
      name: 'an ignore file that keeps out what is there',
      files: {
        Dockerfile: `FROM node:22\nCOPY . .\n`,
        '.dockerignore': `.git\n.env*\n**/*.key\n`,
        '.gitignore': '.env\n',
        '.env': 'DB_PASSWORD=hunter2hunter2\n',
        'certs/server.key': '',
      },
    },
    {
      name: 'an ignore file that lets in only what is named',
      files: {
        Dockerfile: `FROM node:22\nCOPY . .\n`,
        '.dockerignore': `*\n!src\n!package.json\n`,
        '.gitignore': '.env\n',
        '.env': 'DB_PASSWORD=hunter2hunter2\n',
      },
    },
    {
      name: 'a builder, whose files nobody gets',
      files: {
        Dockerfile: `FROM node:22 AS build\nCOPY . .\nRUN npm run build\nFROM nginx:1.29\nCOPY --from=build /dist /usr/share/nginx/html\n`,
        'package.json': '{}',
        '.env': 'DB_PASSWORD=hunter2hunter2\n',
      },
    },
    {
      name: 'a part of the context, and another stage',
      files: {
        Dockerfile: `FROM node:22 AS build\nFROM node:22\nCOPY src/ .\nCOPY --from=build . .\nCOPY package.json .\n`,
        'package.json': '{}',
      },
    },
    {
      name: 'a Dockerfile in a folder of its own, whose context nobody names',
      files: {
        'docker/Dockerfile': `FROM node:22\nCOPY . .\n`,
        'docker/entrypoint.sh': '',
        'package.json': '{}',
      },
    },
    {
      name: 'a folder with settings only',
      files: {
        'nginx/Dockerfile': `FROM nginx:1.29\nCOPY . /etc/nginx/conf.d/\n`,
        'nginx/default.conf': 'server { listen 80; }\n',
        'compose.yaml': `services:\n  web:\n    build: ./nginx\n`,
      },
    },
    {
      name: 'a context in another place, and files that are no secrets',
      files: {
        Dockerfile: `FROM node:22\nCOPY . .\n`,
        'compose.yaml': `services:\n  web:\n    build:\n      context: ./app\n      dockerfile: ../Dockerfile\n`,
        'app/.dockerignore': `.git\n`,
        'app/.env.example': 'A=b\n',
        'app/certs/ca.crt': '',
        'app/tests/fixtures/server.key': '',
        '.env': 'DB_PASSWORD=hunter2hunter2\n',
      },
    },
    {
      name: 'exclusions of the instruction',
      files: {
        Dockerfile: `# syntax=docker/dockerfile:1\nFROM node:22\nCOPY --exclude=.env --exclude=.git . .\n`,
        '.env': 'DB_PASSWORD=hunter2hunter2\n',
      },
    },
  ],
  check(document, context) {
    if (!document.tree.instructions.some(wholeContext)) return;
    const reported = new Set<Instruction>();
    for (const build of buildContextsOf(document, context)) {
      const copies = lineage(document.tree, build.stage).flatMap((stage) =>
        stage.instructions.flatMap((instruction) => {
          const source = wholeContext(instruction);
          return source && !reported.has(instruction) ? [{ stage, instruction, source }] : [];
        }),
      );
      const leak = copies.length > 0 ? leakOf(document, context, build) : undefined;
      if (!leak) continue;
      for (const { stage, instruction, source } of copies) {
        reported.add(instruction);
        context.report({
          span: source.span,
          message: messageOf(instruction, leak),
          place: `${stagePlace(stage)}.${instruction.keyword}[.]`,
          fixes: () => [keepOut(document, context.facts, build, leak)],
        });
      }
    }
  },
});

/** The source that stands for the whole build context. */
function wholeContext(instruction: Instruction): CopySource | undefined {
  const copy = copyOf(instruction);
  if (!copy || copy.from !== undefined || instruction.flags.some(({ name }) => name === 'exclude'))
    return undefined;
  return copy.sources.find(({ path }) => /^(?:\.\/?\.?|\/|(?:\.?\/)?\*)$/.test(path));
}

/** What gets into the image that should not. */
interface Leak {
  readonly ignore: BuildIgnore | undefined;
  /** Paths in the build context, the worst first. */
  readonly paths: readonly string[];
}

function leakOf(document: Document<'dockerfile'>, context: Context, build: BuildContext): Leak | undefined {
  const { facts } = context;
  const isRoot = build.uri === workspaceRoot(document, context);
  if (!build.isCertain && !isRoot && !isProject(facts, build.uri)) return undefined;
  const ignore = buildIgnore(facts, document.uri, build.uri);
  if (ignore === null) return undefined;
  const paths = secretsIn(facts, build.uri, isRoot).filter((path) => !isKeptOut(ignore, path));
  if (ignore) return paths.length > 0 ? { ignore, paths } : undefined;
  return paths.length > 0 || isRoot || isProject(facts, build.uri) ? { ignore, paths } : undefined;
}

const MANIFESTS =
  '{package.json,go.mod,requirements.txt,pyproject.toml,setup.py,Pipfile,pom.xml,build.gradle,build.gradle.kts,Gemfile,composer.json,Cargo.toml,mix.exs,deno.json,*.csproj,*.sln}';

function isProject(facts: FactReader, folder: string): boolean {
  return facts.glob(folder, MANIFESTS).length > 0;
}

const SECRET_NAMES =
  '**/{.env,.env.*,*.env,id_rsa*,id_ecdsa*,id_ed25519*,*.key,*.pem,*.p12,*.pfx,*.ppk,*.kdbx,.netrc,.pypirc,.git-credentials,.htpasswd,credentials.json,*service*account*.json}';
const TEST_FOLDER =
  /(?:^|\/)(?:tests?|__tests__|spec|e2e|fixtures?|testdata|test-data|examples?|samples?|docs?)\//i;

/** Files of a build context that the workspace has, or certainly is to have, and that no image should. */
function secretsIn(facts: FactReader, folder: string, isRoot: boolean): readonly string[] {
  const found = facts.glob(folder, SECRET_NAMES).flatMap((uri) => {
    const path = relativePath(folder, uri);
    return path === undefined || TEST_FOLDER.test(path) || !secretFileKind(path, '') ? [] : [path];
  });
  // Git ignores it, so the workspace does not list it; the example beside it says that everyone makes one.
  const isMade =
    facts.glob(folder, '.env.{example,sample,dist,template}').length > 0 &&
    ignoredBy(facts, joinUri(folder, '.env'), '.gitignore', folder) === true;
  const hasHistory = isRoot && facts.exists(joinUri(folder, '.gitignore'));
  return [...new Set([...(isMade ? ['.env'] : []), ...found]), ...(hasHistory ? ['.git'] : [])];
}

function messageOf({ keyword }: Instruction, { ignore, paths: [first = ''] }: Leak): string {
  if (!ignore)
    return `\`${keyword}\` takes the whole build context, and no \`.dockerignore\` keeps ${first === '' || first === '.git' ? '`.git`, `.env` and keys' : `\`${first.slice(-40)}\``} out of the image.`;
  return `\`${keyword}\` puts \`${first.slice(-40)}\` into the image: \`${basename(ignore.uri).slice(-40)}\` does not keep it out.`;
}

/** Lines for an ignore file, at its start: those that it has go on to take files back in. */
function keepOut(
  document: Document<'dockerfile'>,
  facts: FactReader,
  build: BuildContext,
  { ignore, paths }: Leak,
): Fix | undefined {
  const usual = ['.git', '**/.env', '**/.env.*', '!**/.env.example'];
  const modules = facts.exists(joinUri(build.uri, 'package.json')) ? ['**/node_modules'] : [];
  const base = ignore ? [] : [...usual, ...modules];
  const named = namedSources(document);
  const lines = [...base, ...paths.filter((path) => !isDockerIgnored(base, path))].filter(
    (line) => line.startsWith('!') || !named.some((source) => isDockerIgnored([line], source)),
  );
  if (lines.every((line) => line.startsWith('!'))) return undefined;
  const eol = lineEndingOf(document.text);
  const uri = ignore?.uri ?? joinUri(build.uri, '.dockerignore');
  return {
    title: ignore ? `Keep ${paths.slice(0, 2).join(' and ')} out of the build` : 'Create a .dockerignore',
    safety: 'review',
    edits: [{ uri, span: { start: 0, end: 0 }, text: lines.map((line) => line + eol).join('') }],
    risk: 'A build step or an application that reads one of these files from the image no longer finds it.',
    verify: 'docker build .',
  };
}

/** What the Dockerfile copies by name; an ignore file that hides it would break the build. */
function namedSources({ tree }: Document<'dockerfile'>): readonly string[] {
  return tree.stages.flatMap(({ instructions }) =>
    instructions.flatMap((instruction) => {
      const copy = copyOf(instruction);
      if (!copy || copy.from !== undefined) return [];
      return copy.sources
        .map(({ path }) => path.replace(/^(?:\.?\/)+|\/+$/g, ''))
        .filter((path) => path !== '' && path !== '.');
    }),
  );
}
