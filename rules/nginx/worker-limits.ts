import type { Document } from '../../syntaxes/document.ts';
import type { NginxWord } from '../../syntaxes/nginx/tree.ts';
import { type Context, defineRule, type Edit, type Report } from '../core/rule.ts';
import { containersOf } from './shared/containers.ts';
import { insertAfter, insertBefore, insertFirst, replaceWord } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { ownDirectives } from './shared/own.ts';
import { type Item, itemsNamed, type Scope } from './shared/scope.ts';

/** The default of nginx, https://nginx.org/en/docs/ngx_core_module.html#worker_connections. */
const DEFAULT_CONNECTIONS = 512;
/** Open files that systems usually allow a service, and that nginx therefore has where it sets nothing. */
const USUAL_FILES = 1024;

export const rule = defineRule({
  id: 'nginx/worker-limits',
  title: 'Few connections are enough to fill nginx',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /\bevents\b/,
  docs: {
    why: 'Each client, and each connection to an upstream, takes one of `worker_connections`, and an open file. With the default of 512 and one worker some hundred slow clients are enough, and nobody else gets an answer; where files run out first, the log fills with `Too many open files`.',
    fix: '`worker_processes auto;`, `worker_connections 1024;` or more in `events`, and `worker_rlimit_nofile` twice as large.',
    falsePositives:
      'Reported in whole configurations only. Silent on `worker_processes 1`, which somebody wrote, on the limit of open files where a container has its own, and where a template or an include may set it.',
    cwe: [770],
    references: ['https://nginx.org/en/docs/ngx_core_module.html'],
  },
  bad: [
    {
      name: 'nothing is set',
      files: {
        'nginx.conf': '«events» {}\nhttp {\n    server { listen 80; root /srv; }\n}\n',
      },
      fixed:
        'worker_processes auto;\nevents { worker_connections 1024; }\nhttp {\n    server { listen 80; root /srv; }\n}\n',
    },
    {
      name: 'a small number',
      files: {
        'nginx.conf': `user nginx;
worker_processes auto;
events {
    worker_connections «256»;
}
http { server { listen 80; root /srv; } }
`,
      },
      fixed: `user nginx;
worker_processes auto;
events {
    worker_connections 1024;
}
http { server { listen 80; root /srv; } }
`,
    },
    {
      name: 'more connections than open files',
      files: {
        'nginx.conf': `worker_processes auto;
worker_rlimit_nofile «4096»;
events { worker_connections 4096; }
http { server { listen 80; root /srv; } }
`,
      },
      fixed: `worker_processes auto;
worker_rlimit_nofile 8192;
events { worker_connections 4096; }
http { server { listen 80; root /srv; } }
`,
    },
    {
      name: 'many connections, and the usual number of open files',
      files: {
        'nginx.conf': `worker_processes auto;
pid /run/nginx.pid;
events { worker_connections «4096»; }
http { server { listen 80; root /srv; } }
`,
      },
      fixed: `worker_processes auto;
worker_rlimit_nofile 8192;
pid /run/nginx.pid;
events { worker_connections 4096; }
http { server { listen 80; root /srv; } }
`,
    },
  ],
  good: [
    {
      name: 'all of it, or what fits the usual number of files',
      files: {
        'nginx.conf': `worker_processes 4;
worker_rlimit_nofile 20000;
events { worker_connections 8192; multi_accept on; }
http { server { listen 80; root /srv; } }
`,
      },
    },
    {
      name: 'the file of the package',
      files: {
        'nginx.conf': `user nginx;
worker_processes auto;
events {
    worker_connections 1024;
}
http {
    include /etc/nginx/conf.d/*.conf;
}
`,
      },
    },
    {
      name: 'one worker on purpose; a container has a limit of its own',
      files: {
        'nginx.conf': `worker_processes 1;
daemon off;
events { worker_connections 4096; }
http { server { listen 80; root /srv; } }
`,
      },
    },
    {
      name: 'a template, and an include that is not known',
      files: {
        'nginx.conf.template': `worker_processes \${WORKERS};
include /etc/nginx/main.d/*.conf;
events { worker_connections \${CONNECTIONS}; }
http { server { listen 80; root /srv; } }
`,
      },
    },
    {
      name: 'a fragment',
      files: { 'nginx/conf.d/app.conf': 'server {\n    listen 80;\n    root /srv;\n}\n' },
    },
  ],
  check(document, context) {
    if (document.tree.context !== 'main') return;
    const main = scopeOf(document, context.facts);
    const events = main.children.find(({ kind, block }) => kind === 'events' && block);
    if (!main.complete || !events?.block?.owner || !events.complete) return;
    const connections = itemsNamed(events, 'worker_connections')[0];
    const number = connections ? numberOf(connections) : DEFAULT_CONNECTIONS;
    checkDefaults(document, context, { main, events, connections, number });
    if (number !== undefined) checkFiles(document, context, main, number);
  },
});

