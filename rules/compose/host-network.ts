import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { imageOf } from '../../syntaxes/compose/service.ts';
import { type ComposeService, scalarAt } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isMonitoringImage } from './shared/host-paths.ts';
import { eachOrigin, withSharers } from './shared/origin.ts';

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
    fix: 'Delete the key, put the service into a network of the project and publish the ports that are needed.',
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
    },
  ],
  good: [
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
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => {
      const scalar = scalarAt(service.effective, 'network_mode');
      const isHost = scalar && interpolate(scalar.value).text === 'host';
      return isHost && !isMonitoringImage(imageOf(service) ?? '') ? [scalar] : [];
    };
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      pick,
      (scalar) => scalar.span.start,
    )) {
      context.report({
        span: subject.span,
        message: withSharers(
          `\`${service.name}\` uses the host's network: all its ports are open there, and it reaches the host's 127.0.0.1`,
          sharers,
        ),
        place: `services.${service.name}.network_mode`,
      });
    }
  },
});
