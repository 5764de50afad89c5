import { contentSpan } from '../../syntaxes/compose/environment.ts';
import { isAllowed, REGISTRY_OPTIONS } from '../core/registries.ts';
import { defineRule } from '../core/rule.ts';
import { withSharers } from './shared/origin.ts';
import { pulledImages } from './shared/pulled-images.ts';

export const rule = defineRule({
  id: 'compose/image-registry',
  title: 'Image comes from a registry that is not allowed',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /image/,
  options: REGISTRY_OPTIONS,
  docs: {
    why: `Everybody can push to a public registry, under names that look like those of well-known projects. Where a team has agreed on
registries that it trusts, or on a mirror that scans what it hands out, an image from elsewhere goes past that.`,
    fix: 'Push the image to a registry that is allowed, or add its registry to the option `allowed`.',
    falsePositives: `Silent until the option \`allowed\` names a registry (\`ghcr.io\`), a folder in one (\`ghcr.io/acme\`) or a domain
(\`*.example.com\`); Docker Hub is \`docker.io\`, its official images are \`docker.io/library\`. Silent for images that are built here, and
where a variable hides the registry.`,
    cwe: [1357],
    references: ['https://docs.docker.com/reference/compose-file/services/#image'],
  },
  bad: [
    {
      name: 'a list with a registry, a folder and a domain',
      files: {
        'compose.yaml': `services:
  a:
    image: «nginx:1.30»
  b:
    image: "«ghcr.io/other/app:1»"
  c:
    image: ghcr.io/acme/app:1
  d: { image: «evil-example.com/app:1» }
  e:
    image: mirror.example.com:5000/nginx:1.30
`,
        '.hardlint.yaml': `rules:
  compose/image-registry: [on, { allowed: [ghcr.io/acme, "*.example.com", "mirror.example.com:5000"] }]
`,
      },
    },
    {
      name: 'only the official images of Docker Hub',
      files: {
        'compose.yaml': `services:
  a:
    image: nginx:1.30
  b:
    image: «grafana/grafana:13.1.0»
  c:
    image: «localhost:5000/nginx:1.30»
`,
        '.hardlint.yaml': `rules:
  compose/image-registry: [on, { allowed: [docker.io/library/] }]
`,
      },
    },
  ],
  good: [
    {
      name: 'no list',
      files: { 'compose.yaml': `services:\n  a:\n    image: unknown.example.org/a:1\n` },
    },
    {
      name: 'other spellings of Docker Hub, a variable, an image that is built here',
      files: {
        'compose.yaml': `services:
  a: { image: index.docker.io/library/nginx:1.30 }
  b: { image: "\${REGISTRY}/acme/b:1" }
  c:
    build: .
    image: registry.example.org/c:1
  d: { image: "\${REGISTRY:-docker.io}/acme/d:1" }
`,
        '.hardlint.yaml': `rules:
  compose/image-registry: [on, { allowed: [docker.io] }]
`,
      },
    },
  ],
  check(document, context) {
    if (context.options.allowed.length === 0) return;
    for (const { service, subject, sharers } of pulledImages(document.tree)) {
      const { reference, scalar, isBehindVariable } = subject;
      if (isBehindVariable || isAllowed(reference, context.options.allowed)) continue;
      context.report({
        span: contentSpan(scalar, document.text),
        message: withSharers(
          `\`${service.name}\` takes its image from \`${reference.registry.slice(0, 60)}\`, a place that is not allowed`,
          sharers,
        ),
        place: `services.${service.name}.image`,
      });
    }
  },
});
