import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { listensOnlyInside } from './shared/access.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/real-ip-trust-all',
  title: 'Everyone may say which address they come from',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /set_real_ip_from/,
  docs: {
    why: 'nginx takes the client address from a header of whoever is trusted by `set_real_ip_from`. With the whole internet trusted, anyone sends `X-Forwarded-For: 10.0.0.1` and passes `allow` lists, rate limits and bans, and the log names someone else.',
    fix: 'List the addresses of the proxies in front: their subnet, the ranges of the content delivery network, the container network.',
    falsePositives:
      'Where a firewall lets only the proxy reach nginx, nobody else can send the header; say so in a suppression. Servers that only this machine reaches are not reported.',
    cwe: [348],
    references: ['https://nginx.org/en/docs/http/ngx_http_realip_module.html#set_real_ip_from'],
  },
  bad: [
    {
      name: 'all of IPv4, and all of IPv6',
      files: {
        'nginx.conf': `events {}
http {
    set_real_ip_from «0.0.0.0/0»;
    set_real_ip_from «::/0»;
    real_ip_header X-Forwarded-For;
    server {
        listen 80;
        location / { proxy_pass http://app; }
    }
}
`,
      },
    },
    {
      name: 'in a server, after a sensible range',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    set_real_ip_from 10.0.0.0/8;
    set_real_ip_from «"0.0.0.0/0"»;
    root /srv;
}
`,
      },
    },
  ],
  good: [
    {
      name: 'the network of the proxy, and what is filled in later',
      files: {
        'nginx/conf.d/app.conf': `set_real_ip_from 172.16.0.0/12;
set_real_ip_from \${TRUSTED_PROXIES};
set_real_ip_from unix:;
real_ip_header X-Forwarded-For;
server { listen 80; root /srv; }
`,
      },
    },
    {
      name: 'only this machine reaches the server',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen unix:/run/nginx.sock;
    set_real_ip_from 0.0.0.0/0;
    root /srv;
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [range] = directive.args;
      if (
        directive.name !== 'set_real_ip_from' ||
        !range ||
        !/^(?:[\d.]+|[:\d]*:[:\d]*)\/0$/.test(range.value)
      )
        continue;
      if (listensOnlyInside(directive.parent)) continue;
      context.report({
        span: range.span,
        message: `With \`${range.value}\` trusted, anyone can claim any client address and pass allow lists, limits and bans.`,
        place: `${placeOf(directive)}[${range.value}]`,
      });
    }
  },
});
