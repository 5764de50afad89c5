import type { ConfigEntry } from '../../syntaxes/appconfig/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import type { YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { knownSecretIn } from '../core/secret-patterns.ts';
import { scalarsOf, shortPath } from './shared/entries.ts';
import { readFromEnvironment } from './shared/env-reference.ts';
import { isSample } from './shared/files.ts';
import { isSecretKey, looksGenerated, secretSettings } from './shared/secrets.ts';

export const rule = defineRule({
  id: 'config/secret-literal',
  title: 'Secret is written into the configuration file',
  kinds: ['appconfig'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: 'A secret in a file that is under version control is known to everyone who has ever cloned it, to every CI job and to every backup, and it stays in the history after it is removed. It cannot be different for each environment either, so production runs with the key that everyone has.',
    fix: 'Take the value out, read it from the environment or from a secrets manager, and **replace the secret itself**: what was committed counts as leaked. The edit is offered where the file is certainly read by something that fills in `${NAME}`: Spring Boot, or a loader for whose sake the file has such references already.',
    falsePositives:
      'Reported are keys that name a secret, with a value of at least 16 characters that looks generated (letters and digits, 3.5 bits of entropy for each character), and tokens whose form tells who has issued them, under any key. References (`${X}`, `vault:`, `op://`, `ENC[…]`, paths, tags), placeholders, UUIDs and example files are not reported. Hashes of passwords are not either.',
    cwe: [798, 540],
    references: [
      'https://12factor.net/config',
      'https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html',
    ],
  },
  bad: [
    {
      name: 'a database password in a Spring Boot file',
      files: {
        'src/main/resources/application-prod.yml': `spring:
  datasource:
    url: jdbc:postgresql://db.internal:5432/shop
    username: shop
    password: «q7Rf2mWx9KbTz4Lp8Vn»
`,
      },
      fixed: `spring:
  datasource:
    url: jdbc:postgresql://db.internal:5432/shop
    username: shop
    password: \${SPRING_DATASOURCE_PASSWORD}
`,
    },
    {
      name: 'a file that has references already',
      files: {
        'config/config.yaml': `database:
  host: "\${DB_HOST}"
auth: { jwtSecret: '«9fQ2mZx7LkVb3TnR8pWy»' }
`,
      },
      fixed: `database:
  host: "\${DB_HOST}"
auth: { jwtSecret: '\${AUTH_JWT_SECRET}' }
`,
    },
    {
      name: 'nobody knows whether the loader fills in references',
      files: {
        'config.yaml': `smtp:
  host: smtp.example.com
  apiKey: «b41d8cd98f00b204e9800998ecf8427e»
`,
      },
    },
    {
      name: 'the default of a reference is in the file too',
      files: { 'config.yaml': `jwt:\n  secret: \${JWT_SECRET:«9fQ2mZx7LkVb3TnR8pWy»}\n` },
      fixed: `jwt:\n  secret: \${JWT_SECRET}\n`,
    },
    {
      name: 'one key in two documents of a file',
      files: {
        'application.yml': `spring:
  mail:
    password: «q7Rf2mWx9KbTz4Lp8Vn»
---
spring:
  config:
    activate:
      on-profile: blue
  mail:
    password: «Zx4Lp8Vnq7Rf2mWx9Kb»
`,
      },
      fixed: `spring:
  mail:
    password: \${SPRING_MAIL_PASSWORD}
---
spring:
  config:
    activate:
      on-profile: blue
  mail:
    password: Zx4Lp8Vnq7Rf2mWx9Kb
`,
    },
    {
      name: 'tokens tell by their form, under any key and in lists',
      files: {
        'config/app.yaml': `aws:
  id: «AKIA2E0A8F3B244C9986»
registries:
  - npm
  - «npm_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8»
`,
      },
    },
    {
      name: 'a private key',
      files: {
        'config/signing.yaml': `signing:
  «private_key»: |
    -----BEGIN RSA PRIVATE KEY-----
    MIIEowIBAAKCAQEAuJb2x0mVYl0Vw3F1eKtq6b7m2Qm9r5dCkqT1Ue0kq2hZP8sN
    c3ZfM1x9rB7oQ4a2dJp5s8vT0yW6uE3iR1kL9nH7gF5
    -----END RSA PRIVATE KEY-----
`,
      },
    },
  ],
  good: [
    {
      name: 'references of all sorts',
      files: {
        'config.yaml': `a:
  password: \${DB_PASSWORD}
  api_key: "\${API_KEY:-}"
  token: "{{ lookup_token_from_vault_2 }}"
  secret: $(cat /run/secrets/jwt_9f2m)
  client_secret: vault:secret/data/app1#client9Secret
  auth_token: op://prod/app1/9fQ2mZx7LkVb3TnR
  access_key: arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-9fQ2
  signing_key: /run/secrets/signing-key-2027
  private_key: file:/etc/app/tls1/private9.key
  passphrase: ENC[AES256_GCM,data:9fQ2mZx7LkVb3TnR8pWy,iv:1]
  webhook_secret: <generate-with-openssl-rand-32>
  db_password: !vault 9fQ2mZx7LkVb3TnR8pWy
  session_secret: "%SESSION_SECRET_2%"
  jasypt_password: ENC(9fQ2mZx7LkVb3TnR8pWy9fQ2)
  spring_secret: "{cipher}9fQ2mZx7LkVb3TnR8pWy"
`,
      },
    },
    {
      name: 'keys about a secret',
      files: {
        'config.yaml': `auth:
  secret_name: prod9Fq2mZx7LkVb3TnR8pWy
  token_url: 9fQ2mZx7LkVb3TnR8pWy
  secret_id: 9fQ2mZx7LkVb3TnR8pWy
  password_encoder: 9fQ2mZx7LkVb3TnR8pWy
  api_key_header: X-Api9fQ2mZx7LkVb3TnR8pWy
  public_key: 9fQ2mZx7LkVb3TnR8pWy
  max_tokens: 9182736450918273
  token_ttl: 9fQ2mZx7LkVb3TnR8pWy
  recaptcha_site_key: 6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ
`,
      },
    },
    {
      name: 'placeholders, names and what was typed by hand',
      files: {
        'config.yaml': `a:
  password: change-me-in-production-1
  secret: your-256-bit-secret-goes-here
  api_key: xxxxxxxxxxxxxxxxxxxxxxx1
  token: abcdefghijklmnopqrstuvwxyz0123456789
  credentials: com.example.auth.Provider2
  access_key: 123e4567-e89b-12d3-a456-426614174000
  client_secret: prod-db-replica-2-password
  passphrase: correct horse battery staple 42
  auth_token: AKIAIOSFODNN7EXAMPLE
  db_password: ""
`,
      },
    },
    { name: "a short password is another rule's", files: { 'config.yaml': `db:\n  password: hunter2\n` } },
    {
      name: 'an example to copy',
      files: { 'config.example.yaml': `db:\n  password: q7Rf2mWx9KbTz4Lp8Vn\n` },
    },
    {
      name: 'data of a test',
      files: { 'src/test/resources/application.yml': `db:\n  password: q7Rf2mWx9KbTz4Lp8Vn\n` },
    },
    {
      name: 'a hash of a password',
      files: {
        'config.yaml': `admin:\n  password: $2b$12$9fQ2mZx7LkVb3TnR8pWyOe9fQ2mZx7LkVb3TnR8pWyOe9fQ2mZx7\n`,
      },
    },
  ],
  check(document, context) {
    if (isSample(context.path)) return;
    const { text, tree } = document;
    const reported = new Set<YamlScalar>();
    for (const { entry, value, span } of secretSettings(text, tree.entries)) {
      const scalar = entry.scalar;
      if (!scalar || !looksGenerated(value)) continue;
      reported.add(scalar);
      context.report({
        span,
        message: `\`${shortPath(entry.path)}\` holds a secret as plain text: everyone who can read this file can use it.`,
        place: entry.place,
        fixes: () => [readFromEnvironment(text, context.path, entry, scalar)],
      });
    }
    for (const entry of tree.entries) reportTokens(document, context, entry, reported);
  },
});

function reportTokens(
  { text }: Document<'appconfig'>,
  context: Context,
  entry: ConfigEntry,
  reported: ReadonlySet<YamlScalar>,
): void {
  for (const [index, scalar] of scalarsOf(entry).entries()) {
    const token = reported.has(scalar) || scalar.tag !== undefined ? undefined : knownSecretIn(scalar.value);
    if (!token) continue;
    const isBlock = scalar.style === 'literal' || scalar.style === 'folded';
    const quote = scalar.style === 'plain' ? 0 : 1;
    context.report({
      span: isBlock
        ? entry.pair.key.span
        : { start: scalar.span.start + quote, end: scalar.span.end - quote },
      message: `\`${shortPath(entry.path)}\` holds ${token} as plain text: everyone who can read this file can use it.`,
      place: entry.scalar ? entry.place : `${entry.place}[${index}]`,
      fixes: () => [
        entry.scalar && isSecretKey(entry.key)
          ? readFromEnvironment(text, context.path, entry, scalar)
          : undefined,
      ],
    });
  }
}
