import { contentSpan } from '../../syntaxes/compose/environment.ts';
import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import { isElsewhere, type Span } from '../../syntaxes/document.ts';
import type { YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Edit } from '../core/rule.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

const LOOSE: Readonly<Record<string, string>> = {
  exec: 'programs written there can be run',
  suid: 'setuid files there make root of who runs them',
  dev: 'device files there work',
};

export const rule = defineRule({
  id: 'compose/tmpfs-exec',
  title: 'Protection of a tmpfs is switched off',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /tmpfs/,
  docs: {
    why: `Docker mounts a tmpfs with \`noexec\`, \`nosuid\` and \`nodev\`: what an attacker drops into \`/tmp\` cannot be run. In a container
with a read-only file system it is the only place to drop something, so the options matter most there.`,
    fix: 'Delete the option: without it Docker uses the strict one.',
    falsePositives: `Programs that compile at run time (JIT of some runtimes, native Java libraries, PyInstaller) unpack code into \`/tmp\`
and need \`exec\`; give them a directory of their own for it.`,
    cwe: [732],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#tmpfs',
      'https://docs.docker.com/engine/storage/tmpfs/',
    ],
  },
  bad: [
    {
      name: 'a list',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    tmpfs:
      - «/tmp:exec»
      - "«/run:size=64m,exec,mode=1777»"
      - /var/tmp
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    tmpfs:
      - /tmp
      - "/run:size=64m,exec,mode=1777"
      - /var/tmp
`,
    },
    {
      name: 'a single text, several options',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    tmpfs: «/tmp:rw,exec,suid,size=100m»
  b: { image: "ghcr.io/acme/b:1", tmpfs: [«/scratch:dev»] }
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    tmpfs: /tmp:rw,size=100m
  b: { image: "ghcr.io/acme/b:1", tmpfs: [/scratch:dev] }
`,
    },
  ],
  good: [
    {
      name: 'strict options, no options, others',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    tmpfs:
      - /tmp
      - /run:noexec,nosuid,nodev,size=64m
      - /var/cache:mode=1777,uid=1000
      - /exec:size=1m
      - /a:exec,noexec
  b:
    image: ghcr.io/acme/b:1
    tmpfs: /tmp:\${TMP_OPTIONS}
`,
      },
    },
    {
      name: 'the long form knows only size and mode',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - type: tmpfs
        target: /tmp
        tmpfs: { size: 64m, mode: 0o1777 }
      - ./bin:/bin/exec
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      looseMounts,
      ({ scalar }) => scalar.span.start,
    )) {
      const { scalar, path, options } = subject;
      const span = contentSpan(scalar, document.text);
      const what = options.map((option) => LOOSE[option]).join(', ');
      context.report({
        span,
        message: withSharers(`\`${path}\` is mounted with \`${options.join(',')}\`: ${what}`, sharers),
        place: `services.${service.name}.tmpfs[${path}]`,
        fixes: () => {
          const fix = fixOf(strictEdit(document.text, scalar, span), {
            title: `Delete ${options.join(', ')}: ${path} gets Docker's defaults`,
            safety: 'review',
            risk: 'A program that runs code out of this directory (a JIT, unpacked native libraries) fails then.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

interface LooseMount {
  readonly scalar: YamlScalar;
  readonly path: string;
  readonly options: readonly string[];
}

function looseMounts(service: ComposeService): readonly LooseMount[] {
  const value = service.effective.entries.get('tmpfs')?.value;
  const scalars =
    value?.type === 'scalar'
      ? [value.node]
      : value?.type === 'seq'
        ? value.items.flatMap((item) => (item.value?.type === 'scalar' ? [item.value.node] : []))
        : [];
  return scalars.flatMap((scalar) => {
    const text = interpolate(scalar.value).text;
    const [, path = '', given = ''] = /^([^:]*):(.*)$/s.exec(text ?? '') ?? [];
    const words = given.split(',').map((word) => word.trim());
    // Of two that contradict each other the later one holds.
    const options = Object.keys(LOOSE).filter(
      (option) => words.lastIndexOf(option) > words.lastIndexOf(`no${option}`),
    );
    return options.length > 0 ? [{ scalar, path: path.trim(), options }] : [];
  });
}

function strictEdit(text: string, scalar: YamlScalar, span: Span): Edit | undefined {
  const written = text.slice(span.start, span.end);
  if (isElsewhere(span) || scalar.style === 'literal' || scalar.style === 'folded' || written.includes('$'))
    return undefined;
  const colon = written.indexOf(':');
  const kept = written
    .slice(colon + 1)
    .split(',')
    .filter((word) => !Object.hasOwn(LOOSE, word.trim()));
  return { span, text: written.slice(0, colon) + (kept.length > 0 ? `:${kept.join(',')}` : '') };
}
