import type { EnvironmentVariable } from '../../syntaxes/compose/environment.ts';
import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { canBeCredential, isCredentialName } from '../core/credential-names.ts';
import { type Context, defineRule, type Fix, type Related } from '../core/rule.ts';
import { argNameSpan, buildArgsOf, declaredArgs, removeBuildArg } from './shared/build-args.ts';
import { isLiteralCredential, isWellKnown } from './shared/credentials.ts';
import { fixOf } from './shared/fixes.ts';
import { addSecretDefinition, grantToBuild, withoutOverlap } from './shared/grant-secret.ts';
import { eachOrigin, withSharers } from './shared/origin.ts';

/** Variables that bundlers of web pages put into what every visitor downloads. */
const PUBLIC =
  /^(?:VITE|REACT_APP|NEXT_PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC|GATSBY|VUE_APP|NG_APP|PREACT_APP|STORYBOOK|PUBLIC)_/i;

export const rule = defineRule({
  id: 'compose/secret-in-build-args',
  title: 'Credential is handed to a build as an argument',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /args/,
  docs: {
    why: `Arguments of a build stay in the image's history and in the provenance that BuildKit attaches, also those that only pass a
variable of the shell on: whoever may pull the image reads them with \`docker history --no-trunc\`.`,
    fix: `Hand the value over as a secret of the build: \`build.secrets\` here, and in the Dockerfile
\`RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN …\` in place of \`ARG NPM_TOKEN\`. Change a value that was built in before.`,
    falsePositives: `The name decides. Silent for empty values, paths, stand-ins (\`dummy\`, \`placeholder\`), also as the default of a
variable, for variables that bundlers hand to the browser anyway (\`VITE_*\`, \`NEXT_PUBLIC_*\`), and for well-known values in files for
development.`,
    cwe: [538, 798],
    controls: ['CIS Docker 1.6.0 4.10'],
    references: [
      'https://docs.docker.com/build/building/secrets/',
      'https://docs.docker.com/reference/compose-file/build/#secrets',
      'https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/',
    ],
  },
  bad: [
    {
      name: 'a variable that is passed on',
      files: {
        'compose.yaml': `services:
  web:
    build:
      context: .
      args:
        NODE_VERSION: "22"
        «NPM_TOKEN»: \${NPM_TOKEN}
    ports:
      - "127.0.0.1:3000:3000"
`,
        Dockerfile: `ARG NODE_VERSION=22\nFROM node:\${NODE_VERSION}\nARG NPM_TOKEN\nRUN npm ci\n`,
      },
      fixed: `services:
  web:
    build:
      context: .
      secrets:
        - npm_token
      args:
        NODE_VERSION: "22"
    ports:
      - "127.0.0.1:3000:3000"
secrets:
  npm_token:
    environment: NPM_TOKEN
`,
    },
    {
      name: 'the list form, at the end of the file, with secrets that are there already',
      files: {
        'compose.yaml': `secrets:
  db_password:
    file: ./db_password.txt
services:
  web:
    build:
      context: .
      args:
        - «GITHUB_TOKEN»
`,
      },
      fixed: `secrets:
  db_password:
    file: ./db_password.txt
  github_token:
    environment: GITHUB_TOKEN
services:
  web:
    build:
      context: .
      secrets:
        - github_token
`,
    },
    {
      name: 'the only argument of the last service',
      files: {
        'compose.yaml': `services:
  web:
    build:
      context: .
      args:
        «PIP_PASSWORD»: \${PYPI_PASSWORD:-}
`,
      },
      fixed: `services:
  web:
    build:
      context: .
      secrets:
        - pip_password
secrets:
  pip_password:
    environment: PYPI_PASSWORD
`,
    },
    {
      name: 'literals, in an anchor and in flow style',
      files: {
        'compose.yaml': `x-args: &args
  «DEPLOY_KEY»: Kx81hQvb
  NODE_VERSION: "22"
services:
  web:
    build: { context: web, args: *args }
  api:
    build: { context: api, args: { «API_SECRET»: "h7Gd2kPq", X: 1 } }
  job:
    build: { context: job, args: *args }
`,
      },
    },
  ],
  good: [
    {
      name: 'secrets of the build, and names about credentials',
      files: {
        'compose.yaml': `services:
  web:
    build:
      context: .
      secrets: [npm_token]
      args:
        NODE_VERSION: "22"
        NPM_TOKEN_FILE: /run/secrets/npm
        PUBLIC_KEY: abc
        REQUIRE_TOKEN: "true"
        TOKEN_TTL: 3600
        VITE_MAPS_API_KEY: \${MAPS_KEY}
        NEXT_PUBLIC_API_KEY: \${API_KEY}
secrets:
  npm_token:
    environment: NPM_TOKEN
`,
      },
    },
    {
      name: 'empty values and stand-ins',
      files: {
        'compose.yaml': `services:
  web:
    build:
      context: .
      args:
        SECRET_KEY: \${SECRET_KEY:-dummy-for-build}
        DB_PASSWORD: ""
        API_TOKEN: placeholder
        SSH_KEY: ./key
        USE_SECRET: "0"
`,
      },
    },
    {
      name: 'a well-known value on a developer’s machine',
      files: {
        'compose.dev.yaml': `services:
  web:
    build:
      context: .
      args: [DB_PASSWORD=postgres]
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) =>
      buildArgsOf(service, document.text).filter((arg) => isSecret(arg, context));
    for (const { service, subject: arg, sharers } of eachOrigin(
      document.tree,
      pick,
      ({ offset }) => offset,
    )) {
      context.report({
        span: argNameSpan(document.text, arg),
        message: withSharers(
          `The build of \`${service.name}\` gets \`${arg.name}\` as an argument, which the image's history keeps`,
          sharers,
        ),
        place: `services.${service.name}.build.args.${arg.name}`,
        related: declarations(document, context, service, arg),
        // An argument of several builds would have to become a secret of each.
        fixes: () => (sharers.length > 1 ? [] : [asSecret(document, service, arg)]),
      });
    }
  },
});

