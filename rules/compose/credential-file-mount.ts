import { type Mount, mountsOf } from '../../syntaxes/compose/mounts.ts';
import { imageOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { fixOf } from './shared/fixes.ts';
import { hostPathOf, mountSpan } from './shared/host-paths.ts';
import { readOnlyEdit } from './shared/mount-edits.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { decidesWhatRuns } from './shared/sensitive-paths.ts';

/** What tools keep in a user's home, and what it opens. */
const HOME_CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [
    /(?:^|[\\/])\.ssh(?:[\\/](?!known_hosts|authorized_keys|config$|[^\\/]*\.(?:pub|sock)$)[^\\/]*)?$|(?:^|[\\/])id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/,
    'SSH keys',
  ],
  [/(?:^|[\\/])\.aws(?:[\\/]credentials)?$/, 'cloud credentials'],
  [
    /(?:^|[\\/])\.azure$|(?:^|[\\/])\.config[\\/]gcloud(?:[\\/](?:application_default_credentials\.json|credentials\.db))?$/,
    'cloud credentials',
  ],
  [/(?:^|[\\/])\.kube(?:[\\/]config)?$/, 'access to Kubernetes clusters'],
  [/(?:^|[\\/])\.docker(?:[\\/]config\.json)?$/, 'logins of container registries'],
  [/(?:^|[\\/])(?:\.git-credentials|\.netrc|\.pypirc|\.vault-token|\.pgpass|\.my\.cnf)$/, 'logins'],
  [/(?:^|[\\/])\.gnupg$/, 'GnuPG keys'],
];
/** A file with the variables of a whole project. Examples hold no secrets. */
const ENV_FILE = /(?:^|[\\/])\.env(?:\.(?:production|prod|staging|live))?$/;
/** A private key by its name. `fullchain.pem` and `ca.pem` are public. */
const KEY_FILE = /\.key$|(?:^|[\\/])(?:[\w.-]*[-_.])?(?:privkey|private|key|priv|private[-_]?key)\d*\.pem$/i;

/** They log in to registries to pull, which is their purpose. */
const PULLS =
  /(?:^|\/)(?:watchtower|ouroboros|diun|shepherd|wud|whats-up-docker|dockge|registry-proxy)(?::|@|$)/;

