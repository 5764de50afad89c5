import { describe, expect, test } from 'vitest';
import { defineRule } from '../../rules/core/rule.ts';
import { syntaxError } from '../../server/engine/engine-rules.ts';
import { ruleHoverMarkdown, ruleMarkdown } from '../../server/engine/rule-markdown.ts';

const long = Array.from({ length: 60 }, (_, i) => `line${i}: x`);

const rule = defineRule({
  id: 'toy/loud',
  title: 'It is loud',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'medium',
  since: '0.1.0',
  docs: {
    why: 'Ears.',
    fix: 'Turn it down.',
    falsePositives: 'Deaf.',
    cwe: [732],
    references: ['https://x.test/'],
  },
  bad: [
    {
      name: 'a number',
      files: { 'compose.yaml': [...long, 'loud: «11»'].join('\n'), Dockerfile: 'RUN echo ```\n' },
      fixed: [...long, 'loud: 3'].join('\n'),
    },
  ],
  good: [{ name: 'a whisper', files: { 'compose.yaml': 'loud: 1\n' } }],
  check: () => undefined,
});

describe('ruleMarkdown', () => {
  const page = ruleMarkdown(rule);

  test('has everything that the rule says, without the marks of the examples', () => {
    for (const part of [
      '# toy/loud',
      '**It is loud.**',
      'Ears.',
      'Turn it down.',
      'Deaf.',
      'loud: 11',
      'loud: 3',
    ])
      expect(page).toContain(part);
    expect(page).toContain('[CWE-732](https://cwe.mitre.org/data/definitions/732.html)');
    expect(page).toContain('- A whisper');
    expect(page).not.toMatch(/[«»]/);
  });

  test('fences a text that has fences itself', () => {
    expect(page).toContain('````dockerfile\nRUN echo ```\n````');
  });

  test('works for what the engine itself reports', () => {
    expect(ruleMarkdown(syntaxError)).toContain('# hardlint/syntax-error');
  });
});

describe('ruleHoverMarkdown', () => {
  test('shows only the part of a long example that matters', () => {
    const hover = ruleHoverMarkdown(rule);
    expect(hover).toContain('loud: 11');
    expect(hover).toContain('loud: 3');
    expect(hover).not.toContain('line0: x');
    expect(hover.split('\n').length).toBeLessThan(60);
  });
});
