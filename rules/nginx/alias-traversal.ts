import { allDirectives, type NginxDirective, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { replaceWord } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/alias-traversal',
  title: 'alias lets requests climb out of its folder',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: "nginx puts the folder of `alias` in the place of the location's prefix. With `location /static` and `alias /srv/static/`, a request for `/static../secrets.env` becomes `/srv/static/../secrets.env`: everything beside the folder can be fetched.",
    fix: 'End the location with a slash as well. `/static` itself, without a slash, then no longer matches.',
    falsePositives:
      'Exact (`=`) and regular expression locations do not have this hole, nor an `alias` that ends without a slash.',
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
      name: 'before regular expressions, in quotes',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location ^~ «"/media"» { alias "/srv/media/"; }\n}\n',
      },
      fixed: 'server {\n    listen 80;\n    location ^~ "/media/" { alias "/srv/media/"; }\n}\n',
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
      const prefix = location.name === 'location' ? prefixOf(location) : undefined;
      if (!prefix || prefix.opaque || prefix.value.endsWith('/') || !aliasesFolder(location)) continue;
      const shown = prefix.value.slice(0, 40);
      context.report({
        span: prefix.span,
        message: `A request for \`${shown}../\` climbs out of the folder of \`alias\`, so files beside it can be fetched.`,
        place: `${placeOf(location)}.alias`,
        fixes: () => [
          {
            title: 'End the location with a slash',
            safety: 'review',
            risk: `Requests for \`${shown}\` itself, without a slash, no longer come here.`,
            edits: [replaceWord(prefix, `${prefix.value}/`)],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

/** The path of `location /a` and `location ^~ /a`. */
function prefixOf({ args }: NginxDirective): NginxWord | undefined {
  const path = args.length === 2 && args[0]?.value === '^~' ? args[1] : args[0];
  return path?.value.startsWith('/') && (args.length === 1 || path === args[1]) ? path : undefined;
}

function aliasesFolder({ block }: NginxDirective): boolean {
  const own = block?.directives ?? [];
  if (own.some(({ name, args }) => name === 'internal' || (name === 'return' && args.length > 0)))
    return false;
  return own.some(({ name, args }) => name === 'alias' && args[0]?.value.endsWith('/'));
}
