import type { Span } from '../../syntaxes/document.ts';
import { allDirectives, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { isCredentialName } from '../core/credential-names.ts';
import { defineRule } from '../core/rule.ts';

export const rule = defineRule({
  id: 'nginx/log-sensitive',
  title: 'Credentials are written into the log',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /log_format/,
  docs: {
    why: 'The log holds the passwords, tokens and cookies of everyone who uses the site. Logs are read by many, sent to other systems and kept for long; whoever sees a line can act as that user.',
    fix: 'Take the variable out of the format. `$remote_user` says who it was, a `map` can tell whether a header was there, and `$request_id` ties lines of several logs together.',
    falsePositives:
      'A format that no `access_log` names does nothing, but is reported. `$request` and `$args` hold tokens as well where applications put them into URLs; these are in every format and left alone.',
    cwe: [532],
    references: ['https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format'],
  },
  bad: [
    {
      name: 'a header with a password, and cookies',
      files: {
        'nginx.conf': `events {}
http {
    log_format main '$remote_addr - $remote_user [$time_local] "$request" '
                    '«$http_authorization» "«$http_cookie»"';
}
`,
      },
      fixed: `events {}
http {
    log_format main '$remote_addr - $remote_user [$time_local] "$request" '
                    '- "$http_cookie"';
}
`,
    },
    {
      name: 'JSON with bodies and tokens',
      files: {
        'nginx/conf.d/log.conf': `log_format json escape=json
  '{"time":"$time_iso8601","body":"«$request_body»","token":"«\${arg_access_token}»","key":"«$http_x_api_key»",'
  '"sid":"«$cookie_sessionid»","set":"«$sent_http_set_cookie»"}';
server { listen 80; }
`,
      },
      fixed: `log_format json escape=json
  '{"time":"$time_iso8601","body":"-","token":"\${arg_access_token}","key":"$http_x_api_key",'
  '"sid":"$cookie_sessionid","set":"$sent_http_set_cookie"}';
server { listen 80; }
`,
    },
  ],
  good: [
    {
      name: 'what the usual formats have',
      files: {
        'nginx.conf': `events {}
http {
    log_format main '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                    '"$http_referer" "$http_user_agent" "$http_x_forwarded_for" $request_id $cookie_lang';
    access_log /var/log/nginx/access.log main;
}
`,
      },
    },
    {
      name: 'names that only begin alike, and the same variables elsewhere',
      files: {
        'nginx/conf.d/app.conf': `log_format a '$request_body_file $http_cookie_consent $arg_token_type $has_authorization $request_length';
server {
    listen 80;
    location / {
        proxy_set_header Authorization $http_authorization;
        proxy_set_header Cookie $http_cookie;
        proxy_pass http://app;
    }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const { name, args, block } of allDirectives(document.tree.root)) {
      const [format, ...words] = args;
      if (name !== 'log_format' || block || !format) continue;
      const seen = new Set<string>();
      for (const { variable, span } of words.flatMap((word) => sensitiveIn(word, document.text))) {
        if (seen.has(variable)) continue;
        seen.add(variable);
        context.report({
          span,
          message: `Everyone who reads the log gets ${whatOf(variable)}: the format \`${format.value.slice(0, 30)}\` writes \`$${variable.slice(0, 40)}\`.`,
          place: `log_format[${format.value}].${variable}`,
          fixes: () => [
            {
              title: `Leave $${variable} out`,
              safety: 'review',
              risk: 'Programs that read the log find `-` in this place.',
              edits: [{ span, text: '-' }],
              verify: 'nginx -t',
            },
          ],
        });
      }
    }
  },
});

/** Credentials as a whole; others go by their name. */
const SENSITIVE =
  /^(?:http_(?:authorization|proxy_authorization|cookie)|request_body|(?:sent|upstream)_http_(?:set_cookie|authorization))$/;
const SESSION =
  /^cookie_(?:\w*sess(?:ion)?(?:_?id)?|sid|connect_sid|phpsessid|jsessionid|\w*(?:auth|jwt|token))$/i;
const VARIABLE = /\$(?:\{(\w+)\}|(\w+))/g;

function sensitiveIn(word: NginxWord, text: string): readonly { variable: string; span: Span }[] {
  const raw = text.slice(word.span.start, word.span.end);
  return [...raw.matchAll(VARIABLE)].flatMap((match) => {
    const variable = (match[1] ?? match[2] ?? '').toLowerCase();
    if (!isSensitive(variable)) return [];
    const start = word.span.start + match.index;
    return [{ variable, span: { start, end: start + match[0].length } }];
  });
}

function isSensitive(variable: string): boolean {
  if (SENSITIVE.test(variable) || SESSION.test(variable)) return true;
  const name = /^(?:arg|http|cookie|upstream_http|sent_http)_(\w+)$/.exec(variable)?.[1];
  return name !== undefined && !name.includes('csrf') && isCredentialName(name);
}

function whatOf(variable: string): string {
  if (variable === 'request_body') return 'what users send, passwords among it';
  return /cookie|sess/.test(variable) ? 'the sessions of users' : 'the credentials of users';
}