export const rule = defineRule({
  id: 'compose/credential-file-mount',
  title: 'Credentials of a user or a project are mounted into a container',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /volumes/,
  dev: 'off',
  docs: {
    why: `\`~/.ssh\`, \`~/.aws\` or \`~/.kube\` hold all that a person may do, not the one thing that this container needs, and a project's
\`.env\` the secrets of all services: a break-in into the container gets them all. A private key that the container can write
can be replaced as well.`,
    fix: `Make a credential for this service alone and hand it over with \`secrets:\`. A key for TLS belongs there too, or is mounted
with \`:ro\`.`,
    falsePositives: `Public parts are not reported (\`known_hosts\`, \`*.pub\`, \`*.crt\`), nor are private keys for TLS that are mounted read-only,
files for development, and registry logins of programs that pull images.`,
    cwe: [522],
    references: [
      'https://docs.docker.com/compose/how-tos/use-secrets/',
      'https://docs.docker.com/reference/compose-file/services/#secrets',
    ],
  },
  bad: [
    {
      name: 'credentials of a user',
      files: {
        'compose.yaml': `services:
  deploy:
    image: ghcr.io/acme/deploy:1
    volumes:
      - «~/.ssh:/root/.ssh:ro»
      - "«\${HOME}/.aws:/root/.aws»"
      - type: bind
        source: «/home/ci/.kube/config»
        target: /kubeconfig
        read_only: true
      - «~/.docker/config.json:/root/.docker/config.json:ro»
      - «./keys/id_ed25519:/id:ro»
`,
      },
    },
    {
      name: 'a private key that can be replaced',
      files: {
        'compose.yaml': `services:
  proxy:
    image: nginx:1.29
    volumes:
      - ./certs/tls.crt:/etc/nginx/tls.crt
      - «./certs/tls.key:/etc/nginx/tls.key»
  api:
    image: ghcr.io/acme/api:1
    volumes: ["«/etc/letsencrypt/live/acme.org/privkey.pem:/key.pem:rw»"]
`,
      },
      fixed: `services:
  proxy:
    image: nginx:1.29
    volumes:
      - ./certs/tls.crt:/etc/nginx/tls.crt
      - ./certs/tls.key:/etc/nginx/tls.key:ro
  api:
    image: ghcr.io/acme/api:1
    volumes: ["/etc/letsencrypt/live/acme.org/privkey.pem:/key.pem:rw"]
`,
    },
    {
      name: 'the variables of the whole project',
      files: {
        'compose.yaml':
          'services:\n  app:\n    image: ghcr.io/acme/app:1\n    volumes: [«./.env:/app/.env»]\n',
      },
    },
  ],
  good: [
    {
      name: 'keys for TLS read-only in a proxy, and public parts',
      files: {
        'compose.yaml': `services:
  proxy:
    image: nginx:1.29
    volumes:
      - ./certs/tls.key:/etc/nginx/tls.key:ro
      - { type: bind, source: ./certs/privkey.pem, target: /privkey.pem, read_only: true }
      - ./certs/tls.crt:/etc/nginx/tls.crt
      - ./certs/fullchain.pem:/etc/nginx/fullchain.pem
      - ./certs/ca.pem:/etc/nginx/ca.pem
      - ~/.ssh/known_hosts:/root/.ssh/known_hosts
      - ~/.ssh/id_ed25519.pub:/root/.ssh/authorized_keys
      - ~/.ssh/authorized_keys:/home/sftp/.ssh/authorized_keys:ro
`,
      },
    },
    {
      name: 'examples, volumes, unknown paths, a program that pulls images',
      files: {
        'compose.yaml': `services:
  app:
    image: ghcr.io/acme/app:1
    env_file: .env
    volumes:
      - ./.env.example:/app/.env
      - ssh:/root/.ssh
      - /root/.aws
      - \${KEYS}:/root/.ssh
      - ./.sshd:/etc/ssh/conf
  watchtower:
    image: containrrr/watchtower:1.7.1
    volumes: ["~/.docker/config.json:/config.json:ro"]
volumes: { ssh: {} }
`,
      },
    },
    {
      name: 'a developer’s own machine',
      files: {
        'compose.override.yaml':
          'services:\n  app:\n    image: ghcr.io/acme/app:1\n    volumes: ["~/.aws:/root/.aws:ro", "./.env:/app/.env"]\n',
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      (service) => credentialMounts(document, service),
      ({ mount }) => mount.item.node.span.start,
    )) {
      const { mount, what } = subject;
      context.report({
        span: mountSpan(document.text, mount),
        message: withSharers(`\`${service.name}\` gets ${what}`, sharers),
        place: `services.${service.name}.volumes[${mount.target ?? '…'}]`,
        fixes: () => {
          if (mount.readOnly) return [];
          const fix = fixOf(readOnlyEdit(document.text, mount), {
            title: 'Mount read-only',
            safety: 'review',
            risk: 'A program that renews the file, or changes its owner when it starts, can no longer do so.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

interface CredentialMount {
  readonly mount: Mount;
  readonly what: string;
}

function credentialMounts(
  document: Document<'compose'>,
  service: ComposeService,
): readonly CredentialMount[] {
  const pulls = PULLS.test(imageOf(service) ?? '');
  return mountsOf(service).flatMap((mount): readonly CredentialMount[] => {
    const path = hostPathOf(document.tree, mount)?.replace(/(?<=.)[\\/]+$/, '');
    // The key of another user is in the same file, and the finding that says so is worse.
    if (path === undefined || (!mount.readOnly && decidesWhatRuns(path))) return [];
    const what = credentialsIn(path, mount.readOnly);
    return what === undefined || (pulls && /\.docker/.test(path)) ? [] : [{ mount, what }];
  });
}

function credentialsIn(path: string, readOnly: boolean): string | undefined {
  const home = HOME_CREDENTIALS.find(([pattern]) => pattern.test(path))?.[1];
  if (home !== undefined) return `${home} that are good for more than this service`;
  if (ENV_FILE.test(path)) return 'the whole `.env` of the project, with the secrets of every service in it';
  return KEY_FILE.test(path) && !readOnly
    ? 'a private key that it can replace, since the mount is writable'
    : undefined;
}