function isSecret({ name, value }: EnvironmentVariable, context: Context<unknown>): boolean {
  if (!isCredentialName(name) || PUBLIC.test(name)) return false;
  if (value === undefined) return true;
  const { text, variables } = interpolate(value);
  if (text === undefined) return variables.length > 0;
  if (text === '') return variables.length > 0;
  if (!canBeCredential(text) || !isLiteralCredential(text)) return false;
  return context.environment === 'prod' || !isWellKnown(text);
}

function declarations(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
  arg: EnvironmentVariable,
): readonly Related[] {
  const { fact, uri } = declaredArgs(document, context.facts, service) ?? {};
  if (!fact || uri === undefined) return [];
  return fact.args
    .filter(({ name }) => name === arg.name)
    .map(({ span }) => ({ uri, span, message: 'The Dockerfile takes it here.' }));
}

/** `build.secrets` in place of the argument; the Dockerfile has to follow. */
function asSecret(
  document: Document<'compose'>,
  service: ComposeService,
  arg: EnvironmentVariable,
): Fix | undefined {
  if (!/^[A-Za-z_]\w*$/.test(arg.name)) return undefined;
  const id = arg.name.toLowerCase();
  const { variables } = interpolate(arg.value ?? '');
  const variable = variables.length === 1 ? (variables[0] ?? arg.name) : arg.name;
  const definition = addSecretDefinition(document, id, variable);
  if (definition === undefined) return undefined;
  const edits = [
    removeBuildArg(document.text, service, arg),
    grantToBuild(document.text, service, id),
    ...definition,
  ];
  return fixOf(withoutOverlap(document.text, edits), {
    title: `Hand ${arg.name} over as a secret of the build`,
    safety: 'review',
    risk: `The Dockerfile has to take it with \`RUN --mount=type=secret,id=${id},env=${arg.name}\`, and \`${variable}\` has to be set in .env or the shell.`,
  });
}
