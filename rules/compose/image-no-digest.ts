import { contentSpan } from '../../syntaxes/compose/environment.ts';
import { defineRule } from '../core/rule.ts';
import { isKeptUpToDate } from '../core/update-bots.ts';
import { withSharers } from './shared/origin.ts';
import { isMovingTag, pulledImages } from './shared/pulled-images.ts';

export const rule = defineRule({
  id: 'compose/image-no-digest',
  title: 'Image has a tag but no digest',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'medium',
  profile: 'strict',
  since: '0.1.0',
  mentions: /image/,
  dev: 'off',
  docs: {
    why: `A tag can be moved: whoever may push to the repository, by right or not, can give the same version another content. A digest
names the content itself, so what was tested is what runs.`,
    fix: `Put the digest behind the tag, \`redis:8.0.2@sha256:…\`; \`docker buildx imagetools inspect redis:8.0.2\` tells it. Let Renovate
or Dependabot raise both, or known holes stay.`,
    falsePositives: `Only in the strict profile. Silent where Renovate or Dependabot is configured, for images that are built here, for
images without a fixed tag (\`compose/image-unpinned\`), and where a variable hides the tag.`,
    cwe: [1357],
    controls: ['OWASP Docker Security Cheat Sheet, rule 13'],
    references: [
      'https://docs.docker.com/dhi/core-concepts/digests/',
      'https://docs.docker.com/reference/compose-file/services/#image',
    ],
  },
  bad: [
    {
      name: 'tags, with and without a registry',
      files: {
        'compose.yaml': `services:
  a:
    image: «redis:8.0.2»
  b: { image: "«ghcr.io/acme/b:1.4»" }
  c:
    image: '«registry.example.com:5000/c:\${TAG:-2.0}»'
`,
      },
    },
    {
      name: 'shared by an anchor',
      files: {
        'compose.yaml': `x-app: &app
  image: «acme/app:1»
services:
  web: { <<: *app }
  worker: { <<: *app }
`,
      },
    },
  ],
  good: [
    {
      name: 'a digest, no tag, a variable, an image that is built here',
      files: {
        'compose.yaml': `services:
  a: { image: "redis:8.0.2@sha256:${'0'.repeat(64)}" }
  b: { image: redis }
  c: { image: "redis:\${TAG}" }
  d:
    build: .
    image: acme/d:1
  e: { image: "redis:8@\${DIGEST}" }
  f: { image: "redis:latest" }
`,
      },
    },
    {
      name: 'Renovate raises versions',
      files: {
        'deploy/compose.yaml': `services:\n  a:\n    image: redis:8.0.2\n`,
        'renovate.json': `{}\n`,
      },
    },
    {
      name: 'Dependabot raises versions',
      files: {
        'compose.yaml': `services:\n  a:\n    image: redis:8.0.2\n`,
        '.github/dependabot.yml': `version: 2\n`,
      },
    },
  ],
  check(document, context) {
    if (isKeptUpToDate(document.uri, context)) return;
    for (const { service, subject, sharers } of pulledImages(document.tree)) {
      const { tag, digest } = subject.reference;
      if (tag === undefined || digest !== undefined || isMovingTag(tag)) continue;
      context.report({
        span: contentSpan(subject.scalar, document.text),
        message: withSharers(
          `The image of \`${service.name}\` has no digest: its tag can be moved to another content`,
          sharers,
        ),
        place: `services.${service.name}.image`,
      });
    }
  },
});
