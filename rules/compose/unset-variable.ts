import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import type { YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { type Context, defineRule, type Edit } from '../core/rule.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, withSharers } from './shared/origin.ts';
import { isInFlow } from './shared/references.ts';
import { type SecurityUse, securityUsesIn } from './shared/security-variables.ts';
import { mayBeSet } from './shared/set-variables.ts';
import type { Reference } from './shared/variable-references.ts';
import { isForDevelopers } from './shared/variables.ts';

export const rule = defineRule({
  id: 'compose/unset-variable',
  title: 'Variable that matters for security may be empty',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /\$/,
  docs: {
    why: `Compose puts nothing in the place of a variable that nobody sets, and only warns: a password becomes empty, a port is
published on every address, an image has no tag.`,
    fix: `Write \`\${VAR:?VAR is required}\`, so that Compose stops and says what is missing, or set the variable in the \`.env\` beside
the file.`,
    falsePositives: `Only passwords and signing secrets of a service, tags of images and addresses of ports count; keys for services of
others (mail, storage, APIs) are optional in most programs. Silent where the \`.env\`, another environment file beside it or one that an
\`include\` may name has the variable, where git ignores an \`.env\` that cannot be seen therefore, and where another place of the file
requires it. More than four variables without any environment file in view come from a tool. Silent in files for development.`,
    cwe: [1188, 258],
    references: [
      'https://docs.docker.com/reference/compose-file/interpolation/',
      'https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/',
    ],
  },
  bad: [
    {
      name: 'passwords, in a variable, in a URL and in a command',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_USER: \${DB_USER}
      POSTGRES_PASSWORD: «\${DB_PASSWORD}»
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      - DATABASE_URL=postgres://app:\${DB_PASSWORD}@db/app
      - "SESSION_SECRET=«$SESSION_SECRET»"
  cache:
    image: redis:8
    command: redis-server --requirepass «\${REDIS_PASSWORD}»
`,
        '.env': 'DB_USER=app\n',
      },
      fixed: `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_USER: \${DB_USER}
      POSTGRES_PASSWORD: \${DB_PASSWORD:?DB_PASSWORD is required}
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      - DATABASE_URL=postgres://app:\${DB_PASSWORD}@db/app
      - "SESSION_SECRET=$SESSION_SECRET"
  cache:
    image: redis:8
    command: redis-server --requirepass \${REDIS_PASSWORD}
`,
    },
    {
      name: 'the tag of an image and the address of a port, in both forms',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:«\${API_TAG}»
    ports:
      - "«\${BIND}»:8080:80"
      - target: 443
        published: "8443"
        host_ip: «\${BIND_TLS}»
  web:
    image: "registry:5000/acme/web:v«\${WEB_TAG}»-alpine"
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:\${API_TAG:?API_TAG is required}
    ports:
      - "\${BIND}:8080:80"
      - target: 443
        published: "8443"
        host_ip: \${BIND_TLS}
  web:
    image: "registry:5000/acme/web:v\${WEB_TAG}-alpine"
`,
    },
    {
      name: 'no environment file at all',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    environment: { POSTGRES_PASSWORD: "«$DB_PASSWORD»" }
`,
      },
      fixed: `services:
  db:
    image: postgres:17
    environment: { POSTGRES_PASSWORD: "\${DB_PASSWORD:?DB_PASSWORD is required}" }
`,
    },
  ],
  good: [
    {
      name: 'the .env beside the file has it',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:\${PG_TAG}
    environment:
      POSTGRES_PASSWORD: \${DB_PASSWORD}
    ports: ["\${BIND}:5432:5432"]
`,
        '.env': 'PG_TAG=17\nDB_PASSWORD=Kx81hQvb\nBIND=127.0.0.1\n',
      },
    },
    {
      name: 'git ignores the .env, so it may well have it',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    environment: [POSTGRES_PASSWORD=\${DB_PASSWORD}]
`,
        '.gitignore': '.env\n',
      },
    },
    {
      name: 'an example shows that it is to be set',
      files: {
        'stack/compose.yaml': `services:
  db:
    image: postgres:17
    environment: [POSTGRES_PASSWORD=\${DB_PASSWORD}]
`,
        'stack/.env.example': 'DB_PASSWORD=\n',
      },
    },
    {
      name: 'defaults, required variables, and one that another place requires',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:\${PG_TAG:-17}
    environment:
      POSTGRES_PASSWORD: \${DB_PASSWORD:?set it}
      REPLICATION_PASSWORD: \${DB_PASSWORD}
      OTHER_PASSWORD: \${OTHER:-\${DB_PASSWORD}}
      EMPTY_PASSWORD: \${EMPTY-}
      IF_SET_PASSWORD: \${A:+\${B}}
      SHELL_PASSWORD: $$SHELL_PASSWORD
      PASSED_ON_PASSWORD:
    ports:
      - "\${BIND:-127.0.0.1}:5432:5432"
      - "\${PORT}:80"
      - "127.0.0.1:\${PORT}:80"
`,
      },
    },
    {
      name: 'what is optional, and what is no matter of security',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      SMTP_PASSWORD: \${SMTP_PASSWORD}
      AWS_SECRET_ACCESS_KEY: \${AWS_SECRET_ACCESS_KEY}
      OPENAI_API_KEY: \${OPENAI_API_KEY}
      SENTRY_TOKEN: \${SENTRY_TOKEN}
      LOG_LEVEL: \${LOG_LEVEL}
      DB_PASSWORD_FILE: \${DB_PASSWORD_FILE}
      OIDC_CLIENT_SECRET: \${OIDC_CLIENT_SECRET}
  built:
    build: .
    image: ghcr.io/acme/built:\${TAG}
`,
      },
    },
    {
      name: 'many variables and no environment file: something that is not in view fills them in',
      files: {
        'docker-compose.yml': `services:
  app:
    image: ghcr.io/acme/app:1.4.2
    container_name: \${CONTAINER_NAME}
    ports: ["\${HOST_IP}:\${PANEL_PORT}:80"]
    volumes: ["\${APP_DIR}/data:/data"]
    environment: [DB_PASSWORD=\${PANEL_DB_PASSWORD}]
`,
      },
    },
    {
      name: 'a file that another one includes',
      files: {
        'db/compose.yaml': `services:
  db:
    image: postgres:17
    environment: [POSTGRES_PASSWORD=\${DB_PASSWORD}]
`,
        'compose.yaml': `include:
  - path: db/compose.yaml
    env_file: config/db.env
services:
  api:
    image: ghcr.io/acme/api:1.4.2
`,
      },
    },
    {
      name: 'a developer’s machine',
      files: {
        'compose.override.yaml': `services:
  db:
    image: postgres:17
    environment: [POSTGRES_PASSWORD=\${DB_PASSWORD}]
`,
      },
    },
  ],
  check(document, context) {
    const seen = new Set<string>();
    for (const service of document.tree.services) {
      if (isForDevelopers(service)) continue;
      for (const use of securityUsesIn(document, service)) {
        if (seen.has(use.reference.name)) continue;
        seen.add(use.reference.name);
        if (!mayBeSet(document, context, use.reference.name)) report(document, context, service, use);
      }
    }
  },
});

function report(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
  { reference, scalar, consequence, place }: SecurityUse,
): void {
  const { name } = reference;
  const sharers = document.tree.sharing.get(scalar.span.start) ?? [service.name];
  const fix = {
    title: `Require ${name}`,
    safety: 'review',
    risk: `Compose does not start until \`${name}\` is set in .env or the shell.`,
  } as const;
  context.report({
    span: reference.span,
    message: withSharers(
      `\`${name}\` has no default and no entry in .env: where nobody sets it, ${consequence}`,
      sharers,
    ),
    place: `services.${service.name}.${place}.\${${name}}`,
    fixes: () => [atOrigin(fixOf(required(document.text, reference, scalar), fix), sharers)],
  });
}

/** Undefined where a plain scalar between brackets cannot hold braces. */
function required(text: string, { name, span }: Reference, scalar: YamlScalar): Edit | undefined {
  if (scalar.style === 'plain' && isInFlow(text, scalar)) return undefined;
  return { span, text: `\${${name}:?${name} is required}` };
}
