import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/valid-referers-none',
  title: 'Requests without Referer count as valid',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /\bvalid_referers\b/,
  docs: {
    why: 'A page can keep its visitors from sending `Referer` (`Referrer-Policy: no-referrer`). With `none` such requests pass, so the check stops no site that wants to get around it.',
    fix: 'Take `none` away where the check is meant to protect something. Against pages that embed your pictures it does no harm: browsers and proxies that send no `Referer` would be turned away otherwise.',
    falsePositives:
      'Protection against hot-linking usually wants `none`; that is why the rule is off by default.',
    cwe: [346],
    references: ['https://nginx.org/en/docs/http/ngx_http_referer_module.html#valid_referers'],
  },
  bad: [
    {
      name: 'first of several',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /api/ {
        valid_referers «none» blocked server_names *.example.com;
        if ($invalid_referer) { return 403; }
        proxy_pass http://app;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location /api/ {
        valid_referers blocked server_names *.example.com;
        if ($invalid_referer) { return 403; }
        proxy_pass http://app;
    }
}
`,
    },
    {
      name: 'with nothing that nginx would accept alone',
      files: {
        'nginx/conf.d/app.conf': 'server {\n    listen 80;\n    valid_referers «none» blocked;\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'without it',
      files: {
        'nginx/conf.d/app.conf': 'server {\n    listen 80;\n    valid_referers blocked server_names;\n}\n',
      },
    },
    {
      name: 'a host of that name',
      files: {
        'nginx/conf.d/app.conf': 'server {\n    listen 80;\n    valid_referers none.example.com;\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      if (directive.name !== 'valid_referers') continue;
      const at = directive.args.findIndex(({ value }) => value === 'none');
      const none = directive.args[at];
      if (!none) continue;
      const before = directive.args[at - 1]?.span.end ?? directive.nameSpan.end;
      context.report({
        span: none.span,
        message: 'A page that sends no Referer passes the check, and every page can do so.',
        place: placeOf(directive),
        fixes: () =>
          directive.args.some(({ value }) => value !== 'none' && value !== 'blocked')
            ? [
                {
                  title: 'Remove none',
                  safety: 'review',
                  risk: 'Visitors whose browser or proxy sends no Referer are turned away.',
                  edits: [{ span: { start: before, end: none.span.end }, text: '' }],
                  verify: 'nginx -t',
                },
              ]
            : [],
      });
    }
  },
});
