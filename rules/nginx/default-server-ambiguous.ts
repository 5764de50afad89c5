import { defineRule } from '../core/rule.ts';
import { chanceDefaults } from './shared/default-server.ts';
import { insertFirst } from './shared/edits.ts';

export const rule = defineRule({
  id: 'nginx/default-server-ambiguous',
  title: 'Default server is the first by chance',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /listen|server|include/,
  docs: {
    why: 'Several servers share a socket and none is called its default, so it is the first that nginx reads: by the order in the file and the names of files. A new file with a name that sorts earlier changes what strangers get, and for TLS which protocols and which certificate are offered.',
    fix: 'Write `default_server` behind the `listen` of the one that is meant.',
    falsePositives:
      'Reported only where all servers of the socket are known. Where the first one is a site that should not answer for other names, `nginx/default-server-missing` says so instead.',
    cwe: [644],
    references: ['https://nginx.org/en/docs/http/request_processing.html'],
  },
  bad: [
    {
      name: 'redirects of two sites',
      files: {
        'nginx.conf': `events {}
http {
    server { listen «80»; server_name a.example.com; return 301 https://a.example.com; }
    server { listen *:80; server_name b.example.com; return 301 https://b.example.com; }
}
`,
      },
      fixed: `events {}
http {
    server { listen 80 default_server; server_name a.example.com; return 301 https://a.example.com; }
    server { listen *:80; server_name b.example.com; return 301 https://b.example.com; }
}
`,
    },
    {
      name: 'a server for everything that only happens to be the first',
      files: {
        'nginx.conf': `events {}
http {
    server {
        listen «[::]:8080»;
        root /srv;
    }
    server {
        listen [::]:8080;
        server_name b.example.com;
        root /srv/b;
    }
}
`,
      },
      fixed: `events {}
http {
    server {
        listen [::]:8080 default_server;
        root /srv;
    }
    server {
        listen [::]:8080;
        server_name b.example.com;
        root /srv/b;
    }
}
`,
    },
    {
      name: 'servers without any port',
      files: {
        'nginx.conf': `events {}
http {
    «server» {
        server_name a.example.com;
        return 301 https://a.example.com$request_uri;
    }
    server {
        listen 80;
        server_name b.example.com;
        return 301 https://b.example.com$request_uri;
    }
}
`,
      },
      fixed: `events {}
http {
    server {
        listen 80 default_server;
        server_name a.example.com;
        return 301 https://a.example.com$request_uri;
    }
    server {
        listen 80;
        server_name b.example.com;
        return 301 https://b.example.com$request_uri;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'another file is read first, whatever their names are',
      files: {
        'nginx/sites/a.conf':
          'server { listen 80; server_name a.example.com; return 301 https://a.example.com; }\n',
        'nginx/sites/b.conf':
          'server { listen 80; server_name b.example.com; return 301 https://b.example.com; }\n',
        'nginx/nginx.conf': 'events {}\nhttp {\n    include sites/b.conf;\n    include sites/a.conf;\n}\n',
      },
    },
    {
      name: 'one of them says it, and sockets of one server',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 80; server_name a.example.com; return 301 https://a.example.com; }
    server { listen 80 default_server; return 444; }
    server { listen 81; server_name a.example.com; return 301 https://a.example.com; }
    server { listen 10.0.0.1:82; return 404; }
    server { listen 10.0.0.2:82; return 404; }
}
stream {
    server { listen 5432; proxy_pass db:5432; }
}
`,
      },
    },
    {
      name: 'others may be there',
      files: {
        'nginx/conf.d/a.conf':
          'server { listen 80; return 404; }\nserver { listen 80; server_name b; return 404; }\n',
      },
    },
  ],
  check(document, context) {
    for (const { server, groups, isNamedSite } of chanceDefaults(document, context.facts)) {
      if (isNamedSite) continue;
      for (const { socket, members } of groups) {
        const listen = members.find((member) => member.server.scope === server.scope)?.listen;
        const anchor = listen?.item.anchor;
        const word = anchor?.name === 'listen' ? anchor.args[0] : undefined;
        const { block } = server.scope;
        // Without any `listen` nginx puts it on port 80.
        const span = word?.span ?? (server.listens.length === 0 ? block?.owner?.nameSpan : undefined);
        if (members.length < 2 || !span || !block) continue;
        context.report({
          span,
          message: `${members.length} servers share \`${socket}\` and none is called the default, so the order of files decides who it is.`,
          place: `${server.place}.listen[${socket}]`,
          fixes: () => {
            const title = 'Call this server the default';
            const verify = 'nginx -t';
            if (document.tree.template) return [];
            if (word) {
              const { end } = word.span;
              const edits = [{ span: { start: end, end }, text: ' default_server' }];
              return [{ title, safety: 'safe', edits, verify }];
            }
            const edits = [insertFirst(document.text, block, ['listen 80 default_server;'])];
            const risk = 'An nginx that no root has started has listened on port 8000 here so far.';
            return [{ title, safety: 'review', risk, edits, verify }];
          },
        });
      }
    }
  },
});
