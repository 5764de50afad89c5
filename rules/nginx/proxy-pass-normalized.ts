import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isPrefix, locationOf } from './shared/conditions.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/proxy-pass-normalized',
  title: 'The upstream gets another path than the client sent',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /\bproxy_pass\b/,
  docs: {
    why: 'With a path in `proxy_pass` nginx replaces the path of the location in what it has decoded and normalised, and encodes the rest anew: `%2F` becomes `/`, `/a/../b` becomes `/b`. Applications that look at the path as it was sent see something else than nginx decided upon.',
    fix: 'Leave the path away where the upstream shall get the request as it is: `proxy_pass http://app;`. Where a prefix has to go, take care that the upstream gives encoded slashes no meaning.',
    falsePositives:
      'A path is often there on purpose, to take a prefix away; that is why the rule is off by default. Silent for `location =`, sockets, variables and streams.',
    cwe: [436],
    references: ['https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass'],
  },
  bad: [
    {
      name: 'a slash, and a path',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /app/ { proxy_pass «http://app/»; }
    location ^~ /api/ { proxy_pass «"http://app:8080/v1/"»; }
}
`,
      },
    },
    {
      name: 'for all paths',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location / { proxy_pass «https://[::1]:8443/»; }\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'no path, one path, a socket, variables',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / { proxy_pass http://app:8080; }
    location = /a { proxy_pass http://app/b; }
    location /c { proxy_pass http://unix:/run/app.sock; }
    location /d { proxy_pass http://app$request_uri; }
    location /e { proxy_pass http://$app/; }
}
`,
      },
    },
    {
      name: 'bytes',
      files: { 'nginx/streams-enabled/db.conf': 'server {\n    listen 5432;\n    proxy_pass db:5432;\n}\n' },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [target] = directive.args;
      const location = directive.parent.owner && locationOf(directive.parent.owner);
      if (directive.name !== 'proxy_pass' || !target || target.opaque || !location || !isPrefix(location))
        continue;
      if (!/^https?:\/\/(?!unix:)[^/$]+\/[^$]*$/.test(target.value)) continue;
      context.report({
        span: target.span,
        message:
          'nginx decodes and normalises the path before it adds it here, so the upstream sees another one.',
        place: placeOf(directive),
      });
    }
  },
});
