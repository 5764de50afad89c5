import type { ConfigEntry } from '../../syntaxes/appconfig/tree.ts';
import { defineRule } from '../core/rule.ts';
import { scalarsOf } from './shared/entries.ts';
import { flipped, switchOf } from './shared/switches.ts';

const ORIGINS = /^(?:cors_)?(?:(?:access_control_)?allow(?:ed)?_)?origins?(?:_patterns?)?$/;
const CREDENTIALS = /^(?:cors_)?(?:(?:access_control_)?allow(?:ed)?_|supports?_)?credentials$/;

export const rule = defineRule({
  id: 'config/cors-wildcard-credentials',
  title: 'Every origin may make requests with credentials',
  kinds: ['appconfig'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: 'Browsers refuse `*` together with credentials, so the libraries that accept both settings answer with the origin of whoever asks. Then any page that a logged-in user opens can read his data and act in his name.',
    fix: 'List the origins that need it. Where no cookies are needed, switch credentials off; the wildcard alone is harmless for public data.',
    falsePositives: 'A wildcard without credentials is not reported.',
    cwe: [942],
    references: ['https://fetch.spec.whatwg.org/#cors-protocol-and-credentials'],
  },
  bad: [
    {
      name: 'a list with a wildcard',
      files: {
        'config.yaml': `cors:\n  allow_origins: ["*"]\n  allow_methods: ["GET"]\n  allow_credentials: «true»\n`,
      },
      fixed: `cors:\n  allow_origins: ["*"]\n  allow_methods: ["GET"]\n  allow_credentials: false\n`,
    },
    {
      name: 'Spring Cloud Gateway',
      files: {
        'application.yml': `spring:\n  cloud:\n    gateway:\n      globalcors:\n        corsConfigurations:\n          '[/**]':\n            allowedOriginPatterns: '*'\n            allowCredentials: «True»\n`,
      },
      fixed: `spring:\n  cloud:\n    gateway:\n      globalcors:\n        corsConfigurations:\n          '[/**]':\n            allowedOriginPatterns: '*'\n            allowCredentials: False\n`,
    },
  ],
  good: [
    {
      name: 'the wildcard alone',
      files: { 'config.yaml': `cors:\n  allow_origins: ["*"]\n  allow_credentials: false\n` },
    },
    {
      name: 'known origins',
      files: {
        'config.yaml': `cors:\n  allow_origins: ["https://app.example.com", "https://*.example.com"]\n  allow_credentials: true\n`,
      },
    },
    {
      name: 'in different maps',
      files: {
        'config.yaml': `public:\n  origins: "*"\nprivate:\n  origins: https://app.example.com\n  credentials: true\n`,
      },
    },
  ],
  check({ text, tree }, context) {
    for (const entry of tree.entries) {
      const found = CREDENTIALS.test(entry.key) ? switchOf(text, entry) : undefined;
      if (!found?.on || !entry.siblings.some(allowsAll)) continue;
      context.report({
        span: found.span,
        message: `\`${entry.pair.key.value}\` with the origin \`*\` lets any website read the data of logged-in users.`,
        place: entry.place,
        fixes: () => [
          {
            title: `Set ${entry.pair.key.value} to ${flipped(found)}`,
            safety: 'review',
            edits: [{ span: found.span, text: flipped(found) }],
            risk: 'Pages on other origins that rely on cookies stop working until their origins are listed.',
          },
        ],
      });
    }
  },
});

function allowsAll(entry: ConfigEntry): boolean {
  return ORIGINS.test(entry.key) && scalarsOf(entry).some((scalar) => scalar.value === '*');
}
