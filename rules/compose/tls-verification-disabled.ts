import { environmentOf } from '../../syntaxes/compose/environment.ts';
import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, itemsAt } from '../../syntaxes/compose/tree.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { defineRule, type Edit } from '../core/rule.ts';
import { removeItem } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { hostsNear } from './shared/hosts.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { removeVariable } from './shared/variables.ts';
import { COMMAND_KEYS, commandLinesOf } from './shared/words.ts';

const ON = /^(?:1|true|yes|on|y|t)$/i;
const OFF = /^(?:0|false|no|off|n|f|none)$/i;

/** Variables that switch the verification of certificates off, and the value that does so. */
const SWITCHES: readonly { readonly name: RegExp; readonly value: RegExp }[] = [
  { name: /^(?:NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY)$/, value: /^0$/ },
  { name: /^GIT_SSL_NO_VERIFY$/, value: ON },
  { name: /^npm_config_strict_ssl$/i, value: OFF },
  { name: /^(?:CONDA_SSL_VERIFY|PIPENV_VERIFY_SSL)$/, value: OFF },
  { name: /(?:^|_)VAULT_SKIP_VERIFY$/, value: ON },
  { name: /INSECURE_?SKIP_?(?:TLS_?|SSL_?)?VERIFY$/i, value: ON },
  { name: /(?:^|_)(?:SKIP_(?:TLS|SSL)_VERIFY|(?:TLS|SSL)_SKIP_VERIFY|(?:TLS|SSL)_NO_VERIFY)$/i, value: ON },
  { name: /(?:^|_)(?:VERIFY_(?:SSL|TLS|CERTS?)|(?:SSL|TLS|CERT)_VERIFY|REJECT_UNAUTHORIZED)$/i, value: OFF },
];

/** Options of commands that do the same. */
const OPTION =
  /^--?(?:[\w.-]*[.-])?insecure-?skip-?(?:tls-?|ssl-?)?verify(?:=(?:1|true))?$|^--?(?:[\w.-]*[.-])?(?:tls|ssl)-skip-verify(?:=(?:1|true))?$/i;

