import { type Mount, mountSourceUri, mountsOf } from '../../syntaxes/compose/mounts.ts';
import { buildOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { relativePath } from '../../syntaxes/uri.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { mountSpan } from './shared/host-paths.ts';
import { takesContext } from './shared/inputs.ts';
import { eachOrigin, withSharers } from './shared/origin.ts';
import { isForDevelopers } from './shared/variables.ts';

/** Folders that hold code. */
const CODE =
  /^(?:src|app|apps|lib|libs|server|backend|frontend|client|api|web|www|code|source|packages|pages|components)$/i;
/** Folders of containers that programs are put into. Data, logs and settings live elsewhere. */
const PROGRAM =
  /^\/(?:usr\/(?:local\/)?(?:src|app|lib)|app|apps|application|src|srv|code|opt|work|workdir|workspace|project|site|web|www|var\/www|go\/src|home\/[^/]+|usr\/share\/nginx\/html|backend|frontend|server|client|api)(?:\/|$)/i;
/** A last part of a path that says: no code. */
const NO_CODE =
  /(?:^|\/)(?:data|db|logs?|storage|uploads?|media|static|public|dist|build|assets|config|conf|certs?|secrets?|backups?|cache|tmp|state|models?|downloads?|plugins?|node_modules)$/i;

export const rule = defineRule({
  id: 'compose/source-bind-mount',
  title: 'Source code of the host lies over what was built',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /volumes/,
  docs: {
    why: `The container then runs whatever lies in the checkout at the moment, not what was built, tested and scanned; a change on the
host is live at once, and a process in the container can rewrite the source.`,
    fix: `Delete the mount where the stack is for more than development, since the image has the code. For development put it into
\`compose.override.yaml\`, or use \`develop.watch\`.`,
    falsePositives: `Only mounts of the build context, or of a folder of code in it, to a place for programs count, next to \`build\`.
Silent for single files, data, settings and uploads, in files for development and tests, and for services that say so by their name,
their profiles or the stage that is built.`,
    references: [
      'https://docs.docker.com/compose/how-tos/production/',
      'https://docs.docker.com/compose/how-tos/file-watch/',
    ],
  },
  bad: [
    {
      name: 'the whole project, in both forms',
      files: {
        'compose.yaml': `services:
  web:
    build: .
    volumes:
      - «.:/app»
      - node_modules:/app/node_modules
  api:
    build:
      context: ./api
    volumes:
      - type: bind
        source: «./api»
        target: /usr/src/app
  php:
    build: { context: ., dockerfile: docker/php/Dockerfile }
    volumes: ["«./:/var/www/html:cached»"]
volumes:
  node_modules: {}
`,
      },
    },
    {
      name: 'a folder of code, and the variable of the shell',
      files: {
        'docker-compose.yml': `services:
  web:
    build: .
    volumes:
      - «./src:/app/src»
      - "«\${PWD}/server:/opt/server:ro»"
`,
        Dockerfile: `FROM node:22\nCOPY src /app/src\nCMD ["node", "/app/src/main.js"]\n`,
      },
    },
  ],
  good: [
    {
      name: 'data, settings and single files',
      files: {
        'compose.yaml': `services:
  web:
    build: .
    volumes:
      - ./data:/app/data
      - ./config:/app/config:ro
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
      - ./uploads:/var/www/html/uploads
      - .:/backup:ro
      - ./src/settings.yaml:/app/settings.yaml
      - app:/app
      - /srv/media:/srv/media
volumes:
  app: {}
`,
      },
    },
    {
      name: 'an image that was not built here',
      files: {
        'compose.yaml': `services:
  web:
    image: nginx:1.29
    volumes:
      - ./src:/usr/share/nginx/html:ro
  php:
    image: php:8.4-fpm
    volumes:
      - .:/var/www/html
`,
      },
    },
    {
      name: 'files for developers',
      files: {
        'compose.override.yaml': `services:
  web:
    build: .
    volumes: [".:/app"]
`,
      },
    },
    {
      name: 'services for developers',
      files: {
        'compose.yaml': `services:
  web:
    build: { context: ., target: dev }
    volumes: [".:/app"]
  test:
    build: .
    volumes: [".:/app"]
  shell:
    build: .
    profiles: [dev, test]
    volumes: [".:/app"]
`,
      },
    },
    {
      name: 'an image of tools alone, which has no code of its own',
      files: {
        'compose.yaml': `services:
  site:
    build: .
    volumes: [".:/src"]
`,
        Dockerfile: `FROM alpine:3.22\nRUN apk add --no-cache hugo\nWORKDIR /src\nCMD ["hugo", "server"]\n`,
      },
    },
    {
      name: 'a context that is not known, and one elsewhere',
      files: {
        'compose.yaml': `services:
  web:
    build: https://github.com/acme/web.git
    volumes: [".:/app"]
  api:
    build: ./api
    volumes: ["./shared:/app/shared"]
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject: mount, sharers } of eachOrigin(
      document.tree,
      (each) => mountsOf(each).filter((mount) => isSource(document, context, each, mount)),
      ({ item }) => item.node.span.start,
    )) {
      context.report({
        span: mountSpan(document.text, mount),
        message: withSharers(
          `\`${service.name}\` runs the code that lies in \`${mount.source}\` on the host, not the code that its image was built with`,
          sharers,
        ),
        place: `services.${service.name}.volumes[${mount.target}]`,
      });
    }
  },
});

function isSource(
  document: Document<'compose'>,
  { facts }: Context<unknown>,
  service: ComposeService,
  mount: Mount,
): boolean {
  const { target } = mount;
  if (!target || !PROGRAM.test(target) || NO_CODE.test(target) || isForDevelopers(service)) return false;
  const build = buildOf(service, document.uri);
  const source = mountSourceUri(mount, document.uri);
  if (!build?.contextUri || !source || mount.source?.startsWith('/')) return false;
  // An image of tools alone brings no code that the mount could lie over.
  if (!takesContext(facts, build)) return false;
  if (source === build.contextUri) return true;
  return (
    relativePath(build.contextUri, source)
      ?.split('/')
      .every((part) => CODE.test(part)) === true
  );
}
