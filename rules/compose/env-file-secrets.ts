import { contentSpan } from '../../syntaxes/compose/environment.ts';
import { buildOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { lineEndingOf } from '../../syntaxes/lines.ts';
import { basename, dirname, joinUri, relativePath } from '../../syntaxes/uri.ts';
import { ignoredBy, isDockerIgnored } from '../core/ignored.ts';
import { type Context, defineRule, type Edit } from '../core/rule.ts';
import { workspaceFolder } from '../core/workspace-folder.ts';
import { dockerfileCopyFacts } from '../facts/dockerfile-copies.ts';
import { type EnvVariableFact, envFileFacts } from '../facts/env-files.ts';
import { ignoreFileFacts } from '../facts/ignore-files.ts';
import { type EnvFile, envFilesOf } from './shared/env-files.ts';
import { isDeveloperName, isExampleName } from './shared/env-names.ts';

export const rule = defineRule({
  id: 'compose/env-file-secrets',
  title: 'Environment file with credentials is not kept out',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /env_file/,
  docs: {
    why: `A file of variables with passwords that no ignore file names is committed by the next \`git add .\`, and copied into the image
by \`COPY . .\`: everybody who can read the repository or pull the image has the credentials then.`,
    fix: `Name the file in \`.gitignore\` and in \`.dockerignore\`, commit a \`.env.example\` without values, and change credentials that
were committed or built in before.`,
    falsePositives: `Silent for examples (\`.env.example\`, \`sample.env\`, \`*.dist\`), for files of development and tests, for files that are
not in the workspace, and for those without a literal credential. Only the ignore files of the workspace are known, not a global one.`,
    cwe: [538, 540],
    references: [
      'https://docs.docker.com/compose/how-tos/environment-variables/set-environment-variables/',
      'https://git-scm.com/docs/gitignore',
      'https://docs.docker.com/build/concepts/context/#dockerignore-files',
    ],
  },
  bad: [
    {
      name: 'no .gitignore names it',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    env_file: «./config/api.env»
`,
        'config/api.env': 'LOG_LEVEL=info\nDB_PASSWORD=Kx81hQvb\n',
        '.gitignore': 'node_modules/\n.env\n',
      },
      fixed: { '.gitignore': '/config/api.env\nnode_modules/\n.env\n' },
    },
    {
      name: 'there is no .gitignore; a list, and the long form',
      files: {
        'deploy/compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    env_file:
      - ".env.example"
      - "«api.env»"
  worker:
    image: ghcr.io/acme/api:1.4.2
    env_file:
      - path: «worker.env»
        required: false
        format: raw
      - path: api.env
`,
        'deploy/.env.example': 'DB_PASSWORD=changeme\n',
        'deploy/api.env': 'API_SECRET="Kx81hQvb"\n',
        'deploy/worker.env': 'DATABASE_URL=postgres://app:Kx81hQvb@db/app\n',
      },
      fixed: { '.gitignore': '/deploy/api.env\n' },
    },
    {
      name: 'git ignores it, but the image gets it',
      files: {
        'compose.yaml': `services:
  web:
    build: .
    env_file: [«.env»]
`,
        '.env': 'SESSION_SECRET=Kx81hQvb\n',
        '.gitignore': '.env\n',
        Dockerfile: 'FROM node:22\nCOPY . .\nCMD ["node", "server.js"]\n',
        '.dockerignore': 'node_modules\n',
      },
      fixed: { '.dockerignore': '.env\nnode_modules\n' },
    },
  ],
  good: [
    {
      name: 'ignored by git and by the build',
      files: {
        'compose.yaml': `services:
  web:
    build: .
    env_file: [.env, config/web.env]
`,
        '.env': 'SESSION_SECRET=Kx81hQvb\n',
        'config/web.env': 'SESSION_SECRET=Kx81hQvb\n',
        '.gitignore': '*.env\n',
        Dockerfile: 'FROM node:22\nCOPY . .\nCMD ["node", "server.js"]\n',
        '.dockerignore': '**/*.env\n',
      },
    },
    {
      name: 'the ignore file of the folder, and an image that takes only the code',
      files: {
        'app/compose.yaml': `services:
  web:
    build: .
    env_file: web.env
`,
        'app/web.env': 'SESSION_SECRET=Kx81hQvb\n',
        'app/.gitignore': 'web.env\n',
        'app/Dockerfile': 'FROM node:22\nCOPY src ./src\nCMD ["node", "src/server.js"]\n',
      },
    },
    {
      name: 'only a stage before the last one gets it',
      files: {
        'compose.yaml': `services:
  web:
    build: .
    env_file: .env
`,
        '.env': 'SESSION_SECRET=Kx81hQvb\n',
        '.gitignore': '.env\n',
        Dockerfile:
          'FROM node:22 AS build\nCOPY . .\nRUN npm run build\nFROM nginx:1.29\nCOPY --from=build /dist /usr/share/nginx/html\n',
      },
    },
    {
      name: 'examples, files without credentials, files that are not here',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1.4.2
    env_file:
      - .env.example
      - web.env
      - missing.env
      - path: \${ENV_FILE}
      - sample.env
`,
        '.env.example': 'DB_PASSWORD=Kx81hQvb\n',
        'sample.env': 'DB_PASSWORD=Kx81hQvb\n',
        'web.env': 'LOG_LEVEL=info\nDB_PASSWORD=\nDB_PASSWORD_FILE=/run/secrets/db\nAPI_TOKEN=${API_TOKEN}\n',
      },
    },
    {
      name: 'a file for development',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1.4.2
    env_file: dev.env
`,
        'dev.env': 'DB_PASSWORD=postgres\n',
      },
    },
  ],
  check(document, context) {
    const seen = new Set<string>();
    for (const service of document.tree.services) {
      for (const file of envFilesOf(service, document.uri)) {
        const secrets = context.facts.of(envFileFacts, file.uri).filter(({ secret }) => secret);
        const name = basename(file.uri);
        if (secrets.length === 0 || seen.has(file.uri) || isExampleName(name) || isDeveloperName(name))
          continue;
        seen.add(file.uri);
        const gaps = [...gitGap(document, context, file), ...imageGap(document, context, service, file)];
        if (gaps.length > 0) report(document, context, { service, file, secrets, gaps });
      }
    }
  },
});

