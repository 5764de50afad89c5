import type { Document } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { removeDirective } from './shared/edits.ts';
import { isOn } from './shared/flags.ts';
import { scopeOf } from './shared/model.ts';
import { type OwnDirective, ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';
import { itemsNamed, type Scope } from './shared/scope.ts';
import { areFromLetsEncrypt, tlsServersIn } from './shared/tls.ts';

export const rule = defineRule({
  id: 'nginx/ssl-stapling-letsencrypt',
  title: "OCSP stapling of a Let's Encrypt certificate",
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /ssl_stapling/,
  docs: {
    why: "Let's Encrypt took the address of its OCSP service out of its certificates in May 2025 and switched the service off that August. nginx finds nothing to staple, warns at every start, and leaves the impression that revocation is taken care of.",
    fix: 'Remove the `ssl_stapling` directives. Revocation of such certificates is up to lists that browsers load, and to their short life. Keep `resolver` where something else needs it.',
    falsePositives:
      "A certificate counts as one of Let's Encrypt by its path (`/etc/letsencrypt/`, `dehydrated`, `lego`); certbot and others can use another authority. CIS NGINX 4.1.7 still asks for stapling, which is right only for authorities that have OCSP.",
    references: [
      'https://letsencrypt.org/2024/12/05/ending-ocsp',
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_stapling',
    ],
  },
  bad: [
    {
      name: 'both directives; the resolver stays',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_certificate /etc/letsencrypt/live/app.example.com/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/app.example.com/privkey.pem;
    «ssl_stapling on»;
    ssl_stapling_verify on;
    resolver 127.0.0.53 valid=300s;
    root /srv/app;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_certificate /etc/letsencrypt/live/app.example.com/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/app.example.com/privkey.pem;
    resolver 127.0.0.53 valid=300s;
    root /srv/app;
}
`,
    },
    {
      name: 'switched on in http for servers that all have such certificates',
      files: {
        'nginx.conf': `events {}
http {
    «ssl_stapling  ON»;
    ssl_stapling_verify on;
    server { listen 80; return 301 https://$host$request_uri; }
    server {
        listen 443 ssl;
        server_name a.example.com;
        ssl_certificate "/etc/letsencrypt/live/a.example.com/fullchain.pem";
    }
}
`,
      },
      fixed: `events {}
http {
    server { listen 80; return 301 https://$host$request_uri; }
    server {
        listen 443 ssl;
        server_name a.example.com;
        ssl_certificate "/etc/letsencrypt/live/a.example.com/fullchain.pem";
    }
}
`,
    },
    {
      name: 'the name of the site is filled in later',
      files: {
        'templates/app.conf.template': `server {
    listen 443 ssl;
    ssl_certificate /etc/letsencrypt/live/\${DOMAIN}/fullchain.pem;
    «ssl_stapling on»;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    ssl_certificate /etc/letsencrypt/live/\${DOMAIN}/fullchain.pem;
}
`,
    },
  ],
  good: [
    {
      name: 'off in the server of that authority',
      files: {
        'nginx.conf': `events {}
http {
    ssl_stapling on;
    server {
        listen 443 ssl;
        server_name a.example.com;
        ssl_certificate /etc/letsencrypt/live/a.example.com/fullchain.pem;
        ssl_stapling off;
    }
}
`,
      },
    },
    {
      name: 'the certificate of another authority, and one that is not known',
      files: {
        'nginx.conf': `events {}
http {
    server {
        listen 443 ssl;
        server_name a.example.com;
        ssl_certificate /etc/ssl/certs/a.example.com.pem;
        ssl_stapling on;
        resolver 127.0.0.53;
    }
    server {
        listen 443 ssl;
        server_name b.example.com;
        include snippets/certificate.conf;
        ssl_stapling on;
    }
}
`,
      },
    },
    {
      name: 'two certificates, one of another authority',
      files: {
        'nginx/conf.d/a.conf': `server {
    listen 443 ssl;
    server_name a.example.com;
    ssl_certificate /etc/letsencrypt/live/a.example.com/fullchain.pem;
    ssl_certificate /etc/ssl/private/a-rsa.pem;
    ssl_stapling on;
}
`,
      },
    },
    {
      name: 'off',
      files: {
        'nginx/conf.d/a.conf': `server {
    listen 443 ssl;
    ssl_certificate /etc/letsencrypt/live/a.example.com/fullchain.pem;
    ssl_stapling off;
}
`,
      },
    },
    {
      name: 'one server of http has another authority',
      files: {
        'nginx.conf': `events {}
http {
    ssl_stapling on;
    server { listen 443 ssl; server_name a.example.com; ssl_certificate /etc/letsencrypt/live/a/fullchain.pem; }
    server { listen 443 ssl; server_name b.example.com; ssl_certificate /etc/ssl/b.pem; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const own of ownDirectives(scopeOf(document, context.facts), 'ssl_stapling')) {
      const [value] = own.directive.args;
      if (!value || !isOn(value.value) || !servesLetsEncrypt(own.scope)) continue;
      context.report({
        span: { start: own.directive.nameSpan.start, end: value.span.end },
        message: "Let's Encrypt has had no OCSP service since August 2025, so nginx has nothing to staple.",
        place: placeOf(own.directive),
        fixes: () => [fixFor(document, own)],
      });
    }
  },
});

/** Whether all servers that a directive holds for have certificates of Let's Encrypt. */
function servesLetsEncrypt(scope: Scope): boolean {
  if (areFromLetsEncrypt(scope)) return true;
  const servers = (scope.kind === 'http' ? tlsServersIn(scope) : []).filter(
    (server) => itemsNamed(server.scope, 'ssl_stapling').length === 0,
  );
  return servers.length > 0 && servers.every((server) => areFromLetsEncrypt(server.scope));
}

function fixFor({ text, tree }: Document<'nginx'>, { directive }: OwnDirective): Fix | undefined {
  if (tree.template) return undefined;
  const removed = directive.parent.directives.filter(({ name }) => /^ssl_stapling(?:_\w+)?$/.test(name));
  return {
    title: 'Remove OCSP stapling',
    safety: 'safe',
    edits: removed.map((each) => removeDirective(text, each)),
    verify: 'nginx -t',
  };
}
