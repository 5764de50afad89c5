import type { EnvironmentVariable } from '../../syntaxes/compose/environment.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { argNameSpan, buildArgsOf, declaredArgs, removeBuildArg } from './shared/build-args.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, withSharers } from './shared/origin.ts';

/** Arguments that BuildKit takes without an `ARG`. https://docs.docker.com/reference/dockerfile/#predefined-args */
const PREDEFINED =
  /^(?:(?:https?|ftp|no|all)_proxy|BUILDKIT_\w+|SOURCE_DATE_EPOCH|(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT|STAGE))$/i;

export const rule = defineRule({
  id: 'compose/build-arg-unknown',
  title: 'Build argument that the Dockerfile does not take',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /args/,
  docs: {
    why: `The value goes nowhere: the build only warns that the argument was not consumed, and the image is built with the Dockerfile's
own defaults, an older version or another mode than the file says.`,
    fix: 'Delete the argument, write its name as the Dockerfile has it, or declare it there with `ARG` in the stage that uses it.',
    falsePositives: `Silent for arguments that BuildKit knows by itself (proxies, \`BUILDKIT_*\`, \`SOURCE_DATE_EPOCH\`, \`TARGET*\`), for
Dockerfiles that are not in the workspace or have a frontend of their own, and for arguments that an anchor hands to several builds of
which one takes them.`,
    references: [
      'https://docs.docker.com/reference/compose-file/build/#args',
      'https://docs.docker.com/reference/dockerfile/#predefined-args',
    ],
  },
  bad: [
    {
      name: 'the map form',
      files: {
        'compose.yaml': `services:
  web:
    build:
      context: .
      args:
        NODE_VERSION: "22"
        «APP_ENV»: production
`,
        Dockerfile: `ARG NODE_VERSION=20\nFROM node:\${NODE_VERSION}\nCMD ["node", "server.js"]\n`,
      },
      fixed: `services:
  web:
    build:
      context: .
      args:
        NODE_VERSION: "22"
`,
    },
    {
      name: 'the list form, another Dockerfile, and a name that is written otherwise there',
      files: {
        'compose.yaml': `services:
  web:
    build:
      context: ./web
      dockerfile: docker/Prod.Dockerfile
      args:
        - "«nodeVersion»=22"
        - «GIT_SHA»
`,
        'web/docker/Prod.Dockerfile': `FROM node:22\nARG NODE_VERSION\nCMD ["node", "server.js"]\n`,
      },
      fixed: `services:
  web:
    build:
      context: ./web
      dockerfile: docker/Prod.Dockerfile
      args:
        - "NODE_VERSION=22"
        - GIT_SHA
`,
    },
    {
      name: 'the only one goes with its key; a Dockerfile in the Compose file',
      files: {
        'compose.yaml': `services:
  web:
    build:
      dockerfile_inline: |
        FROM nginx:1.29
        COPY site /usr/share/nginx/html
      args:
        «THEME»: dark
`,
      },
      fixed: `services:
  web:
    build:
      dockerfile_inline: |
        FROM nginx:1.29
        COPY site /usr/share/nginx/html
`,
    },
  ],
  good: [
    {
      name: 'declared in any stage, before the first one, and for images that build on this one',
      files: {
        'compose.yaml': `services:
  web:
    build:
      context: .
      args: { A: 1, B: 2, C: 3, D: 4 }
`,
        Dockerfile: `ARG A\nFROM node:\${A} AS build\narg B=1 C\nFROM node:22\nONBUILD ARG D\nCMD ["node"]\n`,
      },
    },
    {
      name: 'arguments that BuildKit knows',
      files: {
        'compose.yaml': `services:
  web:
    build:
      context: .
      args:
        HTTP_PROXY: http://proxy:3128
        no_proxy: localhost
        BUILDKIT_INLINE_CACHE: 1
        BUILDKIT_CONTEXT_KEEP_GIT_DIR: 1
        SOURCE_DATE_EPOCH: 0
        TARGETARCH: arm64
`,
        Dockerfile: `FROM node:22\nCMD ["node"]\n`,
      },
    },
    {
      name: 'shared by two builds, of which one takes it',
      files: {
        'compose.yaml': `x-args: &args
  GIT_SHA: "1"
  NODE_VERSION: "22"
services:
  web:
    build: { context: web, args: *args }
  api:
    build: { context: api, args: *args }
`,
        'web/Dockerfile': `FROM node:22\nARG GIT_SHA\nCMD ["node"]\n`,
        'api/Dockerfile': `ARG NODE_VERSION\nFROM node:\${NODE_VERSION}\nCMD ["node"]\n`,
      },
    },
    {
      name: 'a Dockerfile that is not here, one elsewhere, one with a frontend of its own',
      files: {
        'compose.yaml': `services:
  a:
    build: { context: missing, args: { X: 1 } }
  b:
    build: { context: "https://github.com/acme/b.git", args: { X: 1 } }
  c:
    build: { context: c, args: { X: 1 } }
  d:
    build: { context: "\${DIR}", args: { X: 1 } }
`,
        'c/Dockerfile': `# syntax=ghcr.io/acme/frontend:1\nFROM node:22\nCMD ["node"]\n`,
        Dockerfile: `FROM node:22\nCMD ["node"]\n`,
      },
    },
    {
      name: 'a file that only adds an argument to a build of another one',
      files: {
        'compose.prod.yaml': `services:
  web:
    build:
      args: { APP_ENV: production }
`,
        Dockerfile: `FROM node:22\nCMD ["node"]\n`,
      },
    },
  ],
  check(document, context) {
    for (const { arg, services } of argsByPlace(document)) {
      const [service] = services;
      const known = services.map((each) => declaredArgs(document, context.facts, each));
      if (!service || PREDEFINED.test(arg.name) || arg.name.includes('$')) continue;
      if (
        known.some((each) => !each || each.fact.open || each.fact.args.some(({ name }) => name === arg.name))
      )
        continue;
      const sharers = services.map(({ name }) => name);
      const near = known[0]?.fact.args.find(({ name }) => plain(name) === plain(arg.name));
      report(document, context, { service, arg, sharers, near: near?.name });
    }
  },
});

