import type { Document, Span } from '../../syntaxes/document.ts';
import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { type Context, defineRule, type Edit, type Fix } from '../core/rule.ts';
import { conditionOf } from './shared/conditions.ts';
import { type HostFlaws, hostFlawsOf } from './shared/host-pattern.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/origin-regex',
  title: 'Expression for allowed origins lets others through',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /http_(?:origin|referer)/i,
  docs: {
    why: 'Anyone can register `evilexample.com`, `wwwxexample.com` or `example.com.evil.net`. Where the expression that decides about origins fits such a name too, pages from there may read the answers, often with the cookies of the visitor.',
    fix: 'Write the whole origin: `^https://(?:www\\.)?example\\.com$`, with a backslash before each dot of the name. A `map` with literal origins needs no expressions at all.',
    falsePositives:
      'A name that a slash, a port or `(/|$)` ends is whole, and so is one behind `://` without `^` for an origin, which has no path to hide in as a `Referer` has. Expressions that block (`return 403`) are not looked at, nor is `valid_referers`.',
    cwe: [346, 942],
    references: [
      'https://portswigger.net/web-security/cors',
      'https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#if',
    ],
  },
  bad: [
    {
      name: 'dots, and no end',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location /api/ {
        if ($http_origin ~* «^https?://(www|app).example.com») {
            add_header Access-Control-Allow-Origin $http_origin always;
        }
        proxy_pass http://api;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    location /api/ {
        if ($http_origin ~* ^https?://(www|app)\\.example\\.com$) {
            add_header Access-Control-Allow-Origin $http_origin always;
        }
        proxy_pass http://api;
    }
}
`,
    },
    {
      name: 'a map: no start, and an end that is none',
      files: {
        'nginx/conf.d/cors.conf': `map $http_origin $cors {
    default "";
    «"~*example\\.com$"» $http_origin;
    «~^https://example\\.org.*$» $http_origin;
    «~^https://.*example\\.net$» $http_origin;
    "~^https://a\\.example\\.com$" $http_origin;
}
`,
      },
      fixed: `map $http_origin $cors {
    default "";
    "~*^https?://(?:[\\w-]+\\.)*example\\.com$" $http_origin;
    ~^https://example\\.org.*$ $http_origin;
    ~^https://.*example\\.net$ $http_origin;
    "~^https://a\\.example\\.com$" $http_origin;
}
`,
    },
    {
      name: 'brackets around all of it',
      files: {
        'nginx/conf.d/cors.conf':
          'map $http_origin $cors {\n    «"~^(https?://.*.example.com|https://example\\.org)"» $http_origin;\n}\n',
      },
      fixed:
        'map $http_origin $cors {\n    "~^(https?://.*\\.example\\.com|https://example\\.org)$" $http_origin;\n}\n',
    },
    {
      name: 'only those that fit go on; alternatives without brackets',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    if ($http_origin !~ «'^https://a\\.example\\.com|https://b\\.example\\.com$'») {
        return 403;
    }
    root /srv;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    if ($http_origin !~ '^(?:^https://a\\.example\\.com|https://b\\.example\\.com$)$') {
        return 403;
    }
    root /srv;
}
`,
    },
    {
      name: 'pages that may show this one in a frame',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /widget {
        proxy_pass http://app;
        if ($http_referer !~ «"^https://partner.example.com/"») {
            add_header X-Frame-Options DENY always;
        }
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location /widget {
        proxy_pass http://app;
        if ($http_referer !~ "^https://partner\\.example\\.com/") {
            add_header X-Frame-Options DENY always;
        }
    }
}
`,
    },
    {
      name: 'a page has a path, in which any name can stand',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /video/ {
        root /srv;
        if ($http_referer !~ «"https://player\\.example\\.com/"») { return 403; }
        if ($http_origin !~ "https://player\\.example\\.com$") { return 403; }
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location /video/ {
        root /srv;
        if ($http_referer !~ "^https://player\\.example\\.com/") { return 403; }
        if ($http_origin !~ "https://player\\.example\\.com$") { return 403; }
    }
}
`,
    },
    {
      name: 'open in the middle of the name, or before one that anyone can register',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        proxy_pass http://app;
        if ($http_origin !~ «"^https://app[a-z]+example\\.com$"») { return 403; }
        if ($http_origin !~ «"^https://.*shop\\.co\\.uk$"») { return 403; }
    }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'what is open is below a name of theirs',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        proxy_pass http://app;
        if ($http_origin !~ "^https://[a-z]+app\\.example\\.com$") { return 403; }
        if ($http_origin !~ "^https://web-[a-z0-9]+-team\\.example\\.com$") { return 403; }
    }
}
`,
      },
    },
    {
      name: 'whole origins',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location /a { if ($http_origin ~* ^https://(?:[\\w-]+\\.)?example\\.com$) { add_header Access-Control-Allow-Origin $http_origin; } }
    location /b { if ($http_origin ~ "^https?://(a|b)\\.example\\.com(:[0-9]+)?$") { add_header Access-Control-Allow-Origin $http_origin; } }
    location /c { if ($http_origin ~* (https?://[^/]*\\.example\\.com(/|$))) { add_header Access-Control-Allow-Origin $http_origin; } }
    location /d { if ($http_origin ~* "https?://localhost:\\d+") { add_header Access-Control-Allow-Origin $http_origin; } }
    location /e { if ($http_origin ~ (\\.|^|//)example\\.com$) { add_header Access-Control-Allow-Origin $http_origin; } }
    location /f { if ($http_origin ~ .) { add_header Access-Control-Allow-Origin $http_origin; } }
    location /h { if ($http_origin ~* (http://127.0.0.1:8080$) ) { add_header Access-Control-Allow-Origin $http_origin; } }
    location /g { if ($http_origin = https://a.example.com) { add_header Access-Control-Allow-Origin $http_origin; } }
}
`,
      },
    },
    {
      name: 'what is blocked, and references that are none of an origin',
      files: {
        'nginx/conf.d/app.conf': `map $http_referer $bad_referer { default 0; ~*spam.example 1; }
map $http_origin $blocked_origin { default 0; ~evil.example 1; }
server {
    listen 80;
    if ($http_referer ~* (casino|poker.example)) { return 403; }
    if ($http_origin ~ "evil.example.com") { return 403; }
    location /img { valid_referers none blocked ~\\.google\\.; if ($invalid_referer) { return 403; } }
    location /b { if ($http_user_agent ~ example.com) { return 403; } }
}
`,
      },
    },
    {
      name: 'filled in later, or not to be read',
      files: {
        'nginx/templates/cors.conf.template': `map $http_origin $cors {
    default "";
    "~^https://\${HOST}" $http_origin;
    "~^https://(example.com" $http_origin;
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      if (directive.name === 'map') checkMap(document, context, directive);
      else if (directive.name === 'if') checkIf(document, context, directive);
    }
  },
});

function checkIf(document: Document<'nginx'>, context: Context, directive: NginxDirective): void {
  const condition = conditionOf(directive);
  if (!condition || condition.opaque || !/^http_(?:origin|referer)$/.test(condition.variable)) return;
  if (!/^!?~\*?$/.test(condition.operator)) return;
  const refuses = directive.block?.directives.some(refusesAnswer);
  // What fits is refused, or what does not fit is let through: a list of what is not wanted.
  if (condition.operator.startsWith('!') !== (refuses === true)) return;
  const isReferer = condition.variable === 'http_referer';
  if (isReferer && !refuses) return;
  const word = directive.args.find(
    ({ value }) => value === condition.value || value === `${condition.value})`,
  );
  if (!word) return;
  const quoted = word.quote ? 1 : 0;
  const end = word.span.end - (word.quote || word.value === condition.value ? quoted : 1);
  report(document, context, {
    source: condition.value,
    span: word.quote ? word.span : { start: word.span.start, end },
    inner: { start: word.span.start + quoted, end },
    place: placeOf(directive),
    of: isReferer ? 'page' : 'origin',
  });
}

/** Whether the answer is refused to a page, or to be shown in a frame of it. */
function refusesAnswer({ name, args }: NginxDirective): boolean {
  const value = args[0]?.value ?? '';
  return name === 'return'
    ? /^4\d\d$/.test(value)
    : name === 'add_header' && /^x-frame-options$/i.test(value);
}

function checkMap(document: Document<'nginx'>, context: Context, map: NginxDirective): void {
  const [source, variable] = map.args;
  if (
    !/^\$\{?http_origin\}?$/i.test(source?.value ?? '') ||
    /bad|block|deny|denied|evil|spam|bot/i.test(variable?.value ?? '')
  )
    return;
  for (const entry of map.block?.directives ?? []) {
    const prefix = /^~\*?/.exec(entry.name)?.[0];
    const value = entry.args[0]?.value ?? '';
    if (prefix === undefined || /^(?:0|off|no|false|deny|)$/.test(value) || isTemplated(document, entry))
      continue;
    const quoted = /^["']/.test(document.text.slice(entry.nameSpan.start)) ? 1 : 0;
    report(document, context, {
      source: entry.name.slice(prefix.length),
      span: entry.nameSpan,
      inner: { start: entry.nameSpan.start + quoted + prefix.length, end: entry.nameSpan.end - quoted },
      place: `${placeOf(map)}[${entry.name.slice(0, 60)}]`,
      of: 'origin',
    });
  }
}

/** Names of entries do not say whether a template fills them in. */
function isTemplated({ text, tree }: Document<'nginx'>, { nameSpan }: NginxDirective): boolean {
  return tree.template || /\$\{|\{\{|<%|__\w+__|%\w+%/.test(text.slice(nameSpan.start, nameSpan.end));
}

interface Expression {
  readonly source: string;
  readonly span: Span;
  /** Without quotes and what stands before the expression. */
  readonly inner: Span;
  readonly place: string;
  readonly of: 'origin' | 'page';
}

function report(document: Document<'nginx'>, context: Context, expression: Expression): void {
  const flaws = hostFlawsOf(expression.source, expression.of);
  if (!flaws || !(flaws.start || flaws.isLoose || flaws.end || flaws.dots.length > 0)) return;
  const words = [
    (flaws.start || flaws.isLoose) && 'anything may stand before the name',
    flaws.end && 'anything may follow it',
    flaws.dots.length > 0 && '`.` stands for any character',
  ].filter((word) => word !== false);
  context.report({
    span: expression.span,
    message: `Somebody else's origin fits this expression too: ${words.join(', ')}.`,
    place: expression.place,
    fixes: () => [fixFor(document, expression, flaws)],
  });
}

