import type { Document } from '../../syntaxes/document.ts';
import type { PromqlMatcher } from '../../syntaxes/promql/tree.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { prometheusRuleJobFacts } from '../facts/prometheus-rule-jobs.ts';
import { findAll, soundExpressions } from '../promql/shared/expressions.ts';
import { jobsFor } from './shared/wiring.ts';

const CONFIG = `rule_files: [alerts.yml]
scrape_configs:
  - job_name: node-exporter
    static_configs:
      - targets: [node:9100]
  - job_name: "api"
    static_configs:
      - targets: [api:8000]
`;

function alert(expr: string): string {
  return `groups:
  - name: app
    rules:
      - alert: Down
        expr: ${expr}
`;
}

export const rule = defineRule({
  id: 'prometheus/job-unknown',
  title: 'Rule asks for a job that is not scraped',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /\bjob\b/,
  docs: {
    why: `The label \`job\` is the \`job_name\` of the job that scraped a series. No job of the configuration that loads this file
is called so: the selector finds nothing, and an alert on it never fires.`,
    fix: 'Write the name of the job as `scrape_configs` has it, or add the job that is missing.',
    falsePositives: `Silent where series may come with another label: relabelling of \`job\`, \`honor_labels\`, targets from files
or HTTP, \`scrape_config_files\`, remote write and OTLP receivers, and recording rules that set it. A regular expression is judged
only where it is a list of names, and reported only where none of them is scraped.`,
    references: ['https://prometheus.io/docs/concepts/jobs_instances/'],
  },
  bad: [
    {
      name: 'a slip of the pen',
      files: {
        'alerts.yml': alert(`up{«job="node_exporter"»} == 0`),
        'prometheus.yml': CONFIG,
      },
      fixed: alert(`up{job="node-exporter"} == 0`),
    },
    {
      name: 'a job that nobody scrapes, in a container that loads the file',
      files: {
        'prom/rules/alerts.yml': alert(`'absent(up{«job=~"postgres|pgbouncer"»})'`),
        'prom/prometheus.yml': CONFIG.replace('[alerts.yml]', '[rules/*.yml]'),
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: ["--config.file=/etc/prometheus/prometheus.yml"]
    volumes: ["./prom:/etc/prometheus"]
`,
      },
    },
    {
      name: 'quotes in quotes',
      files: {
        'alerts.yml': alert(String.raw`"up{«job=\"apii\"»} == 0"`),
        'prometheus.yml': CONFIG,
      },
      fixed: alert(String.raw`"up{job=\"api\"} == 0"`),
    },
  ],
  good: [
    {
      name: 'jobs that are scraped, one name of several, patterns, negations',
      files: {
        'alerts.yml': alert(
          `up{job="api"} + up{job=~"node|node-exporter"} + up{job=~".*node.*"} + up{job!="x"} + up{job=""}`,
        ),
        'prometheus.yml': CONFIG,
      },
    },
    {
      name: 'the label comes from relabelling',
      files: {
        'alerts.yml': alert('up{job="web"} == 0'),
        'prometheus.yml': `rule_files: [alerts.yml]
scrape_configs:
  - job_name: docker
    docker_sd_configs:
      - host: unix:///var/run/docker.sock
    relabel_configs:
      - source_labels: [__meta_docker_container_label_job]
        target_label: job
`,
      },
    },
    {
      name: 'the label is set beside the targets, or honoured',
      files: {
        'alerts.yml': alert('up{job="web"} == 0'),
        'prometheus.yml': `rule_files: [alerts.yml]
scrape_configs:
  - job_name: all
    static_configs:
      - targets: [web:80]
        labels: { job: web }
`,
      },
    },
    {
      name: 'series are pushed',
      files: {
        'alerts.yml': alert('backup_ok{job="backup"} == 0'),
        'prometheus.yml': `rule_files: [alerts.yml]
scrape_configs:
  - job_name: pushgateway
    honor_labels: true
    static_configs: [{ targets: ["pushgateway:9091"] }]
`,
      },
    },
    {
      name: 'others write to this Prometheus',
      files: {
        'alerts.yml': alert('up{job="web"} == 0'),
        'prometheus.yml': CONFIG,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: [--config.file=/etc/prometheus/prometheus.yml, --web.enable-remote-write-receiver]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'no configuration of the workspace loads the file',
      files: { 'alerts.yml': alert('up{job="web"} == 0'), 'other.yml': 'a: 1\n' },
    },
    {
      name: 'recorded series have the labels of their rule',
      files: {
        'alerts.yml': `groups:
  - name: app
    rules:
      - record: app_errors
        expr: sum(errors)
        labels: { job: app }
      - alert: Errors
        expr: app_errors{job="app"} > 1 or job:errors{job="other"} > 1 or web_errors{job="web"} > 1
`,
        'records.yml': `groups:
  - name: web
    rules:
      - record: web_errors
        expr: sum(errors)
        labels:
          job: web
`,
        'prometheus.yml': CONFIG,
      },
    },
  ],
  check(document, context) {
    const jobs = jobsFor(context.facts, document.uri);
    if (!jobs?.complete || document.tree.form !== 'file') return;
    const recorded = context.facts.all(prometheusRuleJobFacts).map(({ fact }) => fact.job);
    const known = new Set([...jobs.names, ...recorded]);
    for (const { rule, root } of soundExpressions(document.tree)) {
      const seen = new Set<string>();
      for (const { node } of findAll(root, 'selector')) {
        // A recorded series, and `ALERTS`, has the labels that its rule gives it.
        if (node.name === undefined || /:|^ALERTS/.test(node.name)) continue;
        for (const matcher of node.matchers) {
          const names = namesOf(matcher);
          if (names.length === 0 || names.some((name) => known.has(name)) || seen.has(matcher.value))
            continue;
          seen.add(matcher.value);
          context.report({
            span: matcher.span,
            message: `No job called \`${matcher.value.slice(0, 50)}\` is scraped, so this finds no series.`,
            place: `${rule.place}.expr.job[${matcher.value}]`,
            fixes: () => [renameFix(document, matcher, jobs.names)],
          });
        }
      }
    }
  },
});

/** The names that a matcher asks for; empty where it is not a plain list of names. */
function namesOf({ label, op, value }: PromqlMatcher): readonly string[] {
  if (label !== 'job' || value === '' || (op !== '=' && op !== '=~')) return [];
  if (/\$|\{\{/.test(value)) return [];
  if (op === '=') return [value];
  return /^[\w/-]+(?:\|[\w/-]+)*$/.test(value) ? value.split('|') : [];
}

/** The one job whose name is nearly the same. */
function renameFix(
  { text }: Document<'prometheus-rules'>,
  { value, valueSpan }: PromqlMatcher,
  names: readonly string[],
): Fix | undefined {
  const name = nearestWord(value, names);
  const [before, after, ...more] = text.slice(valueSpan.start, valueSpan.end).split(value);
  if (name === undefined || !/^[\w./-]+$/.test(name)) return undefined;
  if (before === undefined || after === undefined || more.length > 0) return undefined;
  const start = valueSpan.start + before.length;
  return {
    title: `Ask for the job \`${name}\``,
    safety: 'review',
    edits: [{ span: { start, end: start + value.length }, text: name }],
    risk: 'The name was guessed from its likeness, and alerts that were dead may fire.',
    verify: 'promtool check rules',
  };
}
