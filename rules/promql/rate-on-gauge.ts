import { type PromqlCall, withoutParens } from '../../syntaxes/promql/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';
import { isGaugeName } from './shared/metrics.ts';

export const rule = defineRule({
  id: 'promql/rate-on-gauge',
  title: 'Rate of a value that goes up and down',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /rate|increase/,
  docs: {
    why: `\`rate\`, \`irate\` and \`increase\` are made for counters: they take every fall for a restart of the process and count from zero again. A
gauge that drops from 900 MB to 800 MB looks like 800 MB of growth, and one that swings gives a large rate though nothing grows.`,
    fix: 'Take `deriv(x[1h])` for the slope of a gauge per second, `delta(x[1h])` for its change.',
    falsePositives: `The type is guessed from the name: only what measures memory, disks, queues, temperatures, shares and the like counts, and
nothing that speaks of bytes read, sent or allocated.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/querying/functions/#rate',
      'https://prometheus.io/docs/prometheus/latest/querying/functions/#deriv',
    ],
  },
  bad: [
    {
      name: 'growth of a storage',
      files: {
        'rules.yml': `groups:
  - name: storage
    rules:
      - alert: GrowsFast
        expr: «rate(qdrant_storage_bytes{job="vectors"}[1h])» > 1e6
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: storage
    rules:
      - alert: GrowsFast
        expr: deriv(qdrant_storage_bytes{job="vectors"}[1h]) > 1e6
        labels: {severity: warning}
`,
    },
    {
      name: 'change of a memory, a queue, a share',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Leak
        expr: «increase( process_resident_memory_bytes [6h] offset 1h)» > 5e8
      - record: a
        expr: sum(«rate(app_queue_length[5m])») + «irate(pool_usage_ratio[5m])»
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Leak
        expr: delta( process_resident_memory_bytes [6h] offset 1h) > 5e8
      - record: a
        expr: sum(rate(app_queue_length[5m])) + irate(pool_usage_ratio[5m])
`,
    },
  ],
  good: [
    {
      name: 'counters of bytes, with and without the suffix',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: rate(node_network_receive_bytes[5m]) + rate(node_disk_read_bytes_total[5m]) + rate(http_response_size_bytes_sum[5m])
      - record: b
        expr: rate(go_memstats_alloc_bytes_total[5m]) + rate(jvm_gc_memory_allocated_bytes[5m]) + rate(nginx_http_size_bytes_count[5m])
      - record: c
        expr: rate(app_jobs[5m]) + rate(request_duration_seconds_sum[5m]) + rate(fs_bytes_written[5m])
`,
      },
    },
    {
      name: 'functions for gauges, and a recorded share',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: deriv(qdrant_storage_bytes[1h]) + delta(process_resident_memory_bytes[1h]) + predict_linear(disk_free_bytes[1h], 3600)
      - record: b
        expr: rate(job:memory_used_bytes[5m])
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      const seen = new Set<string>();
      for (const { node } of findAll(root, 'call')) {
        const name = /^(?:rate|irate|increase)$/.test(node.name) ? metricOf(node) : undefined;
        if (name === undefined || !isGaugeName(name) || seen.has(`${node.name} ${name}`)) continue;
        seen.add(`${node.name} ${name}`);
        context.report({
          span: node.span,
          message: `\`${name.slice(0, 60)}\` goes up and down, and \`${node.name}\` takes every fall for a restart from zero.`,
          place: `${rule.place}.expr.${node.name}[${name}]`,
          fixes: () => [gaugeFix(node)],
        });
      }
    }
  },
});

function metricOf({ args: [arg] }: PromqlCall): string | undefined {
  let ranged = arg && withoutParens(arg);
  while (ranged?.type === 'modified') ranged = withoutParens(ranged.expr);
  const selector = ranged?.type === 'matrix' ? ranged.expr : undefined;
  return selector?.type === 'selector' ? selector.name : undefined;
}

function gaugeFix({ name, nameSpan }: PromqlCall): Fix | undefined {
  if (name === 'irate') return undefined;
  const text = name === 'rate' ? 'deriv' : 'delta';
  return {
    title: `Take \`${text}\` instead`,
    safety: 'review',
    edits: [{ span: nameSpan, text }],
    risk: 'The result is smaller wherever the value has fallen, and below zero when it shrinks.',
    verify: 'promtool check rules',
  };
}
