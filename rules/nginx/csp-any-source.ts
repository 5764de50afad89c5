import { defineRule, type Fix } from '../core/rule.ts';
import { withCopies } from './shared/copies.ts';
import { isStrict, type ScriptPolicy, scriptPolicies } from './shared/csp.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/csp-any-source',
  title: 'Content security policy allows scripts from anywhere',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /content-security-policy/i,
  docs: {
    why: 'A policy that allows scripts from `*`, `https:` or `data:` stops no attacker: whoever gets a tag into a page loads the script from a host of their own.',
    fix: "Name the hosts that scripts come from: `script-src 'self' https://cdn.example.com`. Other sorts of content may keep a wider list.",
    falsePositives:
      "Beside `'strict-dynamic'` such sources are for old browsers only and are passed over. Silent where a variable decides, and for policies that only report.",
    cwe: [1021, 79],
    references: ['https://www.w3.org/TR/CSP3/#directive-script-src'],
  },
  bad: [
    {
      name: 'everything is allowed',
      files: {
        'nginx/snippets/headers.conf':
          'add_header Content-Security-Policy «"default-src *; object-src \'none\'"» always;\n',
      },
      fixed:
        "add_header Content-Security-Policy \"default-src *; object-src 'none'; script-src 'self'\" always;\n",
    },
    {
      name: 'scripts over TLS, from whomever',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    add_header Content-Security-Policy «"default-src 'self'; script-src https: https://cdn.example.com data:;"» always;
    root /srv;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    add_header Content-Security-Policy "default-src 'self'; script-src 'self' https://cdn.example.com;" always;
    root /srv;
}
`,
    },
  ],
  good: [
    {
      name: 'names of hosts, a wide list for images, and a strict policy with a way out for old browsers',
      files: {
        'nginx/snippets/headers.conf': `add_header Content-Security-Policy "default-src 'self'; img-src * data:; script-src 'self' *.example.com" always;
add_header Content-Security-Policy "script-src 'nonce-$request_id' 'strict-dynamic' https: 'unsafe-inline'" always;
add_header Content-Security-Policy "default-src *; script-src 'none'" always;
`,
      },
    },
    {
      name: 'for trial, by a variable, about something else',
      files: {
        'nginx/snippets/headers.conf': `add_header Content-Security-Policy-Report-Only "default-src *";
add_header Content-Security-Policy $csp;
add_header Content-Security-Policy "default-src * $more";
add_header Content-Security-Policy "upgrade-insecure-requests";
`,
      },
    },
  ],
  check(document, context) {
    for (const policy of scriptPolicies(document)) {
      const wide = policy.sources.filter((source) => ANYWHERE.test(source));
      if (wide.length === 0 || isStrict(policy)) continue;
      context.report({
        span: policy.word.span,
        message: `\`${policy.directive}\` allows ${wide.map((source) => `\`${source}\``).join(', ')}, so a script from any host may run in the pages.`,
        place: `${placeOf(policy.line)}[Content-Security-Policy][${policy.directive}]`,
        fixes: () => [document.tree.template ? undefined : fixFor(policy)],
      });
    }
  },
});

const ANYWHERE = /^(?:(?:https?:\/\/)?\*|https?:|data:|blob:\*)$/;

function fixFor({ line, word, directive }: ScriptPolicy): Fix | undefined {
  if (word.quote !== '"' || /["\\]/.test(word.value)) return undefined;
  const value =
    directive === 'script-src'
      ? narrowed(word.value)
      : `${word.value.replace(/;?\s*$/, '')}; script-src 'self'`;
  return {
    title: "Allow scripts from 'self' only",
    safety: 'review',
    risk: 'Scripts from other hosts are blocked; name those that the pages need.',
    edits: withCopies(line).flatMap(({ args: [, copy] }) =>
      copy ? [{ span: copy.span, text: `"${value}"` }] : [],
    ),
    verify: 'nginx -t',
  };
}

/** The sources of scripts that are hosts, with the own one before them. */
function narrowed(policy: string): string {
  return policy.replace(/(^|;)(\s*script-src)(\s[^;]*)/i, (_, before: string, name: string, list: string) => {
    const sources = list
      .split(/\s+/)
      .filter((source) => source !== '' && source !== "'self'" && !ANYWHERE.test(source.toLowerCase()));
    return `${before}${name} ${["'self'", ...sources].join(' ')}`;
  });
}