/** Settings of a database URL that switch encryption or the check of the certificate off. */
const URL_SETTING =
  /[?&](sslmode=(?:disable|allow)|useSSL=false|ssl-mode=DISABLED|tlsInsecure=true|tlsAllowInvalidCertificates=true|ssl_cert_reqs=(?:none|CERT_NONE))(?=$|[&\s"'])/i;

export const rule = defineRule({
  id: 'compose/tls-verification-disabled',
  title: 'Certificates are not verified',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions:
    /verify|REJECT_UNAUTHORIZED|strict_ssl|sslmode|useSSL|ssl-mode|tlsInsecure|tlsAllow|ssl_cert_reqs/i,
  docs: {
    why: `Whoever is on the way to the server (a compromised container, a network device, a forged DNS answer) can then pretend to be
it, read what is sent, credentials too, and answer what they like.`,
    fix: `Delete the setting. For a server with a certificate of your own authority, hand that authority over instead:
\`NODE_EXTRA_CA_CERTS\`, \`SSL_CERT_FILE\`, \`REQUESTS_CA_BUNDLE\`, \`sslrootcert\`.`,
    falsePositives: `A URL is reported only where its host is a name of the internet or an address: to a service of the same file, a
host without a dot, the machine itself or one below \`.internal\` and \`.local\`, the connection stays inside. Silent in files for
development and tests.`,
    cwe: [295, 319],
    references: [
      'https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue',
      'https://www.postgresql.org/docs/current/libpq-ssl.html',
      'https://git-scm.com/docs/git#Documentation/git.txt-GITSSLNOVERIFY',
    ],
  },
  bad: [
    {
      name: 'variables, in both forms',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      LOG_LEVEL: info
      NODE_TLS_REJECT_UNAUTHORIZED: "«0»"
  sync:
    image: ghcr.io/acme/sync:1.4.2
    environment:
      - GIT_SSL_NO_VERIFY=«true»
      - "LDAP_INSECURE_SKIP_VERIFY=«\${LDAP_INSECURE:-true}»"
      - PYTHONHTTPSVERIFY=«0»
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      LOG_LEVEL: info
  sync:
    image: ghcr.io/acme/sync:1.4.2
    environment:
      - GIT_SSL_NO_VERIFY=true
      - "LDAP_INSECURE_SKIP_VERIFY=\${LDAP_INSECURE:-true}"
      - PYTHONHTTPSVERIFY=0
`,
    },
    {
      name: 'the only variable goes with its key',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment: { NODE_TLS_REJECT_UNAUTHORIZED: «0» }
    restart: always
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    restart: always
`,
    },
    {
      name: 'options of a command',
      files: {
        'compose.yaml': `services:
  auth:
    image: quay.io/oauth2-proxy/oauth2-proxy:v7.8.2
    command:
      - --provider=oidc
      - «--ssl-insecure-skip-verify=true»
  edge:
    image: traefik:v3.4
    command: --providers.docker «--serversTransport.insecureSkipVerify»
`,
      },
      fixed: `services:
  auth:
    image: quay.io/oauth2-proxy/oauth2-proxy:v7.8.2
    command:
      - --provider=oidc
  edge:
    image: traefik:v3.4
    command: --providers.docker --serversTransport.insecureSkipVerify
`,
    },
    {
      name: 'a database on another machine',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      DATABASE_URL: postgresql://app:\${DB_PASSWORD:?}@db.example.com:5432/app?«sslmode=disable»&x=1
      CACHE_URL: "rediss://cache.example.com:6380/0?«ssl_cert_reqs=none»"
`,
      },
    },
  ],
  good: [
    {
      name: 'a database of the same network',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      DATABASE_URL: postgresql://app:\${DB_PASSWORD:?}@db:5432/app?sslmode=disable
      OTHER_URL: postgresql://app@host.docker.internal/app?sslmode=disable
      LOCAL_URL: mysql://app@127.0.0.1/app?useSSL=false
      ALIAS_URL: postgresql://app@pg.example.com/app?sslmode=disable
      UNKNOWN_URL: postgresql://app@\${DB_HOST}/app?sslmode=disable
      ELSEWHERE_URL: postgresql://app@shared-db/app?sslmode=disable
      SOCKET_URL: postgresql:///app?host=/run/postgresql&sslmode=disable
  db:
    image: postgres:17
    networks:
      default:
        aliases: [pg.example.com]
`,
      },
    },
    {
      name: 'verification that is on, and settings that are not known',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      NODE_TLS_REJECT_UNAUTHORIZED: "1"
      GIT_SSL_NO_VERIFY: ""
      LDAP_INSECURE_SKIP_VERIFY: "false"
      VAULT_SKIP_VERIFY: \${VAULT_SKIP_VERIFY}
      SMTP_TLS_VERIFY: "true"
      EMAIL_VERIFY: "false"
      DATABASE_URL: postgresql://app@db.example.com/app?sslmode=verify-full
    command: ["--insecure-skip-verify=false", "--verify"]
`,
      },
    },
    {
      name: 'a file for development',
      files: {
        'compose.dev.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment: [NODE_TLS_REJECT_UNAUTHORIZED=0]
`,
      },
    },
  ],
  check(document, context) {
    const origins = eachOrigin(
      document.tree,
      (service) => unverified(document, service),
      ({ span }) => span.start,
    );
    for (const { service, subject } of origins) {
      const sharers = document.tree.sharing.get(subject.offset) ?? [service.name];
      context.report({
        span: subject.span,
        message: withSharers(`\`${subject.name}\` of \`${service.name}\` ${subject.what}`, sharers),
        place: `services.${service.name}.${subject.place}`,
        fixes: () => {
          const edit = subject.removal();
          const fix = fixOf(edit, {
            title: `Delete ${subject.name}`,
            safety: 'review',
            risk: 'Connections to servers whose certificate no known authority has signed fail then.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

interface Unverified {
  readonly name: string;
  readonly what: string;
  readonly span: Span;
  /** Where the value is written, by which services share it. */
  readonly offset: number;
  readonly place: string;
  readonly removal: () => Edit | undefined;
}

const SWITCHED_OFF =
  'switches the verification of certificates off: whoever is on the way can read and change all';

function unverified(document: Document<'compose'>, service: ComposeService): readonly Unverified[] {
  return [...inVariables(document, service), ...inCommands(document, service)];
}

function inVariables(document: Document<'compose'>, service: ComposeService): readonly Unverified[] {
  return environmentOf(service, document.text).flatMap((variable): readonly Unverified[] => {
    const { name, value, valueSpan, offset } = variable;
    const known = value === undefined ? undefined : interpolate(value).text?.trim();
    if (value === undefined || !valueSpan) return [];
    const common = { name, offset, place: `environment.${name}` };
    if (known !== undefined && SWITCHES.some((each) => each.name.test(name) && each.value.test(known))) {
      const removal = () => removeVariable(document.text, service, variable);
      return [{ ...common, what: SWITCHED_OFF, span: valueSpan, removal }];
    }
    const written = document.text.slice(valueSpan.start, valueSpan.end);
    const setting = URL_SETTING.exec(written);
    if (!setting || !leadsOutside(document, written)) return [];
    const start = valueSpan.start + setting.index + 1;
    return [
      {
        ...common,
        what: 'connects to another machine without a verified certificate: everybody on the way can pretend to be it',
        span: { start, end: start + (setting[1]?.length ?? 0) },
        removal: () => undefined,
      },
    ];
  });
}

/** Whether the host of a URL is a machine that is certainly no service beside this one. */
function leadsOutside(document: Document<'compose'>, url: string): boolean {
  const host = /^[a-z][a-z0-9+.:-]*:\/\/(?:[^@/\s]*@)?(\[[\da-f:.]+\]|[\w.-]+)/i
    .exec(url)?.[1]
    ?.toLowerCase();
  if (!host?.includes('.') || /^127\.|\.(?:internal|local|localhost|localdomain)$/.test(host)) return false;
  return !hostsNear(document.tree).has(host);
}

function inCommands(document: Document<'compose'>, service: ComposeService): readonly Unverified[] {
  return COMMAND_KEYS.filter((key) => key !== 'healthcheck.test').flatMap((key) =>
    commandLinesOf(document.text, service, key)
      .flat()
      .filter(({ text }) => OPTION.test(text))
      .map((word): Unverified => {
        const item = itemsAt(service.effective, key).find(({ node }) => node === word.scalar);
        const name = word.text.replace(/=.*/, '');
        return {
          name,
          what: SWITCHED_OFF,
          span: word.span(),
          offset: word.scalar.span.start,
          place: `${key}[${name}]`,
          removal: () => item && removeItem(document.text, item.seq, item.index),
        };
      }),
  );
}
