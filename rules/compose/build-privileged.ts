import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import type { ComposeService, EffectiveEntry, EffectiveMap } from '../../syntaxes/compose/tree.ts';
import { itemsAt } from '../../syntaxes/compose/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import { booleanOf, pairOf } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Edit } from '../core/rule.ts';
import { removeItem, removePair } from '../core/yaml-edits.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

const ENTITLEMENTS: Readonly<Record<string, string>> = {
  'security.insecure': 'may run steps with every capability of the host',
  'network.host': "may run steps in the host's network, beside services that listen on localhost only",
};

export const rule = defineRule({
  id: 'compose/build-privileged',
  title: 'Image is built with privileges',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /build/,
  docs: {
    why: `A build runs what its dependencies bring along: install scripts, downloads, base images. With \`privileged\`,
\`security.insecure\` or the host's network such a script has the build machine, or the services on it, in reach.`,
    fix: 'Delete the key. What needs devices or mounts at build time can mostly be done at run time or with `RUN --mount`.',
    cwe: [250],
    references: [
      'https://docs.docker.com/reference/compose-file/build/#privileged',
      'https://docs.docker.com/reference/compose-file/build/#entitlements',
      'https://docs.docker.com/reference/dockerfile/#run---security',
    ],
  },
  bad: [
    {
      name: 'privileged, and the network of the host',
      files: {
        'compose.yaml': `services:
  app:
    image: ghcr.io/acme/app:1
    build:
      context: .
      privileged: «true»
      network: «"host"»
`,
      },
      fixed: `services:
  app:
    image: ghcr.io/acme/app:1
    build:
      context: .
      network: "host"
`,
    },
    {
      name: 'entitlements',
      files: {
        'compose.yaml': `services:
  app:
    build:
      context: .
      entitlements:
        - «security.insecure»
        - «network.host»
  tool:
    build: { context: tool, entitlements: [«"security.insecure"»] }
`,
      },
      fixed: `services:
  app:
    build:
      context: .
      entitlements:
        - network.host
  tool:
    build: { context: tool, entitlements: ["security.insecure"] }
`,
    },
  ],
  good: [
    {
      name: 'builds without privileges, and privileges of the container',
      files: {
        'compose.yaml': `services:
  app:
    build:
      context: .
      privileged: false
      network: none
      args: { network: host, privileged: "true" }
    privileged: \${PRIVILEGED}
  short:
    build: ./privileged
    network_mode: bridge
`,
      },
    },
    {
      name: 'unknown values',
      files: {
        'compose.yaml': `services:
  app:
    build:
      context: .
      privileged: \${BUILD_PRIVILEGED}
      network: \${BUILD_NETWORK:-default}
      entitlements: ["\${ENTITLEMENT}"]
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      (service) => grants(document.text, service),
      ({ span }) => span.start,
    )) {
      context.report({
        span: subject.span,
        message: withSharers(`The build of \`${service.name}\` ${subject.what}`, sharers),
        place: `services.${service.name}.build.${subject.key}`,
        fixes: () => {
          const fix = fixOf(subject.remove(), {
            title: `Delete ${subject.title}`,
            safety: 'review',
            risk: 'A step of the Dockerfile that needs it (`RUN --security=insecure`, a proxy on localhost) fails then.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

interface Grant {
  readonly key: string;
  readonly title: string;
  readonly what: string;
  readonly span: Span;
  readonly remove: () => Edit | undefined;
}

function grants(text: string, service: ComposeService): readonly Grant[] {
  const build = service.effective.entries.get('build')?.value;
  if (build?.type !== 'map') return [];
  return [...switches(text, build), ...entitlements(text, build)];
}

function switches(text: string, build: EffectiveMap): readonly Grant[] {
  const found: Grant[] = [];
  const add = (key: string, what: string, is: (entry: EffectiveEntry) => boolean) => {
    const entry = build.entries.get(key);
    if (!entry?.pair.value || !is(entry)) return;
    found.push({
      key,
      title: key,
      what,
      span: entry.pair.value.span,
      remove: () => removeEntry(text, entry),
    });
  };
  add('privileged', 'is privileged: what its dependencies run gets the build machine', (entry) => {
    const value = textOf(entry);
    return (
      entry.value?.type === 'scalar' &&
      value !== undefined &&
      booleanOf({ ...entry.value.node, value }) === true
    );
  });
  add(
    'network',
    "uses the host's network, beside services that listen on localhost only",
    (entry) => textOf(entry) === 'host',
  );
  return found;
}

function entitlements(text: string, build: EffectiveMap): readonly Grant[] {
  return itemsAt(build, 'entitlements').flatMap((item): readonly Grant[] => {
    const name = item.value?.type === 'scalar' ? (interpolate(item.value.node.value).text?.trim() ?? '') : '';
    const what = ENTITLEMENTS[name];
    if (what === undefined) return [];
    const remove = () => {
      if (item.seq.items.length > 1) return removeItem(text, item.seq, item.index);
      const entry = build.entries.get('entitlements');
      const pair = entry && pairOf(entry.map, 'entitlements');
      return entry && pair?.value === item.seq ? removePair(text, entry.map, pair) : undefined;
    };
    return [{ key: `entitlements[${name}]`, title: name, what, span: item.node.span, remove }];
  });
}

function textOf(entry: EffectiveEntry): string | undefined {
  return entry.value?.type === 'scalar' ? interpolate(entry.value.node.value).text?.trim() : undefined;
}
