import type { Document, Span } from '../../syntaxes/document.ts';
import { fieldOf, type RuleEntry } from '../../syntaxes/prometheus/tree.ts';
import { COMPARISONS, type PromqlExpr, withoutParens } from '../../syntaxes/promql/tree.ts';
import { asMap, asScalar } from '../../syntaxes/yaml/tree.ts';
import { templatesOf } from '../alert/shared/templates.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { type SoundExpression, writtenExpressions } from './shared/expressions.ts';
import { comparisonWithNumber } from './shared/ranges.ts';
import { type Scale, scaleOf } from './shared/scales.ts';

export const rule = defineRule({
  id: 'promql/percent-vs-ratio',
  title: 'Percentage and share from 0 to 1 are mixed up',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /alert/,
  docs: {
    why: `A percentage that is compared with \`0.9\` fires at 0.9 %, which is always, and nobody looks any more. A share of 0.07 that is printed as
\`{{ $value }}%\` reads "0.07%" where 7 % of all requests fail, and \`humanizePercentage\` makes 700 % of 7.`,
    fix: 'Compare a percentage with a percentage; print a share with `humanizePercentage`, and a percentage with `%` behind it.',
    falsePositives: `Thresholds below one percent exist. They are reported only where a text of the alert names the percentage (\`0.05\` and "5%"), or from
0.7 on, where hardly anybody means less than one percent. A quotient counts as a share where its threshold is below 1.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#numbers',
      'https://prometheus.io/docs/practices/naming/#base-units',
    ],
  },
  bad: [
    {
      name: 'a percentage above 0.9',
      files: {
        'rules.yml': `groups:
  - name: host
    rules:
      - alert: MemoryHigh
        expr: (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) * 100 > «0.9»
        for: 5m
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: host
    rules:
      - alert: MemoryHigh
        expr: (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) * 100 > 90
        for: 5m
        labels: {severity: warning}
`,
    },
    {
      name: 'the text tells what is meant',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Errors
        expr: |
          100 * sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))
            > «.05»
        for: 5m
        labels: {severity: warning}
        annotations:
          summary: Error rate above 5%
      - alert: DiskLow
        expr: avg_over_time(disk_free_percent[5m]) < «0.1»
        for: 5m
        labels: {severity: warning}
        annotations: {summary: "less than 10 % free"}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Errors
        expr: |
          100 * sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))
            > 5
        for: 5m
        labels: {severity: warning}
        annotations:
          summary: Error rate above 5%
      - alert: DiskLow
        expr: avg_over_time(disk_free_percent[5m]) < 0.1
        for: 5m
        labels: {severity: warning}
        annotations: {summary: "less than 10 % free"}
`,
    },
    {
      name: 'a share with a percent sign',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Errors
        expr: sum(rate(errors_total[5m])) / sum(rate(requests_total[5m])) > 0.05
        for: 5m
        labels: {severity: warning}
        annotations:
          summary: "Errors at «{{ $value }}%»"
          description: 'now «{{ $value | printf "%.2f" }} %», «{{ printf "%.1f" $value }}%» or {{ $value }} of all'
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Errors
        expr: sum(rate(errors_total[5m])) / sum(rate(requests_total[5m])) > 0.05
        for: 5m
        labels: {severity: warning}
        annotations:
          summary: "Errors at {{ $value | humanizePercentage }}"
          description: 'now {{ $value | printf "%.2f" }} %, {{ printf "%.1f" $value }}% or {{ $value }} of all'
`,
    },
    {
      name: 'a percentage times a hundred',
      files: {
        'rules.yml': `groups:
  - name: host
    rules:
      - alert: DiskFull
        expr: 100 - (disk_free_bytes * 100 / disk_size_bytes) > 85 and disk_readonly == 0
        for: 5m
        labels: {severity: warning}
        annotations:
          summary: Disk is «{{ $value | humanizePercentage }}» full
`,
      },
      fixed: `groups:
  - name: host
    rules:
      - alert: DiskFull
        expr: 100 - (disk_free_bytes * 100 / disk_size_bytes) > 85 and disk_readonly == 0
        for: 5m
        labels: {severity: warning}
        annotations:
          summary: Disk is {{ $value | humanize }}% full
`,
    },
  ],
  good: [
    {
      name: 'percentages as such, shares as such',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: a / b * 100 > 90
        annotations: {summary: "{{ $value }}%", description: '{{ $value | printf "%.1f" }}%'}
      - alert: B
        expr: a / b > 0.9
        annotations: {summary: "{{ $value | humanizePercentage }} above 90%"}
      - alert: C
        expr: cpu_percent > 90
        annotations: {summary: "{{ $value }}%"}
      - alert: D
        expr: job:errors:ratio5m > 0.05
        annotations: {summary: "{{ $value | humanizePercentage }}"}
`,
      },
    },
    {
      name: 'a threshold below one percent',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: sum(rate(errors_total[5m])) / sum(rate(requests_total[5m])) * 100 > 0.5
        annotations: {summary: "more than 0.5% of requests fail"}
      - alert: B
        expr: 100 * lost / sent > 0.1
        annotations: {summary: "packets are lost"}
      - alert: C
        expr: 100 * lost / sent > 0.9
        annotations: {summary: "more than 0.9 % are lost"}
`,
      },
    },
    {
      name: 'quotients that are no shares, values that are worked out in the text, conditions joined by or',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: rate(latency_seconds_sum[5m]) / rate(latency_seconds_count[5m]) > 2
        annotations: {summary: "{{ $value }}% of what?"}
      - alert: B
        expr: a / b > 0.5 or c > 90
        annotations: {summary: "{{ $value }}%"}
      - alert: C
        expr: a / 100 > 0.5
        annotations: {summary: "{{ $value }}%"}
      - alert: D
        expr: a / b > 0.5
        annotations: {summary: '{{ with query "a / b * 100" }}{{ . | first | value }}%{{ end }} of {{ $labels.x }}%'}
`,
      },
    },
  ],
  check(document, context) {
    const values = new Map<RuleEntry, Scale>();
    for (const expression of writtenExpressions(document.tree)) {
      if (expression.rule.kind !== 'alert') continue;
      const value = alertValue(expression.root);
      if (value?.scale === 'percent') checkThreshold(expression, value, context);
      if (value?.scale === 'percent' || isSmall(value?.limit)) values.set(expression.rule, value?.scale);
    }
    if (values.size > 0) checkTexts(document, values, context);
  },
});

