import type { Document, Span } from '../../syntaxes/document.ts';
import { fieldOf, type RuleEntry } from '../../syntaxes/prometheus/tree.ts';
import {
  COMPARISONS,
  constantOf,
  type PromqlBinary,
  type PromqlExpr,
  withoutParens,
} from '../../syntaxes/promql/tree.ts';
import { asMap, asScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { writtenExpressions } from './shared/expressions.ts';
import { presenceOf } from './shared/presence.ts';

export const rule = defineRule({
  id: 'promql/always-firing',
  title: 'Alert without a condition',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /alert/,
  docs: {
    why: `An alert fires for each series that its expression gives, whatever the value: 0 fires as well. Without a comparison, with \`bool\` (which
turns a filter into 0 and 1) or with \`or vector(0)\` behind the comparison there is always a series, so the alert always fires.`,
    fix: 'Compare with a threshold, without `bool`, and put parentheses around what `or vector(0)` fills in: `(x or vector(0)) > 5`.',
    falsePositives: `A bare metric may be there only when something is wrong, so it is left alone unless its name says that it always is
(\`up\`, counters, memory). Silent for \`absent\`, \`unless\` and \`and\`, and for alerts that are meant to fire always (a watchdog, \`vector(1)\`).`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/',
      'https://prometheus.io/docs/prometheus/latest/querying/operators/#comparison-binary-operators',
    ],
  },
  bad: [
    {
      name: 'a filter that became a number',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: QueueFull
        expr: «queue_length{job="app"} > bool 100»
        labels: {severity: warning}
      - alert: Down
        expr: «max by (job) (up == bool 0)»
        labels: {severity: critical}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: QueueFull
        expr: queue_length{job="app"} > 100
        labels: {severity: warning}
      - alert: Down
        expr: max by (job) (up == bool 0)
        labels: {severity: critical}
`,
    },
    {
      name: 'a zero where there is nothing',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Errors
        expr: |
          sum(rate(errors_total[5m])) > 5
            or «vector(0)»
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Errors
        expr: |
          sum(rate(errors_total[5m])) > 5
        labels: {severity: warning}
`,
    },
    {
      name: 'the comparison belongs to the zero',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Errors
        expr: "«sum(jobs_failed) or vector(0) > 5»"
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Errors
        expr: "(sum(jobs_failed) or vector(0)) > 5"
        labels: {severity: warning}
`,
    },
    {
      name: 'no comparison at all',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: «rate(errors_total[5m])»
      - alert: B
        expr: "«100 * (1 - disk_free_bytes / disk_size_bytes)»"
      - alert: C
        expr: |
          «up{job="app"}»
      - alert: D
        expr: «histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))»
      - alert: E
        expr: «vector(0)»
      - alert: LatestErrors
        expr: «sum by (job) (increase(errors_total[5m]))»
`,
      },
    },
  ],
  good: [
    {
      name: 'conditions of all sorts',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: rate(errors_total[5m]) > 0.1 or absent(up{job="app"})
      - alert: B
        expr: (sum(jobs_failed) or vector(0)) > 5
      - alert: C
        expr: count by (job) (up == 0)
      - alert: D
        expr: sum by (job) ((x > bool 5) * 2) > 1
      - alert: E
        expr: rate(x_total[5m]) and on () hour() > 8
      - alert: F
        expr: up unless on (instance) maintenance
      - alert: G
        expr: (up == 0) * on (instance) group_left (team) owner
      - alert: H
        expr: topk(3, rate(x_total[5m]) > 5)
      - alert: I
        expr: sum_over_time((up == 0)[1h:1m])
`,
      },
    },
    {
      name: 'a metric that may be there only in trouble',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}
      - alert: B
        expr: count(deprecated_api_in_use) by (api)
      - alert: C
        expr: ALERTS{alertname="Old"} * on (job) group_left (team) owner_info
      - alert: D
        expr: sum_over_time(config_error[10m])
`,
      },
    },
    {
      name: 'meant to fire always',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Watchdog
        expr: vector(1)
        labels: {severity: none}
      - alert: DeadMansSwitch
        expr: up{job="prometheus"}
      - alert: PrometheusAlertmanagerE2eDeadManSwitch
        expr: vector(1)
      - alert: Fire
        expr: 1
      - alert: Heartbeat
        expr: time()
      - alert: TestAlert
        expr: rate(x_total[5m])
      - record: rate
        expr: rate(x_total[5m])
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      if (rule.kind !== 'alert' || isMeant(rule, root)) continue;
      const found = causeIn(document, root);
      if (!found) continue;
      context.report({
        span: found.span,
        message: found.message,
        place: `${rule.place}.expr`,
        // A condition that holds for a moment is the next thing to think of.
        covers: [`alert/no-for ${rule.place}.for`],
        fixes: () => [found.fix],
      });
    }
  },
});

