import { allDirectives, ancestorsOf, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { removeDirective } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/next-upstream-non-idempotent',
  title: 'Requests that change something may be sent twice',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /non_idempotent/,
  docs: {
    why: 'With `non_idempotent` a POST goes to a second server where the first one gave no answer in time. The first may have done its work all the same: an order is placed twice, a payment made twice.',
    fix: 'Leave the word out. Requests that may be repeated (GET, PUT, DELETE, …) still go to the next server.',
    falsePositives:
      'The application may know repeated requests by a key of their own; then say so in a comment. Silent where `limit_except` lets nothing but GET through.',
    cwe: [837],
    references: ['https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream'],
  },
  bad: [
    {
      name: 'in a list',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location / {\n        proxy_next_upstream error timeout «non_idempotent»;\n        proxy_pass http://app;\n    }\n}\n',
      },
      fixed:
        'server {\n    listen 80;\n    location / {\n        proxy_next_upstream error timeout;\n        proxy_pass http://app;\n    }\n}\n',
    },
    {
      name: 'alone, for PHP',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    fastcgi_next_upstream «non_idempotent»;\n    location ~ \\.php$ { fastcgi_pass php; include fastcgi_params; }\n}\n',
      },
      fixed:
        'server {\n    listen 80;\n    location ~ \\.php$ { fastcgi_pass php; include fastcgi_params; }\n}\n',
    },
  ],
  good: [
    {
      name: 'only what may be repeated',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    # not non_idempotent\n    proxy_next_upstream error timeout http_502;\n    location / { proxy_pass http://app; }\n}\n',
      },
    },
    {
      name: 'nothing but GET comes through',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location / {\n        limit_except GET { deny all; }\n        proxy_next_upstream error non_idempotent;\n        proxy_pass http://app;\n    }\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      if (!/^(?:proxy|fastcgi|uwsgi|scgi|grpc)_next_upstream$/.test(directive.name)) continue;
      const word = directive.args.find(({ value }) => value === 'non_idempotent');
      if (!word || isReadOnly(directive)) continue;
      context.report({
        span: word.span,
        message: 'A POST is sent to a second server where the first is slow, so its work may be done twice.',
        place: placeOf(directive),
        fixes: () => [document.tree.template ? undefined : fixFor(document.text, directive)],
      });
    }
  },
});

function isReadOnly(directive: NginxDirective): boolean {
  return [directive, ...ancestorsOf(directive)].some(({ parent }) =>
    parent.directives.some(
      ({ name, args }) =>
        name === 'limit_except' && args.every(({ value }) => /^(?:GET|HEAD|OPTIONS)$/.test(value)),
    ),
  );
}

function fixFor(text: string, directive: NginxDirective): Fix {
  const { args, nameSpan } = directive;
  const index = args.findIndex(({ value }) => value === 'non_idempotent');
  const before = args[index - 1]?.span ?? nameSpan;
  const edit =
    args.length === 1
      ? removeDirective(text, directive)
      : { span: { start: before.end, end: args[index]?.span.end ?? before.end }, text: '' };
  return {
    title: 'Remove non_idempotent',
    safety: 'review',
    risk: 'A POST that a server gave no answer to ends in an error, which clients have to repeat by themselves.',
    edits: [edit],
    verify: 'nginx -t',
  };
}
