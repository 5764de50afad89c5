import { mountsOf } from '../../syntaxes/compose/mounts.ts';
import { definedAs, secretSource, secretsOf } from '../../syntaxes/compose/secrets.ts';
import { flagOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { judgedServices, reportAbsence } from './shared/absence.ts';
import { addServiceKey, fixOf } from './shared/fixes.ts';

export const rule = defineRule({
  id: 'compose/writable-rootfs',
  title: 'Container can change its own programs',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  docs: {
    why: `In a writable root file system an attacker can replace programs and keep a foothold. With \`read_only: true\` only volumes and
tmpfs can be written.`,
    fix: `Add \`read_only: true\` and a \`tmpfs\` for what the image writes besides its volumes (\`/tmp\`, \`/run\`, caches). Try it: most
images need one or two more paths.`,
    falsePositives: `No fix is offered beside secrets or configs from \`environment:\` or \`content:\`, which Compose refuses in a read-only
service.`,
    cwe: [732],
    controls: ['CIS Docker 1.6.0 5.13', 'OWASP Docker Security Cheat Sheet, rule 8'],
    references: ['https://docs.docker.com/reference/compose-file/services/#read_only'],
  },
  bad: [
    {
      name: 'not read-only',
      files: {
        'compose.yaml': `services:\n  «api»:\n    image: ghcr.io/acme/api:1.4.2\n    command: serve\n`,
      },
      fixed: `services:\n  api:\n    image: ghcr.io/acme/api:1.4.2\n    read_only: true\n    tmpfs:\n      - /tmp\n    command: serve\n`,
    },
    {
      name: 'something is mounted on /tmp already',
      files: {
        'compose.yaml': `services:
  «api»:
    image: ghcr.io/acme/api:1.4.2
    volumes:
      - scratch:/tmp
volumes: { scratch: }
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    read_only: true
    volumes:
      - scratch:/tmp
volumes: { scratch: }
`,
    },
    {
      name: 'a config whose content stands in the file',
      files: {
        'compose.yaml': `services:
  «api»:
    image: ghcr.io/acme/api:1.4.2
    configs: [{ source: app, target: /app.conf }]
configs:
  app: { content: "a=b" }
`,
      },
    },
    {
      name: 'a secret from the environment, where Compose would refuse',
      files: {
        'compose.yaml': `services:
  «api»:
    image: ghcr.io/acme/api:1.4.2
    secrets: [api_key]
secrets:
  api_key:
    environment: API_KEY
`,
      },
    },
  ],
  good: [
    {
      name: 'read-only through an anchor, and a service that is not all in view',
      files: {
        'compose.yaml': `x-safe: &safe
  read_only: true
services:
  web:
    <<: *safe
    image: ghcr.io/acme/web:1
  app:
    image: ghcr.io/acme/app:1
    read_only: "true"
  tool:
    extends: {file: elsewhere.yaml, service: tool}
`,
      },
    },
    {
      name: 'read-only, or not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    read_only: true
  b:
    image: ghcr.io/acme/b:1
    read_only: \${READ_ONLY}
`,
      },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, ['read_only'])) {
      const given = service.effective.entries.has('read_only');
      if (given && flagOf(service, 'read_only') !== false) continue;
      reportAbsence(context, service, {
        item: 'read_only',
        message: `\`${service.name}\` has a writable root file system: an attacker can replace its programs.`,
        fixes: () => (given || hasCopiedFiles(document, service) ? [] : [fixFor(document, service)]),
      });
    }
  },
});

/** Secrets and configs that Compose copies into the container, which it refuses in a read-only service. */
function hasCopiedFiles(document: Document<'compose'>, service: ComposeService): boolean {
  const { tree } = document;
  if (
    secretsOf(service).some(({ name }) =>
      ['environment', 'content', 'unknown'].includes(secretSource(tree, name)),
    )
  )
    return true;
  return secretsOf(service, 'configs').some(({ name }) => !definedAs(tree.project.configs.get(name), 'file'));
}

function fixFor(document: Document<'compose'>, service: ComposeService): Fix | undefined {
  const readOnly = addServiceKey(document.text, service, { key: 'read_only', value: 'true' });
  // Docker refuses two mounts in one place.
  const isMounted = mountsOf(service).some(({ target }) => target === null || /^\/tmp\/?$/.test(target));
  const tmpfs =
    isMounted || service.effective.entries.has('tmpfs')
      ? []
      : [addServiceKey(document.text, service, { key: 'tmpfs', block: ['- /tmp'], flow: '[/tmp]' })];
  return fixOf([readOnly, ...tmpfs], {
    title: 'Make the root file system read-only',
    safety: 'review',
    risk: 'The service fails where it writes outside of its volumes and /tmp; most images need one or two more paths.',
  });
}