/** An ignore file that lacks a line, and what comes of it. */
interface Gap {
  readonly what: string;
  readonly edit: Edit;
}

function gitGap(
  document: Document<'compose'>,
  { facts, path }: Context<unknown>,
  file: EnvFile,
): readonly Gap[] {
  const root = workspaceFolder(document.uri, path);
  const below = relativePath(root, file.uri);
  if (below === undefined || ignoredBy(facts, file.uri, '.gitignore', root) === true) return [];
  let folder = dirname(file.uri);
  while (folder !== root && folder.startsWith(`${root}/`) && !facts.exists(joinUri(folder, '.gitignore')))
    folder = dirname(folder);
  const line = relativePath(folder, file.uri);
  if (line === undefined) return [];
  return [
    {
      what: 'no .gitignore keeps it out of the repository',
      edit: firstLine(document, joinUri(folder, '.gitignore'), line),
    },
  ];
}

function imageGap(
  document: Document<'compose'>,
  { facts }: Context<unknown>,
  service: ComposeService,
  file: EnvFile,
): readonly Gap[] {
  const build = buildOf(service, document.uri);
  if (!build?.contextUri || !build.dockerfileUri || build.target !== undefined) return [];
  const path = relativePath(build.contextUri, file.uri);
  const takesAll = facts
    .of(dockerfileCopyFacts, build.dockerfileUri)
    .some(
      ({ inFinal, sources }) => inFinal && sources.some((source) => /^(?:\.?\/?\*?|\.\/\.?)$/.test(source)),
    );
  if (path === undefined || !takesAll) return [];
  const own = `${build.dockerfileUri}.dockerignore`;
  const ignores = facts.exists(own)
    ? isDockerIgnored(facts.of(ignoreFileFacts, own), path)
    : ignoredBy(facts, file.uri, '.dockerignore', build.contextUri);
  if (ignores === true) return [];
  const target = facts.exists(own) ? own : joinUri(build.contextUri, '.dockerignore');
  return [
    {
      what: `\`COPY . .\` puts it into the image of \`${service.name}\``,
      edit: firstLine(document, target, path),
    },
  ];
}

/** At the start, since the length of a file that is not this document is not known; later lines may take it back in. */
function firstLine({ text }: Document<'compose'>, uri: string, path: string): Edit {
  const isDocker = uri.endsWith('.dockerignore');
  const line = isDocker || !path.includes('/') ? path : `/${path}`;
  return { uri, span: { start: 0, end: 0 }, text: line + lineEndingOf(text) };
}

interface Found {
  readonly service: ComposeService;
  readonly file: EnvFile;
  readonly secrets: readonly EnvVariableFact[];
  readonly gaps: readonly Gap[];
}

function report(
  document: Document<'compose'>,
  context: Context<unknown>,
  { service, file, secrets, gaps }: Found,
): void {
  const name = basename(file.uri);
  const others = secrets.length > 1 ? ` and ${secrets.length - 1} more` : '';
  context.report({
    span: contentSpan(file.scalar, document.text),
    message: `\`${name}\` holds credentials (\`${secrets[0]?.name}\`${others}), and ${gaps[0]?.what}.`,
    place: `services.${service.name}.env_file[${file.scalar.value}]`,
    related: secrets.slice(0, 3).map((secret) => ({
      uri: file.uri,
      span: secret.span,
      message: `\`${secret.name}\` is a credential.`,
    })),
    fixes: () => [
      {
        title: `Name ${name} in ${gaps.map(({ edit }) => basename(edit.uri ?? '')).join(' and ')}`,
        safety: 'review',
        edits: gaps.map(({ edit }) => edit),
        risk: 'What git tracks already stays tracked: run `git rm --cached` on it, and change credentials that others could read.',
        verify: `git check-ignore -v ${name}`,
      },
    ],
  });
}
