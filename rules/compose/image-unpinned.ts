import { contentSpan } from '../../syntaxes/compose/environment.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, withSharers } from './shared/origin.ts';
import { isMovingTag, type PulledImage, pulledImages } from './shared/pulled-images.ts';

export const rule = defineRule({
  id: 'compose/image-unpinned',
  title: 'Image has no fixed version',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `\`latest\`, or no tag at all, is another image tomorrow: a pull brings a new major version, or a compromised one, without a
change in the repository, and nobody can say what ran last week.`,
    fix: 'Name a version, `redis:8.0.2`, and let Renovate or Dependabot raise it. A digest (`@sha256:…`) fixes the very content.',
    falsePositives:
      'Silent where the service is built here (`image` then names the result), where another service of the file builds that image, and where the tag is a variable.',
    cwe: [1357],
    controls: ['CIS Docker 1.6.0 5.28'],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#image',
      'https://docs.docker.com/dhi/core-concepts/digests/',
    ],
  },
  bad: [
    {
      name: 'no tag, and tags that move',
      files: {
        'compose.yaml': `services:
  a:
    image: «redis»
  b:
    image: "«ghcr.io/acme/b:latest»"
  c:
    image: «registry.example.com:5000/acme/c»
  d:
    image: «acme/d:\${TAG:-latest}»
  e:
    image: «\${REGISTRY}/acme/e:latest»
  f:
    image: «\${REGISTRY}/acme/f»
`,
      },
      fixed: `services:
  a:
    image: redis:\${REDIS_TAG:?set REDIS_TAG}
  b:
    image: "ghcr.io/acme/b:latest"
  c:
    image: registry.example.com:5000/acme/c
  d:
    image: acme/d:\${TAG:-latest}
  e:
    image: \${REGISTRY}/acme/e:latest
  f:
    image: \${REGISTRY}/acme/f
`,
    },
    {
      name: 'flow style needs quotes',
      files: { 'compose.yaml': `services:\n  d: { image: «nginx:latest», restart: always }\n` },
      fixed: `services:\n  d: { image: "nginx:\${NGINX_TAG:?set NGINX_TAG}", restart: always }\n`,
    },
    {
      name: 'a default becomes required',
      files: { 'compose.yaml': `services:\n  d:\n    image: «acme/d:\${D_TAG:-latest}»\n` },
      fixed: `services:\n  d:\n    image: acme/d:\${D_TAG:?set D_TAG}\n`,
    },
  ],
  good: [
    {
      name: 'a version, a digest, a variable',
      files: {
        'compose.yaml': `services:
  a:
    image: redis:8.0.2
  b:
    image: redis:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  c:
    image: acme/c:\${TAG}
  d:
    image: \${IMAGE}
  e:
    image: acme/e\${SUFFIX}
  f:
    image: "acme/f:\${TAG:-1.2}"
  g:
    image: nginx:stable-alpine3.21
`,
      },
    },
    {
      name: 'the image is built here',
      files: {
        'compose.yaml': `services:
  web:
    build: .
    image: acme/web:latest
  worker:
    image: acme/web:latest
    command: work
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of pulledImages(document.tree)) {
      const { reference, scalar } = subject;
      const { tag, digest, name } = reference;
      if (digest !== undefined || (tag !== undefined && !isMovingTag(tag))) continue;
      const what = tag === undefined ? 'has no tag' : `has the moving tag \`${tag}\``;
      context.report({
        span: contentSpan(scalar, document.text),
        message: withSharers(`Image \`${name}\` ${what}: the next pull may bring another version`, sharers),
        place: `services.${service.name}.image`,
        fixes: () => [atOrigin(fixFor(document.text, subject), sharers)],
      });
    }
  },
});

function fixFor(text: string, { scalar, entry, reference }: PulledImage): Fix | undefined {
  if (scalar.style === 'literal' || scalar.style === 'folded') return undefined;
  const span = contentSpan(scalar, text);
  const written = text.slice(span.start, span.end);
  const own = /:\$\{([A-Za-z_]\w*):?-[^{}]*\}$/.exec(written);
  // In front of the last `/` variables do no harm.
  if (!own && written.slice(written.lastIndexOf('/') + 1).includes('$')) return undefined;
  const last = reference.name.slice(reference.name.lastIndexOf('/') + 1);
  const name = own?.[1] ?? `${last.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_TAG`;
  if (!/^[A-Z_]\w*$/i.test(name)) return undefined;
  const start = own
    ? span.start + own.index
    : reference.tag === undefined
      ? span.end
      : span.end - reference.tag.length - 1;
  const tag = `:\${${name}:?set ${name}}`;
  // A plain scalar in flow style cannot hold braces.
  const edit =
    scalar.style === 'plain' && entry?.map.flow
      ? { span, text: `"${text.slice(span.start, start)}${tag}"` }
      : { span: { start, end: span.end }, text: tag };
  return fixOf(edit, {
    title: `Take the tag from \${${name}}`,
    safety: 'review',
    risk: `Compose does not start until \`${name}\` is set to a version, in .env or the shell.`,
  });
}
