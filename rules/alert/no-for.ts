import type { Document } from '../../syntaxes/document.ts';
import { fieldOf, type RuleEntry } from '../../syntaxes/prometheus/tree.ts';
import {
  COMPARISONS,
  constantOf,
  type PromqlBinary,
  type PromqlExpr,
  walkPromql,
  withoutParens,
} from '../../syntaxes/promql/tree.ts';
import { asMap, asScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { addKey } from '../core/yaml-edits.ts';
import { soundExpressions } from '../promql/shared/expressions.ts';

export const rule = defineRule({
  id: 'alert/no-for',
  title: 'Alert fires on a single missed scrape or outlier',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /alert/,
  docs: {
    why: `Without \`for\` the first evaluation that finds the condition true sends the alert. One scrape that times out makes \`up\` 0, one restart
of Prometheus makes \`absent()\` true, and a ratio of few requests jumps to 100 % with the first error: somebody is woken up for nothing,
and does not get up the next time.`,
    fix: 'Say how long the condition has to hold: two minutes for what is urgent, five and more for the rest.',
    falsePositives: `Reported for availability (\`up == 0\`, \`probe_success == 0\`, \`absent(…)\`) and for ratios. Silent for events (\`increase\`,
\`changes\`), for what looks at a longer time itself (\`…_over_time\`, ranges above five minutes), and where \`for: 0m\` says that it is meant.`,
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/'],
  },
  bad: [
    {
      name: 'a target that is down',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: «InstanceDown»
        expr: up{job="api"} == 0
        labels:
          severity: critical
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: InstanceDown
        expr: up{job="api"} == 0
        for: 2m
        labels:
          severity: critical
`,
    },
    {
      name: 'absent, one of two, and a ratio',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: «Gone»
        expr: |
          absent(up{job="api"}) == 1
        labels: {severity: warning}
      - alert: «Down»
        expr: (redis_up == 0) or absent(redis_up)
        labels: {severity: warning}
      - alert: «Errors»
        expr: 100 * sum(rate(errors_total[5m])) / sum(rate(requests_total[5m])) > 5
        labels: {severity: warning}
      - {alert: «Probe», expr: probe_success < 1, labels: {severity: page}}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Gone
        expr: |
          absent(up{job="api"}) == 1
        for: 5m
        labels: {severity: warning}
      - alert: Down
        expr: (redis_up == 0) or absent(redis_up)
        labels: {severity: warning}
      - alert: Errors
        expr: 100 * sum(rate(errors_total[5m])) / sum(rate(requests_total[5m])) > 5
        labels: {severity: warning}
      - {alert: Probe, expr: probe_success < 1, labels: {severity: page}}
`,
    },
  ],
  good: [
    {
      name: 'a time, also one of zero, which is a decision',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        for: 2m
        labels: {severity: critical}
      - alert: B
        expr: up == 0
        for: 0m
        labels: {severity: critical}
      - &c
        alert: C
        expr: up == 0
        for: 1m
        labels: {severity: critical}
      - <<: *c
        alert: D
`,
      },
    },
    {
      name: 'events, and what looks at a longer time itself',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: increase(errors_total[5m]) / increase(requests_total[5m]) > 0.5
        labels: {severity: warning}
      - alert: B
        expr: max_over_time(up[5m]) == 0
        labels: {severity: critical}
      - alert: C
        expr: sum(rate(errors_total[1h])) / sum(rate(requests_total[1h])) > 0.05
        labels: {severity: warning}
      - alert: D
        expr: absent_over_time(up{job="api"}[10m])
        labels: {severity: critical}
      - alert: E
        expr: changes(process_start_time_seconds[15m]) > 2
        labels: {severity: warning}
      - alert: F
        expr: count(up == 0) > 3
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'a time that is left, an alert that always fires, and a recording',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Watchdog
        expr: vector(1)
        labels: {severity: none}
      - alert: B
        expr: (probe_ssl_earliest_cert_expiry - time()) / 86400 < 14
        labels: {severity: warning}
      - alert: C
        expr: up == 1
        labels: {severity: info}
      - record: d
        expr: up == 0
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule: entry, root } of soundExpressions(document.tree)) {
      if (entry.kind !== 'alert' || fieldOf(entry.map, 'for') || !entry.name) continue;
      const why = flapsBy(root);
      if (!why || looksBack(root)) continue;
      context.report({
        span: entry.name.span,
        message: `\`${entry.name.value.slice(0, 70)}\` has no \`for\`: ${why}, sends it.`,
        place: `${entry.place}.for`,
        fixes: () => [forFix(document, entry)],
      });
    }
  },
});

/** What makes the alert fire without need, as the subject of a sentence; undefined where it is not of that sort. */
function flapsBy(root: PromqlExpr): string | undefined {
  const expr = withoutParens(root);
  if (expr.type === 'call') return expr.name === 'absent' ? 'one gap in the series' : undefined;
  if (expr.type !== 'binary') return undefined;
  if (expr.op === 'or') return flapsBy(expr.left) ?? flapsBy(expr.right);
  if (!COMPARISONS.has(expr.op) || constantOf(expr.right) === undefined) return undefined;
  const left = withoutParens(expr.left);
  if (left.type === 'call' && left.name === 'absent') return flapsBy(left);
  if (isDown(expr)) return 'one failed scrape, no more';
  return isRatio(expr.left) ? 'one outlier, however short' : undefined;
}

function isDown({ op, left, right }: PromqlBinary): boolean {
  const selector = withoutParens(left);
  if (selector.type !== 'selector' || !/(?:^|_)up$|^probe_success$/.test(selector.name ?? '')) return false;
  const limit = constantOf(right);
  return limit === 0 ? op === '==' || op === '<=' : limit === 1 && (op === '<' || op === '!=');
}

/** A quotient of two things that are measured. */
function isRatio(expr: PromqlExpr): boolean {
  const inner = withoutParens(expr);
  if (inner.type !== 'binary') return false;
  const sides = [inner.left, inner.right];
  const measured = sides.filter((side) => constantOf(side) === undefined);
  if (measured.length === 2) return inner.op === '/';
  return (
    measured.length === 1 &&
    /^[*/+-]$/.test(inner.op) &&
    measured.some((side) => isRatio(side)) &&
    constantOf(inner.right) !== 0
  );
}

/** Whether an expression is about an event or a time that is long enough by itself. */
function looksBack(root: PromqlExpr): boolean {
  let found = false;
  walkPromql(root, (expr) => {
    if (expr.type === 'subquery') found = true;
    if (expr.type === 'matrix' && (expr.range.seconds ?? 301) > 300) found = true;
    if (
      expr.type === 'call' &&
      !/^(?:rate|irate|absent|histogram_\w+|clamp_\w+|abs|label_\w+)$/.test(expr.name)
    )
      found = true;
  });
  return found;
}

function forFix({ text }: Document, entry: RuleEntry): Fix | undefined {
  const labels = asMap(fieldOf(entry.map, 'labels')?.value);
  const severity = asScalar(fieldOf(labels, 'severity')?.value)?.value ?? '';
  const time = /^(?:critical|page|emergency|fatal)$/i.test(severity) ? '2m' : '5m';
  const edit = addKey(text, entry.map, { key: 'for', value: time, after: ['alert', 'expr'] });
  return (
    edit && {
      title: `Add \`for: ${time}\``,
      safety: 'review',
      edits: [edit],
      risk: 'The alert comes that much later, and not at all for what passes by itself.',
      verify: 'promtool check rules',
    }
  );
}
