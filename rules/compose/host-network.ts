import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { imageOf } from '../../syntaxes/compose/service.ts';
import { type ComposeService, type EffectiveEntry, itemsAt, mapAt } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { booleanOf, textAt, valueAt, type YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { isMonitoringImage } from './shared/host-paths.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/host-network',
  title: "Container uses the host's network",
  kinds: ['compose'],
  severity: 'high',
  confidence: 'medium',
  since: '0.1.0',
  docs: {
    why: `With \`network_mode: host\` every port that the process opens is open on the host, also those for debugging, and the process
reaches all services that listen on the host's 127.0.0.1: databases, the metadata of the cloud, the agents of the system.`,
    fix: 'Delete the key, so that the service is in the network of the project, and publish the ports that are needed.',
    falsePositives: 'Silent for agents that measure the host itself, such as node-exporter.',
    cwe: [668],
    controls: ['CIS Docker 1.6.0 5.9'],
    references: ['https://docs.docker.com/engine/network/drivers/host/'],
  },
  bad: [
    {
      name: 'host',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    network_mode: «host»
  b:
    image: ghcr.io/acme/b:1
    network_mode: «"host"»
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
  b:
    image: ghcr.io/acme/b:1
    network_mode: "host"
`,
    },
    {
      name: 'the default of a variable, and the network of that name',
      files: {
        'compose.yaml': `services:
  a: { image: "ghcr.io/acme/a:1", network_mode: «"\${MODE:-host}"» }
  b:
    image: ghcr.io/acme/b:1
    networks:
      - «outside»
networks:
  outside:
    external: true
    name: host
`,
      },
      fixed: `services:
  a: { image: "ghcr.io/acme/a:1" }
  b:
    image: ghcr.io/acme/b:1
    networks:
      - outside
networks:
  outside:
    external: true
    name: host
`,
    },
  ],
  good: [
    {
      name: 'other modes, and one that is not known',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    network_mode: bridge
  app:
    image: ghcr.io/acme/app:1
    network_mode: "service:web"
  tool:
    image: ghcr.io/acme/tool:1
    network_mode: \${MODE}
`,
      },
    },
    {
      name: 'other networks, variables, agents',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    network_mode: service:vpn
  b:
    image: ghcr.io/acme/b:1
    network_mode: \${NETWORK}
  c:
    image: quay.io/prometheus/node-exporter:v1.9.1
    network_mode: host
  d:
    image: ghcr.io/acme/d:1
    build: { context: ., network: host }
    networks: [host]
networks:
  host: {}
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService): readonly HostNetwork[] =>
      isMonitoringImage(imageOf(service) ?? '') ? [] : [...byMode(service), ...byNetwork(document, service)];
    const origins = eachOrigin(document.tree, pick, ({ scalar }) => scalar.span.start);
    for (const { service, subject, sharers } of origins) {
      context.report({
        span: subject.scalar.span,
        message: withSharers(
          `\`${service.name}\` uses the host's network: all its ports are open there, and it reaches the host's 127.0.0.1`,
          sharers,
        ),
        place: `services.${service.name}.${subject.key}`,
        fixes: () => [atOrigin(fixFor(document, subject), sharers)],
      });
    }
  },
});

interface HostNetwork {
  readonly key: string;
  readonly scalar: YamlScalar;
  /** The key to delete, where there is one. */
  readonly entry?: EffectiveEntry;
}

function byMode(service: ComposeService): readonly HostNetwork[] {
  const entry = service.effective.entries.get('network_mode');
  const scalar = entry?.value?.type === 'scalar' ? entry.value.node : undefined;
  const isHost = scalar && interpolate(scalar.value).text === 'host';
  return isHost ? [{ key: 'network_mode', scalar, ...(entry && { entry }) }] : [];
}

/** A stack for Swarm has the host's network as an external one, under whatever name. */
function byNetwork({ tree }: Document<'compose'>, service: ComposeService): readonly HostNetwork[] {
  const listed = itemsAt(service.effective, 'networks').flatMap(({ value }) =>
    value?.type === 'scalar' ? [value.node] : [],
  );
  const keys = [...(mapAt(service.effective, 'networks')?.entries.values() ?? [])].map(
    ({ pair }) => pair.key,
  );
  return [...listed, ...keys].flatMap((scalar) => {
    const network = tree.project.networks.get(scalar.value);
    const isHost = booleanOf(valueAt(network, 'external')) === true && textAt(network, 'name') === 'host';
    return isHost || textAt(network, 'external', 'name') === 'host' ? [{ key: 'networks', scalar }] : [];
  });
}

function fixFor({ text }: Document<'compose'>, { entry }: HostNetwork): Fix | undefined {
  return (
    entry &&
    fixOf(removeEntry(text, entry), {
      title: 'Delete network_mode',
      safety: 'review',
      risk: 'Only ports that are published can be reached then, and `localhost` no longer means the host.',
    })
  );
}
