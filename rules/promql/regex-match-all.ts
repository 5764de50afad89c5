import type { Document } from '../../syntaxes/document.ts';
import type { PromqlMatcher, PromqlSelector } from '../../syntaxes/promql/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { matchesEverything, patternMatchers } from './shared/matchers.ts';

export const rule = defineRule({
  id: 'promql/regex-match-all',
  title: 'Matcher that every series meets',
  kinds: ['prometheus-rules'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /=~/,
  docs: {
    why: `\`namespace=~".*"\` is met by every value, and by series without the label too. It costs time, and it reads as if something were chosen.`,
    fix: 'Leave the matcher out; where the label has to be there, write `namespace!=""`.',
    falsePositives: 'Files that are generated (mixins) have it where nothing was to be chosen.',
    references: ['https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors'],
  },
  bad: [
    {
      name: 'beside others',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum(up{«namespace=~".*"», job="api"})
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: sum(up{job="api"})
`,
    },
    {
      name: 'alone, at the end, with anchors',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum(up{«namespace =~ "(.*)"»}) + sum(up{job="api", «pod=~'^.*$'»})
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: sum(up{}) + sum(up{job="api", pod=~'^.*$'})
`,
    },
    {
      name: 'the last one, with a comma behind it',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: |
          sum(up{
            job="api",
            «pod=~".*"»,
          })
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: |
          sum(up{
            job="api",
          })
`,
    },
  ],
  good: [
    {
      name: 'the label has to be there, or to end so',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: x{a=~".+", b!="", c=~".*d", e=~"f.*", g=~".*|h"}
`,
      },
    },
    {
      name: 'negated it matches nothing; a text',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: x{a!~".*"} + x{b=".*"}
`,
      },
    },
  ],
  check(document, context) {
    for (const { expression, selector, matcher } of patternMatchers(document)) {
      if (matcher.op !== '=~' || matcher.label === '__name__' || !matchesEverything(matcher.value)) continue;
      context.report({
        span: matcher.span,
        message: `Every series meets this, with and without the label \`${matcher.label.slice(0, 50)}\`.`,
        place: `${expression.rule.place}.expr.${matcher.label}`,
        fixes: () => [removeFix(document, selector, matcher)],
      });
    }
  },
});

function removeFix({ text }: Document, selector: PromqlSelector, matcher: PromqlMatcher): Fix | undefined {
  const { start, end } = matcher.span;
  const behind = /^\s*,\s*/.exec(text.slice(end, selector.span.end))?.[0];
  const before = /,\s*$/.exec(text.slice(selector.span.start, start))?.[0];
  const isLast = /^\s*,?\s*\}/.test(text.slice(end, selector.span.end));
  // The last one takes the comma before it along, so that its line goes too.
  const span =
    isLast && before !== undefined
      ? { start: start - before.length, end }
      : { start, end: end + (behind?.length ?? 0) };
  return {
    title: 'Remove the matcher',
    safety: 'safe',
    edits: [{ span, text: '' }],
    verify: 'promtool check rules',
  };
}