function fixFor(
  { text, tree }: Document<'nginx'>,
  { source, inner }: Expression,
  flaws: HostFlaws,
): Fix | undefined {
  const raw = text.slice(inner.start, inner.end);
  // Escapes that nginx undoes would shift the places of the dots.
  if (tree.template || raw !== source || (flaws.start && !flaws.bareStart)) return undefined;
  if (flaws.end && /[*+$}]$/.test(source) && flaws.alternatives === 1) return undefined;
  const several = flaws.alternatives > 1;
  const edits: Edit[] = flaws.dots.map((offset) => ({
    span: { start: inner.start + offset, end: inner.start + offset },
    text: '\\',
  }));
  const start = flaws.start ? '^https?://(?:[\\w-]+\\.)*' : several || flaws.isLoose ? '^' : '';
  const before = start + (several ? '(?:' : '');
  const after = (several ? ')' : '') + (flaws.end || several ? '$' : '');
  if (before) edits.push({ span: { start: inner.start, end: inner.start }, text: before });
  if (after) edits.push({ span: { start: inner.end, end: inner.end }, text: after });
  return {
    title: 'Let only this name through',
    safety: 'review',
    risk: 'Origins that fitted by accident, with another port for one, are refused.',
    edits,
    verify: 'nginx -t',
  };
}
