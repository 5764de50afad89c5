import { type EnvironmentVariable, environmentOf } from '../../syntaxes/compose/environment.ts';
import { imageOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { parseImage } from '../core/image-reference.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { PASSWORD_FILES } from '../data/password-files.ts';
import { fixOf } from './shared/fixes.ts';
import { addSecretDefinition, grantToService } from './shared/grant-secret.ts';
import { eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/password-file-supported',
  title: 'Password is in a variable although the image reads files',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  profile: 'strict',
  mentions: /_PASSWORD/,
  docs: {
    why: `A variable is in \`docker inspect\`, in every process of the container and in dumps that programs write when they crash. A
secret is a file that only its owner reads.`,
    fix: `Hand the password over as a secret, and name its file in \`POSTGRES_PASSWORD_FILE\`, \`MYSQL_ROOT_PASSWORD_FILE\` or their
like. The variable of Compose keeps its name and its place in \`.env\`.`,
    falsePositives: `Only for official images of PostgreSQL, MySQL and MariaDB with a version that reads the file as root, and where
the service sets no user, is not read-only (Compose cannot copy a secret into it then) and no command of it uses the variable.`,
    cwe: [526],
    references: [
      'https://docs.docker.com/compose/how-tos/use-secrets/',
      'https://hub.docker.com/_/postgres',
      'https://hub.docker.com/_/mysql',
    ],
  },
  bad: [
    {
      name: 'the map form',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17-alpine
    environment:
      POSTGRES_USER: app
      «POSTGRES_PASSWORD»: \${DB_PASSWORD:?set DB_PASSWORD}
volumes:
  data: {}
`,
      },
      fixed: `services:
  db:
    image: postgres:17-alpine
    secrets:
      - { source: postgres_password, mode: 0400 }
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD_FILE: /run/secrets/postgres_password
volumes:
  data: {}
secrets:
  postgres_password:
    environment: DB_PASSWORD
`,
    },
    {
      name: 'the list form, with secrets that are there already',
      files: {
        'compose.yaml': `secrets:
  tls_key:
    file: ./tls.key
services:
  db:
    image: mariadb:11.4
    environment:
      - "«MARIADB_ROOT_PASSWORD»=$ROOT_PW"
      - MARIADB_DATABASE=app
    secrets:
      - tls_key
`,
      },
      fixed: `secrets:
  tls_key:
    file: ./tls.key
  mariadb_root_password:
    environment: ROOT_PW
services:
  db:
    image: mariadb:11.4
    environment:
      - "MARIADB_ROOT_PASSWORD_FILE=/run/secrets/mariadb_root_password"
      - MARIADB_DATABASE=app
    secrets:
      - tls_key
      - { source: mariadb_root_password, mode: 0400 }
`,
    },
  ],
  good: [
    {
      name: 'a file, a literal (which another rule reports), an image that is not known',
      files: {
        'compose.yaml': `services:
  a:
    image: postgres:17
    environment: { POSTGRES_PASSWORD_FILE: /run/secrets/db }
  b:
    image: postgres:17
    environment: { POSTGRES_PASSWORD: Kx81hQvb }
  c:
    image: ghcr.io/acme/postgres:17
    environment: [POSTGRES_PASSWORD=$DB_PASSWORD]
  d:
    image: postgres:10
    environment: [POSTGRES_PASSWORD=$DB_PASSWORD]
  e:
    image: mongo:8
    environment: [MONGO_INITDB_ROOT_PASSWORD=$DB_PASSWORD]
`,
      },
    },
    {
      name: 'a user of its own, a read-only service, a healthcheck with the variable',
      files: {
        'compose.yaml': `services:
  a:
    image: postgres:17
    user: "999"
    environment: [POSTGRES_PASSWORD=$DB_PASSWORD]
  b:
    image: postgres:17
    read_only: true
    environment: [POSTGRES_PASSWORD=$DB_PASSWORD]
  c:
    image: mysql:8.4
    environment:
      MYSQL_ROOT_PASSWORD: \${ROOT_PW}
    healthcheck:
      test: mysqladmin ping -p$$MYSQL_ROOT_PASSWORD
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => passwordsOf(document, service);
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      pick,
      ({ variable }) => variable.offset,
    )) {
      const { variable, source } = subject;
      context.report({
        span: nameSpan(document.text, variable),
        message: withSharers(
          `\`${service.name}\` gets \`${variable.name}\` as a variable: its image reads a secret's file too (\`${variable.name}_FILE\`)`,
          sharers,
        ),
        place: `services.${service.name}.environment.${variable.name}`,
        fixes: () => (sharers.length > 1 ? [] : [asFile(document, service, variable, source)]),
      });
    }
  },
});

interface Password {
  readonly variable: EnvironmentVariable;
  /** The variable of Compose that holds it. */
  readonly source: string;
}

function passwordsOf(document: Document<'compose'>, service: ComposeService): readonly Password[] {
  const { entries } = service.effective;
  const image = parseImage(imageOf(service) ?? '');
  const known = image && Object.hasOwn(PASSWORD_FILES, image.name) ? PASSWORD_FILES[image.name] : undefined;
  const major = Number(/^\d+/.exec(image?.tag ?? '')?.[0]);
  if (!known || !(major >= known.since) || !service.complete) return [];
  if (['user', 'read_only', 'entrypoint', 'command', 'build', 'env_file'].some((key) => entries.has(key)))
    return [];
  return environmentOf(service, document.text).flatMap((variable) => {
    const source = /^\$(?:\{([A-Za-z_]\w*)(?::?\?[^{}]*)?\}|([A-Za-z_]\w*))$/.exec(variable.value ?? '');
    const name = source?.[1] ?? source?.[2];
    const isUsed =
      document.text.includes(`$$${variable.name}`) || document.text.includes(`$\${${variable.name}`);
    return name === undefined || isUsed || !known.variables.test(variable.name)
      ? []
      : [{ variable, source: name }];
  });
}

function nameSpan(text: string, { entry, valueSpan, name }: EnvironmentVariable) {
  if (entry) return entry.pair.key.span;
  const end = text.lastIndexOf('=', valueSpan?.start ?? 0);
  return { start: end - name.length, end };
}

function asFile(
  document: Document<'compose'>,
  service: ComposeService,
  variable: EnvironmentVariable,
  source: string,
): Fix | undefined {
  const id = variable.name.toLowerCase();
  const definition = addSecretDefinition(document, id, source);
  if (!definition || !variable.valueSpan) return undefined;
  const name = nameSpan(document.text, variable);
  const written = document.text.slice(name.start, name.end);
  const edits: readonly (Edit | undefined)[] = [
    { span: name, text: written.replace(variable.name, `${variable.name}_FILE`) },
    { span: variable.valueSpan, text: `/run/secrets/${id}` },
    grantToService(document.text, service, `{ source: ${id}, mode: 0400 }`),
    ...definition,
  ];
  return fixOf(edits, {
    title: `Hand the password over as a secret`,
    safety: 'review',
    risk: 'Programs that are started in the container by hand no longer find the password in a variable.',
  });
}
