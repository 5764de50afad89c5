import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isCopy, withCopies } from './shared/copies.ts';
import { replaceWord } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/x-xss-protection',
  title: 'X-XSS-Protection switches on a filter that does harm',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  mentions: /x-xss-protection/i,
  docs: {
    why: 'The filter that this header once switched on is gone from every browser in use; in the old ones that still have it, `mode=block` can be turned against the page to read parts of it. Older guides still ask for the header.',
    fix: 'Set it to `0`, and protect against injected scripts with a content security policy. The line is not removed, since a block without any `add_header` inherits others.',
    cwe: [693],
    references: [
      'https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html#x-xss-protection',
      'https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-XSS-Protection',
    ],
  },
  bad: [
    {
      name: 'the value of old guides',
      files: { 'nginx/snippets/headers.conf': 'add_header X-XSS-Protection «"1; mode=block"» always;\n' },
      fixed: 'add_header X-XSS-Protection "0" always;\n',
    },
    {
      name: 'without quotes, in a location',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n\tlisten 80;\n\tlocation / {\n\t\tadd_header x-xss-protection «1»;\n\t\troot /srv;\n\t}\n}\n',
      },
      fixed:
        'server {\n\tlisten 80;\n\tlocation / {\n\t\tadd_header x-xss-protection 0;\n\t\troot /srv;\n\t}\n}\n',
    },
  ],
  good: [
    {
      name: 'switched off with always, and hidden from the application',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    add_header X-XSS-Protection 0 always;
    location / {
        proxy_hide_header X-XSS-Protection;
        proxy_pass http://app:8080;
    }
}
`,
      },
    },
    {
      name: 'off, emptied, or decided elsewhere',
      files: {
        'nginx/snippets/headers.conf': `add_header X-XSS-Protection "0" always;
add_header X-XSS-Protection '0; mode=block';
add_header X-XSS-Protection "";
add_header X-XSS-Protection $xss;
add_header X-Content-Type-Options "1; mode=block";
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [header, value] = directive.args;
      if (directive.name !== 'add_header' || header?.value.toLowerCase() !== 'x-xss-protection') continue;
      if (!value || value.opaque || !/^\s*1/.test(value.value) || isCopy(directive)) continue;
      context.report({
        span: value.span,
        message:
          'The filter that X-XSS-Protection switches on is gone from current browsers and does harm in old ones.',
        place: `${placeOf(directive)}[X-XSS-Protection]`,
        fixes: () => [
          {
            title: 'Set X-XSS-Protection to 0',
            safety: 'safe',
            edits: withCopies(directive).flatMap(({ args: [, word] }) =>
              word ? [replaceWord(word, '0')] : [],
            ),
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});
