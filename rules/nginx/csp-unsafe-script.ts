import { defineRule } from '../core/rule.ts';
import { hasNonce, isStrict, type ScriptPolicy, scriptPolicies } from './shared/csp.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/csp-unsafe-script',
  title: 'Content security policy allows scripts in the page',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /content-security-policy/i,
  docs: {
    why: "With `'unsafe-inline'` every script that gets into a page runs, which is what the policy is there to stop; with `'unsafe-eval'` text that gets into a script does.",
    fix: "Give the own scripts of a page a nonce (`'nonce-…'`, new for each answer) or a hash, or move them into files, and leave the words out. There is no edit to offer, since pages that need them break.",
    falsePositives:
      "`'unsafe-inline'` beside a nonce, a hash or `'strict-dynamic'` is for old browsers only. Styles are not looked at. Silent where a variable decides, and for policies that only report.",
    cwe: [1021, 79],
    references: ['https://www.w3.org/TR/CSP3/#unsafe-inline'],
  },
  bad: [
    {
      name: 'scripts in the page',
      files: {
        'nginx/snippets/headers.conf':
          "add_header Content-Security-Policy «\"default-src 'self'; script-src 'self' 'unsafe-inline'\"» always;\n",
      },
    },
    {
      name: 'for all sorts of content, and text that becomes a script',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    add_header content-security-policy «"default-src 'self' 'UNSAFE-INLINE' 'unsafe-eval'"»;
    root /srv;
}
`,
      },
    },
  ],
  good: [
    {
      name: 'only styles; a nonce beside it',
      files: {
        'nginx/snippets/headers.conf': `add_header Content-Security-Policy "default-src 'self'; style-src 'self' 'unsafe-inline'" always;
add_header Content-Security-Policy "script-src 'nonce-$request_id' 'unsafe-inline'" always;
add_header Content-Security-Policy "script-src 'sha256-abc=' 'unsafe-inline'" always;
`,
      },
    },
    {
      name: 'for trial, or filled in later',
      files: {
        'nginx/templates/headers.conf.template': `add_header Content-Security-Policy-Report-Only "script-src 'unsafe-inline'";
add_header Content-Security-Policy "script-src 'unsafe-inline' \${CSP_MORE}";
`,
      },
    },
  ],
  check(document, context) {
    for (const policy of scriptPolicies(document)) {
      const words = unsafeWords(policy);
      if (words.length === 0) continue;
      context.report({
        span: policy.word.span,
        message: `\`${policy.directive}\` allows ${words.map((word) => `\`${word}\``).join(' and ')}, so scripts that get into a page run.`,
        place: `${placeOf(policy.line)}[Content-Security-Policy][${policy.directive}]`,
      });
    }
  },
});

function unsafeWords(policy: ScriptPolicy): readonly string[] {
  return policy.sources.filter((source) => {
    if (source === "'unsafe-eval'") return true;
    return source === "'unsafe-inline'" && !isStrict(policy) && !hasNonce(policy);
  });
}
