import {
  COMPARISONS,
  constantOf,
  type PromqlBinary,
  type PromqlExpr,
  type PromqlSelector,
  withoutParens,
} from '../../syntaxes/promql/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { writtenExpressions } from './shared/expressions.ts';
import { isEventCounter } from './shared/metrics.ts';

export const rule = defineRule({
  id: 'promql/counter-raw',
  title: 'Counter is compared with a number as it stands',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /_total/,
  docs: {
    why: `A counter holds how often something has happened since its process started. It passes every threshold some day, however healthy the
system is, and then the alert fires until the next restart; after that restart the same trouble goes unseen.`,
    fix: 'Ask how much it grew: `increase(x_total[5m]) > 10`, or how fast: `rate(x_total[5m]) > 0.1`.',
    falsePositives: `Names ending in \`_total\` are gauges quite often, so only those count that name an event (\`requests\`, \`errors\`,
\`restarts\` …). Silent for \`> 0\`, "has it ever happened", and for a guard beside another condition (\`and\`).`,
    references: [
      'https://prometheus.io/docs/concepts/metric_types/#counter',
      'https://prometheus.io/docs/prometheus/latest/querying/functions/#increase',
    ],
  },
  bad: [
    {
      name: 'restarts of a pod',
      files: {
        'rules.yml': `groups:
  - name: pods
    rules:
      - alert: PodRestarts
        expr: «kube_pod_container_status_restarts_total{namespace="shop"}» > 5
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: pods
    rules:
      - alert: PodRestarts
        expr: increase(kube_pod_container_status_restarts_total{namespace="shop"}[5m]) > 5
        labels: {severity: warning}
`,
    },
    {
      name: 'a sum, the number in front, a choice',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: "sum by (job) ((«login_failures_total»)) >= 100"
      - alert: B
        expr: 1e3 < max(«payment_errors_total»)
      - alert: C
        expr: |
          absent(app_errors_total)
            or
          («app_errors_total» > 2 * 5)
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: A
        expr: "sum by (job) ((increase(login_failures_total[5m]))) >= 100"
      - alert: B
        expr: 1e3 < max(payment_errors_total)
      - alert: C
        expr: |
          absent(app_errors_total)
            or
          (app_errors_total > 2 * 5)
`,
    },
  ],
  good: [
    {
      name: 'growth, absence, a count of series, a difference',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: increase(app_errors_total[5m]) > 10
      - alert: B
        expr: changes(app_restarts_total[1h]) > 3
      - alert: C
        expr: count(app_requests_total) < 2 or count(app_requests_total) > 20
      - alert: D
        expr: app_errors_total - app_errors_total offset 5m > 10
      - alert: E
        expr: app_requests_total unless app_requests_total offset 1h
      - alert: F
        expr: sum(app_errors_total) / sum(app_requests_total) > 0.5
`,
      },
    },
    {
      name: 'gauges that are called a total',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: container_fs_inodes_total > 100 or ceph_pg_total > 5 or envoy_cluster_membership_total > 2
      - alert: B
        expr: node_memory_MemTotal_bytes > 1e9 or pending_requests_total > 50 or queue_dead_messages_total > 5
      - alert: C
        expr: active_users_total > 1e4 or http_connections_current_total > 3
`,
      },
    },
    {
      name: 'a guard beside the condition, whether it has ever happened, a recorded series',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: rate(app_errors_total[5m]) / rate(app_requests_total[5m]) > 0.1 and app_requests_total > 1000
      - alert: B
        expr: memory_uncorrectable_errors_total > 0
      - alert: C
        expr: job:app_errors_total > 5
      - record: d
        expr: app_errors_total > bool 5
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      if (rule.kind !== 'alert') continue;
      const seen = new Set<string>();
      for (const comparison of conditionsOf(root)) {
        const counter = comparedCounter(comparison);
        const name = counter?.name;
        if (!counter || name === undefined || seen.has(name)) continue;
        seen.add(name);
        context.report({
          span: counter.span,
          message: `\`${name.slice(0, 60)}\` only grows, so it passes this threshold some day and stays above it until a restart.`,
          place: `${rule.place}.expr.${name}`,
          fixes: () => [increaseFix(counter)],
        });
      }
    }
  },
});

/** The comparisons of which one is enough for the alert. */
function conditionsOf(expr: PromqlExpr): readonly PromqlBinary[] {
  const node = withoutParens(expr);
  if (node.type !== 'binary') return [];
  if (node.op === 'or') return [...conditionsOf(node.left), ...conditionsOf(node.right)];
  return COMPARISONS.has(node.op) ? [node] : [];
}

function comparedCounter({ op, left, right }: PromqlBinary): PromqlSelector | undefined {
  const side = /^>=?$/.test(op) ? left : /^<=?$/.test(op) ? right : undefined;
  const limit = constantOf(side === left ? right : left);
  return side && limit !== undefined && limit > 0 ? counterIn(side) : undefined;
}

function counterIn(expr: PromqlExpr): PromqlSelector | undefined {
  const node = withoutParens(expr);
  if (node.type === 'aggregation' && /^(?:sum|avg|max|min)$/.test(node.op)) {
    const [arg] = node.args;
    return arg && counterIn(arg);
  }
  return node.type === 'selector' && isEventCounter(node.name) ? node : undefined;
}

function increaseFix({ span }: PromqlSelector): Fix {
  return {
    title: 'Compare the increase of 5 minutes',
    safety: 'review',
    edits: [
      { span: { start: span.start, end: span.start }, text: 'increase(' },
      { span: { start: span.end, end: span.end }, text: '[5m])' },
    ],
    risk: 'The threshold was meant for all time and may be too high for five minutes.',
    verify: 'promtool check rules',
  };
}
