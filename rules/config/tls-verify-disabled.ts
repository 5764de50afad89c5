import { type Setting, settingOf } from '../../syntaxes/appconfig/placeholder.ts';
import type { ConfigEntry } from '../../syntaxes/appconfig/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import type { YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { hostOfUrl, type Reach, reachBeside, reachOf } from './shared/hosts.ts';
import { flipped, switchOf } from './shared/switches.ts';

/** Keys that are right when they are true. */
const VERIFIES =
  /^(?:(?:ssl|tls|https?)_)?(?:verify|verification)_(?:ssl|tls|https?|certs?|certificates?|hostname|host|peer|server_cert|server_certificate)$|^(?:ssl|tls)_verify(?:_(?:server_cert|certs?|certificates?|peer|hostname))?$|^(?:validate_certs?|validate_certificates?|check_hostname|reject_unauthorized|ssl_check_hostname|verify_ssl_cert|verify_ssl_certs)$/;

/** A bare `verify` says what it verifies only by what is above it. */
const TRANSPORT = /^(?:http|https|tls|ssl|client|http_client|ldap|ldaps|smtp)$/;

/** Keys that are right when they are false. */
const SKIPS =
  /^(?:\w+_)?(?:insecure_skip_(?:tls_)?verify|insecure_skip_verification|skip_(?:tls|ssl)_verify|skip_(?:tls|ssl)_(?:verification|validation)|(?:tls|ssl)_skip_verify|skip_cert_verify|skip_certificate_verification|tls_insecure|ssl_insecure|trust_server_certificate|allow_?self_?signed(?:_certs?|_certificates?)?|accept_invalid_certs|accept_invalid_hostnames|disable_(?:ssl|tls|cert|certificate)_(?:verification|validation|verify)|ignore_(?:ssl|tls|https|certificate|cert)_errors|tls_allow_invalid_(?:certificates|hostnames))$/;

const SSLMODE_IN_URL = /[?&;\s]sslmode=(disable|allow|prefer)(?![\w-])/;

const RISK =
  'The connection fails if the server’s certificate is not issued by an authority that the system trusts, or not for its host name.';

export const rule = defineRule({
  id: 'config/tls-verify-disabled',
  title: 'Certificates of the other side are not verified',
  kinds: ['appconfig'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: 'TLS without verification encrypts, but to anyone: whoever can put himself between the two sides shows a certificate of his own, reads everything and changes what he likes. Credentials that go over such a connection are lost with it.',
    fix: 'Verify, and give the client the authority that issued the certificate if it is a private one (`ca_file`, `sslrootcert`, `NODE_EXTRA_CA_CERTS`). For PostgreSQL `sslmode=verify-full` is the only mode that checks both the certificate and the host name.',
    falsePositives:
      'Connections over loopback are not reported, nor is `sslmode` where the host is unknown or a name inside a container network, since plain text is the usual choice there.',
    cwe: [295],
    references: [
      'https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS',
      'https://nodejs.org/api/tls.html#tlsconnectoptions-callback',
    ],
  },
  bad: [
    {
      name: 'verification switched off',
      files: {
        'config/config.yaml': `elasticsearch:
  hosts: ["https://search.internal:9200"]
  verify_certs: «false»
`,
      },
      fixed: `elasticsearch:
  hosts: ["https://search.internal:9200"]
  verify_certs: true
`,
    },
    {
      name: 'camel case, quotes, other spellings',
      files: {
        'settings.yml': `ldap:
  tls:
    rejectUnauthorized: "«false»"
  verify: «no»
webhook:
  insecureSkipVerify: «true»
mssql: { host: db.example.com, trustServerCertificate: «true» }
`,
      },
      fixed: `ldap:
  tls:
    rejectUnauthorized: "true"
  verify: no
webhook:
  insecureSkipVerify: true
mssql: { host: db.example.com, trustServerCertificate: true }
`,
    },
    {
      name: 'a database over the network in plain text',
      files: {
        'config/production.yaml': `database:
  host: pg1.eu-west-1.rds.amazonaws.com
  sslmode: «disable»
`,
      },
      fixed: `database:
  host: pg1.eu-west-1.rds.amazonaws.com
  sslmode: verify-full
`,
    },
    {
      name: 'the mode in a URL',
      files: {
        'app.yaml': `db:
  dsn: "postgres://\${DB_USER}@db.example.com:5432/app?application_name=x&«sslmode=prefer»"
`,
      },
      fixed: `db:
  dsn: "postgres://\${DB_USER}@db.example.com:5432/app?application_name=x&sslmode=verify-full"
`,
    },
  ],
  good: [
    {
      name: 'verification on',
      files: {
        'config.yaml': `http:\n  verify: true\nes:\n  verify_certs: true\ntls:\n  insecure_skip_verify: false\n`,
      },
    },
    {
      name: 'other things are verified too',
      files: {
        'config.yaml': `email:\n  verify: false\nverify_signature: false\naccounts:\n  verify_email: false\nuploads:\n  verify: false\n  client:\n    name: x\n`,
      },
    },
    {
      name: 'over loopback',
      files: {
        'config.yaml': `ldap:\n  host: localhost\n  verify_ssl: false\napi:\n  url: https://127.0.0.1:8443\n  tls_insecure: true\ndb:\n  url: postgres://localhost/app?sslmode=disable\n`,
      },
    },
    {
      name: 'plain text inside a container network, or to nobody knows where',
      files: {
        'config.yaml': `db:\n  host: postgres\n  sslmode: disable\nread:\n  host: \${DB_HOST}\n  sslmode: prefer\nwrite:\n  sslmode: disable\nurl: postgres://postgres:5432/app?sslmode=disable\n`,
      },
    },
    {
      name: 'the right mode',
      files: {
        'config.yaml': `db:\n  host: db.example.com\n  sslmode: verify-full\nold:\n  host: db2.example.com\n  sslmode: require\n`,
      },
    },
    {
      name: 'a listener that checks its own certificate',
      files: {
        'config.yml': `server:\n  applicationConnectors:\n    - type: https\n      port: 8443\n      keyStorePath: app.keystore\n      validateCerts: false\n`,
      },
    },
    { name: 'from a variable', files: { 'config.yaml': `es:\n  verify_certs: \${ES_VERIFY}\n` } },
    { name: "on a developer's machine", files: { 'config/local.yaml': `es:\n  verify_certs: false\n` } },
  ],
  check({ text, tree }, context) {
    for (const entry of tree.entries) {
      const smell = entry.scalar && smellOf(text, entry, entry.scalar);
      if (!smell) continue;
      context.report({
        span: smell.span,
        message: smell.message,
        place: entry.place,
        fixes: () => [smell.fix],
      });
    }
  },
});

