import { asWritten, environmentOf } from '../../syntaxes/compose/environment.ts';
import { defineRule } from '../core/rule.ts';
import { openCredentials, requireVariable } from './shared/credentials.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/secret-in-environment',
  title: 'Credential stands in the Compose file',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `A password in \`environment\` is in version control, in every copy of the file and in \`docker inspect\`. Whoever can read
the repository can use it, and a rotation needs a commit.`,
    fix: `Move the value to \`.env\` (untracked) or to the shell and refer to it as \`\${KEY:?set KEY}\`, which makes Compose stop when
it is missing. Better still is \`secrets:\` with the image's \`KEY_FILE\` variable. Change the old value: it has been published.`,
    falsePositives: `Silent for switches (\`true\`, \`0\`), \`*_FILE\`, \`ALLOW_EMPTY_*\`, \`RANDOM_*\`, public keys and key ids, numbers that
limit tokens, paths, URLs, references to a vault, and variables without a default. Well-known values (\`postgres\`, \`changeme\`) are
no finding in files for development.`,
    cwe: [798],
    controls: ['OWASP Docker Security Cheat Sheet, rule 12'],
    references: [
      'https://docs.docker.com/compose/how-tos/use-secrets/',
      'https://docs.docker.com/reference/compose-file/interpolation/',
    ],
  },
  bad: [
    {
      name: 'the map form',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: «Kx81hQvb»
      POSTGRES_DB: app
`,
      },
      fixed: `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}
      POSTGRES_DB: app
`,
    },
    {
      name: 'the list form, quotes, and a default of a variable',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      - "STRIPE_SECRET_KEY=«sk_live_4eC39HqLyjWDarjt»"
      - JWT_SECRET=«\${JWT_SECRET:-h7Gd2kPq}»
      - DB_PASS=«pa$$w0rd-9»
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      - "STRIPE_SECRET_KEY=\${STRIPE_SECRET_KEY:?set STRIPE_SECRET_KEY}"
      - JWT_SECRET=\${JWT_SECRET:-h7Gd2kPq}
      - DB_PASS=pa$$w0rd-9
`,
    },
    {
      name: 'the variable keeps its name, and a number is a password too',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      REDIS_PASSWORD: "«\${CACHE_PW:-h7Gd2kPq}»"
      ADMIN_PASSWORD: «90817263»
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      REDIS_PASSWORD: "\${CACHE_PW:?set CACHE_PW}"
      ADMIN_PASSWORD: 90817263
`,
    },
    {
      name: 'flow style needs quotes',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment: { API_TOKEN: «Kx81hQvb», LOG: info }
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment: { API_TOKEN: "\${API_TOKEN:?set API_TOKEN}", LOG: info }
`,
    },
    {
      name: 'a value that everybody knows',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: «changeme»
`,
      },
      fixed: `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}
`,
    },
    {
      name: 'an anchor is one finding for all services that use it',
      files: {
        'compose.yaml': `x-env: &env
  DJANGO_SECRET_KEY: «b2f5-ff47-4367»
services:
  web:
    image: ghcr.io/acme/web:1
    environment: *env
  worker:
    image: ghcr.io/acme/web:1
    environment:
      <<: *env
      QUEUE: default
`,
      },
      fixed: `x-env: &env
  DJANGO_SECRET_KEY: \${DJANGO_SECRET_KEY:?set DJANGO_SECRET_KEY}
services:
  web:
    image: ghcr.io/acme/web:1
    environment: *env
  worker:
    image: ghcr.io/acme/web:1
    environment:
      <<: *env
      QUEUE: default
`,
    },
  ],
  good: [
    {
      name: 'variables without a default, passed on, or required',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD}
      ROOT_PASSWORD: \${ROOT_PASSWORD:?set it}
      API_TOKEN: \${API_TOKEN:-}
      NESTED_SECRET: \${A:-\${B}}
      PASSED_ON_SECRET:
      EMPTY_PASSWORD: ""
`,
      },
    },
    {
      name: 'the list form passes a variable on',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    environment:
      - POSTGRES_PASSWORD
      - API_TOKEN=$API_TOKEN
      - SHELL_PASSWORD=$$SHELL_PASSWORD
`,
      },
    },
    {
      name: 'files, switches and options about credentials',
      files: {
        'compose.yaml': `services:
  db:
    image: mysql:8.4
    environment:
      MYSQL_PASSWORD_FILE: /run/secrets/db_password
      MYSQL_PASSWORD: /run/secrets/db_password
      MYSQL_ALLOW_EMPTY_PASSWORD: "yes"
      ALLOW_EMPTY_PASSWORD: "yes"
      MYSQL_RANDOM_ROOT_PASSWORD: "1"
      REQUIRE_TOKEN: "true"
      ACCESS_TOKEN_EXPIRE_MINUTES: 30
      MAX_TOKEN: 4096
      AWS_ACCESS_KEY_ID: AKIAIOSFODNN7EXAMPLE
      JWT_PUBLIC_KEY: MIIBIjANBgkqhkiG
      GPG_KEY: A035C8C19219BA821ECEA86B64E628F8D684696D
      NEXT_PUBLIC_MAPS_API_KEY: visible-to-everybody
      SECRET_NAME: prod/db
      PASSWORD_RESET_URL: https://example.com/reset
      TOKEN_TYPE: bearer
`,
      },
    },
    {
      name: 'a well-known value on a developer’s machine',
      files: {
        'compose.dev.yaml': `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: postgres
`,
      },
    },
    {
      name: 'references to a place that holds the secret',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      DB_PASSWORD: vault:secret/data/db#password
      API_KEY: op://prod/api/key
      OIDC_TOKEN: https://issuer.example.com/token
      ENCRYPTED_SECRET: ENC[AES256_GCM,data:xyz]
      SWARM_SECRET: "{{.Service.Name}}"
`,
      },
    },
  ],
  check(document, context) {
    const origins = eachOrigin(
      document.tree,
      (service) =>
        openCredentials(environmentOf(asWritten(service), document.text)).filter(
          // On a developer's machine `postgres` is no secret that could leak.
          ({ weak }) => !weak || context.environment === 'prod',
        ),
      ({ variable }) => variable.offset,
    );
    for (const { service, subject, sharers } of origins) {
      const { name, valueSpan } = subject.variable;
      if (!valueSpan) continue;
      const what =
        subject.interpolated.variables.length > 0 ? 'has a default in this file' : 'stands in this file';
      const consequence = subject.weak
        ? 'and it is one that attackers try first'
        : 'so everybody who can read the repository has it';
      context.report({
        span: valueSpan,
        message: withSharers(`The credential \`${name}\` ${what}, ${consequence}`, sharers),
        place: `services.${service.name}.environment.${name}`,
        covers: [`compose/password-file-supported services.${service.name}.environment.${name}`],
        fixes: () => {
          const required = requireVariable(document.text, subject);
          const fix = fixOf(required?.edit, {
            title: `Take the value from \${${required?.name}}`,
            safety: 'review',
            risk: `Compose does not start until \`${required?.name}\` is set: move the value to .env or the shell first.`,
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});
