import type { Document } from '../../syntaxes/document.ts';
import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { removeDirective } from './shared/edits.ts';
import { isOn } from './shared/flags.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/ssl-on-deprecated',
  title: 'ssl on no longer exists',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\bssl\s/,
  docs: {
    why: 'nginx 1.25.1 removed the directive, so the next update does not start. Before, it switched TLS on for every port of the server, port 80 with them.',
    fix: 'Remove it and write `ssl` behind each `listen` that is to speak TLS.',
    references: [
      'https://nginx.org/en/CHANGES',
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#listen',
    ],
  },
  bad: [
    {
      name: 'two sockets for HTTPS',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443;
    listen [::]:443 http2;
    «ssl on»;
    server_name app.example.com;
    ssl_certificate /etc/nginx/app.pem;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    listen [::]:443 ssl http2;
    server_name app.example.com;
    ssl_certificate /etc/nginx/app.pem;
}
`,
    },
    {
      name: 'the listen speaks TLS already',
      files: {
        'nginx/conf.d/app.conf': 'server {\n\tlisten 8443 ssl;\n\t«ssl on»; # old\n\troot /srv;\n}\n',
      },
      fixed: 'server {\n\tlisten 8443 ssl;\n\t# old\n\troot /srv;\n}\n',
    },
    {
      name: 'a port that may be anything: no fix',
      files: { 'nginx/conf.d/app.conf': 'server {\n    listen 80;\n    «ssl on»;\n    root /srv;\n}\n' },
    },
  ],
  good: [
    {
      name: 'ssl off, ssl behind listen, and directives of similar names',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    ssl off;
    ssl_stapling on;
    # ssl on;
    root /srv;
}
`,
      },
    },
    {
      name: 'an entry of a map',
      files: { 'nginx/conf.d/map.conf': 'map $scheme $secure {\n    ssl on;\n    default off;\n}\n' },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [value] = directive.args;
      if (
        directive.name !== 'ssl' ||
        directive.block ||
        !value ||
        !isOn(value.value) ||
        directive.parent.owner?.name === 'map'
      )
        continue;
      context.report({
        span: { start: directive.nameSpan.start, end: value.span.end },
        message:
          '`ssl on` was removed in nginx 1.25.1, which does not start with it; write `ssl` behind `listen`.',
        place: placeOf(directive),
        fixes: () => [fixFor(document, directive)],
      });
    }
  },
});

function fixFor({ text, tree }: Document<'nginx'>, directive: NginxDirective): Fix | undefined {
  const listens = directive.parent.directives.filter(({ name }) => name === 'listen');
  const plain = listens.filter(({ args }) => !args.some((arg) => arg.value === 'ssl'));
  // Which ports are to speak TLS is plain only for 443; others would change what clients get.
  if (
    tree.template ||
    listens.length === 0 ||
    plain.some(({ args }) => !/(?:^|:)443$/.test(args[0]?.value ?? ''))
  )
    return undefined;
  const additions = plain.flatMap(({ args: [endpoint] }) =>
    endpoint ? [{ span: { start: endpoint.span.end, end: endpoint.span.end }, text: ' ssl' }] : [],
  );
  return {
    title: 'Write ssl behind listen',
    safety: 'safe',
    edits: [...additions, removeDirective(text, directive)],
    verify: 'nginx -t',
  };
}
