import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { mountsOf } from '../../syntaxes/compose/mounts.ts';
import { imageOf } from '../../syntaxes/compose/service.ts';
import {
  type ComposeService,
  type ComposeTree,
  type EffectiveItem,
  itemsAt,
} from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { fixOf, removeItemOrKey } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { daemonSocketOf } from './shared/sockets.ts';

/** Images whose files belong to group 0, so that any user can run them in it. */
const GROUP_ZERO_IMAGES =
  /(?:^|\/)(?:elasticsearch|kibana|logstash|opensearch|opensearch-dashboards|filebeat|metricbeat)(?::|@|$)/;

export const rule = defineRule({
  id: 'compose/group-add-root',
  title: 'Container process gets the group of root or Docker',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /group_add/,
  docs: {
    why: `A process with the group \`root\` or \`docker\` opens what belongs to that group in every volume and bind mount: configuration
that only root should read, and the daemon's socket, which is the host. A user other than root is worth little then.`,
    fix: 'Delete the item, and give the files a group of their own: `group_add: ["2000"]`.',
    falsePositives: `Not reported beside a mount of the daemon's socket, which says more, and for images whose files belong to group 0
by design (Elasticsearch, OpenSearch).`,
    cwe: [250],
    references: ['https://docs.docker.com/reference/compose-file/services/#group_add'],
  },
  bad: [
    {
      name: 'by name and by number',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    user: "1000:1000"
    group_add:
      - mail
      - «docker»
      - «0»
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    user: "1000:1000"
    group_add:
      - mail
      - 0
`,
    },
    {
      name: 'the only one',
      files: {
        'compose.yaml': `services:
  a: { image: "ghcr.io/acme/a:1", group_add: [«"root"»] }
`,
      },
      fixed: `services:
  a: { image: "ghcr.io/acme/a:1" }
`,
    },
  ],
  good: [
    {
      name: 'beside the socket, which is reported',
      files: {
        'compose.yaml': `services:
  agent:
    image: ghcr.io/acme/agent:1
    user: "1000"
    group_add: [docker]
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
`,
      },
    },
    {
      name: 'other groups, unknown ones, images of group 0',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    group_add: [video, "44", 1000, "\${DOCKER_GID}", "\${RENDER_GID:-109}"]
  search:
    image: docker.elastic.co/elasticsearch/elasticsearch:9.0.1
    user: "1000"
    group_add: ["0"]
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      (service) => rootGroups(document.tree, service),
      ({ item }) => item.node.span.start,
    )) {
      const { item, name } = subject;
      context.report({
        span: item.node.span,
        message: withSharers(
          `\`${service.name}\` gets the group \`${name}\`, and with it what belongs to that group in its volumes and mounts`,
          sharers,
        ),
        place: `services.${service.name}.group_add[${name}]`,
        fixes: () => {
          const fix = fixOf(removeItemOrKey(document.text, service, 'group_add', item), {
            title: `Delete ${name} from group_add`,
            safety: 'review',
            risk: 'Files that the container opened through this group need another one.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

interface RootGroup {
  readonly item: EffectiveItem;
  readonly name: string;
}

function rootGroups(tree: ComposeTree, service: ComposeService): readonly RootGroup[] {
  const found = itemsAt(service.effective, 'group_add').flatMap((item): readonly RootGroup[] => {
    const text = item.value?.type === 'scalar' ? interpolate(item.value.node.value).text?.trim() : undefined;
    return text !== undefined && /^(?:root|docker|0+)$/.test(text) ? [{ item, name: text }] : [];
  });
  if (found.length === 0 || mountsOf(service).some((mount) => daemonSocketOf(tree, mount))) return [];
  return GROUP_ZERO_IMAGES.test(imageOf(service) ?? '')
    ? found.filter(({ name }) => name === 'docker')
    : found;
}
