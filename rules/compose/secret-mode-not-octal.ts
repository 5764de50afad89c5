import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import { octal } from '../core/file-mode.ts';
import { defineRule } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { lacksZero, type SecretMode, secretModesOf } from './shared/secret-modes.ts';

export const rule = defineRule({
  id: 'compose/secret-mode-not-octal',
  title: 'Mode of a secret is written without its leading zero',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `A plain \`mode: 400\` is the decimal number 400, which is \`0620\` in octal: the group may write, and the owner's rights
are not what was meant. Compose takes numbers as they are.`,
    fix: 'Write the leading zero: `mode: 0400`. In quotes Compose reads the text in base 8 anyway.',
    falsePositives:
      'A decimal number that gives an ordinary mode, such as `256` for 0400, is taken to be meant so.',
    cwe: [704],
    references: ['https://docs.docker.com/reference/compose-file/services/#secrets'],
  },
  bad: [
    {
      name: 'mode 400',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: api_key
        mode: «400»
      - source: tls_key
        mode: «440»
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: api_key
        mode: 0400
      - source: tls_key
        mode: 440
`,
    },
    {
      name: 'a mode that would be open to everybody becomes 0400',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - {source: api_key, mode: «444»}
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - {source: api_key, mode: 0400}
`,
    },
  ],
  good: [
    {
      name: 'octal in each spelling, and a variable',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    secrets:
      - {source: a, mode: 0o400}
      - {source: b, mode: "400"}
      - {source: c, mode: '0440'}
      - {source: d, mode: "\${MODE}"}
secrets:
  a: {environment: A}
  b: {environment: B}
  c: {environment: C}
  d: {environment: D}
`,
      },
    },
    {
      name: 'octal in each notation, a decimal that is meant, a variable',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: a
        mode: 0400
      - source: b
        mode: 0o440
      - source: c
        mode: "400"
      - source: d
        mode: 256
      - source: e
        mode: 288
      - source: f
        mode: \${MODE}
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      decimalModes,
      ({ scalar }) => scalar.span.start,
    )) {
      const {
        scalar,
        mode: { bits },
        use: { name },
      } = subject;
      context.report({
        span: scalar.span,
        message: withSharers(
          `\`mode: ${scalar.value}\` of secret \`${name}\` is a decimal number, which means ${octal(bits)}, not 0${scalar.value}`,
          sharers,
        ),
        place: `services.${service.name}.secrets[${name}].mode`,
        fixes: () => {
          const meant = Number.parseInt(scalar.value, 8);
          const mode = meant & 0o027 ? '0400' : `0${scalar.value}`;
          const fix = fixOf(setScalar(scalar, mode), {
            title: `Set mode to ${mode}`,
            safety: 'review',
            risk: `The secret has the mode ${octal(bits)} now; a process that is neither its owner nor in its group may lose access.`,
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

function decimalModes(service: ComposeService): readonly SecretMode[] {
  return secretModesOf(service).filter(lacksZero);
}
