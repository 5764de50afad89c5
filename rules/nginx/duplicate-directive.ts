import { defineRule, type Fix } from '../core/rule.ts';
import { isSingleDirective } from '../data/nginx-singles.ts';
import { removeDirective } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { enclosing, type Item, type Scope, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/duplicate-directive',
  title: 'Directive stands twice in a block',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: 'nginx refuses the whole configuration: "directive is duplicate". An include counts as if its lines stood in the block, so two files that are right for themselves do not go together. A reload keeps the old configuration running; a restart ends in an outage.',
    fix: 'Keep one of them. Where one comes with an include and the other is an exception, put the exception into a block of its own, a `location` or a `server`.',
    falsePositives:
      'Only directives are reported of which nginx 1.22 was seen to refuse a second one (see `rules/data/nginx-singles.ts`). Templates are left alone: they may write one or the other.',
    references: ['https://nginx.org/en/docs/dirindex.html'],
  },
  bad: [
    {
      name: 'twice in one server',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    client_max_body_size 10m;
    root /srv;
    «client_max_body_size» 20m;
    location / { «root» /a; «root» /b; }
}
`.replace('«root» /a', 'root /a'),
      },
    },
    {
      name: 'the same value twice',
      files: {
        'nginx.conf': `events {}
http {
    server_tokens off;
    sendfile on;
    «server_tokens» off;
}
`,
      },
      fixed: `events {}
http {
    server_tokens off;
    sendfile on;
}
`,
    },
    {
      name: 'once here and once in a file that is included',
      files: {
        'nginx/nginx.conf': `events {}
http {
    server_tokens off;
    «include» /etc/nginx/conf.d/*.conf;
}
`,
        'nginx/conf.d/security.conf': 'server_tokens off;\n',
      },
    },
  ],
  good: [
    {
      name: 'in different blocks, and what may stand several times',
      files: {
        'nginx.conf': `events {}
http {
    client_max_body_size 1m;
    error_log /a;
    error_log /b;
    access_log /c;
    access_log /d;
    ssl_certificate /x;
    ssl_certificate /y;
    add_header A b;
    add_header C d;
    server {
        client_max_body_size 2m;
        listen 80;
        listen 81;
        location /a { client_max_body_size 3m; }
        location /b { client_max_body_size 4m; }
    }
    map $uri $x { root 1; root/ 2; gzip 3; }
}
`,
      },
    },
    {
      name: 'the one or the other in a template',
      files: {
        'nginx/app.conf.j2': `server {
    listen 80;
    {% if big %}
    client_max_body_size 10m;
    {% else %}
    client_max_body_size 1m;
    {% endif %}
}
`,
      },
    },
    {
      name: 'files of one folder that nothing is known to include',
      files: {
        'nginx/conf.d/a.conf': 'server_tokens off;\nserver { listen 80; }\n',
        'nginx/conf.d/b.conf': 'server_tokens off;\nserver { listen 81; }\n',
      },
    },
  ],
  check(document, context) {
    if (document.tree.template || document.problems.length > 0) return;
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      if (!scope.block || enclosing(scope, 'stream') || enclosing(scope, 'mail')) continue;
      for (const [first, second] of pairsIn(scope)) {
        const anchor = second.anchor;
        if (!anchor) continue;
        context.report({
          span: anchor.nameSpan,
          message: `nginx does not start: \`${second.name}\` stands in this block already.`,
          place: `${placeOf(anchor)}[${second.name}]`,
          related: [first, second]
            .filter((item) => item === first || item.uri !== document.uri)
            .map(({ uri, span }) => ({ uri, span, message: `\`${second.name}\` stands here.` })),
          fixes: () => [isSame(first, second) ? removed(document.text, second) : undefined],
        });
      }
    }
  },
});

/** The first and the second of each directive that may stand once only, as far as both are surely read. */
function pairsIn(scope: Scope): readonly (readonly [Item, Item])[] {
  const firsts = new Map<string, Item>();
  const reported = new Set<string>();
  const pairs: (readonly [Item, Item])[] = [];
  for (const item of scope.items) {
    if (item.anchor === undefined || item.opaque || !isSingleDirective(item.name)) continue;
    const first = firsts.get(item.name);
    if (!first) firsts.set(item.name, item);
    else if (!reported.has(item.name)) {
      reported.add(item.name);
      pairs.push([first, item]);
    }
  }
  return pairs;
}

function isSame(first: Item, second: Item): boolean {
  return first.args.join(' ') === second.args.join(' ');
}

/** Where both say the same, one may go. */
function removed(text: string, { anchor, name }: Item): Fix | undefined {
  if (anchor?.name !== name) return undefined;
  return {
    title: `Remove the second ${name}`,
    safety: 'review',
    risk: 'nginx starts again, and with it everything else that was changed since it last did.',
    edits: [removeDirective(text, anchor)],
    verify: 'nginx -t',
  };
}
