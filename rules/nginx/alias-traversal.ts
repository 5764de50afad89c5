import { allDirectives, type NginxBlock, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Edit } from '../core/rule.ts';
import { isPrefix, isRegex, type LocationMatch, locationOf } from './shared/conditions.ts';
import { replaceWord } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';
import { groupTakes, parseRegex, type RegexGroup } from './shared/regex.ts';

export const rule = defineRule({
  id: 'nginx/alias-traversal',
  title: 'alias lets requests climb out of its folder',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\balias\b/,
  docs: {
    why: "nginx puts the folder of `alias` in the place of the location's prefix. With `location /static` and `alias /srv/static/`, a request for `/static../secrets.env` becomes `/srv/static/../secrets.env`: everything beside the folder can be fetched.",
    fix: 'End the location with a slash as well. `/static` itself, without a slash, then no longer matches.',
    falsePositives:
      'Exact (`=`) locations do not have this hole, nor an `alias` that ends without a slash, nor expressions unless a group that takes `../` stands right behind the path (`^/img(.*)$` with `alias /srv/images/$1`).',
    cwe: [22],
    references: ['https://nginx.org/en/docs/http/ngx_http_core_module.html#alias'],
  },
  bad: [
    {
      name: 'static files of an application',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location «/static» {
        alias /srv/app/static/;
        expires 1y;
    }
    location / { proxy_pass http://app; }
}
`,
      },
      fixed: `server {
    listen 80;
    location /static/ {
        alias /srv/app/static/;
        expires 1y;
    }
    location / { proxy_pass http://app; }
}
`,
    },
    {
      name: 'a group of an expression, by number and by name',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location ~ «^/img(.*)$» { alias /srv/images/$1; }
    location ~* «"^/docs(?<path>.+\\.pdf)$"» { alias /srv/docs/$path; }
    location /app/ {
        location /app/media { proxy_set_header X-A b; }
        location «/app/files» { alias /srv/files/; }
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location ~ ^/img/(.*)$ { alias /srv/images/$1; }
    location ~* "^/docs(?<path>.+\\.pdf)$" { alias /srv/docs/$path; }
    location /app/ {
        location /app/media { proxy_set_header X-A b; }
        location /app/files { alias /srv/files/; }
    }
}
`,
    },
    {
      name: 'before regular expressions, in quotes',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location ^~ «"/media"» { alias "/srv/media/"; }\n}\n',
      },
      fixed: 'server {\n    listen 80;\n    location ^~ "/media/" { alias "/srv/media/"; }\n}\n',
    },
    {
      name: 'both spellings are there already',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location «/media» { alias /srv/media/; }
    location /media/ { alias /srv/media/; expires 1d; }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'slashes at both ends, at none, or only at the location',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /a/ { alias /srv/a/; }
    location /b { alias /srv/b; }
    location /c/ { alias /srv/c; }
    location / { alias /srv/; }
}
`,
      },
    },
    {
      name: 'exact, regular and named locations, and root',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location = /robots { alias /srv/robots/; }
    location ~ ^/u/(\\w+)$ { alias /home/$1/; }
    location ~ ^/v/(.*)$ { alias /srv/v/$1; }
    location ~ ^/w(/.*)$ { alias /srv/w/$1; }
    location ~ ^/x([a-z]+)$ { alias /srv/x/$1; }
    location ~ ^/y(.*)$ { alias /srv/y$1; }
    location ~ ^/z { alias /srv/z/; }
    location /static { root /srv/; }
}
`,
      },
    },
    {
      name: 'a location that only inside requests reach',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location /protected { internal; alias /srv/protected/; }\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const location of allDirectives(document.tree.root)) {
      const match = locationOf(location);
      if (!match || match.word.opaque || !servesFiles(location)) continue;
      const hole = isPrefix(match)
        ? prefixHole(location, match)
        : isRegex(match)
          ? groupHole(location, match)
          : undefined;
      if (!hole) continue;
      const shown = hole.path.slice(0, 40);
      context.report({
        span: match.word.span,
        message: `A request for \`${shown}../\` climbs out of the folder of \`alias\`, so files beside it can be fetched.`,
        place: `${placeOf(location)}.alias`,
        fixes: () => [
          isPrefix(match) && hasLocation(location.parent, `${match.path}/`)
            ? undefined
            : {
                title: isPrefix(match) ? 'End the location with a slash' : 'Put a slash before the group',
                safety: 'review',
                risk: `Requests for \`${shown}\` itself, without a slash, no longer come here.`,
                edits: [hole.edit(document.text)],
                verify: 'nginx -t',
              },
        ],
      });
    }
  },
});

interface Hole {
  /** What a request starts with to get through it. */
  readonly path: string;
  edit(text: string): Edit;
}

/** Whether a block has a location for this prefix already: nginx does not start with two. */
function hasLocation({ directives }: NginxBlock, path: string): boolean {
  return directives.some((directive) => {
    const match = locationOf(directive);
    return match !== undefined && isPrefix(match) && match.path === path;
  });
}

/** A prefix without a slash at its end, and a folder with one. */
function prefixHole({ block }: NginxDirective, { path, word }: LocationMatch): Hole | undefined {
  if (!path.startsWith('/') || path.endsWith('/')) return undefined;
  const aliases = block?.directives.some(
    ({ name, args }) => name === 'alias' && args[0]?.value.endsWith('/'),
  );
  return aliases ? { path, edit: () => replaceWord(word, `${word.value}/`) } : undefined;
}

/** A group that may start with `../` right behind the fixed path, and stands behind a slash of the alias. */
function groupHole({ block }: NginxDirective, { path, word }: LocationMatch): Hole | undefined {
  const fixed = /^\^(\/[\w./-]*[\w.-])(?=\()/.exec(path)?.[1];
  const key = block?.directives
    .filter(({ name }) => name === 'alias')
    .map(({ args }) => /\/\$\{?(\w+)\}?/.exec(args[0]?.value ?? '')?.[1])
    .find((name) => name !== undefined);
  const first = fixed === undefined || key === undefined ? undefined : parseRegex(path)?.groups[0];
  if (!first || fixed === undefined || (first.name !== key && String(first.index) !== key)) return undefined;
  if (!mayStartWithDots(first)) return undefined;
  const edit = (text: string): Edit => {
    const at = text.indexOf(`${fixed}(`, word.span.start) + fixed.length;
    return { span: { start: at, end: at }, text: '/' };
  };
  return { path: fixed, edit };
}

/** Whether a group takes `../` at its start: its first item takes dots, as often as it likes. */
function mayStartWithDots(group: RegexGroup): boolean {
  return groupTakes(group, '/') && group.body.some(([item]) => item?.takes('.') && item.max > 1);
}

function servesFiles({ block }: NginxDirective): boolean {
  const own = block?.directives ?? [];
  return !own.some(
    ({ name, args }) =>
      name === 'internal' || name.endsWith('_pass') || (name === 'return' && args.length > 0),
  );
}
