import { allDirectives, type NginxDirective, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/regex-unquoted-brace',
  title: 'Brace in a regular expression without quotes ends the word',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: 'nginx ends a word without quotes at `{` and takes what follows for a block. With `location ~ ^/\\d{4}$` it does not start, and says something about another line.',
    fix: 'Put the expression into quotes.',
    references: ['https://nginx.org/en/docs/http/server_names.html#regex_names'],
  },
  bad: [
    {
      name: 'a year in a location',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location ~ «^/archive/\\d{4}/(\\w+)$» {
        root /srv;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location ~ "^/archive/\\d{4}/(\\w+)$" {
        root /srv;
    }
}
`,
    },
    {
      name: 'in a rewrite and in a condition; a quote in the expression',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    rewrite «^/a"{1,2}/b$» /c last;
    if ($http_user_agent ~ «^x{3,}») {
        return 403;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    rewrite "^/a\\"{1,2}/b$" /c last;
    if ($http_user_agent ~ ^x{3,}) {
        return 403;
    }
}
`,
    },
    {
      name: 'an entry of a map',
      files: {
        'nginx/conf.d/map.conf': 'map $uri $new {\n    «~^/\\d{4}/» /y;\n    default "";\n}\n',
      },
      fixed: 'map $uri $new {\n    "~^/\\d{4}/" /y;\n    default "";\n}\n',
    },
  ],
  good: [
    {
      name: 'a regex without a quantifier, and a quantifier in a map',
      files: {
        'nginx/conf.d/app.conf': `map $uri $kind {
    default other;
    "~^/v\\d{1,2}/" api;
}
server {
    listen 80;
    location ~ ^/v\\d+/ { root /srv; }
}
`,
      },
    },
    {
      name: 'in quotes, variables in braces, and blocks right behind a word',
      files: {
        'nginx/conf.d/app.conf': `server{
    listen 80;
    server_name "~^(?<y>\\d{4})\\.example\\.com$";
    location ~ '^/\\d{4}$'{ root /srv; }
    location /x{ return 200 "\${uri}{2}"; }
    set $a \${uri}b;
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      for (const word of wordsOf(directive, document.text)) {
        if (word.quote || word.opaque || !/(?:^|[^\\$])\{\d+(?:,\d*)?\}/.test(word.value)) continue;
        const bracket = closesCondition(directive, word);
        const span = bracket ? { start: word.span.start, end: word.span.end - 1 } : word.span;
        context.report({
          span,
          message:
            'nginx ends a word without quotes at `{`, so it does not start; put the expression into quotes.',
          place: `${placeOf(directive)}[${word.value.slice(0, 80)}]`,
          fixes: () => [
            {
              title: 'Put the expression into quotes',
              safety: 'safe',
              edits: [{ span, text: quoted(document.text.slice(span.start, span.end)) }],
              verify: 'nginx -t',
            },
          ],
        });
      }
    }
  },
});

/** The arguments; in `map` and its like the key as well. */
function wordsOf(directive: NginxDirective, text: string): readonly NginxWord[] {
  const { name, nameSpan, args, parent } = directive;
  if (!/^(?:map|split_clients)$/.test(parent.owner?.name ?? '') || !name.startsWith('~')) return args;
  const first = text[nameSpan.start];
  const quote = first === '"' || first === "'" ? first : undefined;
  return [{ value: name, span: nameSpan, quote, opaque: directive.opaque }, ...args];
}

/** The last word of `if (… ~ x)` holds the bracket. */
function closesCondition(directive: NginxDirective, word: NginxWord): boolean {
  return directive.name === 'if' && word === directive.args.at(-1) && word.value.endsWith(')');
}

function quoted(raw: string): string {
  return `"${raw.replaceAll('"', '\\"')}"`;
}
