import type { Document, Span } from '../../syntaxes/document.ts';
import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { HSTS_LEAST_SECONDS, HSTS_PRELOAD_SECONDS, HSTS_SECONDS } from '../data/tls.ts';
import { isCopy, withCopies } from './shared/copies.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/hsts-weak',
  title: 'Strict-Transport-Security holds too briefly or is malformed',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /strict-transport-security/i,
  dev: 'off',
  docs: {
    why: 'A browser keeps to HTTPS only for `max-age` seconds after a visit. With a few hours or days, whoever comes back after a holiday starts on plain HTTP again. A value that browsers cannot read, or without `max-age`, does nothing at all.',
    fix: `Use \`max-age=${HSTS_SECONDS}\` (two years) once HTTPS works everywhere. Preload lists take a name only with \`includeSubDomains\` and at least a year.`,
    falsePositives:
      '`max-age=0`, which takes the promise back, is left alone, and so are values with variables. Half a year and more is enough.',
    cwe: [319],
    controls: ['CIS NGINX 2.1.0 4.1.8'],
    references: ['https://www.rfc-editor.org/rfc/rfc6797#section-6.1', 'https://hstspreload.org/'],
  },
  bad: [
    {
      name: 'set by the headers-more module',
      files: {
        'nginx/snippets/headers.conf': `more_set_headers 'Strict-Transport-Security: max-age=«600»' 'X-Frame-Options: DENY';
`,
      },
      fixed: `more_set_headers 'Strict-Transport-Security: max-age=63072000' 'X-Frame-Options: DENY';
`,
    },
    {
      name: 'an hour',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=«3600»; includeSubDomains" always;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
}
`,
    },
    {
      name: 'quotes around the number, no quotes around the value',
      files: {
        'nginx/snippets/headers.conf': 'add_header strict-transport-security max-age="«86400»" always;\n',
      },
      fixed: 'add_header strict-transport-security max-age="63072000" always;\n',
    },
    {
      name: 'the same line in a location, which cannot inherit it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    add_header Strict-Transport-Security "max-age=«300»" always;
    location /a/ {
        add_header Strict-Transport-Security 'max-age=300' always;
        add_header Cache-Control "no-store";
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    add_header Strict-Transport-Security "max-age=63072000" always;
    location /a/ {
        add_header Strict-Transport-Security 'max-age=63072000' always;
        add_header Cache-Control "no-store";
    }
}
`,
    },
    {
      name: 'no max-age',
      files: {
        'nginx/snippets/headers.conf': `add_header Strict-Transport-Security "«includeSubDomains; preload»" always;\n`,
      },
    },
    {
      name: 'commas instead of semicolons',
      files: {
        'nginx/snippets/headers.conf': `add_header Strict-Transport-Security '«max-age=31536000, includeSubDomains»' always;\n`,
      },
      fixed: `add_header Strict-Transport-Security 'max-age=31536000; includeSubDomains' always;\n`,
    },
    {
      name: 'asks for preloading without what the lists demand',
      files: {
        'nginx/snippets/headers.conf': `add_header Strict-Transport-Security "max-age=31536000; «preload»" always;\n`,
      },
      fixed: `add_header Strict-Transport-Security "max-age=31536000; includeSubDomains; preload" always;\n`,
      offers: ['Add includeSubDomains', 'Remove preload'],
    },
  ],
  good: [
    {
      name: 'two years, one year, half a year',
      files: {
        'nginx.conf': `events {}
http {
    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains; preload" always;
    server { listen 443 ssl; add_header Strict-Transport-Security max-age=31536000 always; }
    server { listen 444 ssl; add_header Strict-Transport-Security 'max-age=15768000;includeSubDomains' always; }
}
`,
      },
    },
    {
      name: 'taken back on purpose, or removed for one place',
      files: {
        'nginx.conf': `events {}
http {
    add_header Strict-Transport-Security "max-age=0" always;
    server { listen 80; add_header Strict-Transport-Security "" always; }
}
`,
      },
    },
    {
      name: 'a value that a map or a template decides',
      files: {
        'nginx/conf.d/app.conf': `map $scheme $hsts_header {
    https "max-age=600";
}
server {
    listen 443 ssl;
    add_header Strict-Transport-Security $hsts_header always;
    add_header Strict-Transport-Security "max-age=\${HSTS_MAX_AGE}" always;
}
`,
      },
    },
    {
      name: 'another header with a short age',
      files: {
        'nginx/snippets/cache.conf':
          'add_header Cache-Control "public, max-age=3600";\nadd_header Access-Control-Max-Age 600;\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const value = valueIn(document.text, directive);
      const flaw = value && !isCopy(directive) ? flawOf(document, value) : undefined;
      if (!flaw) continue;
      context.report({
        span: flaw.span,
        message: flaw.message,
        place: `${placeOf(directive)}[Strict-Transport-Security]`,
        fixes: () =>
          flaw.fixes.map((fix, index) => ({ ...fix, edits: editsOfCopies(document, directive, index) })),
      });
    }
  },
});

