import type { Document } from '../../syntaxes/document.ts';
import type { NginxBlock, NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isForeignDirective } from '../data/nginx-modules.ts';
import { contextLetter, contextsOf, contextWord } from './shared/directives.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/directive-context',
  title: 'Directive stands in a block that does not take it',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: 'nginx refuses the whole configuration: "directive is not allowed here". A reload keeps the old one running, so the change and everything after it has no effect; a restart, at the latest that of the machine, ends in an outage.',
    fix: 'Move the directive into a block that takes it. Often a `}` above is missing or one too many.',
    falsePositives:
      'What a directive takes comes from the documentation of nginx (see `rules/data/nginx-directives.generated.ts`). Templates, directives of other modules and files whose place is not known are left alone.',
    references: ['https://nginx.org/en/docs/dirindex.html'],
  },
  bad: [
    {
      name: 'directives of http and main in a server',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    «log_format» main '$remote_addr';
    «worker_connections» 1024;
    location / {
        «server_name» app.example.com;
        proxy_pass http://app;
    }
}
`,
      },
    },
    {
      name: 'a location in http, and a server in none',
      files: {
        'nginx.conf': `events { }
«server» {
    listen 80;
}
http {
    «location» / { root /srv; }
    server { listen 81; if ($x) { «alias» /srv/; } }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'everything at its place, of http and stream',
      files: {
        'nginx.conf': `user nginx;
events { worker_connections 1024; }
http {
    log_format main '$remote_addr';
    upstream app { server app:80; keepalive 8; }
    map $uri $x { server 1; location 2; }
    server {
        listen 80;
        if ($x) { rewrite ^ /y last; set $z 1; break; }
        location / {
            limit_except GET { deny all; }
            if ($x) { add_header A b; proxy_pass http://app; return 200; }
        }
    }
}
stream {
    upstream db { server db:5432; least_conn; }
    server { listen 5432; proxy_pass db; proxy_timeout 1h; }
}
`,
      },
    },
    {
      name: 'a file that is included anywhere, which is left alone at its top',
      files: {
        'nginx/snippets/headers.conf':
          'add_header A b;\nlocation /x { return 200; }\nworker_connections 1;\n',
      },
    },
    {
      name: 'directives of other modules, and a placeholder',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    lua_code_cache on;
    brotli on;
    more_set_headers "A: b";
    content_by_lua_block { worker_connections = 1 }
    \${EXTRA}
}
`,
      },
    },
    {
      name: 'a template',
      files: {
        'nginx/site.conf.j2':
          'server {\n    {% for s in servers %}\n    worker_connections {{ s }};\n    {% endfor %}\n}\n',
      },
    },
  ],
  check(document, context) {
    if (document.tree.template || document.problems.length > 0) return;
    for (const { directive, letter } of judged(document.tree.root, rootLetter(document))) {
      const codes = contextsOf(directive.name);
      if (codes === undefined || directive.opaque || isForeignDirective(directive.name)) continue;
      if (codes.includes(letter) || codes.includes('*')) continue;
      context.report({
        span: directive.nameSpan,
        message: `nginx does not start: \`${directive.name}\` is not allowed in ${contextWord(letter)}${insteadOf(codes, letter)}.`,
        place: placeOf(directive),
      });
    }
  },
});

interface Judged {
  readonly directive: NginxDirective;
  readonly letter: string;
}

function* judged(block: NginxBlock, root: string | undefined): Generator<Judged> {
  const letter = contextLetter(block, root);
  for (const directive of block.directives) {
    if (letter !== undefined && directive.name !== 'include') yield { directive, letter };
    if (directive.block && !directive.block.lua) yield* judged(directive.block, root);
  }
}

/** The top of a file is judged only where its other blocks leave no doubt what it is. */
function rootLetter({ tree }: Document<'nginx'>): string | undefined {
  const has = (name: string) =>
    tree.root.directives.some((directive) => directive.block && directive.name === name);
  if (tree.context === 'main') return has('http') || has('events') || has('stream') ? 'm' : undefined;
  return tree.context === 'http' && has('server') ? 'h' : undefined;
}

function insteadOf(codes: string, letter: string): string {
  const words = [...new Set([...codes].filter((code) => /[a-z]/.test(code)).map(contextWord))].filter(
    (word) => word !== contextWord(letter),
  );
  return words.length === 0 ? '' : `, but in ${words.slice(0, 3).join(', ')}`;
}
