import type { Document } from '../../syntaxes/document.ts';
import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { isCopy, withCopies } from './shared/copies.ts';
import { permissionsPolicyOf } from './shared/feature-policy.ts';
import { placeOf } from './shared/place.ts';
import { removeHeader } from './shared/remove-header.ts';

export const rule = defineRule({
  id: 'nginx/header-deprecated',
  title: 'Header that browsers no longer know',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /expect-ct|feature-policy|allow-from|ua-compatible|p3p|x-webkit-csp|x-content-security-policy/i,
  docs: {
    why: 'The header protects nobody any more, and whoever reads the configuration believes that it does: `X-Frame-Options ALLOW-FROM` lets every site frame the page, `Feature-Policy` switches nothing off.',
    fix: 'Write `Permissions-Policy` for `Feature-Policy`, `frame-ancestors` of a content security policy for `ALLOW-FROM`, and `Content-Security-Policy` without `X-`; leave out `Expect-CT`, `P3P` and `X-UA-Compatible`.',
    falsePositives:
      'Applications for Internet Explorer still need `X-UA-Compatible` in its compatibility mode. A line that is the only `add_header` of its block is not removed by the fix, since the block would inherit others then.',
    cwe: [693],
    references: [
      'https://owasp.org/www-project-secure-headers/',
      'https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Frame-Options',
      'https://www.w3.org/TR/permissions-policy/',
    ],
  },
  bad: [
    {
      name: 'Expect-CT',
      files: {
        'nginx/snippets/headers.conf':
          'add_header X-Frame-Options DENY always;\n«add_header Expect-CT» "max-age=86400, enforce" always; # 2018\n«add_header x-ua-compatible» "IE=edge";\n',
      },
      fixed: 'add_header X-Frame-Options DENY always;\n# 2018\nadd_header x-ua-compatible "IE=edge";\n',
    },
    {
      name: 'Feature-Policy has a new name and another syntax',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    «add_header Feature-Policy» "geolocation 'none'; microphone 'self' https://a.example.com; fullscreen *" always;
    root /srv;
}
`,
      },
      fixed: `server {
    listen 80;
    add_header Permissions-Policy 'geolocation=(), microphone=(self "https://a.example.com"), fullscreen=*' always;
    root /srv;
}
`,
    },
    {
      name: 'ALLOW-FROM',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    «add_header X-Frame-Options» "ALLOW-FROM https://portal.example.com";
    root /srv;
}
`,
      },
      fixed: `server {
    listen 80;
    add_header Content-Security-Policy "frame-ancestors https://portal.example.com" always;
    root /srv;
}
`,
    },
    {
      name: 'the only one of its block',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location / { «add_header P3P» \'CP="CAO PSA OUR"\'; root /srv; }\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'what is in use, or switched off',
      files: {
        'nginx/snippets/headers.conf': `add_header X-Frame-Options SAMEORIGIN always;
add_header Permissions-Policy "geolocation=()";
add_header Content-Security-Policy "frame-ancestors 'self'";
add_header Expect-CT "";
# add_header P3P "x";
`,
      },
    },
    {
      name: 'taken from the upstream, or sent to it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    proxy_hide_header Expect-CT;
    proxy_set_header X-UA-Compatible "IE=edge";
    location / { proxy_pass http://app; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [header, value] = directive.args;
      if (directive.name !== 'add_header' || !header || !value || value.value === '') continue;
      const old = OLD.find(({ name, only }) => name.test(header.value) && (only?.test(value.value) ?? true));
      if (!old || isCopy(directive)) continue;
      context.report({
        span: { start: directive.nameSpan.start, end: header.span.end },
        message: `${old.says}.`,
        place: `${placeOf(directive)}[${header.value}]`,
        fixes: () => [
          old.replace ? replaced(document, directive, old.replace) : removed(document, directive),
        ],
      });
    }
  },
});

interface Old {
  readonly name: RegExp;
  /** Only such values. */
  readonly only?: RegExp;
  readonly says: string;
  /** What is written instead: the header, and its value; undefined where that cannot be said. */
  readonly replace?: (value: string) => readonly [header: string, value: string | undefined];
}

const OLD: readonly Old[] = [
  {
    name: /^feature-policy$/i,
    says: 'Browsers no longer read `Feature-Policy`, so nothing is switched off; its successor is `Permissions-Policy`',
    replace: (value) => ['Permissions-Policy', permissionsPolicyOf(value)],
  },
  {
    name: /^x-frame-options$/i,
    only: /^\s*allow-from\b/i,
    says: 'Browsers pass over `ALLOW-FROM`, so every site may frame this one; `frame-ancestors` is what they read',
    replace: (value) => {
      const origin = /^\s*allow-from[\s:=]+(https?:\/\/[\w.:*-]+)\/?\s*$/i.exec(value)?.[1];
      return ['Content-Security-Policy', origin && `frame-ancestors ${origin}`];
    },
  },
  {
    name: /^x-(?:webkit-csp|content-security-policy)(?:-report-only)?$/i,
    says: 'No current browser reads this name of the content security policy',
  },
  {
    name: /^expect-ct$/i,
    says: 'Browsers no longer read `Expect-CT`; they ask for logged certificates by themselves',
  },
  { name: /^p3p$/i, says: 'No browser in use reads `P3P`' },
  { name: /^x-ua-compatible$/i, says: 'Only Internet Explorer, which is gone, read `X-UA-Compatible`' },
];

function removed(document: Document<'nginx'>, directive: NginxDirective): Fix | undefined {
  const edits = removeHeader(document, directive);
  return edits && { title: `Remove ${directive.args[0]?.value}`, safety: 'safe', edits, verify: 'nginx -t' };
}

function replaced(
  { tree }: Document<'nginx'>,
  directive: NginxDirective,
  replace: NonNullable<Old['replace']>,
): Fix | undefined {
  const [header, value] = replace(directive.args[1]?.value ?? '');
  const lines = withCopies(directive);
  const taken = lines.some(({ parent }) => parent.directives.some((other) => isHeader(other, header)));
  if (tree.template || value === undefined || directive.args[1]?.opaque || taken || value.includes('$'))
    return undefined;
  return {
    title: `Write ${header} instead`,
    safety: 'review',
    risk: 'Browsers begin to do what the line says.',
    edits: lines.flatMap((line) => rewritten(line, header, value)),
    verify: 'nginx -t',
  };
}

function isHeader({ name, args }: NginxDirective, header: string): boolean {
  return name === 'add_header' && args[0]?.value.toLowerCase() === header.toLowerCase();
}

function rewritten(
  { args: [name, value, always] }: NginxDirective,
  header: string,
  text: string,
): readonly Edit[] {
  if (!name || !value) return [];
  const quote = text.includes('"') ? "'" : '"';
  return [
    { span: name.span, text: (name.quote ?? '') + header + (name.quote ?? '') },
    { span: value.span, text: quote + text + quote + (always ? '' : ' always') },
  ];
}