interface Smell {
  readonly span: Span;
  readonly message: string;
  readonly fix: Fix;
}

function smellOf(text: string, entry: ConfigEntry, scalar: YamlScalar): Smell | undefined {
  const inUrl = scalar.value.includes('sslmode=') ? modeInUrl(text, entry, scalar) : undefined;
  if (inUrl) return inUrl;
  const good = goodValue(entry);
  if (good === undefined) return undefined;
  if (good === 'mode') return modeSmell(entry, settingOf(text, scalar), reachBeside(text, entry));
  return isListener(entry) ? undefined : switchSmell(text, entry, good, reachBeside(text, entry));
}

/** The side that listens has a key of its own; there such a switch is about that key's certificate. */
function isListener(entry: ConfigEntry): boolean {
  return entry.siblings.some(({ key }) =>
    /^(?:key_?store(?:_path|_password)?|cert_alias|bind_host)$/.test(key),
  );
}

function goodValue({ key, keys }: ConfigEntry): boolean | 'mode' | undefined {
  if (key === 'sslmode' || key === 'ssl_mode') return 'mode';
  if (SKIPS.test(key)) return false;
  if (VERIFIES.test(key)) return true;
  return key === 'verify' && TRANSPORT.test(keys.at(-2) ?? '') ? true : undefined;
}

function switchSmell(text: string, entry: ConfigEntry, good: boolean, reach: Reach): Smell | undefined {
  const found = switchOf(text, entry);
  if (!found || found.on === good || reach === 'loopback') return undefined;
  const { span, written } = found;
  const key = entry.pair.key.value;
  const value = flipped(found);
  return {
    span,
    message: `\`${key}: ${written}\` accepts any certificate, so whoever is in between can read and change the traffic.`,
    fix: { title: `Set ${key} to ${value}`, safety: 'review', edits: [{ span, text: value }], risk: RISK },
  };
}

function modeSmell(entry: ConfigEntry, setting: Setting, reach: Reach): Smell | undefined {
  if (setting.type !== 'literal' || setting.variable !== undefined) return undefined;
  if (!/^(?:disable|allow|prefer)$/.test(setting.value) || reach !== 'remote') return undefined;
  return sslmodeSmell(entry.pair.key.value, setting.value, setting.span, 'verify-full');
}

function modeInUrl(text: string, entry: ConfigEntry, { span }: YamlScalar): Smell | undefined {
  const url = text.slice(span.start, span.end);
  const match = SSLMODE_IN_URL.exec(url);
  const host = hostOfUrl(url.replace(/^["']/, '')) ?? /(?:^|\s)host=(\S+)/.exec(url)?.[1] ?? '';
  if (!match || reachOf(host) !== 'remote') return undefined;
  const at = { start: span.start + match.index + 1, end: span.start + match.index + match[0].length };
  return sslmodeSmell(entry.pair.key.value, match[1] ?? '', at, 'sslmode=verify-full');
}

function sslmodeSmell(key: string, mode: string, span: Span, text: string): Smell {
  const effect =
    mode === 'disable'
      ? 'sends everything in plain text'
      : 'falls back to plain text and checks no certificate';
  return {
    span,
    message: `${/^ssl_?mode$/i.test(key) ? `\`${key}: ${mode}\`` : `\`${key}\` with \`sslmode=${mode}\``} ${effect}, so whoever is in between can read and change it.`,
    fix: {
      title: 'Set sslmode to verify-full',
      safety: 'review',
      edits: [{ span, text }],
      risk: 'The server must offer TLS, and its authority must be known to the client (`sslrootcert`); else the connection fails.',
    },
  };
}
