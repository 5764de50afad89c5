import { allDirectives, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/resolver-external',
  title: 'Names are looked up by a public resolver',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /resolver/,
  docs: {
    why: 'nginx asks over UDP, without any proof of who answers. On the way to a resolver on the internet anyone who guesses the query forges the answer, and the requests of all users go where it says. A public resolver also knows no internal names, and learns which ones you have.',
    fix: "Ask the machine's own resolver: `127.0.0.53` with systemd-resolved, `127.0.0.11` in containers of Docker, the address of kube-dns in Kubernetes.",
    falsePositives:
      'Only the well-known public resolvers are reported. Where they serve nothing but OCSP stapling, a forged answer does little.',
    cwe: [350],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver',
      'https://docs.docker.com/engine/network/#dns-services',
    ],
  },
  bad: [
    {
      name: 'two of them',
      files: {
        'nginx/conf.d/app.conf': `resolver «8.8.8.8» «1.1.1.1» valid=300s ipv6=off;
resolver_timeout 5s;
server { listen 80; location / { set $up "http://app.example.com"; proxy_pass $up; } }
`,
      },
      fixed: `resolver 127.0.0.53 valid=300s ipv6=off;
resolver_timeout 5s;
server { listen 80; location / { set $up "http://app.example.com"; proxy_pass $up; } }
`,
      offers: ["Ask the machine's resolver (127.0.0.53)", "Ask Docker's resolver (127.0.0.11)"],
    },
    {
      name: 'with a port, IPv6, and beside a local one',
      files: {
        'nginx/nginx.conf': `events {}
http {
    server {
        listen 80;
        resolver 10.0.0.2 «9.9.9.9:53» «[2606:4700:4700::1111]»;
    }
}
`,
      },
      fixed: `events {}
http {
    server {
        listen 80;
        resolver 10.0.0.2;
    }
}
`,
      offers: ['Keep only the local resolver'],
    },
  ],
  good: [
    {
      name: 'local ones',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; resolver 127.0.0.11 valid=30s; }
server { listen 81; resolver 127.0.0.1:5353 [::1]; }
server { listen 82; resolver kube-dns.kube-system.svc.cluster.local; }
server { listen 83; resolver 10.96.0.10; }
`,
      },
    },
    {
      name: 'a placeholder, and the address elsewhere',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; resolver \${NGINX_LOCAL_RESOLVERS}; resolver_timeout 5s; }
server { listen 81; allow 8.8.8.8; deny all; location / { proxy_pass http://1.1.1.1; } }
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      if (directive.name !== 'resolver' || directive.block) continue;
      const external = directive.args.filter(isPublic);
      const others = directive.args.filter((arg) => !isPublic(arg) && !/^\w+=/.test(arg.value));
      for (const word of external) {
        context.report({
          span: word.span,
          message: `Answers of \`${word.value}\` come over the internet unproven: who forges one gets the requests of all users.`,
          place: `${placeOf(directive)}[${word.value}]`,
          fixes: () =>
            others.length > 0
              ? [fixOf(document.text, external, undefined, 'Keep only the local resolver')]
              : [
                  fixOf(document.text, external, '127.0.0.53', "Ask the machine's resolver (127.0.0.53)"),
                  fixOf(document.text, external, '127.0.0.11', "Ask Docker's resolver (127.0.0.11)"),
                ],
        });
      }
    }
  },
});

/**
 * Resolvers that are open to everyone, as their operators document them (2026-11-25): Google, Cloudflare, Quad9, OpenDNS, AdGuard,
 * Level 3, Yandex, AliDNS, DNSPod, 114DNS.
 */
const PUBLIC =
  /^(?:8\.8\.(?:8\.8|4\.4)|1\.[01]\.[01]\.[123]|9\.9\.9\.(?:9|1[0-2])|149\.112\.112\.(?:112|1[0-2]|9)|208\.67\.22[02]\.(?:220|222|123)|94\.140\.14\.1[45]|4\.2\.2\.[1-6]|77\.88\.8\.\d{1,2}|223\.[56]\.[56]\.[56]|119\.29\.29\.29|114\.114\.11[45]\.11[45]|\[(?:2001:4860:4860:|2606:4700:4700:|2620:fe:|2620:119:)[\da-f:]*\])(?::\d+)?$/i;

function isPublic({ value }: NginxWord): boolean {
  return PUBLIC.test(value);
}

/** Puts one address in the place of the first, and takes the others away. */
function fixOf(text: string, words: readonly NginxWord[], address: string | undefined, title: string): Fix {
  const edits = words.map(({ span }, index) => {
    if (index === 0 && address) return { span, text: address };
    let start = span.start;
    while (text[start - 1] === ' ' || text[start - 1] === '\t') start--;
    return { span: { start, end: span.end }, text: '' };
  });
  return {
    title,
    safety: 'review',
    risk: 'A resolver must listen at this address where nginx runs, and know the names that it is asked for.',
    edits,
    verify: 'nginx -t',
  };
}
