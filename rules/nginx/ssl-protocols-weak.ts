import {
  allDirectives,
  ancestorsOf,
  type NginxBlock,
  type NginxDirective,
} from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { WEAK_PROTOCOLS } from '../data/tls.ts';
import { placeOf } from './shared/place.ts';
import { protocolsFix } from './shared/protocols.ts';

export const rule = defineRule({
  id: 'nginx/ssl-protocols-weak',
  title: 'Server accepts SSL or TLS below 1.2',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /ssl_protocols/,
  docs: {
    why: 'SSL 2 and 3 and TLS 1.0 and 1.1 rest on MD5, SHA-1 and ciphers that are broken (POODLE, BEAST); RFC 8996 retired the last of them in 2021. While a server accepts them, someone between it and a client can talk both down to them.',
    fix: 'Leave `TLSv1.2 TLSv1.3`. The fix takes out the old words and leaves the others as they are. On a socket that several servers share, the protocols of its default server hold (before nginx 1.29.2).',
    falsePositives:
      'Silent where `ssl_conf_command MinProtocol` sets a floor, and in `http` where every TLS server of the file has protocols of its own. An unset `ssl_protocols` is not reported: newer versions of nginx leave the old ones out by themselves.',
    cwe: [326],
    controls: ['CIS NGINX 2.1.0 4.1.4'],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_protocols',
      'https://www.rfc-editor.org/rfc/rfc8996',
      'https://ssl-config.mozilla.org/',
    ],
  },
  bad: [
    {
      name: 'in small letters, which nginx takes too',
      files: { 'nginx/snippets/tls.conf': 'ssl_protocols «tlsv1» tlsv1.2;\nssl_prefer_server_ciphers on;\n' },
      fixed: 'ssl_protocols tlsv1.2;\nssl_prefer_server_ciphers on;\n',
    },
    {
      name: 'old versions beside the new ones',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_certificate     /etc/nginx/certs/app.pem;
    ssl_certificate_key /etc/nginx/certs/app.key;
    ssl_protocols       «TLSv1 TLSv1.1» TLSv1.2 TLSv1.3; # keep the old phones
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_certificate     /etc/nginx/certs/app.pem;
    ssl_certificate_key /etc/nginx/certs/app.key;
    ssl_protocols       TLSv1.2 TLSv1.3; # keep the old phones
}
`,
    },
    {
      name: 'nothing but old versions, for all servers',
      files: {
        'nginx.conf': `events {}
http {
	ssl_protocols «SSLv3 TLSv1»;
	server {
		listen 443 ssl;
		server_name old.example.com;
	}
}
`,
      },
      fixed: `events {}
http {
	ssl_protocols TLSv1.2 TLSv1.3;
	server {
		listen 443 ssl;
		server_name old.example.com;
	}
}
`,
    },
    {
      name: 'old words at the end, in a stream server',
      files: {
        'nginx/nginx.conf': `events {}
stream {
    server {
        listen 5433 ssl;
        ssl_protocols TLSv1.2 «TLSv1.1»;
        proxy_pass db:5432;
    }
}
`,
      },
      fixed: `events {}
stream {
    server {
        listen 5433 ssl;
        ssl_protocols TLSv1.2;
        proxy_pass db:5432;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'only the versions that are safe, towards the upstream too',
      files: {
        'nginx/conf.d/api.conf': 'server {\n    listen 80;\n    proxy_ssl_protocols TLSv1.2 TLSv1.3;\n}\n',
      },
    },
    {
      name: 'only the versions that are safe',
      files: { 'nginx/conf.d/tls.conf': 'ssl_protocols TLSv1.2 TLSv1.3;\nssl_prefer_server_ciphers off;\n' },
    },
    {
      name: 'a floor below which OpenSSL does not go',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    ssl_conf_command MinProtocol TLSv1.2;
    return 404;
}
`,
      },
    },
    {
      name: 'the list of http is replaced in every server that speaks TLS',
      files: {
        'nginx.conf': `events {}
http {
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2;
    server {
        listen 80;
        return 301 https://$host$request_uri;
    }
    server {
        listen 443 ssl;
        ssl_protocols TLSv1.3;
    }
}
`,
      },
    },
    {
      name: 'a list that is filled in later, and one in a comment',
      files: {
        'nginx/templates/default.conf.template': `server {
    listen 443 ssl;
    # ssl_protocols TLSv1 TLSv1.1;
    ssl_protocols \${SSL_PROTOCOLS};
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      if (directive.name !== 'ssl_protocols' || directive.block) continue;
      const weak = directive.args.filter((arg) => WEAK_PROTOCOLS.has(arg.value.toLowerCase()));
      const [first] = weak;
      const last = weak.at(-1);
      if (!first || !last || isIneffective(directive)) continue;
      const names = weak.map((word) => `\`${word.value}\``).join(', ');
      context.report({
        span: { start: first.span.start, end: last.span.end },
        message: `The server accepts ${names}, which can be broken or downgraded; TLS 1.2 is the least that is safe.`,
        place: placeOf(directive),
        fixes: () => [protocolsFix(document, directive, weak)],
      });
    }
  },
});

/**
 * Whether a nearer or lower directive takes away what this one allows. A server that turns handshakes away still decides for
 * those that share its socket, where it is the default one.
 */
function isIneffective(directive: NginxDirective): boolean {
  const { parent } = directive;
  const around = [parent, ...ancestorsOf(directive).map((owner) => owner.parent)];
  if (around.some(hasFloor)) return true;
  if (parent.owner?.name !== 'http') return false;
  if (
    parent.directives.some(
      (other) => other.name === 'include' && !/mime\.types/.test(other.args[0]?.value ?? ''),
    )
  )
    return false;
  const servers = parent.directives.filter((other) => other.name === 'server' && isTls(other.block));
  return (
    servers.length > 0 &&
    servers.every((server) => server.block?.directives.some((other) => other.name === 'ssl_protocols'))
  );
}

function hasFloor(block: NginxBlock): boolean {
  return block.directives.some(
    ({ name, args }) =>
      name === 'ssl_conf_command' &&
      args[0]?.value === 'MinProtocol' &&
      /^TLSv1\.[23]$/.test(args[1]?.value ?? ''),
  );
}

function isTls(block: NginxBlock | undefined): boolean {
  return (
    block?.directives.some(
      ({ name, args }) =>
        name === 'listen' && args.some((arg) => arg.value === 'ssl' || arg.value === 'quic'),
    ) ?? false
  );
}
