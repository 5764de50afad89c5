import type { Document } from '../../syntaxes/document.ts';
import { allDirectives, type NginxDirective, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { removeDirective, replaceWord } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/ssl-ecdh-curve-pq',
  title: 'Key exchange that OpenSSL before 3.5 does not know',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'low',
  since: '0.1.0',
  profile: 'strict',
  mentions: /ssl_ecdh_curve/,
  docs: {
    why: 'With OpenSSL before 3.5 (Debian 12, Ubuntu 24.04) nginx does not start with a group such as `X25519MLKEM768`, also where `?` stands before it.',
    fix: 'With OpenSSL 3.5 and newer keep the group, or leave the whole directive out: `auto` uses it by itself. Else name only classical groups.',
    falsePositives:
      'On a system with OpenSSL 3.5 or newer the list is right, and protects against recording now and decrypting later; switch the rule off there. A list that does not load shows at once by `nginx -t`, so the rule is part of the strict profile only.',
    references: [
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_ecdh_curve',
      'https://docs.openssl.org/3.5/man3/SSL_CTX_set1_curves/',
    ],
  },
  bad: [
    {
      name: 'before the classical groups',
      files: {
        'nginx/conf.d/app.conf':
          'server { listen 443 ssl; ssl_ecdh_curve «X25519MLKEM768»:X25519:prime256v1; }\n',
      },
      fixed: 'server { listen 443 ssl; ssl_ecdh_curve X25519:prime256v1; }\n',
    },
    {
      name: 'as an optional one, in quotes',
      files: {
        'nginx/conf.d/app.conf': 'server { listen 443 ssl; ssl_ecdh_curve "X25519:«?x25519_kyber768»"; }\n',
      },
      fixed: 'server { listen 443 ssl; ssl_ecdh_curve "X25519"; }\n',
    },
    {
      name: 'alone',
      files: {
        'nginx/conf.d/app.conf': 'server {\n    listen 443 ssl;\n    ssl_ecdh_curve «X25519MLKEM768»;\n}\n',
      },
      fixed: 'server {\n    listen 443 ssl;\n}\n',
    },
  ],
  good: [
    {
      name: 'classical groups',
      files: {
        'nginx/conf.d/app.conf': 'server { listen 443 ssl; ssl_ecdh_curve X25519:prime256v1:secp384r1; }\n',
      },
    },
    {
      name: 'what OpenSSL chooses, and a list that is filled in later',
      files: {
        'nginx/conf.d/app.conf.template':
          'server { listen 443 ssl; ssl_ecdh_curve auto; }\nserver { listen 8443 ssl; ssl_ecdh_curve ${CURVES}; }\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [list] = directive.args;
      if (directive.name !== 'ssl_ecdh_curve' || directive.block || !list || list.opaque) continue;
      const found = GROUP.exec(list.value);
      if (!found || list.value.includes('\\')) continue;
      const start = list.span.start + (list.quote ? 1 : 0) + found.index;
      context.report({
        span: { start, end: start + found[0].length },
        message: `With OpenSSL before 3.5, nginx does not start with \`${found[0].slice(0, 40)}\`.`,
        place: placeOf(directive),
        fixes: () => [fixFor(document, directive, list)],
      });
    }
  },
});

const GROUP = /[^:/ ]*(?:mlkem|kyber)[^:/ ]*/i;

function fixFor(document: Document<'nginx'>, directive: NginxDirective, list: NginxWord): Fix | undefined {
  // OpenSSL 3.5 has lists in lists, which older versions do not read at all.
  if (/[/ ]/.test(list.value) || document.tree.template) return undefined;
  const kept = list.value.split(':').filter((group) => !GROUP.test(group));
  return {
    title: 'Name classical groups only',
    safety: 'review',
    risk: 'Connections that are recorded now may be decrypted by a quantum computer one day.',
    edits: [kept.length > 0 ? replaceWord(list, kept.join(':')) : removeDirective(document.text, directive)],
    verify: 'nginx -t',
  };
}