interface Workers {
  readonly main: Scope;
  readonly events: Scope;
  readonly connections: Item | undefined;
  readonly number: number | undefined;
}

/** One finding for the number of workers and that of their connections, since one is worth nothing without the other. */
function checkDefaults(document: Document<'nginx'>, context: Context, workers: Workers): void {
  const { main, events, connections, number } = workers;
  const { block } = events;
  const isFew = number !== undefined && number <= DEFAULT_CONNECTIONS;
  const isSingle = itemsNamed(main, 'worker_processes').length === 0;
  const own = connections?.anchor?.name === 'worker_connections' ? connections.anchor.args[0] : undefined;
  if (!block?.owner || (!isFew && !isSingle) || (connections && !own)) return;
  const first = document.tree.root.directives[0];
  const edits: Edit[] = [];
  if (isSingle && first) edits.push(insertBefore(document.text, first, ['worker_processes auto;']));
  if (isFew)
    edits.push(
      own ? replaceWord(own, '1024') : insertFirst(document.text, block, ['worker_connections 1024;']),
    );
  context.report({
    span: isFew && own ? own.span : block.owner.nameSpan,
    message: isFew
      ? `A worker takes ${number} connections at once, so some hundred slow clients keep everybody else out.`
      : 'Without `worker_processes` nginx runs one worker, so one busy core holds up every client.',
    place: 'events.worker_connections',
    rollup: ROLLUP,
    fixes: () =>
      document.tree.template
        ? []
        : [
            {
              title: isFew ? 'Allow more connections' : 'Set worker_processes to auto',
              safety: 'review',
              risk: 'nginx takes more memory: some for each worker, of which there is one for each core, and for each connection.',
              edits,
              verify: 'nginx -t',
            },
          ],
  });
}

const ROLLUP: NonNullable<Report['rollup']> = {
  key: 'nginx',
  noun: 'server',
  subject: '`nginx`',
  item: 'worker limits',
};

/** Each connection is an open file, and one to an upstream is a second. */
function checkFiles(document: Document<'nginx'>, context: Context, main: Scope, connections: number): void {
  const [limit] = ownDirectives(main, 'worker_rlimit_nofile');
  const wanted = String(connections * 2);
  const files = limit ? numberOf(limit.item) : USUAL_FILES;
  const word = limit?.directive.args[0] ?? [...connectionWords(main)][0];
  const isSet = itemsNamed(main, 'worker_rlimit_nofile').length > 0;
  if (!word || files === undefined || isSet !== (limit !== undefined)) return;
  if (limit ? files >= connections * 2 : connections <= USUAL_FILES || hasOwnLimit(document, context, main))
    return;
  const anchor = document.tree.root.directives.find(({ name }) => name === 'worker_processes') ?? undefined;
  const first = document.tree.root.directives[0];
  const line = [`worker_rlimit_nofile ${wanted};`];
  context.report({
    span: word.span,
    message: `${connections} connections need twice as many open files, but a worker ${limit ? '' : 'usually '}has ${files}.`,
    place: 'worker_rlimit_nofile',
    rollup: { ...ROLLUP, item: 'open files' },
    fixes: () => {
      if (document.tree.template || !first) return [];
      const added = anchor
        ? insertAfter(document.text, anchor, line)
        : insertBefore(document.text, first, line);
      const edits = [limit ? replaceWord(word, wanted) : added];
      return [{ title: `Set worker_rlimit_nofile to ${wanted}`, safety: 'safe', edits, verify: 'nginx -t' }];
    },
  });
}

function* connectionWords(main: Scope): Generator<NginxWord> {
  for (const { directive } of ownDirectives(main, 'worker_connections'))
    if (directive.args[0]) yield directive.args[0];
}

/** Containers allow many files, or have a limit of their own. */
function hasOwnLimit(document: Document<'nginx'>, context: Context, main: Scope): boolean {
  const isInForeground = itemsNamed(main, 'daemon').some(
    ({ args }) => args.length === 0 || args[0] === 'off',
  );
  return isInForeground || containersOf(context.facts, document.uri).length > 0;
}

function numberOf({ args, opaque }: Item): number | undefined {
  const value = args[0] ?? '';
  return !opaque && /^\d+$/.test(value) ? Number(value) : undefined;
}
