import { relativePath } from '../../syntaxes/uri.ts';
import type { FactReader } from '../core/facts.ts';
import { defineRule } from '../core/rule.ts';
import { containersOf } from './shared/containers.ts';
import { insertBefore } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { httpServers } from './shared/server.ts';
import { isServed, staticRootOf } from './shared/static-files.ts';

export const rule = defineRule({
  id: 'nginx/sensitive-files-exposed',
  title: 'Files of the project are served that no visitor needs',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /root|include/,
  docs: {
    why: 'The folder that nginx serves is one of this project, and holds files that tell how it is built or hold its data: dumps, backups, keys, lists of packages with their versions. Their names are the first that scanners try.',
    fix: 'Serve a folder that holds nothing else, `public` or `dist`. Until then refuse such names, before any other location with a regular expression.',
    falsePositives:
      'Reported only where Compose mounts a folder of the workspace at `root` and such files are in it.',
    cwe: [538],
    references: ['https://nginx.org/en/docs/http/ngx_http_core_module.html#root'],
  },
  bad: [
    {
      name: 'the whole project is served',
      files: {
        'nginx/default.conf': `server {
    listen 80;
    root «/var/www/html»;
    index index.php;
    location / { try_files $uri $uri/ /index.php; }
    location ~ \\.php$ { fastcgi_pass php:9000; }
}
`,
        'docker-compose.yml': `services:
  web:
    image: nginx:1.27
    volumes:
      - ./nginx/default.conf:/etc/nginx/conf.d/default.conf:ro
      - ./:/var/www/html:ro
`,
        'composer.json': '{}',
        'dump.sql': '',
        '.env': 'A=b\n',
      },
      fixed: `server {
    listen 80;
    root /var/www/html;
    index index.php;
    location / { try_files $uri $uri/ /index.php; }
    location ~* (?:^|/)(?:\\.(?!well-known(?:/|$))|docker-compose|compose\\.ya?ml|dockerfile|composer\\.(?:json|lock)$)|\\.(?:sql|bak|swp|old|orig|pem|key|log)$|~$ { deny all; }
    location ~ \\.php$ { fastcgi_pass php:9000; }
}
`,
    },
  ],
  good: [
    {
      name: 'only the folder for visitors is served, or such names are refused',
      files: {
        'nginx/default.conf': `server {
    listen 80;
    root /var/www/html/public;
}
server {
    listen 81;
    root /var/www/html;
    location ~ /\\. { deny all; }
    location ~* \\.(sql|yml|json)$ { deny all; }
}
`,
        'docker-compose.yml': `services:
  web:
    image: nginx:1.27
    volumes:
      - ./nginx/default.conf:/etc/nginx/conf.d/default.conf:ro
      - ./:/var/www/html:ro
`,
        'composer.json': '{}',
        'dump.sql': '',
        'public/index.html': '',
      },
    },
    {
      name: 'no Compose file says what is served',
      files: {
        'nginx/default.conf': 'server {\n    listen 80;\n    root /var/www/html;\n}\n',
        'composer.json': '{}',
        'dump.sql': '',
      },
    },
  ],
  check(document, context) {
    const { facts } = context;
    if (containersOf(facts, document.uri).length === 0) return;
    for (const server of httpServers(scopeOf(document, facts))) {
      const root = staticRootOf(server);
      const word = root?.item.anchor?.name === 'root' ? root.item.anchor.args[0] : undefined;
      const folder = root && word && folderOf(facts, document.uri, root.path);
      if (!word || !folder) continue;
      const open = sensitiveIn(facts, folder).filter((path) => isServed(server, `/${path}`));
      const [first] = open;
      if (first === undefined) continue;
      context.report({
        span: word.span,
        message: `Anyone can read \`${first.slice(0, 50)}\`${open.length > 1 ? ` and ${open.length - 1} more` : ''}: the folder of the project is served as it is.`,
        place: `${server.place}.root`,
        related: open.slice(0, 5).map((path) => ({
          uri: `${folder}/${path}`,
          span: { start: 0, end: 0 },
          message: `\`/${path}\` is served.`,
        })),
        fixes: () => {
          const before = server.scope.block?.directives.find(
            ({ name, args }) => name === 'location' && args[0]?.value.startsWith('~'),
          );
          const anchor = before ?? server.scope.block?.directives.find(({ name }) => name === 'location');
          return [
            {
              title: 'Refuse such files',
              safety: 'review',
              risk: 'A download of this name that is wanted stops working.',
              edits: anchor && !document.tree.template ? [insertBefore(document.text, anchor, [REFUSE])] : [],
              verify: 'nginx -t',
            },
          ];
        },
      });
    }
  },
});

const REFUSE =
  'location ~* (?:^|/)(?:\\.(?!well-known(?:/|$))|docker-compose|compose\\.ya?ml|dockerfile|composer\\.(?:json|lock)$)|\\.(?:sql|bak|swp|old|orig|pem|key|log)$|~$ { deny all; }';

/** The folder of the workspace that a container has at a path. */
function folderOf(facts: FactReader, uri: string, path: string): string | undefined {
  const mounts = containersOf(facts, uri).flatMap(({ service }) => service?.fact.mounts ?? []);
  const clean = path.replace(/\/+$/, '');
  const fitting = mounts
    .filter(
      ({ target }) => target !== null && (clean === strip(target) || clean.startsWith(`${strip(target)}/`)),
    )
    .sort((a, b) => (b.target ?? '').length - (a.target ?? '').length);
  const [mount] = fitting;
  if (!mount?.target) return undefined;
  return strip(mount.sourceUri) + clean.slice(strip(mount.target).length);
}

function strip(path: string): string {
  return path.replace(/\/+$/, '');
}

const NAMES =
  '{.env,.env.*,*.sql,*.sql.gz,*.bak,*.swp,*.old,*.orig,*~,*.pem,*.key,id_rsa,composer.json,composer.lock,docker-compose*.yml,docker-compose*.yaml,compose.yaml,compose.yml,Dockerfile}';

/** Files at the top of a folder that no visitor needs, those first that give away most. */
function sensitiveIn(facts: FactReader, folder: string): readonly string[] {
  const found = facts.glob(folder, NAMES).flatMap((uri) => relativePath(folder, uri) ?? []);
  return found
    .filter((path) => !/^\.env\.(?:example|sample|dist|template)$/.test(path))
    .sort((a, b) => Number(isHarmless(a)) - Number(isHarmless(b)));
}

function isHarmless(path: string): boolean {
  return /^(?:composer|docker|compose|Dockerfile)/.test(path);
}
