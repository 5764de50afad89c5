import type { ConfigEntry } from '../../syntaxes/appconfig/tree.ts';
import { defineRule } from '../core/rule.ts';
import { flipped, switchOf } from './shared/switches.ts';

const FLAG = /^(?:secure|http_?only)$/;
const NAMED_FLAG = /^(?:\w+_)?cookies?_(?:secure|http_?only)$/;
const COOKIE = /(?:^|_)cookies?$/;

export const rule = defineRule({
  id: 'config/cookie-insecure',
  title: 'Session cookie lacks Secure or HttpOnly',
  kinds: ['appconfig'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: 'A cookie without `Secure` goes over plain HTTP too, where anyone on the way can take it and be logged in. One without `HttpOnly` can be read by any script that gets into the page.',
    fix: 'Set both. `Secure` needs HTTPS between the browser and the first proxy; behind a proxy the application must trust its `X-Forwarded-Proto`.',
    cwe: [614, 1004],
    references: ['https://www.rfc-editor.org/rfc/rfc6265#section-4.1.2.5'],
  },
  bad: [
    {
      name: 'flags of a session cookie',
      files: { 'config.yaml': `session:\n  cookie:\n    secure: «false»\n    httpOnly: «no»\n` },
      fixed: `session:\n  cookie:\n    secure: true\n    httpOnly: no\n`,
    },
    {
      name: 'flat keys',
      files: { 'settings.yml': `SESSION_COOKIE_SECURE: «False»\ncsrf_cookie_secure: true\n` },
      fixed: `SESSION_COOKIE_SECURE: True\ncsrf_cookie_secure: true\n`,
    },
    {
      name: 'Spring Boot',
      files: { 'application.yml': `server:\n  servlet:\n    session.cookie.http-only: «false»\n` },
      fixed: `server:\n  servlet:\n    session.cookie.http-only: true\n`,
    },
  ],
  good: [
    {
      name: 'both set',
      files: { 'config.yaml': `session:\n  cookie:\n    secure: true\n    httpOnly: true\n` },
    },
    {
      name: 'secure of something else',
      files: {
        'config.yaml': `smtp:\n  secure: false\nminio:\n  secure: false\ncookie_banner:\n  secure: false\n`,
      },
    },
    {
      name: 'a cookie that scripts must read',
      files: { 'config.yaml': `csrf:\n  cookie:\n    httpOnly: false\nxsrf_cookie_http_only: false\n` },
    },
    {
      name: 'on a developer’s machine',
      files: { 'config/development.yaml': `session:\n  cookie:\n    secure: false\n` },
    },
  ],
  check({ text, tree }, context) {
    for (const entry of tree.entries) {
      const found = isCookieFlag(entry) ? switchOf(text, entry) : undefined;
      if (!found || found.on) continue;
      const key = entry.pair.key.value;
      const consequence = entry.key.endsWith('secure')
        ? 'sends the cookie over plain HTTP too'
        : 'lets scripts in the page read the cookie';
      context.report({
        span: found.span,
        message: `\`${key}: ${found.written}\` ${consequence}, so a session can be taken over.`,
        place: entry.place,
        fixes: () => [
          {
            title: `Set ${key} to ${flipped(found)}`,
            safety: 'review',
            edits: [{ span: found.span, text: flipped(found) }],
            risk: 'Nobody can log in over plain HTTP any more, and scripts that read the cookie stop working.',
          },
        ],
      });
    }
  },
});

function isCookieFlag({ key, keys }: ConfigEntry): boolean {
  // A token against cross-site requests is read by a script on purpose.
  if (/http_?only$/.test(key) && keys.some((word) => /[cx]srf/.test(word))) return false;
  return NAMED_FLAG.test(key) || (FLAG.test(key) && COOKIE.test(keys.at(-2) ?? ''));
}
