import { DATA_BLOCKS } from '../../syntaxes/nginx/names.ts';
import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { defineRule } from '../core/rule.ts';
import { isForeignDirective } from '../data/nginx-modules.ts';
import { contextsOf, directiveNames } from './shared/directives.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/unknown-directive',
  title: 'Directive is misspelt',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  docs: {
    why: 'nginx refuses the whole configuration: "unknown directive". A reload keeps the old one running, so the protection that was meant is not there; a restart ends in an outage.',
    fix: 'Correct the name.',
    falsePositives:
      'Only names that are one or two letters away from a directive of nginx are reported, and none that begins like those of a known module: other modules bring directives of their own.',
    references: ['https://nginx.org/en/docs/dirindex.html'],
  },
  bad: [
    {
      name: 'letters that changed places, or are missing',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    «sever_tokens» off;
    «add_haeder» X-Frame-Options SAMEORIGIN always;
    location / { «proxy_pas» http://app; }
}
`,
      },
      fixed: `server {
    listen 80;
    server_tokens off;
    add_haeder X-Frame-Options SAMEORIGIN always;
    location / { proxy_pas http://app; }
}
`,
    },
    {
      name: 'a block, and one word too many',
      files: {
        'nginx.conf': `events { }
http {
    «ssl_protocol» TLSv1.2 TLSv1.3;
    «upsteam» app { server app:80; }
    server { listen 80; }
}
`,
      },
      fixed: `events { }
http {
    ssl_protocols TLSv1.2 TLSv1.3;
    upsteam app { server app:80; }
    server { listen 80; }
}
`,
    },
  ],
  good: [
    {
      name: 'directives of nginx, of today and of once, and of modules',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443;
    ssl on;
    http2_push_preload on;
    more_set_headers "Server: x";
    lua_code_cache off;
    brotli on;
    zstd on;
    modsecurity on;
    fancyindex on;
    geoip2_proxy 10.0.0.0/8;
    auth_ldap "x";
    vhost_traffic_status_display;
    limit_req_whitelist geo_var_name=x;
}
`,
      },
    },
    {
      name: 'entries of data, placeholders, and what is like nothing',
      files: {
        'nginx/templates/app.conf.template': `map $uri $x { sever 1; proxypass 2; }
types { text/html htm; }
upstream app { servers_from_consul app; server app:80; }
server {
    listen 80;
    \${SEVER_NAME}
    SERVER_TOKENZ
    our_own_module on;
}
`,
      },
    },
  ],
  check(document, context) {
    if (document.tree.template) return;
    for (const directive of allDirectives(document.tree.root)) {
      const { name, nameSpan } = directive;
      if (contextsOf(name) !== undefined || isForeignDirective(name) || !isName(directive)) continue;
      const meant = nearestWord(name, directiveNames());
      if (meant === undefined) continue;
      context.report({
        span: nameSpan,
        message: `nginx does not start: it knows no \`${name}\`; \`${meant}\` may be meant.`,
        place: placeOf(directive),
        fixes: () => [
          {
            title: `Change to ${meant}`,
            safety: 'review',
            risk: 'A module that is not known here may bring a directive of this name.',
            edits: [{ span: nameSpan, text: meant }],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

/** Whether it is a name and not an entry of data, a placeholder, or the rest of something broken. */
function isName({ name, opaque, parent, args, block }: NginxDirective): boolean {
  if (opaque || !/^[a-z][a-z0-9_]{4,}$/.test(name) || (args.length === 0 && !block)) return false;
  return parent.owner === undefined || !(DATA_BLOCKS.has(parent.owner.name) || isForeignBlock(parent.owner));
}

/** Blocks of other modules have words of their own. */
function isForeignBlock({ name, parent }: NginxDirective): boolean {
  if (isForeignDirective(name) || contextsOf(name) === undefined) return true;
  return parent.owner !== undefined && isForeignBlock(parent.owner);
}
