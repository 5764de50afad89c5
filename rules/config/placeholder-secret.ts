import { settingOf } from '../../syntaxes/appconfig/placeholder.ts';
import { defineRule } from '../core/rule.ts';
import { shortPath } from './shared/entries.ts';
import { isSample } from './shared/files.ts';
import { isSecretKey } from './shared/secrets.ts';

/** Text that asks to be replaced. */
const PLACEHOLDER =
  /^(?:change[-_ ]?(?:me|it|this)\b.*|replace[-_ ]?(?:me|this|with)\b.*|your[-_ ].*|<[^<>]+>|x{3,}|\*{3,}|.*[-_](?:change[-_]?me|goes[-_]here|placeholder)|placeholder|todo|tbd|insert[-_ ].*|secret[-_]?change[-_ ]?me)$/i;

export const rule = defineRule({
  id: 'config/placeholder-secret',
  title: 'Secret still holds the placeholder of the example',
  kinds: ['appconfig'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: 'The application starts with the placeholder as its secret. Placeholders are public, since they stand in the example that everyone copies: sessions and tokens that are signed with one can be forged by anyone.',
    fix: 'Generate a secret (`openssl rand -base64 32`) and set it where the application runs, from the environment or a secrets manager.',
    falsePositives: 'Files that are examples by their name or folder are not reported.',
    cwe: [1188, 798],
    references: ['https://cwe.mitre.org/data/definitions/1188.html'],
  },
  bad: [
    {
      name: 'copied from the example',
      files: { 'config/production.yaml': `session:\n  secret: «change-me-in-production»\n  ttl: 3600\n` },
    },
    {
      name: 'other words for it',
      files: {
        'config.yaml': `openai:\n  api_key: "«YOUR_API_KEY»"\nsmtp:\n  password: «<smtp-password>»\nhook:\n  token: «xxxxxxxx»\njwt: { secret: «your-256-bit-secret» }\n`,
      },
    },
  ],
  good: [
    {
      name: 'references',
      files: { 'config.yaml': `session:\n  secret: \${SESSION_SECRET}\n  password: "{{ password }}"\n` },
    },
    { name: 'an example', files: { 'config.example.yaml': `session:\n  secret: change-me\n`, 'a.yaml': '' } },
    {
      name: 'other keys',
      files: {
        'config.yaml': `title: Your name\nsecret_hint: your first pet\nusername: changeme\nmask: xxxx\n`,
      },
    },
    { name: 'nothing at all', files: { 'config.yaml': `smtp:\n  password: ""\n  token:\n` } },
  ],
  check({ text, tree }, context) {
    if (isSample(context.path)) return;
    for (const { key, scalar, path, place } of tree.entries) {
      const setting = scalar && isSecretKey(key) ? settingOf(text, scalar) : undefined;
      if (
        setting?.type !== 'literal' ||
        setting.variable !== undefined ||
        !PLACEHOLDER.test(setting.value.trim())
      )
        continue;
      context.report({
        span: setting.span,
        message: `\`${shortPath(path)}\` still holds a placeholder, which everyone who knows the example knows too.`,
        place,
      });
    }
  },
});
