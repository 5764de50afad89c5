import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { defineRule } from '../core/rule.ts';
import { eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/cgroup-parent',
  title: 'Container is put below another control group',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /cgroup_parent/,
  docs: {
    why: `Below a parent of one's own the container shares limits with whatever else is in that group, and is outside the group that
Docker set up and that the host's limits are meant for.`,
    fix: 'Delete the key, and set limits on the service: `mem_limit`, `cpus`, `pids_limit`.',
    falsePositives: 'A slice that the host sets limits for is a good reason; accept the finding with it.',
    cwe: [770],
    controls: ['CIS Docker 1.6.0 5.25'],
    references: ['https://docs.docker.com/reference/compose-file/services/#cgroup_parent'],
  },
  bad: [
    {
      name: 'a group of its own',
      files: {
        'compose.yaml':
          'services:\n  a:\n    image: ghcr.io/acme/a:1\n    cgroup_parent: «m-executor-abcd»\n',
      },
    },
    {
      name: 'in an anchor, quoted',
      files: {
        'compose.yaml': `x-base: &base
  cgroup_parent: «"/system.slice"»
services:
  a: { <<: *base, image: "ghcr.io/acme/a:1" }
  b: { <<: *base, image: "ghcr.io/acme/b:1" }
`,
      },
    },
  ],
  good: [
    {
      name: 'none, an empty one, and one that is not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    cgroup: private
  b:
    image: ghcr.io/acme/b:1
    cgroup_parent: ""
  c:
    image: ghcr.io/acme/c:1
    cgroup_parent: \${CGROUP_PARENT:-}
`,
      },
    },
    {
      name: 'a label of that name',
      files: {
        'compose.yaml':
          'services:\n  a:\n    image: ghcr.io/acme/a:1\n    cgroup_parent: ${GROUP}\n    labels: { cgroup_parent: x }\n',
      },
    },
  ],
  check(document, context) {
    for (const { service, subject: entry, sharers } of eachOrigin(
      document.tree,
      (service) => {
        const entry = service.effective.entries.get('cgroup_parent');
        const text = entry?.value?.type === 'scalar' ? interpolate(entry.value.node.value).text : undefined;
        return entry && text?.trim() ? [entry] : [];
      },
      (entry) => entry.pair.key.span.start,
    )) {
      context.report({
        span: entry.pair.value?.span ?? entry.pair.key.span,
        message: withSharers(
          `\`${service.name}\` runs below a control group of its own, outside the one that Docker's limits are set for`,
          sharers,
        ),
        place: `services.${service.name}.cgroup_parent`,
      });
    }
  },
});
