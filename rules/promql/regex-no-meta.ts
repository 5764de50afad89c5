import { defineRule, type Fix } from '../core/rule.ts';
import { isLiteral, literalEdit, patternMatchers } from './shared/matchers.ts';

export const rule = defineRule({
  id: 'promql/regex-no-meta',
  title: 'Pattern that is a plain text',
  kinds: ['prometheus-rules'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  mentions: /[=!]~/,
  docs: {
    why: `\`job=~"api"\` matches exactly what \`job="api"\` matches. Whoever reads it looks for the alternatives that are not there, or takes it for
a search in the text, which it is not: Prometheus matches the whole value.`,
    fix: 'Write `=` and `!=`.',
    falsePositives:
      'Generators and templates that fill in lists of names write patterns always; there it is no mistake.',
    references: ['https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors'],
  },
  bad: [
    {
      name: 'one name',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up{«job=~"api"»,env="prod"} == 0
        for: 2m
        labels: {severity: critical}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Down
        expr: up{job="api",env="prod"} == 0
        for: 2m
        labels: {severity: critical}
`,
    },
    {
      name: 'negated, spaced, with quotes in quotes',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: "sum(rate(x_total{ «code !~ \\"200\\"» , path=~'/a|/b' }[5m]))"
      - record: b
        expr: x{«a=~""», «"my.label"=~'y'»}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: "sum(rate(x_total{ code != \\"200\\" , path=~'/a|/b' }[5m]))"
      - record: b
        expr: x{a=~"", "my.label"=~'y'}
`,
    },
  ],
  good: [
    {
      name: 'patterns and plain comparisons',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: x{a=~"b|c", d=~"5..", e!~".*x", f=~"\\\\d+", g="h", i!="j", k=~"l.m", n=~"(?i)o"}
`,
      },
    },
    {
      name: 'anchors, and texts that look like it',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: x{a=~"^b$"} + label_replace(y, "a", "b", "c", "d") + x{e="=~"}
`,
      },
    },
  ],
  check(document, context) {
    for (const { expression, matcher } of patternMatchers(document)) {
      if (!isLiteral(matcher.value)) continue;
      const plain = matcher.op === '=~' ? '=' : '!=';
      context.report({
        span: matcher.span,
        message: `The pattern is a plain text, so \`${matcher.label.slice(0, 50)}\` is compared as with \`${plain}\`.`,
        place: `${expression.rule.place}.expr.${matcher.label}`,
        fixes: () => {
          const edit = literalEdit(document, matcher);
          const fix: Fix | undefined = edit && {
            title: `Compare with \`${plain}\``,
            safety: 'safe',
            edits: [edit],
            verify: 'promtool check rules',
          };
          return [fix];
        },
      });
    }
  },
});
