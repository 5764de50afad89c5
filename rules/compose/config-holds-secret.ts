import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { definedAs } from '../../syntaxes/compose/secrets.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { dirname, joinUri } from '../../syntaxes/uri.ts';
import { embeddedIn } from '../../syntaxes/yaml/embedded.ts';
import { asMap, asScalar, pairOf, type YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { canBeCredential, isCredentialName } from '../core/credential-names.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { envFileFacts } from '../facts/env-files.ts';
import { isLiteralCredential, isWellKnown } from './shared/credentials.ts';
import { isExampleName } from './shared/env-names.ts';
import { fixOf } from './shared/fixes.ts';

export const rule = defineRule({
  id: 'compose/config-holds-secret',
  title: 'Config holds what should be a secret',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /configs/,
  docs: {
    why: `Configs are made for what everybody may see: they get mode \`0444\` in the container, Swarm shows their content to whoever may
ask (\`docker config inspect\`), and \`content:\` stands in the file and so in version control.`,
    fix: `Define it below \`secrets:\`, grant it to the service with \`secrets:\`, and let the program read \`/run/secrets/<name>\`; a
secret has a \`target\` too. A single value can be taken from a variable: \`\${NAME:?set NAME}\`.`,
    falsePositives: `Files are judged by their names and by the credentials in environment files; certificates and public keys are no
secrets. In \`content\` a line counts that gives a literal to a name of a credential, or that begins a private key. Silent for variables,
paths and stand-ins.`,
    cwe: [522],
    references: [
      'https://docs.docker.com/reference/compose-file/configs/',
      'https://docs.docker.com/engine/swarm/configs/',
    ],
  },
  bad: [
    {
      name: 'a password in a text',
      files: {
        'compose.yaml': `services:
  app:
    image: ghcr.io/acme/app:1.4.2
    configs: [app]
configs:
  app:
    content: |
      [database]
      user = app
      password = "«Kx81hQvb»"
      url: \${DB_URL}
`,
      },
      fixed: `services:
  app:
    image: ghcr.io/acme/app:1.4.2
    configs: [app]
configs:
  app:
    content: |
      [database]
      user = app
      password = "\${APP_PASSWORD:?set APP_PASSWORD}"
      url: \${DB_URL}
`,
    },
    {
      name: 'a private key in a text, keys in files',
      files: {
        'compose.yaml': `services:
  app:
    image: ghcr.io/acme/app:1.4.2
    configs: [tls, key, ssh, env]
configs:
  tls:
    content: |
      «-----BEGIN RSA PRIVATE KEY-----»
      MIIEpAIBAAKCAQEA
      -----END RSA PRIVATE KEY-----
  key: { file: «./certs/server.key» }
  ssh:
    file: "«./id_ed25519»"
  env:
    file: «./app.env»
`,
        'app.env': 'DB_PASSWORD=Kx81hQvb\n',
      },
    },
  ],
  good: [
    {
      name: 'settings, variables, paths, certificates',
      files: {
        'compose.yaml': `services:
  app:
    image: ghcr.io/acme/app:1.4.2
    configs: [app, ca, nginx, env, outside, ref]
configs:
  app:
    content: |
      password = \${DB_PASSWORD}
      secret: "$\${APP_SECRET}"
      token_ttl: 3600
      password_file: /run/secrets/db
      password: /run/secrets/db
      api_key: <your key>
      # password: Kx81hQvb
      tls_cert: |
        -----BEGIN CERTIFICATE-----
        MIIDdzCCAl
        -----END CERTIFICATE-----
  ca:
    file: ./certs/ca.pem
  nginx:
    file: ./nginx.conf
  env:
    file: ./app.env.example
  outside:
    external: true
  ref:
    file: ./settings.env
`,
        'app.env.example': 'DB_PASSWORD=Kx81hQvb\n',
        'settings.env': 'LOG_LEVEL=info\nDB_PASSWORD=\n',
      },
    },
    {
      name: 'the same below secrets',
      files: {
        'compose.yaml': `services:
  app:
    image: ghcr.io/acme/app:1.4.2
    secrets: [key]
secrets:
  key:
    file: ./certs/server.key
`,
      },
    },
  ],
  check(document, context) {
    for (const pair of asMap(pairOf(document.tree.root, 'configs')?.value)?.pairs ?? []) {
      const name = pair.key.value;
      const file = asScalar(definedAs(pair.value, 'file')?.value);
      const content = asScalar(definedAs(pair.value, 'content')?.value);
      if (file) reportFile(document, context, name, file);
      if (content) reportContent(document, context, name, content);
    }
  },
});

/** Names of private keys and of files with passwords. A bare `.pem` may be a certificate. */
const KEY_FILE =
  /(?:\.key|[-_.]key\.pem|privkey\d*\.pem|\.p12|\.pfx|\.jks|\.keystore)$|^id_(?:rsa|dsa|ecdsa|ed25519)$|^\.(?:pgpass|netrc|my\.cnf|npmrc|pypirc|git-credentials)$|^(?:credentials|service[-_]account)(?:[-_.]\w+)?\.json$/i;
const PUBLIC_FILE = /(?:^|[-_.])(?:pub|public|ca)(?:[-_.]|$)/i;

function reportFile(
  document: Document<'compose'>,
  context: Context<unknown>,
  name: string,
  file: YamlScalar,
): void {
  const path = interpolate(file.value).text;
  if (path === undefined || file.style === 'literal' || file.style === 'folded') return;
  const base = path.slice(path.lastIndexOf('/') + 1);
  const uri = joinUri(dirname(document.uri), path);
  const isKey = KEY_FILE.test(base) && !PUBLIC_FILE.test(base);
  const holds = !isExampleName(base) && context.facts.of(envFileFacts, uri).some(({ secret }) => secret);
  if (!isKey && !holds) return;
  const { text, at } = embeddedIn(document.text, file);
  context.report({
    span: { start: at(0), end: at(text.length) },
    message: `The config \`${name}\` comes from \`${base}\`, which holds ${isKey ? 'a key' : 'credentials'}: configs are readable by everybody.`,
    place: `configs.${name}.file`,
  });
}

const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/;
const SETTING =
  /^([ \t]*(?:-[ \t]+)?["']?)([A-Za-z_][\w.-]*)["']?[ \t]*(?:[:=]|=>)[ \t]*(["']?)([^\s"',;#][^"'\r\n,;#]*)/;

function reportContent(
  document: Document<'compose'>,
  context: Context<unknown>,
  name: string,
  content: YamlScalar,
): void {
  const { text, at } = embeddedIn(document.text, content);
  const key = PRIVATE_KEY.exec(text);
  if (key) {
    context.report({
      span: { start: at(key.index), end: at(key.index + key[0].length - 1) + 1 },
      message: `The config \`${name}\` holds a private key: configs are readable by everybody, and the file is in the repository.`,
      place: `configs.${name}.content`,
    });
  }
  for (const line of text.matchAll(/[^\n]+/g)) {
    const found = credentialIn(line[0], context);
    if (!found) continue;
    const start = line.index + found.start;
    const span = { start: at(start), end: at(start + found.value.length - 1) + 1 };
    context.report({
      span,
      message: `The config \`${name}\` holds the value of \`${found.setting}\`, which everybody who reads the file or the container's files can use.`,
      place: `configs.${name}.content[${found.setting}]`,
      fixes: () => [fromVariable(document, name, found, span)],
    });
  }
}

interface Setting {
  readonly setting: string;
  readonly value: string;
  /** In the line. */
  readonly start: number;
}

function credentialIn(line: string, context: Context<unknown>): Setting | undefined {
  const match = SETTING.exec(line);
  if (!match || !isCredentialName(match[2] ?? '')) return undefined;
  const [whole, , setting = '', , raw = ''] = match;
  const value = raw.trimEnd();
  const known = interpolate(value).text;
  if (known === undefined || !isLiteralCredential(known) || !canBeCredential(known)) return undefined;
  // The beginning of a block or of an expression, no value.
  if (/^[|>&*[{(\\]|[({[]$/.test(known) || (context.environment === 'dev' && isWellKnown(known)))
    return undefined;
  return { setting, value, start: whole.length - raw.length };
}

function fromVariable(
  document: Document<'compose'>,
  config: string,
  { setting, value }: Setting,
  span: Span,
): Fix | undefined {
  if (document.text.slice(span.start, span.end) !== value) return undefined;
  const kind = setting.split(/[.-]/).at(-1) ?? setting;
  const name = `${config}_${kind}`.replaceAll(/[^A-Za-z0-9]+/g, '_').toUpperCase();
  if (!/^[A-Z_]\w*$/.test(name)) return undefined;
  return fixOf(
    { span, text: `\${${name}:?set ${name}}` },
    {
      title: `Take the value from \${${name}}`,
      safety: 'review',
      risk: `Compose does not start until \`${name}\` is set: move the value to .env or the shell first.`,
    },
  );
}
