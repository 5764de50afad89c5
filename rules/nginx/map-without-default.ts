import type { Document } from '../../syntaxes/document.ts';
import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { conditionOf } from './shared/conditions.ts';
import { insertFirst } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/map-without-default',
  title: 'A map that decides something says nothing of the rest',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\b(?:map|geo)\b/,
  docs: {
    why: 'What no entry of a `map` matches becomes an empty text. As the key of a limit that means no limit, as an upstream an error, and a condition such as `if ($role = denied)` lets it pass.',
    fix: 'Write `default` with what the rest shall get. `default "";` says that the empty text is meant.',
    falsePositives:
      'Reported only where the variable is a key of a limit, a target of `proxy_pass`, or compared with `=` before a refusal, in the same file. Silent for maps with one entry, with an include, and where the entries are all the values that another map gives.',
    cwe: [1188],
    references: ['https://nginx.org/en/docs/http/ngx_http_map_module.html'],
  },
  bad: [
    {
      name: 'the key of a limit',
      files: {
        'nginx/conf.d/limits.conf': `«map» $http_x_plan $limit_key {
    free  $binary_remote_addr;
    trial $binary_remote_addr;
}
limit_req_zone $limit_key zone=plans:10m rate=10r/s;
`,
      },
      fixed: `map $http_x_plan $limit_key {
    default "";
    free  $binary_remote_addr;
    trial $binary_remote_addr;
}
limit_req_zone $limit_key zone=plans:10m rate=10r/s;
`,
    },
    {
      name: 'an upstream, and a condition that refuses',
      files: {
        'nginx.conf': `events {}
http {
    «map» $cookie_stage $backend { blue app-blue; green app-green; }
    «geo» $remote_addr $zone { 10.0.0.0/8 inside; 192.0.2.0/24 blocked; }
    server {
        listen 80;
        if ($zone = blocked) { return 403; }
        location / { proxy_pass http://$backend; }
    }
}
`,
      },
      fixed: `events {}
http {
    map $cookie_stage $backend { default ""; blue app-blue; green app-green; }
    geo $remote_addr $zone { 10.0.0.0/8 inside; 192.0.2.0/24 blocked; }
    server {
        listen 80;
        if ($zone = blocked) { return 403; }
        location / { proxy_pass http://$backend; }
    }
}
`,
    },
  ],
  good: [
    {
      name: 'a default, an include, one entry, an entry for the rest',
      files: {
        'nginx/conf.d/maps.conf': `map $http_x_plan $a { default x; free y; paid z; }
map $http_x_plan $b { include /etc/nginx/plans.map; free y; }
map $http_x_plan $c { free $binary_remote_addr; }
map $http_x_plan $d { free y; ~.* z; }
limit_req_zone $a zone=a:1m rate=1r/s;
limit_req_zone $b zone=b:1m rate=1r/s;
limit_req_zone $c zone=c:1m rate=1r/s;
limit_req_zone $d zone=d:1m rate=1r/s;
`,
      },
    },
    {
      name: 'every value that another one gives has an entry',
      files: {
        'nginx/conf.d/maps.conf': `geo $limit { default 1; 10.0.0.0/8 0; }
map $limit $limit_key { 0 ""; 1 $binary_remote_addr; }
limit_req_zone $limit_key zone=a:1m rate=1r/s;
`,
      },
    },
    {
      name: 'where nothing depends on it, and where empty means no',
      files: {
        'nginx/conf.d/app.conf': `map $http_user_agent $bot { ~*crawl 1; ~*spider 1; }
map $sent_http_content_type $expires { text/css 1y; text/html -1; }
map $request_method $known { GET 1; HEAD 1; }
server {
    listen 80;
    expires $expires;
    if ($bot) { return 403; }
    if ($known != 1) { return 405; }
}
`,
      },
    },
  ],
  check(document, context) {
    const maps = new Map<string, NginxDirective>();
    const all = [...allDirectives(document.tree.root)];
    for (const directive of all)
      if ((directive.name === 'map' || directive.name === 'geo') && directive.block)
        maps.set(variableOf(directive.args.at(-1)?.value), directive);
    for (const [variable, map] of maps) {
      if (!lacksDefault(map, maps)) continue;
      const use = all.find((directive) => decides(directive, variable));
      if (!use) continue;
      context.report({
        span: map.nameSpan,
        message: `What no entry matches leaves \`$${variable}\` empty, and \`${use.name}\` depends on it; write a \`default\`.`,
        place: placeOf(map),
        related: [{ uri: document.uri, span: use.nameSpan, message: 'It is used here.' }],
        fixes: () => [defaultFix(document, map)],
      });
    }
  },
});

function defaultFix({ text, tree }: Document<'nginx'>, { block }: NginxDirective): Fix | undefined {
  if (!block || tree.template) return undefined;
  return {
    title: 'Add an empty default',
    safety: 'safe',
    edits: [insertFirst(text, block, ['default "";'])],
    verify: 'nginx -t',
  };
}

const NO_ENTRY = /^(?:hostnames|volatile|ranges|proxy|proxy_recursive|delete)$/;

function lacksDefault(map: NginxDirective, maps: ReadonlyMap<string, NginxDirective>): boolean {
  const own = map.block?.directives ?? [];
  const entries = own.filter(({ name, args }) => !NO_ENTRY.test(name) || args.length > 0);
  const isOpen = entries.some(
    ({ name, opaque, args }) =>
      opaque ||
      args.some((arg) => arg.opaque) ||
      /^(?:default|include|~\*?\^?\(?\.[*+]?\)?\$?|0\.0\.0\.0\/0|)$/.test(name),
  );
  if (isOpen || entries.length < 2) return false;
  const source = maps.get(variableOf(map.args.length > 1 ? map.args[0]?.value : undefined));
  const values = source?.block?.directives.map(({ args }) => args[0]?.value);
  return !values?.every((value) => entries.some(({ name }) => name === value));
}

/** Whether something that matters hangs on a variable. */
function decides(directive: NginxDirective, variable: string): boolean {
  const { name, args } = directive;
  if (/_pass$/.test(name) || /^limit_(?:req|conn)_zone$/.test(name))
    return mentions(args[0]?.value, variable);
  const condition = conditionOf(directive);
  if (condition?.variable !== variable || condition.operator !== '=' || condition.value === '') return false;
  return (
    directive.block?.directives.some(
      (inner) => inner.name === 'return' && /^4\d\d$/.test(inner.args[0]?.value ?? ''),
    ) ?? false
  );
}

function mentions(value: string | undefined, variable: string): boolean {
  return (value?.toLowerCase().match(/\$\{?\w+/g) ?? []).some((found) => variableOf(found) === variable);
}

function variableOf(value: string | undefined): string {
  return (value ?? '')
    .replace(/^\$\{?/, '')
    .replace(/\}$/, '')
    .toLowerCase();
}
