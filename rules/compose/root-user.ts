import { imageOf, userOf, wordsOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService, EffectiveEntry } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { isJob } from './shared/absence.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { isMonitoringImage } from './shared/host-paths.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { imageUser, type RuntimeUser } from './shared/user.ts';

export const rule = defineRule({
  id: 'compose/root-user',
  title: 'Service is told to run as root',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `A process that is root in the container owns everything that is mounted into it, and is root on the host after an escape.
\`user: root\` even overrides a \`USER\` that the image has been given with care.`,
    fix: 'Delete the key where the image has a user of its own, else name one: `user: "1000:1000"`, and give it the files it writes.',
    falsePositives: `Silent for images that start as root and change the user themselves, for one-shot jobs and commands that change
owners, and for agents that read the host.`,
    cwe: [250],
    controls: ['CIS Docker 1.6.0 4.1', 'OWASP Docker Security Cheat Sheet, rule 2'],
    references: ['https://docs.docker.com/reference/compose-file/services/#user'],
  },
  bad: [
    {
      name: 'root by name, by number, and as a default',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    user: «root»
  b:
    image: ghcr.io/acme/b:1
    user: «"0:1000"»
  c:
    image: ghcr.io/acme/c:1
    user: «"\${UID:-0}"»
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    user: "1000:1000"
  b:
    image: ghcr.io/acme/b:1
    user: "0:1000"
  c:
    image: ghcr.io/acme/c:1
    user: "\${UID:-0}"
`,
    },
    {
      name: 'an image that has a user of its own',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana:12.0.0
    user: «"0"»
    ports: ["127.0.0.1:3000:3000"]
`,
      },
      fixed: `services:
  grafana:
    image: grafana/grafana:12.0.0
    ports: ["127.0.0.1:3000:3000"]
`,
    },
  ],
  good: [
    {
      name: 'another user, or one that is not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    user: "1000:0"
  b:
    image: ghcr.io/acme/b:1
    user: \${UID}:\${GID}
  c:
    image: ghcr.io/acme/c:1
    user: "\${UID:-1000}"
  d:
    image: ghcr.io/acme/d:1
    user: nobody
`,
      },
    },
    {
      name: 'images that step down, jobs, and agents',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    user: root
  fix-owners:
    image: busybox:1.37
    user: root
    command: chown -R 1000:1000 /data
  migrate:
    image: ghcr.io/acme/api:1
    user: root
    restart: "no"
  cadvisor:
    image: gcr.io/cadvisor/cadvisor:v0.52.1
    user: root
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => rootEntries(document, context, service);
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      pick,
      ({ entry }) => entry.pair.key.span.start,
    )) {
      const { entry, image } = subject;
      const overrides = image.state === 'non-root' ? ', although its image has a user of its own' : '';
      context.report({
        span: entry.pair.value?.span ?? entry.pair.key.span,
        message: withSharers(
          `\`${service.name}\` is told to run as root${overrides}: an escape makes it root on the host`,
          sharers,
        ),
        place: `services.${service.name}.user`,
        ...(image.related && { related: [image.related] }),
        fixes: () => fixesFor(document, subject).map((fix) => atOrigin(fix, sharers)),
      });
    }
  },
});

interface RootEntry {
  readonly entry: EffectiveEntry;
  readonly image: RuntimeUser;
}

function rootEntries(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
): readonly RootEntry[] {
  const entry = service.effective.entries.get('user');
  if (!entry || userOf(service).state !== 'root') return [];
  const words = [...(wordsOf(service, 'entrypoint') ?? []), ...(wordsOf(service, 'command') ?? [])];
  if (isMonitoringImage(imageOf(service) ?? '') || isJob(service, document.tree)) return [];
  if (
    words.some(({ text }) =>
      /\b(?:chown|chmod|setfacl|install -[od]|gosu|su-exec|runuser|setpriv)\b/.test(text),
    )
  )
    return [];
  const image = imageUser(document, context, service);
  return image.state === 'steps-down' ? [] : [{ entry, image }];
}

function fixesFor(document: Document<'compose'>, { entry, image }: RootEntry): readonly (Fix | undefined)[] {
  const value = entry.value?.type === 'scalar' ? entry.value.node : undefined;
  const risk = 'Files and volumes that the service writes must belong to that user.';
  if (image.state === 'non-root') {
    return [
      fixOf(removeEntry(document.text, entry), {
        title: 'Delete user: the image has one of its own',
        safety: 'review',
        risk,
      }),
    ];
  }
  if (!value || value.style === 'literal' || value.style === 'folded') return [];
  const edit =
    value.style === 'plain' ? { span: value.span, text: '"1000:1000"' } : setScalar(value, '1000:1000');
  return [fixOf(edit, { title: 'Set user to 1000:1000', safety: 'review', risk })];
}
