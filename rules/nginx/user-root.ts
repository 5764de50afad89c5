import type { Document } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';

export const rule = defineRule({
  id: 'nginx/user-root',
  title: 'Workers of nginx run as root',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /user/,
  docs: {
    why: 'The workers parse what strangers send. As root, a hole in one of them, or in a module, hands over every file of the host or container at once.',
    fix: 'Name the user that the package or image brings: `www-data` on Debian and Ubuntu, `nginx` in the official image and elsewhere. The master process still starts as root, binds ports below 1024 and reads the keys.',
    falsePositives:
      'Where nginx is started as another user, the directive is ignored; it is misleading then, not dangerous.',
    cwe: [250],
    controls: ['CIS NGINX 2.1.0 2.2.1'],
    references: ['https://nginx.org/en/docs/ngx_core_module.html#user'],
  },
  bad: [
    {
      name: 'root in a container',
      files: { 'nginx/nginx.conf': 'user  «root»;\nworker_processes auto;\nevents {}\n' },
      fixed: 'user  nginx;\nworker_processes auto;\nevents {}\n',
    },
    {
      name: 'root with its group, on Debian',
      files: {
        'nginx/nginx.conf': `user «root root»;
pid /run/nginx.pid;
include /etc/nginx/modules-enabled/*.conf;
events {}
http { include /etc/nginx/sites-enabled/*; }
`,
      },
      fixed: `user www-data;
pid /run/nginx.pid;
include /etc/nginx/modules-enabled/*.conf;
events {}
http { include /etc/nginx/sites-enabled/*; }
`,
    },
    {
      name: 'in the example of a whole stack',
      files: {
        'deploy/nginx.conf': `worker_processes 1;
user «"root"»; # for the socket of Docker
events { worker_connections 1024; }
`,
      },
      fixed: `worker_processes 1;
user nginx; # for the socket of Docker
events { worker_connections 1024; }
`,
    },
  ],
  good: [
    { name: 'the user of the image', files: { 'nginx.conf': 'user nginx;\nevents {}\n' } },
    {
      name: 'no user, in an image without root',
      files: { 'nginx.conf': 'worker_processes auto;\nevents {}\n' },
    },
    {
      name: 'a placeholder, and a comment',
      files: {
        'nginx.conf.template': `# user root;
user \${NGINX_USER};
events {}
`,
      },
    },
    {
      name: 'another directive, and an entry of a map',
      files: {
        'nginx.conf': `user www-data;
events {}
http {
    map $remote_user $is_admin {
        user root;
        default 0;
    }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const { name, args, block } of document.tree.root.directives) {
      const [user] = args;
      if (name !== 'user' || block || user?.value !== 'root') continue;
      const span = { start: user.span.start, end: args.at(-1)?.span.end ?? user.span.end };
      const replacement = userOf(document);
      context.report({
        span,
        message:
          'The workers, which read what strangers send, run as root: one hole in them gives away the whole machine.',
        place: 'user',
        fixes: () => [
          {
            title: `Set the user to ${replacement}`,
            safety: 'review',
            risk: `The user \`${replacement}\` must exist and be able to read what nginx serves.`,
            edits: [{ span, text: replacement }],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

/** The user that comes with the package: Debian's layout shows in the paths. */
function userOf({ text }: Document<'nginx'>): string {
  return /\/(?:sites-enabled|modules-enabled)\/|\bphp[\d.]*-fpm\.sock/.test(text) ? 'www-data' : 'nginx';
}
