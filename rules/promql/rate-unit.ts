import type { RuleEntry } from '../../syntaxes/prometheus/tree.ts';
import { fieldOf } from '../../syntaxes/prometheus/tree.ts';
import { COMPARISONS, constantOf, type PromqlExpr, withoutParens } from '../../syntaxes/promql/tree.ts';
import { asMap, asScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { writtenExpressions } from './shared/expressions.ts';

export const rule = defineRule({
  id: 'promql/rate-unit',
  title: 'Rate per second is spoken of as per hour or minute',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /rate/,
  docs: {
    why: `\`rate\` gives a number per second, whatever its range is. A threshold that was thought of as "per hour" is then 3600
times too high, and the alert never fires.`,
    fix: 'Multiply the rate by 3600 (per hour) or 60 (per minute), or take `increase(x[1h])`.',
    falsePositives: `Only a unit right behind the value (\`{{ $value }}/hour\`) or in a comment of the expression (\`# 1GB/hour\`)
counts, and only where nothing in the expression multiplies or divides.`,
    references: ['https://prometheus.io/docs/prometheus/latest/querying/functions/#rate'],
  },
  bad: [
    {
      name: 'a comment on the threshold',
      files: {
        'rules.yml': `groups:
  - name: storage
    rules:
      - alert: GrowthHigh
        expr: |
          «rate(storage_written_bytes_total[1h])» > 1e9  # 1GB/hour
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: storage
    rules:
      - alert: GrowthHigh
        expr: |
          rate(storage_written_bytes_total[1h]) * 3600 > 1e9  # 1GB/hour
        labels: {severity: warning}
`,
    },
    {
      name: 'the text of the alert',
      files: {
        'rules.yml': `groups:
  - name: storage
    rules:
      - alert: Failures
        expr: «sum by (job) (rate(failures_total[5m]))» > 10
        labels: {severity: warning}
        annotations:
          description: "{{ $value | humanize }} failures per minute"
`,
      },
      fixed: `groups:
  - name: storage
    rules:
      - alert: Failures
        expr: sum by (job) (rate(failures_total[5m])) * 60 > 10
        labels: {severity: warning}
        annotations:
          description: "{{ $value | humanize }} failures per minute"
`,
    },
  ],
  good: [
    {
      name: 'a text that names no unit of time',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Errors
        expr: rate(errors_total[5m]) > 1
        annotations: {summary: "Too many errors, now {{ $value }}"}
`,
      },
    },
    {
      name: 'per second, converted, over a time',
      files: {
        'rules.yml': `groups:
  - name: storage
    rules:
      - alert: A
        expr: rate(x_total[5m]) > 10
        annotations: {description: "{{ $value }} per second in the last hour"}
      - alert: B
        expr: rate(x_total[5m]) * 3600 > 10
        annotations: {description: "{{ $value }} per hour"}
      - alert: C
        expr: increase(x_total[1h]) > 10
        annotations: {description: "{{ $value }} per hour"}
      - alert: D
        expr: rate(x_total[2m]) > 10
        annotations: {description: "{{ $value }} failures in the last two minutes, more than 5 per hour"}
      - alert: E
        expr: sum(rate(x_total[5m])) / sum(rate(y_total[5m])) > 0.1
        annotations: {description: "{{ $value }}/min"}
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root, promql } of writtenExpressions(document.tree)) {
      const rate = comparedRate(root);
      const unit = rate && (unitInComment(promql.text) ?? unitInTexts(rule));
      if (!rate || !unit) continue;
      context.report({
        span: rate.span,
        message: `\`rate\` is per second, and the text says per ${unit}: the threshold is ${FACTORS[unit]} times too high.`,
        place: `${rule.place}.expr.rate`,
        fixes: () => [scaleFix(rate, FACTORS[unit])],
      });
    }
  },
});

type Unit = 'hour' | 'minute' | 'day';

const FACTORS: Readonly<Record<Unit, number>> = { minute: 60, hour: 3600, day: 86_400 };

/** `rate(x[5m])` or `sum(rate(x[5m]))` that is compared with a number; undefined for all else. */
function comparedRate(root: PromqlExpr): PromqlExpr | undefined {
  const comparison = withoutParens(root);
  if (comparison.type !== 'binary' || !/^>=?$/.test(comparison.op) || !COMPARISONS.has(comparison.op))
    return undefined;
  const threshold = withoutParens(comparison.right);
  // `1e9 / 3600` is a threshold that somebody has converted.
  if (threshold.type !== 'number' || (constantOf(threshold) ?? 0) <= 0) return undefined;
  const { left } = comparison;
  const inner = left.type === 'aggregation' && /^(?:sum|avg|max|min)$/.test(left.op) ? left.args[0] : left;
  const call = inner && withoutParens(inner);
  return call?.type === 'call' && /^i?rate$/.test(call.name) ? left : undefined;
}

const UNIT = String.raw`(?:\/\s?|\bper\s|\ban?\s)(hours?|hrs?|h|minutes?|mins?|days?)\b`;

function unitInComment(text: string): Unit | undefined {
  const comment = /#(?=[^"'\n]*$)[^\n]*/m.exec(text)?.[0];
  return unitOf(new RegExp(String.raw`\d\s?\S{0,12}\s?${UNIT}`, 'i').exec(comment ?? '')?.[1]);
}

function unitInTexts(rule: RuleEntry): Unit | undefined {
  const annotations = asMap(fieldOf(rule.map, 'annotations')?.value);
  const texts = (annotations?.pairs ?? []).map((pair) => asScalar(pair.value)?.value ?? '');
  const behindValue = new RegExp(String.raw`\{\{[^}]*\$value[^}]*\}\}\s?\S{0,20}\s?${UNIT}`, 'i');
  return texts.map((text) => unitOf(behindValue.exec(text)?.[1])).find((unit) => unit !== undefined);
}

function unitOf(word: string | undefined): Unit | undefined {
  const first = word?.charAt(0).toLowerCase();
  return first === 'h' ? 'hour' : first === 'm' ? 'minute' : first === 'd' ? 'day' : undefined;
}

function scaleFix({ span }: PromqlExpr, factor: number): Fix {
  return {
    title: `Multiply the rate by ${factor}`,
    safety: 'review',
    edits: [{ span: { start: span.end, end: span.end }, text: ` * ${factor}` }],
    risk: 'The alert fires far more often, at the threshold that the text speaks of.',
    verify: 'promtool check rules',
  };
}
