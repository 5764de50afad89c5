import { allDirectives, ancestorsOf, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';
import { groupOf, parseRegex } from './shared/regex.ts';
import { partsOf } from './shared/values.ts';
import { matchedBefore } from './shared/variables.ts';

export const rule = defineRule({
  id: 'nginx/invalid-capture-reference',
  title: 'Reference to a group that the expression does not have',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /\$\{?[1-9]/,
  docs: {
    why: 'A number without a group is empty, and nginx says nothing. A redirect then leads to another page, an upstream gets another path, a file is looked for in the folder above.',
    fix: 'Add the brackets, or correct the number. `(?:…)` is no group to refer to.',
    falsePositives:
      'Silent where no expression stands around, where one of them cannot be read, and where the name of the server may bring the group.',
    cwe: [1025],
    references: ['https://nginx.org/en/docs/http/ngx_http_rewrite_module.html'],
  },
  bad: [
    {
      name: 'a rewrite, and a location whose group captures nothing',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    rewrite ^/old/.*$ «/new/$1» last;
    location ~ ^/(?:a|b)/(.*)$ {
        proxy_pass «http://app/$1/$2»;
    }
}
`,
      },
    },
    {
      name: 'a condition',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    if ($http_cookie ~ "id=([^;]+)") { set $id «$2»; }
}
`,
      },
    },
    {
      name: 'an entry of a map',
      files: {
        'nginx/conf.d/map.conf': `map $uri $moved {
    ~^/old/(.+)$ /new/$1;
    ~^/older/ «/new/$1»;
    "~*^/oldest/(?<rest>.+)$" /new/$1;
    /exact $1;
}
`,
      },
    },
  ],
  good: [
    {
      name: 'groups that are there, by number and by name',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    rewrite ^/old/(.*)$ /new/$1 last;
    rewrite "^/(?<y>\\d{4})/(\\d+)$" /y/$1/$2 last;
    location ~ ^/u/(\\w+)$ { alias /home/$1/www; }
    location ~ ^/v/(\\w+)$ { if ($arg_a ~ (x)(y)) { return 301 /$2; } proxy_pass http://app/$1; }
}
`,
      },
    },
    {
      name: 'of the name of the server, of another file, and no numbers',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    server_name ~^(\\w+)\\.(\\w+)\\.example\\.com$;
    location ~ ^/a$ { root /srv/$1/$2; }
    location /b { root /srv/$1; }
    location ~ ^/c$ { return 200 "costs $ 5"; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const word = directive.args.find(({ value }) => /\$\{?[1-9]/.test(value));
      if (!word || word.opaque || directive.block) continue;
      const missing = partsOf(word.value).find(
        ({ variable }) =>
          variable !== undefined && /^[1-9]$/.test(variable) && isMissing(directive, variable),
      );
      if (!missing) continue;
      context.report({
        span: word.span,
        message: `\`${missing.text}\` is empty, since the expression has no such group.`,
        place: `${placeOf(directive)}[${directive.args
          .map(({ value }) => value)
          .join(' ')
          .slice(0, 80)}]`,
      });
    }
  },
});

function isMissing(directive: NginxDirective, variable: string): boolean {
  if (directive.parent.owner?.name === 'map') return isMissingInMap(directive.name, variable);
  const matched = matchedBefore(directive);
  if (matched.length === 0 || (directive.name !== 'rewrite' && hasNameWithGroups(directive))) return false;
  return matched.every(({ source }) => {
    const regex = parseRegex(source);
    return regex !== undefined && !groupOf(regex, variable);
  });
}

/** The expression of an entry is the last to match, and takes the groups of all others away. */
function isMissingInMap(entry: string, variable: string): boolean {
  const regex = entry.startsWith('~') ? parseRegex(entry.replace(/^~\*?/, '')) : undefined;
  return regex !== undefined && !groupOf(regex, variable);
}

function hasNameWithGroups(directive: NginxDirective): boolean {
  const server = ancestorsOf(directive).find(({ name }) => name === 'server');
  return (
    server?.block?.directives.some(
      ({ name, args }) =>
        name === 'include' || (name === 'server_name' && args.some(({ value }) => value.startsWith('~'))),
    ) ?? true
  );
}