interface AlertValue {
  readonly scale: Scale;
  readonly limit: number | undefined;
  readonly limitExpr: PromqlExpr | undefined;
}

/** What the value of an alert is measured in: that of the condition which it comes from. */
function alertValue(root: PromqlExpr): AlertValue | undefined {
  const expr = withoutParens(root);
  if (expr.type !== 'binary') return undefined;
  if (expr.op === 'and' || expr.op === 'unless') return alertValue(expr.left);
  if (!COMPARISONS.has(expr.op) || expr.bool) return undefined;
  const compared = comparisonWithNumber(expr);
  if (!compared)
    return {
      scale: scaleOf(expr.left) === scaleOf(expr.right) ? scaleOf(expr.left) : undefined,
      limit: undefined,
      limitExpr: undefined,
    };
  const limitExpr = compared.expr === expr.left ? expr.right : expr.left;
  return { scale: scaleOf(compared.expr), limit: compared.limit, limitExpr };
}

function isSmall(limit: number | undefined): boolean {
  return limit !== undefined && limit > 0 && limit < 1;
}

function checkThreshold({ rule: entry }: SoundExpression, value: AlertValue, context: Context): void {
  const { limit, limitExpr } = value;
  if (limit === undefined || !limitExpr || !isSmall(limit)) return;
  const percent = Number((limit * 100).toPrecision(12));
  const told = percentagesIn(entry);
  const isCertain = told.includes(percent) && !told.includes(limit);
  if (!isCertain && (told.length > 0 || limit < 0.7)) return;
  context.report({
    span: limitExpr.span,
    message: `The value is a percentage, so this threshold is ${limit} %; ${percent} % is written \`${percent}\`.`,
    place: `${entry.place}.expr.threshold`,
    fixes: () => [thresholdFix(limitExpr, percent)],
  });
}

/** The percentages that the alert's texts speak of. */
function percentagesIn(entry: RuleEntry): readonly number[] {
  const annotations = asMap(fieldOf(entry.map, 'annotations')?.value);
  const texts = (annotations?.pairs ?? []).map(({ value }) => asScalar(value)?.value ?? '');
  return texts.flatMap((text) =>
    [...text.matchAll(/(?<![\w.])(\d{1,6}(?:\.\d{1,6})?)\s?(?:%|percent\b)/gi)].map((match) =>
      Number(match[1]),
    ),
  );
}

function thresholdFix(limit: PromqlExpr, percent: number): Fix | undefined {
  if (limit.type !== 'number') return undefined;
  return {
    title: `Set the threshold to ${percent}`,
    safety: 'review',
    edits: [{ span: limit.span, text: String(percent) }],
    risk: 'The alert fires a hundred times later, or earlier where it asks for less.',
    verify: 'promtool check rules',
  };
}

/** The value of the alert and a percent sign: `{{ $value | humanize }}%`. */
const VALUE_PERCENT =
  /\{\{-?\s*(?:(?:\$value|\.Value)\s*(?:\|\s*(?:humanize|printf\s+"[^"{}]{1,12}")\s*)?|printf\s+"[^"{}]{1,12}"\s+(?:\$value|\.Value)\s*)-?\}\}\s?%/;

const HUMANIZED =
  /\{\{-?\s*(?:(?:\$value|\.Value)\s*\|\s*humanizePercentage|humanizePercentage\s+(?:\$value|\.Value))\s*-?\}\}/;

function checkTexts(
  document: Document<'prometheus-rules'>,
  values: ReadonlyMap<RuleEntry, Scale>,
  context: Context,
): void {
  for (const { rule: entry, embedded, template, place } of templatesOf(document)) {
    const scale = values.get(entry);
    if (scale === undefined || template.problem) continue;
    const isShare = scale === 'share';
    for (const match of embedded.text.matchAll(new RegExp(isShare ? VALUE_PERCENT : HUMANIZED, 'g'))) {
      const [written] = match;
      const span = { start: embedded.at(match.index), end: embedded.at(match.index + written.length) };
      context.report({
        span,
        message: isShare
          ? 'The value is a share from 0 to 1, so this prints a hundredth of the percentage; `humanizePercentage` prints it right.'
          : '`humanizePercentage` multiplies by 100, and the value is a percentage already.',
        place: `${place}.value`,
        fixes: () => [textFix(span, written.includes('.Value') ? '.Value' : '$value', isShare)],
      });
    }
  }
}

function textFix(span: Span, value: string, isShare: boolean): Fix {
  const text = isShare ? `{{ ${value} | humanizePercentage }}` : `{{ ${value} | humanize }}%`;
  return {
    title: isShare ? 'Print it with `humanizePercentage`' : 'Print it as it is, with `%`',
    safety: 'review',
    edits: [{ span, text }],
    risk: 'The text of the alert changes, which matters where a program reads it.',
    verify: 'promtool check rules',
  };
}
