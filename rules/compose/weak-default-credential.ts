import { environmentOf } from '../../syntaxes/compose/environment.ts';
import { defineRule } from '../core/rule.ts';
import { openCredentials, requireVariable } from './shared/credentials.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/weak-default-credential',
  title: 'Credential is well known',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  profile: 'strict',
  docs: {
    why: `\`postgres\`, \`admin\`, \`changeme\` or the user's own name are what every scanner tries first. As the default of a variable
they are in effect wherever somebody forgets to set it.`,
    fix: `Refer to the variable as \`\${KEY:?set KEY}\`, which makes Compose stop when it is missing, and give it a random value
(\`openssl rand -base64 24\`).`,
    falsePositives:
      'Silent in files for development and tests. `compose/secret-in-environment` reports the same values; this rule tells them apart.',
    cwe: [1392, 521],
    references: [
      'https://cwe.mitre.org/data/definitions/1392.html',
      'https://docs.docker.com/reference/compose-file/interpolation/',
    ],
  },
  bad: [
    {
      name: 'a password that everybody knows, and one that is the name of its user',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_USER: feast
      POSTGRES_PASSWORD: «feast»
  store:
    image: minio/minio:RELEASE.2025-04-22T22-12-26Z
    environment:
      - MINIO_ROOT_PASSWORD=«minioadmin»
`,
      },
      fixed: `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_USER: feast
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}
  store:
    image: minio/minio:RELEASE.2025-04-22T22-12-26Z
    environment:
      - MINIO_ROOT_PASSWORD=minioadmin
`,
    },
    {
      name: 'as the default of a variable, and as a placeholder',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_SECURITY_ADMIN_PASSWORD: «\${GRAFANA_PASSWORD:-admin}»
      JWT_SECRET: «change-me-in-production»
      NEO4J_AUTH: «neo4j/password»
`,
      },
      fixed: `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_SECURITY_ADMIN_PASSWORD: \${GRAFANA_PASSWORD:?set GRAFANA_PASSWORD}
      JWT_SECRET: change-me-in-production
      NEO4J_AUTH: neo4j/password
`,
    },
  ],
  good: [
    {
      name: 'a value that is not well known, and variables',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: Kx81hQvb
      ADMIN_PASSWORD: \${ADMIN_PASSWORD}
      NEO4J_AUTH: none
      DATABASE_NAME: postgres
`,
      },
    },
    {
      name: 'a file for tests',
      files: {
        'docker-compose.test.yml': `services:
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: postgres
`,
      },
    },
  ],
  check(document, context) {
    const origins = eachOrigin(
      document.tree,
      (service) => openCredentials(environmentOf(service, document.text)).filter(({ weak }) => weak),
      ({ variable }) => variable.offset,
    );
    for (const { service, subject, sharers } of origins) {
      const { name, valueSpan } = subject.variable;
      if (!valueSpan) continue;
      const what = subject.interpolated.variables.length > 0 ? 'falls back to' : 'is';
      context.report({
        span: valueSpan,
        message: withSharers(`\`${name}\` ${what} a well-known value that attackers try first`, sharers),
        place: `services.${service.name}.environment.${name}`,
        covers: [`compose/password-file-supported services.${service.name}.environment.${name}`],
        fixes: () => {
          const required = requireVariable(document.text, subject);
          const fix = fixOf(required?.edit, {
            title: `Take the value from \${${required?.name}}`,
            safety: 'review',
            risk: `Compose does not start until \`${required?.name}\` is set in .env or the shell; an existing database keeps its old password.`,
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});
