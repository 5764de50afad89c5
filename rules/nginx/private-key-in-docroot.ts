import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { enclosing, itemsNamed, type Scope, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/private-key-in-docroot',
  title: 'Private key or password file can be downloaded',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /ssl_certificate_key|auth_basic_user_file|ssl_session_ticket_key|ssl_password_file/,
  docs: {
    why: 'The file lies below a folder that nginx serves, so whoever guesses its name downloads it: with the key they can be the site, with the password hashes they can try passwords at their leisure.',
    fix: 'Move the file out of the folder, to `/etc/nginx/` or `/etc/ssl/private/`, and take it for known to others: get a new key, change the passwords.',
    falsePositives:
      'Only absolute paths that are written out are compared, with the `root` and the `alias` folders of all servers of the file. Silent where a location refuses such names (`location ~ /\\.ht { deny all; }`), and where the folder is never served since `location /` passes everything on.',
    cwe: [538],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#root',
      'https://nginx.org/en/docs/http/ngx_http_auth_basic_module.html#auth_basic_user_file',
    ],
  },
  bad: [
    {
      name: 'the key beside the pages',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    root /var/www/app;
    ssl_certificate /var/www/app/ssl/app.pem;
    ssl_certificate_key «/var/www/app/ssl/app.key»;
}
`,
      },
    },
    {
      name: 'a password file below the root of another server; quoted, with a slash at the end',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 80; server_name a.example.com; root "/srv/www/"; }
    server {
        listen 80;
        server_name b.example.com;
        location /admin/ {
            auth_basic "Admin";
            auth_basic_user_file «'/srv/www/passwords'»;
            proxy_pass http://admin;
        }
    }
}
`,
      },
    },
    {
      name: 'an alias',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location /files/ { alias /data/; }
    ssl_certificate_key «/data/certs/app.key»;
}
`,
      },
    },
  ],
  good: [
    {
      name: 'beside the folder, and one whose name only starts like it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    root /var/www/app;
    ssl_certificate_key /var/www/app-ssl/app.key;
    auth_basic_user_file /etc/nginx/.htpasswd;
}
`,
      },
    },
    {
      name: 'names that a location refuses',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    root /var/www/app;
    auth_basic "Members";
    auth_basic_user_file /var/www/app/.htpasswd;
    location ~ /\\.ht { deny all; }
}
`,
      },
    },
    {
      name: 'everything is passed on, so the folder is never served',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    root /srv/app;
    ssl_certificate_key /srv/app/certs/app.key;
    location / { proxy_pass http://app:8000; }
}
`,
      },
    },
    {
      name: 'the root is only for challenges, or relative, or filled in later',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    ssl_certificate_key /srv/acme/app.key;
    location /.well-known/acme-challenge/ { root /srv/acme; }
    location / { root html; }
    location /x/ { root $folder; }
}
`,
      },
    },
    {
      name: 'an include may refuse it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    root /var/www/app;
    ssl_certificate_key /var/www/app/app.key;
    include snippets/deny.conf;
}
`,
      },
    },
  ],
  check(document, context) {
    const secrets = [...allDirectives(document.tree.root)].filter(isSecretFile);
    if (secrets.length === 0) return;
    const root = scopeOf(document, context.facts);
    const served = [...scopesIn(enclosing(root, 'http') ?? root)].flatMap(servedBy);
    for (const directive of secrets) {
      const [file] = directive.args;
      const folder = file && served.find((each) => each.mayServe(file.value));
      if (!file || !folder) continue;
      context.report({
        span: file.span,
        message: `nginx serves \`${folder.path.slice(0, 60)}\`, so this ${directive.name.startsWith('auth') ? 'password file' : 'key'} can be downloaded by whoever guesses its name.`,
        place: placeOf(directive),
      });
    }
  },
});

function isSecretFile({ name, args, block }: NginxDirective): boolean {
  const [file] = args;
  return (
    /^(?:ssl_certificate_key|auth_basic_user_file|ssl_session_ticket_key|ssl_password_file)$/.test(name) &&
    !block &&
    file !== undefined &&
    !file.opaque &&
    /^\/[^$]+$/.test(file.value)
  );
}

/** A folder of which files are served. */
interface Served {
  readonly path: string;
  mayServe(file: string): boolean;
}

function servedBy(scope: Scope): readonly Served[] {
  const isServer = scope.kind === 'server';
  if (!isServer && scope.kind !== 'location') return [];
  const server = enclosing(scope, 'server');
  if (!server?.complete || !scope.complete) return [];
  const alias = isServer ? undefined : itemsNamed(scope, 'alias').at(-1)?.args[0];
  // What a root serves from a location has the location's own path in it.
  const root = isServer && passesAllOn(scope) ? undefined : rootOf(scope, isServer);
  return [alias, root].flatMap((path) => {
    if (!path || !/^\/[^$]/.test(path)) return [];
    const folder = path.replace(/\/+$/, '');
    const mayServe = (file: string) =>
      file.startsWith(`${folder}/`) &&
      !file.includes('/../') &&
      !isRefused(server, file.slice(folder.length));
    return [{ path: folder, mayServe }];
  });
}

function rootOf(scope: Scope, isServer: boolean): string | undefined {
  if (!isServer) return scope.args.join(' ') === '/' ? itemsNamed(scope, 'root').at(-1)?.args[0] : undefined;
  const { item, certain } = effectiveValue(scope, 'root');
  return certain ? item?.args[0] : undefined;
}

/** Whether no request is left for the files of a server: `location /` or the server answers all. */
function passesAllOn(server: Scope): boolean {
  if (itemsNamed(server, 'return').length > 0) return true;
  return server.children.some(
    (child) =>
      child.kind === 'location' &&
      /^(?:\^~ )?\/$/.test(child.args.join(' ')) &&
      child.items.some(({ name }) => /^(?:\w+_pass|return|alias|root)$/.test(name)),
  );
}

/** Whether some location may refuse a path: its pattern is not run, the words of the path are looked for in it. */
function isRefused(server: Scope, path: string): boolean {
  const words = path.split(/[/.]/).filter((word) => word.length > 1);
  const isHidden = path.includes('/.');
  return [...scopesIn(server)].some((scope) => {
    if (scope.kind !== 'location' || !refuses(scope)) return false;
    const pattern = scope.args.join(' ');
    return (isHidden && pattern.includes('\\.')) || words.some((word) => pattern.includes(word));
  });
}

function refuses({ items }: Scope): boolean {
  return items.some(
    ({ name, args }) =>
      name === 'internal' ||
      (name === 'deny' && args[0] === 'all') ||
      (name === 'return' && /^4\d\d$/.test(args[0] ?? '')),
  );
}