interface Cause {
  readonly span: Span;
  readonly message: string;
  readonly fix?: Fix | undefined;
}

const MEANT = /watch.?dog|dead.?man|always|heart.?beat|keep.?alive|snitch|canary|demo|example|inhibit|e2e/i;
/** `TestAlert` and `test_alert`, not `LatestBackup`. */
const TESTS = /(?:^|[_ -])test|Test(?:[A-Z\d_]|$)|(?:^|[_ -])[Pp]ing/;

function isMeant(rule: RuleEntry, root: PromqlExpr): boolean {
  const expr = withoutParens(root);
  const [arg] = expr.type === 'call' && expr.name === 'vector' ? expr.args : [expr];
  // Whoever writes 1 alone means it; 0 is written by whoever thinks that it does not fire.
  if (arg && (constantOf(arg) ?? 0) !== 0) return true;
  const severity = asScalar(fieldOf(asMap(fieldOf(rule.map, 'labels')?.value), 'severity')?.value)?.value;
  const name = rule.name?.value ?? '';
  return MEANT.test(name) || TESTS.test(name) || severity === 'none';
}

function causeIn(document: Document, root: PromqlExpr): Cause | undefined {
  const expr = withoutParens(root);
  if (expr.type === 'binary' && expr.op === 'or') return causeInOr(expr);
  if (presenceOf(expr) !== 'always') return undefined;
  if (expr.type === 'binary' && expr.bool) {
    const message = '`bool` turns the filter into 0 and 1, and both of them fire.';
    return { span: expr.span, message, fix: boolFix(document, expr) };
  }
  const message = 'The expression has no condition, and an alert fires for every value, 0 with it.';
  return { span: expr.span, message };
}

function causeInOr(or: PromqlBinary): Cause | undefined {
  const left = presenceOf(or.left);
  const filled = withoutParens(or.right);
  if (filled.type === 'binary' && COMPARISONS.has(filled.op) && or.right === filled) {
    // `x or vector(0) > 5`: the comparison binds tighter than `or`.
    if (left === 'condition' || !isNumberVector(filled.left) || constantOf(filled.right) === undefined)
      return undefined;
    return {
      span: or.span,
      message: `\`${filled.op}\` binds tighter than \`or\`: only \`vector\` is compared, and what stands before it fires at every value.`,
      fix: parenthesesFix(or, filled),
    };
  }
  if (left === 'condition' && isNumberVector(filled)) {
    const message =
      'There is always this value where the condition is not met, and an alert fires for 0 too.';
    return { span: or.right.span, message, fix: removeFix(or) };
  }
  if (presenceOf(or) !== 'always') return undefined;
  const message = 'The expression has no condition, and an alert fires for every value, 0 with it.';
  return { span: or.span, message };
}

function isNumberVector(expr: PromqlExpr): boolean {
  const node = withoutParens(expr);
  const [arg] = node.type === 'call' && node.name === 'vector' ? node.args : [];
  return arg !== undefined && constantOf(arg) !== undefined;
}

function boolFix({ text }: Document, { opSpan, matching }: PromqlBinary): Fix | undefined {
  const bool = /^\s*bool\b/.exec(text.slice(opSpan.end, opSpan.end + 40))?.[0];
  if (bool === undefined || matching) return undefined;
  return {
    title: 'Remove `bool`',
    safety: 'review',
    edits: [{ span: { start: opSpan.end, end: opSpan.end + bool.length }, text: '' }],
    risk: 'The alert fires only where the comparison is true, with the value compared in place of 1.',
    verify: 'promtool check rules',
  };
}

function removeFix({ left, right }: PromqlBinary): Fix {
  return {
    title: 'Remove the value that fills in',
    safety: 'review',
    edits: [{ span: { start: left.span.end, end: right.span.end }, text: '' }],
    risk: 'The alert no longer fires all the time.',
    verify: 'promtool check rules',
  };
}

function parenthesesFix({ left }: PromqlBinary, { left: filled }: PromqlBinary): Fix {
  const { start } = left.span;
  const { end } = filled.span;
  return {
    title: 'Compare the whole',
    safety: 'review',
    edits: [
      { span: { start, end: start }, text: '(' },
      { span: { start: end, end }, text: ')' },
    ],
    risk: 'The alert follows its threshold and no longer fires all the time.',
    verify: 'promtool check rules',
  };
}
