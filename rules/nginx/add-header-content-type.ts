import type { Document } from '../../syntaxes/document.ts';
import { allDirectives, ancestorsOf, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/add-header-content-type',
  title: 'Answer gets a second Content-Type',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /content-type/i,
  docs: {
    why: '`add_header` adds a `Content-Type` beside the one that nginx or the upstream sends. With two of them each client, proxy and scanner chooses for itself, and what one takes for text another runs as HTML.',
    fix: 'Write `default_type text/plain;`, which is the type of what `return` sends and of files without a known ending. For another type than the upstream sends, hide that one first: `proxy_hide_header Content-Type;`.',
    falsePositives:
      'Fine where the type of the upstream is hidden in the same block or around it, and for answers without content (`return 204`, `304`), which have no type of their own.',
    cwe: [436],
    references: ['https://nginx.org/en/docs/http/ngx_http_core_module.html#default_type'],
  },
  bad: [
    {
      name: 'a health check',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location = /health {
        «add_header Content-Type» text/plain always;
        return 200 "ok";
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location = /health {
        default_type text/plain;
        return 200 "ok";
    }
}
`,
    },
    {
      name: 'with a charset, in quotes; an if takes no default_type',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        «add_header 'content-type'» 'application/json; charset=utf-8';
        return 404 '{}';
    }
    location /b {
        if ($arg_x) {
            «add_header Content-Type» "text/plain";
            return 200 "x";
        }
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location / {
        default_type 'application/json; charset=utf-8';
        return 404 '{}';
    }
    location /b {
        if ($arg_x) {
            add_header Content-Type "text/plain";
            return 200 "x";
        }
    }
}
`,
    },
    {
      name: 'beside the type of the upstream, and where there is one already',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location / { default_type text/html; «add_header Content-Type» text/plain; proxy_pass http://app; }\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'the type of the upstream is hidden',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    proxy_hide_header content-type;
    location / { add_header Content-Type text/plain; proxy_pass http://app; }
    location ~ \\.php$ { fastcgi_hide_header Content-Type; add_header Content-Type text/html; fastcgi_pass php:9000; }
}
`,
      },
    },
    {
      name: 'an answer without content to a question before the request',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        if ($request_method = OPTIONS) {
            add_header 'Content-Type' 'text/plain; charset=utf-8';
            add_header 'Content-Length' 0;
            return 204;
        }
        proxy_pass http://app;
    }
}
`,
      },
    },
    {
      name: 'other headers',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    add_header X-Content-Type-Options nosniff;\n    root /srv;\n    location / { default_type text/plain; proxy_set_header Content-Type text/plain; proxy_pass http://app; }\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [header, value] = directive.args;
      if (directive.name !== 'add_header' || header?.value.toLowerCase() !== 'content-type') continue;
      if (!value || value.value === '' || hasNoContent(directive) || isHidden(directive)) continue;
      context.report({
        span: { start: directive.nameSpan.start, end: header.span.end },
        message: 'The answer goes out with two types, and each client chooses for itself.',
        place: `${placeOf(directive)}[Content-Type]`,
        fixes: () => [fixFor(document, directive)],
      });
    }
  },
});

function hasNoContent({ parent }: NginxDirective): boolean {
  return parent.directives.some(
    ({ name, args }) => name === 'return' && /^(?:204|304)$/.test(args[0]?.value ?? ''),
  );
}

function isHidden(directive: NginxDirective): boolean {
  return [directive, ...ancestorsOf(directive)].some(({ parent }) =>
    parent.directives.some(
      ({ name, args }) =>
        (/_hide_header$/.test(name) && args[0]?.value.toLowerCase() === 'content-type') ||
        (name === 'more_clear_headers' && args.some(({ value }) => value.toLowerCase() === 'content-type')),
    ),
  );
}

function fixFor({ text, tree }: Document<'nginx'>, directive: NginxDirective): Fix | undefined {
  const { parent, args, span } = directive;
  const [, value] = args;
  const isOwn = parent.owner?.name === 'location' && parent.directives.some(({ name }) => name === 'return');
  const taken = parent.directives.some(
    (other) =>
      other.name === 'default_type' ||
      other.name === 'include' ||
      (other !== directive && isContentType(other)),
  );
  if (tree.template || !value || value.opaque || value.value.includes('$') || !isOwn || taken)
    return undefined;
  return {
    title: 'Write default_type instead',
    safety: 'review',
    risk: 'The answer has one type only; where no other header is left in its block, it gets those of the blocks around it.',
    edits: [{ span, text: `default_type ${text.slice(value.span.start, value.span.end)};` }],
    verify: 'nginx -t',
  };
}

function isContentType({ name, args }: NginxDirective): boolean {
  return name === 'add_header' && args[0]?.value.toLowerCase() === 'content-type';
}
