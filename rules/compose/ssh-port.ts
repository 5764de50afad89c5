import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { fixOf, removeItemOrKey } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { portLabel, portPlace, portSpan } from './shared/ports.ts';
import { sshPorts, sshServer } from './shared/ssh.ts';

export const rule = defineRule({
  id: 'compose/ssh-port',
  title: 'Container offers a login over SSH',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /ports|command|entrypoint/,
  docs: {
    why: `A login is one more way in, with keys and passwords of its own that nobody rotates and that no log of the platform sees, and its
server runs as root. \`docker compose exec\` does the same with the rights of the platform.`,
    fix: 'Delete the port mapping, and take the SSH server out of the command and the image.',
    falsePositives: `Silent for images and services that are about Git, about files over SSH (SFTP, rsync, backups), or that are the one
way in (bastion, jump host). Silent in files for development and tests.`,
    cwe: [671],
    controls: ['CIS Docker 1.6.0 5.7'],
    references: ['https://docs.docker.com/reference/cli/docker/compose/exec/'],
  },
  bad: [
    {
      name: 'the port, in each form',
      files: {
        'compose.yaml': `services:
  app:
    image: ghcr.io/acme/app:1
    ports:
      - 127.0.0.1:8080:8080
      - «2222:22»
  other:
    image: ghcr.io/acme/other:1
    ports: ["«127.0.0.1:2223:22/tcp»"]
  long:
    image: ghcr.io/acme/long:1
    ports:
      - { target: 22, published: «2224», host_ip: 127.0.0.1 }
`,
      },
      fixed: `services:
  app:
    image: ghcr.io/acme/app:1
    ports:
      - 127.0.0.1:8080:8080
  other:
    image: ghcr.io/acme/other:1
    ports: ["127.0.0.1:2223:22/tcp"]
  long:
    image: ghcr.io/acme/long:1
    ports:
      - { target: 22, published: 2224, host_ip: 127.0.0.1 }
`,
    },
    {
      name: 'the server in the command',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    command: «/usr/sbin/sshd» -D
  b:
    image: ghcr.io/acme/b:1
    command: ["sh", "-c", "service «ssh» start && exec /app/run"]
`,
      },
    },
  ],
  good: [
    {
      name: 'servers for Git and for files',
      files: {
        'compose.yaml': `services:
  forge:
    image: gitea/gitea:1.24
    ports: ["222:22"]
  gitlab:
    image: registry.example.com/platform:1
    ports: ["22:22"]
  files:
    image: atmoz/sftp:alpine-3.7
    ports: ["2222:22"]
  code:
    image: ghcr.io/acme/git-mirror:1
    ports: ["22:22"]
`,
      },
    },
    {
      name: 'other ports, a client, a port that is not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    ports: ["127.0.0.1:22:8080", "127.0.0.1:2222:2222", "127.0.0.1:5022:22/udp", "\${SSH}"]
    command: ssh -N -L 5432:db:5432 user@host
    expose: ["22"]
  b:
    image: ghcr.io/acme/b:1
    command: ["run", "--with", "sshd"]
`,
      },
    },
    {
      name: 'a file for development',
      files: { 'compose.override.yaml': `services:\n  app:\n    ports: ["2222:22"]\n` },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => logins(document, service);
    for (const { service, subject, sharers } of eachOrigin(document.tree, pick, ({ offset }) => offset)) {
      context.report({
        span: subject.span,
        message: withSharers(
          `${subject.what} of \`${service.name}\` offers a login over SSH, one more way in; \`docker compose exec\` needs none`,
          sharers,
        ),
        place: `services.${service.name}.${subject.place}`,
        fixes: () => [atOrigin(subject.fix(), sharers)],
      });
    }
  },
});

interface Login {
  readonly offset: number;
  readonly span: Span;
  readonly what: string;
  readonly place: string;
  readonly fix: () => Fix | undefined;
}

function logins({ text }: Document<'compose'>, service: ComposeService): readonly Login[] {
  const ports = sshPorts(service).map((port) => ({
    offset: port.item.node.span.start,
    span: portSpan(text, port),
    what: `Port ${portLabel(port)}`,
    place: `ports[${portPlace(port)}]`,
    fix: () =>
      fixOf(removeItemOrKey(text, service, 'ports', port.item), {
        title: 'Delete the port mapping',
        safety: 'review',
        risk: 'Whoever logs in over SSH needs another way: `docker compose exec`.',
      }),
  }));
  const server = ports.length === 0 ? sshServer(text, service) : undefined;
  if (!server) return ports;
  const span = server.span();
  return [
    { offset: span.start, span, what: `\`${server.text}\``, place: 'command[sshd]', fix: () => undefined },
  ];
}
