import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isCopy, withCopies } from './shared/copies.ts';
import { replaceWord } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/referrer-policy-unsafe',
  title: 'Referrer-Policy tells every site the whole address',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /referrer-policy/i,
  docs: {
    why: 'With `unsafe-url` the browser sends the whole address of a page, with the tokens and search words in it, to every site that it links to or loads something from, also over plain HTTP. Without the header browsers send only the host.',
    fix: 'Set it to `strict-origin-when-cross-origin`: the own site still sees whole addresses, others only the host.',
    falsePositives: 'A list of policies counts by the last one, which is what browsers that know it use.',
    cwe: [200],
    references: ['https://www.w3.org/TR/referrer-policy/#referrer-policy-unsafe-url'],
  },
  bad: [
    {
      name: 'in a snippet',
      files: { 'nginx/snippets/headers.conf': 'add_header Referrer-Policy «"unsafe-url"» always;\n' },
      fixed: 'add_header Referrer-Policy "strict-origin-when-cross-origin" always;\n',
    },
    {
      name: 'without quotes, and again in a location',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    add_header referrer-policy «unsafe-url»;
    location /a/ { add_header referrer-policy unsafe-url; add_header X-A 1; root /srv; }
}
`,
      },
      fixed: `server {
    listen 80;
    add_header referrer-policy strict-origin-when-cross-origin;
    location /a/ { add_header referrer-policy strict-origin-when-cross-origin; add_header X-A 1; root /srv; }
}
`,
    },
  ],
  good: [
    {
      name: 'other policies, and lists that end in another one',
      files: {
        'nginx/snippets/headers.conf': `add_header Referrer-Policy "no-referrer-when-downgrade" always;
add_header Referrer-Policy "unsafe-url, no-referrer";
add_header Referrer-Policy $policy;
add_header X-Referrer-Policy unsafe-url;
`,
      },
    },
    {
      name: 'sent to the upstream, which is something else',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location / { proxy_set_header Referrer-Policy unsafe-url; proxy_pass http://app; }\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [header, value] = directive.args;
      if (directive.name !== 'add_header' || header?.value.toLowerCase() !== 'referrer-policy') continue;
      if (!value || value.opaque || !/(?:^|,)\s*unsafe-url\s*$/i.test(value.value) || isCopy(directive))
        continue;
      context.report({
        span: value.span,
        message:
          '`unsafe-url` sends the whole address of each page, tokens included, to every site that it links to.',
        place: `${placeOf(directive)}[Referrer-Policy]`,
        fixes: () => [
          {
            title: 'Set Referrer-Policy to strict-origin-when-cross-origin',
            safety: 'review',
            risk: 'Other sites that rely on whole addresses, for statistics, see only the host.',
            edits: withCopies(directive).flatMap(({ args: [, word] }) =>
              word ? [replaceWord(word, 'strict-origin-when-cross-origin')] : [],
            ),
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});
