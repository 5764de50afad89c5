import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { removeItem } from '../core/yaml-edits.ts';
import { type OpenDaemon, openDaemon, publishedApi } from './shared/docker-api.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { networkMode } from './shared/network-mode.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/docker-tcp-internal',
  title: "Docker's API is open to other containers without TLS",
  kinds: ['compose'],
  severity: 'high',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /command|entrypoint|DOCKER_TLS_CERTDIR/,
  docs: {
    why: `A Docker daemon in a container (Docker in Docker) is privileged, and every container in its network may give it commands: a
build job, or whoever breaks into one of them, becomes root, at last on the host.`,
    fix: `Leave TLS on, which the image does by itself: share its certificates (\`/certs/client\`) with the service that needs them, and let
that one use port 2376. Put nothing else into the network of the two.`,
    falsePositives: `A port that is published is \`compose/docker-tcp-exposed\`. Where the daemon shares a network with the one runner only
that uses it, TLS adds little. Silent for \`dind\` with flags alone, to which its entrypoint adds TLS, and in files for development and
tests.`,
    cwe: [306],
    references: [
      'https://hub.docker.com/_/docker',
      'https://docs.docker.com/engine/security/protect-access/',
    ],
  },
  bad: [
    {
      name: 'TLS is switched off',
      files: {
        'compose.yaml': `services:
  dind:
    image: docker:28-dind
    privileged: true
    environment:
      «DOCKER_TLS_CERTDIR»: ""
      DOCKER_DRIVER: overlay2
  rootless:
    image: docker.io/library/docker:28-dind-rootless
    environment: ["«DOCKER_TLS_CERTDIR=»"]
`,
      },
      fixed: `services:
  dind:
    image: docker:28-dind
    privileged: true
    environment:
      DOCKER_DRIVER: overlay2
  rootless:
    image: docker.io/library/docker:28-dind-rootless
    environment: ["DOCKER_TLS_CERTDIR="]
`,
    },
    {
      name: 'a daemon with a socket of its own',
      files: {
        'compose.yaml': `services:
  engine:
    image: ghcr.io/acme/engine:1
    command: ["sh", "-c", "exec dockerd «-H tcp://0.0.0.0:2375» -H unix:///var/run/docker.sock"]
  other:
    image: docker:28-dind
    entrypoint: /usr/local/bin/dockerd
    command:
      - --tls=false
      - «--host=tcp://0.0.0.0:2375»
    ports: ["127.0.0.1:2375:2375"]
`,
      },
    },
  ],
  good: [
    {
      name: 'TLS is on',
      files: {
        'compose.yaml': `services:
  dind:
    image: docker:28-dind
    environment: { DOCKER_TLS_CERTDIR: /certs }
  flags:
    image: docker:28-dind
    command: ["--host=tcp://0.0.0.0:2376", "--mtu=1400"]
  verified:
    image: ghcr.io/acme/engine:1
    command: dockerd -H tcp://0.0.0.0:2375 --tlsverify
`,
      },
    },
    {
      name: 'clients, local sockets, and a port that is published',
      files: {
        'compose.yaml': `services:
  job:
    image: docker:28-cli
    environment: { DOCKER_TLS_CERTDIR: "", DOCKER_HOST: tcp://dind:2375 }
    command: docker -H tcp://dind:2375 ps
  local:
    image: ghcr.io/acme/engine:1
    command: dockerd -H unix:///var/run/docker.sock --host tcp://127.0.0.1:2375
  open:
    image: docker:28-dind
    environment: { DOCKER_TLS_CERTDIR: "" }
    ports: ["2375:2375"]
  unknown:
    image: ghcr.io/acme/engine:1
    command: dockerd -H tcp://0.0.0.0:2375 $FLAGS
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService): readonly OpenDaemon[] =>
      networkMode(service) === undefined && publishedApi(document.text, service).length === 0
        ? openDaemon(document.text, service).slice(0, 1)
        : [];
    for (const { service, subject, sharers } of eachOrigin(document.tree, pick, ({ span }) => span.start)) {
      context.report({
        span: subject.span,
        message: withSharers(
          `\`${subject.written}\` of \`${service.name}\` opens Docker's API without TLS: each container in its network can become root`,
          sharers,
        ),
        place: `services.${service.name}.${subject.place}`,
        fixes: () => [atOrigin(fixFor(document, subject), sharers)],
      });
    }
  },
});

function fixFor({ text }: Document<'compose'>, { variable }: OpenDaemon): Fix | undefined {
  if (!variable) return undefined;
  const { entry, item } = variable;
  return fixOf(entry ? removeEntry(text, entry) : item && removeItem(text, item.seq, item.index), {
    title: 'Delete DOCKER_TLS_CERTDIR',
    safety: 'review',
    risk: 'Clients need the certificates in `/certs/client`, `DOCKER_TLS_VERIFY=1` and port 2376 then.',
  });
}
