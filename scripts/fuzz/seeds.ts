import type { Rule } from '../../rules/core/rule.ts';
import { nginxSyntax } from '../../syntaxes/nginx/syntax.ts';
import { foldersFor, readTexts } from '../files.ts';

/** Some of everything that the lexer knows. */
const OWN: readonly string[] = [
  `user nginx; # comment ; {
events { worker_connections 1024; }
http {
    log_format main '$remote_addr "$request" ; {'
                    "\\"quoted\\"";
    map $http_upgrade $connection_upgrade {
        default upgrade;
        ''      close;
    }
    server {
        listen 443 ssl;
        location ~* "\\.(?:css|js){1,2}$" {
            add_header Cache-Control "public, max-age=\${AGE}" always;
            if ($arg_a = "b") { return 204; }
        }
        rewrite ^/a#b\\;c$ /\${d}e last;
    }
}
`,
  `server {
    content_by_lua_block {
        local t = { "}", '}' } -- }
        --[==[ } ]==]
        ngx.say([[ } ]])
    }
    EXTRA_LINES
    \${MORE}
    location = / { return 200 "a\\tb"; }
}
`,
  `server {
    server_name {{ name }};
{% for port in ports %}
    listen {{ port }}{% if tls %} ssl{% endif %};
{% endfor %}
    {{ extra }}
    add_header X-A "{{ a | default("b") }}";
}
`,
];

const MAX_LENGTH = 20_000;

/** Texts to start from: own ones, the examples of rules, and the nginx files of a folder where there is one. */
export function seedTexts(rules: readonly Rule[], folder?: string): readonly string[] {
  const examples = rules.flatMap(({ bad, good }) =>
    [...bad, ...good].flatMap(({ files }) =>
      Object.entries(files).flatMap(([path, text]) =>
        nginxSyntax.detect(`file:///fuzz/${path}`, text) ? [text.replaceAll(/[«»]/g, '')] : [],
      ),
    ),
  );
  const real = foldersFor('nginx', folder).flatMap((each) =>
    readTexts(each).flatMap(({ uri, text }) =>
      text.length <= MAX_LENGTH && nginxSyntax.detect(uri, text) ? [text] : [],
    ),
  );
  return [...OWN, ...examples, ...real];
}
