import type { Document } from '../../syntaxes/document.ts';
import type { NginxDirective, NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { insertAfter } from './shared/edits.ts';
import { effectiveValue } from './shared/inherit.ts';
import { groupsWith, listenGroups } from './shared/listen-groups.ts';
import { scopeOf } from './shared/model.ts';
import { httpServers, type Server } from './shared/server.ts';
import { isAtLeast, nginxVersion } from './shared/version.ts';

/** The first version with `http2 on;`. https://nginx.org/en/CHANGES */
const FIRST = [1, 25, 1];

export const rule = defineRule({
  id: 'nginx/listen-http2-deprecated',
  title: 'Deprecated http2 parameter of listen',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\bhttp2\b/,
  docs: {
    why: 'Since nginx 1.25.1 the parameter is deprecated: nginx warns at every start, and a later version will refuse it. It also holds for the socket, so it reaches servers that nobody thought of.',
    fix: 'Write `http2 on;` in the server, or once in `http`. Servers that share the socket had HTTP/2 by the parameter too; they need the directive as well.',
    falsePositives:
      'Reported only where nginx is known to be 1.25.1 or newer: by `versions.nginx` in the configuration, or by the tag of the image that the file is mounted or copied into. Older versions do not start with `http2 on;`.',
    references: [
      'https://nginx.org/en/docs/http/ngx_http_v2_module.html#http2',
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#listen',
    ],
  },
  bad: [
    {
      name: 'the image is new enough; both families of addresses',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl «http2»;
    listen [::]:443 ssl http2;
    server_name app.example.com;
}
server {
    listen 443 ssl;
    server_name www.example.com;
}
server {
    listen 80;
    server_name app.example.com;
}
`,
        'compose.yaml': `services:
  web:
    image: nginx:1.27-alpine
    ports: ["443:443"]
    volumes:
      - ./nginx/conf.d:/etc/nginx/conf.d:ro
`,
      },
      fixed: `server {
    listen 443 ssl;
    listen [::]:443 ssl;
    http2 on;
    server_name app.example.com;
}
server {
    listen 443 ssl;
    http2 on;
    server_name www.example.com;
}
server {
    listen 80;
    server_name app.example.com;
}
`,
    },
    {
      name: 'the configuration says which nginx reads it',
      files: {
        'nginx.conf': `events {}
http {
    http2 on;
    server { listen 443 «http2» ssl; server_name a.example.com; }
}
`,
        '.hardlint.yaml': 'versions:\n  nginx: 1.25.1\n',
      },
      fixed: `events {}
http {
    http2 on;
    server { listen 443 ssl; server_name a.example.com; }
}
`,
    },
    {
      name: 'an image that is built from a new one',
      files: {
        'web/nginx.conf': `events {}
http {
    server { listen 443 ssl «http2»; }
}
`,
        'web/Dockerfile': 'FROM nginx:1.28.0\nCOPY nginx.conf /etc/nginx/nginx.conf\n',
      },
      fixed: `events {}
http {
    server { listen 443 ssl; http2 on; }
}
`,
    },
  ],
  good: [
    {
      name: 'a version that is not known',
      files: { 'nginx/conf.d/app.conf': 'server { listen 443 ssl http2; server_name a.example.com; }\n' },
    },
    {
      name: 'a version that does not know the directive',
      files: {
        'nginx/conf.d/app.conf': 'server { listen 443 ssl http2; server_name a.example.com; }\n',
        'compose.yaml':
          'services:\n  web:\n    image: nginx:1.24\n    volumes: ["./nginx/conf.d:/etc/nginx/conf.d:ro"]\n',
      },
    },
    {
      name: 'the directive',
      files: {
        'nginx/conf.d/app.conf': 'server { listen 443 ssl; http2 on; server_name a.example.com; }\n',
        '.hardlint.yaml': 'versions:\n  nginx: "1.27"\n',
      },
    },
  ],
  check(document, context) {
    if (isAtLeast(nginxVersion(document, context), FIRST) !== true) return;
    for (const server of httpServers(scopeOf(document, context.facts))) {
      const word = ownListens(server).flatMap(http2Word)[0];
      if (!word) continue;
      context.report({
        span: word.span,
        message:
          'nginx 1.25.1 and newer warn of `http2` behind `listen`, and will refuse it one day; write `http2 on;`.',
        place: `${server.place}.listen[http2]`,
        fixes: () => [fixFor(document, sharers(server))],
      });
    }

    /** The server and those of this file that share one of the sockets which speak HTTP/2 by it. */
    function sharers(server: Server): readonly Server[] {
      const groups = groupsWith(listenGroups(document, context.facts), server).filter(({ members }) =>
        members.some(({ listen }) => listen?.item.args.includes('http2')),
      );
      const found = new Map([[server.scope, server]]);
      for (const { members } of groups)
        for (const member of members)
          if (member.server.scope.block) found.set(member.server.scope, member.server);
      return [...found.values()];
    }
  },
});

function ownListens({ listens }: Server): readonly NginxDirective[] {
  return listens.flatMap(({ item }) => (item.anchor?.name === 'listen' ? [item.anchor] : []));
}

function http2Word({ args }: NginxDirective): readonly NginxWord[] {
  return args.slice(1).filter((arg) => arg.value === 'http2');
}

function fixFor({ text, tree }: Document<'nginx'>, servers: readonly Server[]): Fix | undefined {
  const edits = servers.flatMap((server): readonly Edit[] => {
    const listens = ownListens(server);
    const anchor = listens.at(-1);
    const removed = listens.flatMap(http2Word).map((word) => removal(text, word));
    const isOn = effectiveValue(server.scope, 'http2').item !== undefined;
    return anchor && !isOn ? [...removed, insertAfter(text, anchor, ['http2 on;'])] : removed;
  });
  // A server whose sockets an include brings cannot be told where to have the directive.
  if (tree.template || servers.some((server) => ownListens(server).length === 0)) return undefined;
  return {
    title: 'Write http2 on',
    safety: 'review',
    risk: 'Servers of other files on the same socket speak HTTP/2 only once they say so too.',
    edits,
    verify: 'nginx -t',
  };
}

/** A word with the white space before it. */
function removal(text: string, { span }: NginxWord): Edit {
  let { start } = span;
  while (/\s/.test(text.charAt(start - 1))) start--;
  return { span: { start, end: span.end }, text: '' };
}