interface Shared {
  readonly arg: EnvironmentVariable;
  /** All services that are built with it. */
  readonly services: readonly ComposeService[];
}

function argsByPlace(document: Document<'compose'>): readonly Shared[] {
  const found = new Map<number, { arg: EnvironmentVariable; services: ComposeService[] }>();
  for (const service of document.tree.services) {
    for (const arg of buildArgsOf(service, document.text)) {
      const known = found.get(arg.offset);
      if (known) known.services.push(service);
      else found.set(arg.offset, { arg, services: [service] });
    }
  }
  return [...found.values()];
}

function plain(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}

interface Unknown {
  readonly service: ComposeService;
  readonly arg: EnvironmentVariable;
  readonly sharers: readonly string[];
  /** The name that the Dockerfile has it under, where only the spelling differs. */
  readonly near: string | undefined;
}

function report(
  document: Document<'compose'>,
  context: Context<unknown>,
  { service, arg, sharers, near }: Unknown,
): void {
  const span = argNameSpan(document.text, arg);
  const hint = near === undefined ? `declares no \`ARG ${arg.name}\`` : `calls it \`${near}\``;
  context.report({
    span,
    message: withSharers(
      `The build of \`${service.name}\` drops \`${arg.name}\`: its Dockerfile ${hint}`,
      sharers,
    ),
    place: `services.${service.name}.build.args.${arg.name}`,
    fixes: () => [
      atOrigin(
        near === undefined ? deletion(document, service, arg) : renaming(document, arg, near),
        sharers,
      ),
    ],
  });
}

function renaming(document: Document<'compose'>, arg: EnvironmentVariable, name: string): Fix | undefined {
  const span = argNameSpan(document.text, arg);
  const written = document.text.slice(span.start, span.end);
  return fixOf(
    { span, text: written.replace(arg.name, name) },
    {
      title: `Rename to ${name}`,
      safety: 'review',
      risk: 'The value comes into effect: the image may differ.',
    },
  );
}

function deletion(
  document: Document<'compose'>,
  service: ComposeService,
  arg: EnvironmentVariable,
): Fix | undefined {
  return fixOf(removeBuildArg(document.text, service, arg), {
    title: `Delete ${arg.name}`,
    safety: 'review',
    risk: 'The image stays the same; if the Dockerfile was meant to take the argument, declare it there instead.',
  });
}
