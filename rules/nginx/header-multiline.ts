import { allDirectives, type NginxDirective, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/header-multiline',
  title: 'Value of a header has line breaks',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /add_header|add_trailer|set_header|more_set/,
  docs: {
    why: 'nginx sends the value as it is written. A line break in a header is no longer allowed: some clients and proxies refuse the answer, others read what follows as a header of its own.',
    fix: 'Write the value on one line, or put it together from variables that are set line by line.',
    cwe: [113],
    references: ['https://www.rfc-editor.org/rfc/rfc9112#section-5.2'],
  },
  bad: [
    {
      name: 'a policy over several lines',
      files: {
        'nginx/snippets/headers.conf': `add_header Content-Security-Policy «"default-src 'self';
    script-src 'self';
    object-src 'none'"» always;
`,
      },
      fixed: `add_header Content-Security-Policy "default-src 'self'; script-src 'self'; object-src 'none'" always;
`,
    },
    {
      name: 'to the upstream, with an escape',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location / { proxy_set_header X-A «"a\\n b"»; proxy_pass http://app; }\n}\n',
      },
      fixed:
        'server {\n    listen 80;\n    location / { proxy_set_header X-A "a b"; proxy_pass http://app; }\n}\n',
    },
  ],
  good: [
    {
      name: 'a directive over several lines, a value on one; a body',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    add_header Content-Security-Policy
        "default-src 'self'" always;
    return 200 "a
b";
}
`,
      },
    },
    {
      name: 'headers-more takes several of them',
      files: {
        'nginx/snippets/headers.conf': 'more_set_headers "X-A: 1"\n    "X-B: 2";\nadd_header X-C 1;\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      if (!/^(?:add_header|add_trailer|more_set_headers|(?:proxy|grpc)_set_header)$/.test(directive.name))
        continue;
      for (const word of directive.args) {
        if (!word.quote || !/[\r\n]/.test(word.value)) continue;
        context.report({
          span: word.span,
          message:
            'This header goes out with line breaks in it, which clients refuse or read as other headers.',
          place: placeOfWord(directive, word),
          fixes: () => [
            document.tree.template
              ? undefined
              : {
                  title: 'Write the value on one line',
                  safety: 'safe',
                  edits: [
                    { span: word.span, text: onOneLine(document.text.slice(word.span.start, word.span.end)) },
                  ],
                  verify: 'nginx -t',
                },
          ],
        });
      }
    }
  },
});

function placeOfWord(directive: NginxDirective, word: NginxWord): string {
  const header = directive.args[0] === word ? word.value.slice(0, 30) : (directive.args[0]?.value ?? '');
  return `${placeOf(directive)}[${header}]`;
}

function onOneLine(raw: string): string {
  return raw
    .split(/\r?\n|\\[rn]/)
    .map((line, index) => (index === 0 ? line.trimEnd() : line.trim()))
    .filter((line) => line !== '')
    .join(' ');
}