/** One of the fixes, for the line and for the same lines in blocks below. */
function editsOfCopies(document: Document<'nginx'>, directive: NginxDirective, fix: number): Fix['edits'] {
  return withCopies(directive).flatMap((copy) => {
    const value = valueIn(document.text, copy);
    return value ? (flawOf(document, value)?.fixes[fix]?.edits ?? []) : [];
  });
}

/** Where the value stands that a directive gives to the header; undefined for one that is not known, or empty. */
function valueIn(text: string, { name, args }: NginxDirective): Span | undefined {
  const [first, second] = args;
  const isPlain = name === 'add_header' && first?.value.toLowerCase() === 'strict-transport-security';
  const word = isPlain
    ? second
    : name === 'more_set_headers'
      ? args.find((arg) => IN_ONE_WORD.test(arg.value))
      : undefined;
  if (!word || word.opaque || /[$\\]/.test(word.value)) return undefined;
  const inner = word.quote ? { start: word.span.start + 1, end: word.span.end - 1 } : word.span;
  const prefix = isPlain ? 0 : (IN_ONE_WORD.exec(text.slice(inner.start, inner.end))?.[0].length ?? 0);
  const value = { start: inner.start + prefix, end: inner.end };
  return value.start < value.end ? value : undefined;
}

/** `more_set_headers "Strict-Transport-Security: max-age=600";` */
const IN_ONE_WORD = /^strict-transport-security\s*:\s*/i;

interface Flaw {
  readonly span: { readonly start: number; readonly end: number };
  readonly message: string;
  readonly fixes: readonly Fix[];
}

const RISK = 'Browsers remember the value for its whole time, so HTTPS must keep working that long.';

function flawOf(document: Document<'nginx'>, inner: Span): Flaw | undefined {
  const text = document.text.slice(inner.start, inner.end);
  if (/,/.test(text)) {
    const edits = [{ span: inner, text: text.replaceAll(/\s*,\s*/g, '; ') }];
    return {
      span: inner,
      message: 'Browsers ignore this Strict-Transport-Security: its parts are to be separated by `;`.',
      fixes: [
        {
          title: 'Separate the parts by semicolons',
          safety: 'review',
          risk: RISK,
          edits,
          verify: 'nginx -t',
        },
      ],
    };
  }
  const age = /\bmax-age\s*=\s*"?(\d+)/i.exec(text);
  if (!age) {
    return {
      span: inner,
      message: 'Browsers ignore a Strict-Transport-Security without `max-age`.',
      fixes: [],
    };
  }
  const digits = age[1] ?? '';
  const start = inner.start + age.index + age[0].length - digits.length;
  const seconds = Number(digits);
  if (seconds > 0 && seconds < HSTS_LEAST_SECONDS) {
    return {
      span: { start, end: start + digits.length },
      message: `Browsers keep to HTTPS for ${duration(seconds)} only; whoever comes back later starts on plain HTTP.`,
      fixes: [
        {
          title: `Set max-age to ${HSTS_SECONDS}`,
          safety: 'review',
          risk: RISK,
          edits: [{ span: { start, end: start + digits.length }, text: String(HSTS_SECONDS) }],
          verify: 'nginx -t',
        },
      ],
    };
  }
  return preloadFlaw(text, inner.start, seconds);
}

/** A site that asks for preloading must meet what the lists demand. */
function preloadFlaw(text: string, offset: number, seconds: number): Flaw | undefined {
  const preload = /\bpreload\b/i.exec(text);
  if (!preload || seconds === 0) return undefined;
  const span = { start: offset + preload.index, end: offset + preload.index + preload[0].length };
  const lacksSubdomains = !/\bincludeSubDomains\b/i.test(text);
  if (!lacksSubdomains && seconds >= HSTS_PRELOAD_SECONDS) return undefined;
  const before = /;?\s*$/.exec(text.slice(0, preload.index))?.[0].length ?? 0;
  const remove: Fix = {
    title: 'Remove preload',
    safety: 'safe',
    edits: [{ span: { start: span.start - before, end: span.end }, text: '' }],
    verify: 'nginx -t',
  };
  const add: Fix = {
    title: 'Add includeSubDomains',
    safety: 'review',
    risk: 'Browsers then refuse plain HTTP for every subdomain too.',
    edits: [{ span: { start: span.start, end: span.start }, text: 'includeSubDomains; ' }],
    verify: 'nginx -t',
  };
  return {
    span,
    message: `Preload lists refuse this name: they want ${lacksSubdomains ? '`includeSubDomains`' : 'a `max-age` of a year'} beside \`preload\`.`,
    fixes: lacksSubdomains ? [add, remove] : [remove],
  };
}

function duration(seconds: number): string {
  const [unit, size] =
    seconds >= 172_800 ? ['days', 86_400] : seconds >= 7200 ? ['hours', 3600] : ['seconds', 1];
  return `${Math.floor(seconds / Number(size))} ${unit}`;
}
