import { allDirectives, type NginxBlock, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isPrefix, locationOf } from './shared/conditions.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/filesystem-root',
  title: 'The whole file system is served',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\b(?:root|alias)\b/,
  docs: {
    why: 'With `/` as its folder nginx gives out every file that its workers may read: `/etc/passwd`, the configuration, the environment of processes, keys of applications that run as the same user.',
    fix: 'Name the folder that holds the files of the site, `root /usr/share/nginx/html;`.',
    falsePositives:
      'Silent in `internal` locations, where the application says which file is sent, where a prefix location such as `/media/` limits `root` to one folder, and where requests are passed on or answered in the configuration.',
    cwe: [552, 22],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#root',
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#alias',
    ],
  },
  bad: [
    {
      name: 'as the root of a server',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    root «/»;
    index index.html;
}
`,
      },
    },
    {
      name: 'in a location for all paths, in quotes; another one has a folder of its own',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        root «"//"»;
        try_files $uri =404;
    }
    location /static/ { root /srv; }
}
`,
      },
    },
    {
      name: 'as an alias, and by a way around',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    root /srv/www;
    location /download/ { alias «/»; }
    location ^~ /logs/ { alias «/var/../»; }
}
`,
      },
    },
    {
      name: 'for all servers',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    root «/./»;\n    server { listen 80; server_name a.example.com; }\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'no slash before what follows, so that no such file is there',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /a/ { alias /.; }
    location /b/ { alias /srv/..; }
}
`,
      },
    },
    {
      name: 'folders',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    root /srv;
    location /a/ { alias /srv/a/; }
    location /b/ { alias /var/www/../b/; }
    location /c/ { root "/data/"; }
}
`,
      },
    },
    {
      name: 'a prefix that limits it, and files that only the application sends',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /media/ { root /; }
    location /protected/ { internal; alias /; }
    location / { proxy_pass http://app; }
}
`,
      },
    },
    {
      name: 'a root that nothing is served from',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    root /;
    location / { proxy_pass http://app; }
}
server {
    listen 81;
    root /;
    return 301 https://$host$request_uri;
}
`,
      },
    },
    {
      name: 'variables and templates',
      files: {
        'nginx/templates/default.conf.template': `server {
    listen 80;
    root \${WEB_ROOT}/;
    location /a/ { alias /$folder/; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [folder] = directive.args;
      if (!/^(?:root|alias)$/.test(directive.name) || !folder || folder.opaque) continue;
      if (!isTop(folder.value) || !isServed(directive)) continue;
      context.report({
        span: folder.span,
        message: `With \`${directive.name} /\` everyone can fetch every file of the machine that nginx may read.`,
        place: placeOf(directive),
      });
    }
  },
});

/** Whether a path is `/`, however it is written. */
function isTop(path: string): boolean {
  if (!path.startsWith('/')) return false;
  const open: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') open.pop();
    else if (part !== '' && part !== '.') open.push(part);
  }
  return open.length === 0;
}

const PASSES = /_pass$|^content_by_lua|^(?:internal|return|stub_status|empty_gif)$/;

function isServed(directive: NginxDirective): boolean {
  const { parent } = directive;
  const location = parent.owner && locationOf(parent.owner);
  if (parent.directives.some(({ name }) => PASSES.test(name)) || isInternal(parent)) return false;
  if (directive.name === 'alias')
    return location !== undefined && isPrefix(location) && joins(location.path, directive);
  if (!location) return !isReplaced(parent);
  // With a path in front only the folder of that name is served.
  return isPrefix(location)
    ? location.path === '/'
    : !/^\^\/[\w(]/.test(location.path) && location.modifier !== '=';
}

/** Whether a slash is between `alias` and what follows the path of the location: `/.` and `etc` make `/.etc`. */
function joins(path: string, { args }: NginxDirective): boolean {
  return !path.endsWith('/') || args[0]?.value.endsWith('/') === true;
}

function isInternal({ owner }: NginxBlock): boolean {
  for (let at = owner; at; at = at.parent.owner)
    if (at.parent.directives.some(({ name }) => name === 'internal')) return true;
  return false;
}

/** Whether every path is for locations that serve no files of this folder: those that pass on, or have a folder of their own. */
function isReplaced(block: NginxBlock): boolean {
  if (block.owner?.name === 'http') {
    const servers = block.directives.filter(({ name }) => name === 'server');
    return servers.length === 0 || servers.every((server) => server.block && isReplacedIn(server.block));
  }
  return isReplacedIn(block);
}

function isReplacedIn(block: NginxBlock): boolean {
  const own = block.directives;
  if (own.some(({ name }) => name === 'return' || name === 'include')) return true;
  return own.some((location) => {
    const match = locationOf(location);
    if (!match || !isPrefix(match) || match.path !== '/') return false;
    return location.block?.directives.some(
      ({ name }) => PASSES.test(name) || /^(?:root|alias|include)$/.test(name),
    );
  });
}
