import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { deleteUser, type RootEntry, rootEntryOf } from './shared/root-user.ts';

export const rule = defineRule({
  id: 'compose/root-user',
  title: 'Service is told to run as root',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /user/,
  docs: {
    why: `A process that is root in the container owns everything that is mounted into it, and is root on the host after an escape.
\`user: root\` even overrides a \`USER\` that the image has been given with care.`,
    fix: 'Delete the key where the image has a user of its own, else name one: `user: "1000:1000"`, and give it the files it writes.',
    falsePositives: `Silent for images that start as root and change the user themselves, for one-shot jobs and commands that change
owners, for agents that read the host, and
where the service's Dockerfile ends with another user: \`compose/user-overrides-image\` says so.`,
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
      name: 'a Dockerfile with a user of its own has another finding',
      files: {
        'compose.yaml': 'services:\n  a:\n    build: .\n    user: root\n',
        Dockerfile: 'FROM alpine:3.22\nUSER nobody\nCMD ["app"]\n',
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
    const pick = (service: ComposeService) => {
      const found = rootEntryOf(document, context, service);
      // A `USER` that is overridden is a finding of its own.
      return found && !found.overrides ? [found] : [];
    };
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

function fixesFor(document: Document<'compose'>, { entry, image }: RootEntry): readonly (Fix | undefined)[] {
  const value = entry.value?.type === 'scalar' ? entry.value.node : undefined;
  const risk = 'Files and volumes that the service writes must belong to that user.';
  if (image.state === 'non-root') return [deleteUser(document.text, entry)];
  if (!value || value.style === 'literal' || value.style === 'folded') return [];
  const edit =
    value.style === 'plain' ? { span: value.span, text: '"1000:1000"' } : setScalar(value, '1000:1000');
  return [fixOf(edit, { title: 'Set user to 1000:1000', safety: 'review', risk })];
}
