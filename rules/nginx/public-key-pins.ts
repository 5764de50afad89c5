import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isCopy } from './shared/copies.ts';
import { placeOf } from './shared/place.ts';
import { removeHeader } from './shared/remove-header.ts';

export const rule = defineRule({
  id: 'nginx/public-key-pins',
  title: 'Pinned keys can shut visitors out',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /public-key-pins/i,
  docs: {
    why: '`Public-Key-Pins` tells browsers to refuse every other key for months. Once the key is lost or the authority changes, nobody who was there before gets in, and nothing on the server can undo it. Current browsers have dropped the header, old ones still obey.',
    fix: 'Remove it. `CAA` records and the logs of certificates do its work.',
    falsePositives: 'A `max-age=0`, which takes pins back, is left alone.',
    cwe: [693],
    references: ['https://owasp.org/www-project-secure-headers/', 'https://www.rfc-editor.org/rfc/rfc7469'],
  },
  bad: [
    {
      name: 'two pins',
      files: {
        'nginx/snippets/headers.conf': `add_header X-Frame-Options DENY always;
«add_header Public-Key-Pins» 'pin-sha256="a="; pin-sha256="b="; max-age=5184000';
`,
      },
      fixed: 'add_header X-Frame-Options DENY always;\n',
    },
    {
      name: 'the only header of its block: removing it would let others in',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 443 ssl;\n    «add_header public-key-pins-report-only» \'pin-sha256="a="; max-age=60\';\n    root /srv;\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'taken back, or emptied',
      files: {
        'nginx/snippets/headers.conf':
          'add_header Public-Key-Pins "max-age=0";\nadd_header Public-Key-Pins "";\n',
      },
    },
    {
      name: 'a comment',
      files: { 'nginx/snippets/headers.conf': '# no Public-Key-Pins\nadd_header X-A 1;\n' },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [header, value] = directive.args;
      if (directive.name !== 'add_header' || !/^public-key-pins(?:-report-only)?$/i.test(header?.value ?? ''))
        continue;
      if (
        !header ||
        !value ||
        value.value === '' ||
        /max-age\s*=\s*"?0\b/.test(value.value) ||
        isCopy(directive)
      )
        continue;
      context.report({
        span: { start: directive.nameSpan.start, end: header.span.end },
        message:
          'Browsers that know pinned keys refuse every other one: a lost key shuts their users out for good.',
        place: `${placeOf(directive)}[${header.value}]`,
        fixes: () => {
          const edits = removeHeader(document, directive);
          return [edits && { title: `Remove ${header.value}`, safety: 'safe', edits, verify: 'nginx -t' }];
        },
      });
    }
  },
});
