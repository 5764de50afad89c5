import { flagOf, imageOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService, EffectiveEntry } from '../../syntaxes/compose/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/privileged',
  title: 'Container is privileged',
  kinds: ['compose'],
  severity: 'critical',
  confidence: 'high',
  since: '0.1.0',
  mentions: /privileged/,
  docs: {
    why: `A privileged container has every capability, all devices and no seccomp or AppArmor profile. A break-in into it is a
break-in into the host.`,
    fix: `Delete the key and grant what is really needed: single devices with \`devices\`, single capabilities with \`cap_add\`.`,
    falsePositives: `Docker-in-Docker and BuildKit need it, which makes them as dangerous as they look; run them rootless or on a
machine of their own, and accept the finding with a reason.`,
    cwe: [250],
    controls: ['CIS Docker 1.6.0 5.5', 'OWASP Docker Security Cheat Sheet, rule 3'],
    references: [
      'https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities',
      'https://docs.docker.com/reference/compose-file/services/#privileged',
    ],
  },
  bad: [
    {
      name: 'true, in each spelling',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    privileged: «true»
    command: run
  b:
    image: ghcr.io/acme/b:1
    privileged: «"true"»
  c:
    image: ghcr.io/acme/c:1
    privileged: «\${PRIVILEGED:-true}»
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    command: run
  b:
    image: ghcr.io/acme/b:1
    privileged: "true"
  c:
    image: ghcr.io/acme/c:1
    privileged: \${PRIVILEGED:-true}
`,
    },
    {
      name: 'through a merge key, reported where it is written',
      files: {
        'compose.yaml': `x-base: &base
  restart: always
  privileged: «true»
services:
  a:
    <<: *base
    image: ghcr.io/acme/a:1
  b:
    <<: *base
    image: ghcr.io/acme/b:1
`,
      },
      fixed: `x-base: &base
  restart: always
services:
  a:
    <<: *base
    image: ghcr.io/acme/a:1
  b:
    <<: *base
    image: ghcr.io/acme/b:1
`,
    },
    {
      name: 'the only key of an anchor',
      files: {
        'compose.yaml': `x-base: &base
  privileged: «true»
services:
  a:
    <<: *base
    image: ghcr.io/acme/a:1
`,
      },
      fixed: `x-base: &base
  privileged: false
services:
  a:
    <<: *base
    image: ghcr.io/acme/a:1
`,
    },
    {
      name: 'through extends',
      files: {
        'compose.yaml': `services:
  base:
    image: ghcr.io/acme/a:1
    privileged: «true»
  a:
    extends: base
  b:
    extends: { service: base }
    privileged: false
`,
      },
      fixed: `services:
  base:
    image: ghcr.io/acme/a:1
  a:
    extends: base
  b:
    extends: { service: base }
    privileged: false
`,
    },
  ],
  good: [
    {
      name: 'false in each spelling',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    privileged: "false"
  app:
    image: ghcr.io/acme/app:1
    privileged: \${PRIVILEGED:-false}
  tool:
    image: ghcr.io/acme/tool:1
    privileged: no
`,
      },
    },
    {
      name: 'off, overridden, or not known',
      files: {
        'compose.yaml': `x-base: &base
  privileged: true
services:
  a:
    <<: *base
    image: ghcr.io/acme/a:1
    privileged: false
  b:
    image: ghcr.io/acme/b:1
    privileged: \${PRIVILEGED}
  c:
    image: ghcr.io/acme/c:1
    privileged: \${PRIVILEGED:-false}
    labels:
      privileged: "true"
  d:
    image: ghcr.io/acme/d:1
    privileged: !reset true
`,
      },
    },
  ],
  check(document, context) {
    const origins = eachOrigin(
      document.tree,
      (service) => {
        const entry = service.effective.entries.get('privileged');
        return entry && flagOf(service, 'privileged') === true ? [entry] : [];
      },
      (entry) => entry.pair.key.span.start,
    );
    for (const { service, subject: entry, sharers } of origins) {
      context.report({
        span: entry.pair.value?.span ?? entry.pair.key.span,
        message: withSharers(
          `\`${service.name}\` is privileged${reasonOf(service)}: a break-in into the container is one into the host`,
          sharers,
        ),
        place: `services.${service.name}.privileged`,
        fixes: () => [atOrigin(fixFor(document.text, entry), sharers)],
      });
    }
  },
});

/** Images that cannot do without are no safer for it. */
function reasonOf(service: ComposeService): string {
  const image = imageOf(service) ?? '';
  if (/(?:^|\/)docker(?::(?![^@]*cli)|@|$)|(?:^|\/)dind(?::|@|$)/.test(image))
    return ', as a daemon in a container must be';
  if (/(?:^|\/)buildkit(?::|@|$)/.test(image)) return ', as BuildKit must be unless it is rootless';
  return /(?:^|\/)cadvisor(?::|@|$)/.test(image) ? ', as its manual asks for' : '';
}

function fixFor(text: string, entry: EffectiveEntry): Fix | undefined {
  const risk =
    'What the container does with devices, mounts or the kernel may need single devices or capabilities instead.';
  const removed = fixOf(removeEntry(text, entry), { title: 'Delete privileged', safety: 'review', risk });
  if (removed || entry.value?.type !== 'scalar') return removed;
  // The only key of an anchor cannot be deleted.
  const off = setScalar(entry.value.node, 'false');
  return fixOf(off, { title: 'Set privileged to false', safety: 'review', risk });
}
