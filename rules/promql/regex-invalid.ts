import { re2Problem } from '../../syntaxes/promql/re2.ts';
import { defineRule } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';

export const rule = defineRule({
  id: 'promql/regex-invalid',
  title: 'Regular expression is none that Prometheus reads',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /[=!]~/,
  docs: {
    why: `Matchers are RE2 expressions. One that does not compile makes Prometheus refuse the rule file, and with it the whole
configuration. Usual mistakes are shell wildcards (\`*.example.com\`) and Perl's look-aheads.`,
    fix: 'Write `.*` for any text, and `!~` in place of a negative look-ahead.',
    references: [
      'https://github.com/google/re2/wiki/Syntax',
      'https://prometheus.io/docs/prometheus/latest/querying/basics/',
    ],
  },
  bad: [
    {
      name: 'a shell wildcard, a look-ahead, brackets that are not closed',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up{instance=~«"*.example.com"»} == 0
        labels: {severity: warning}
      - alert: B
        expr: rate(http_requests_total{path=~«"(?!/health).*"»}[5m]) > 0
        labels: {severity: warning}
      - alert: C
        expr: up{job!~«"a(b|c"»} == 0 or up{job=~«"[a-"»} == 0
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'an escape that RE2 does not know',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up{instance=~«"\\\\y+"»} == 0 and up{job=~«"(a)\\\\1"»} == 0
        labels: {severity: warning}
`,
      },
    },
  ],
  good: [
    {
      name: 'what RE2 has and JavaScript has not',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up{job=~"(?i)web|api", instance=~"(?P<host>[^:]+):\\\\d{2,5}", path!~"[[:alpha:]_-]+/\\\\pL.*?|\\\\Q*\\\\E"} == 0
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'usual patterns',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: 'up{a=~".+", b=~"5..", c!~"^$|a\\\\.b|[]a-z-]+|x{2,}|{y", d=~"(a|)(?:b)?", e=~"/api\\\\/v\\\\d+"} == 0'
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'an equality matcher is no pattern',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up{instance="*.example.com"} == 0
        labels: {severity: warning}
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      for (const { node } of findAll(root, 'selector')) {
        for (const matcher of node.matchers) {
          const problem = matcher.op === '=~' || matcher.op === '!~' ? re2Problem(matcher.value) : undefined;
          if (!problem) continue;
          context.report({
            span: matcher.valueSpan,
            message: `Prometheus cannot read this pattern: ${problem.charAt(0).toLowerCase()}${problem.slice(1)}.`,
            place: `${rule.place}.expr.${matcher.label}`,
          });
        }
      }
    }
  },
});
