import { fieldOf, type RuleEntry } from '../../syntaxes/prometheus/tree.ts';
import { durationSeconds } from '../../syntaxes/promql/durations.ts';
import { walkPromql } from '../../syntaxes/promql/tree.ts';
import { asMap, asScalar, pairOf } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { type SoundExpression, soundExpressions } from '../promql/shared/expressions.ts';

const HOUR = 3600;

export const rule = defineRule({
  id: 'alert/for-too-long',
  title: 'Critical alert waits for more than an hour',
  kinds: ['prometheus-rules'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /for/,
  docs: {
    why: `What is critical wakes somebody because every minute counts. With \`for: 3h\` the outage is three hours old when the pager rings, and a
single scrape without the condition starts the time anew.`,
    fix: 'Shorten `for`, smooth the expression instead (`avg_over_time`), or call the alert a warning.',
    falsePositives: `Silent for what changes slowly and may wait: certificates, licences, backups, snapshots, disks that fill up, versions and settings, and
expressions with \`time()\`, \`predict_linear\` or a range of an hour and more.`,
    references: ['https://prometheus.io/docs/practices/alerting/'],
  },
  bad: [
    {
      name: 'three hours',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: ServiceDown
        expr: up{job="api"} == 0
        for: «3h»
        labels: {severity: critical}
      - alert: Errors
        expr: sum by (job) (rate(errors_total[5m])) > 5
        for: «"90m"»
        labels: {severity: page}
`,
      },
    },
  ],
  good: [
    {
      name: 'an hour, and a warning',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        for: 1h
        labels: {severity: critical}
      - alert: B
        expr: up == 0
        for: 1d
        labels: {severity: warning}
      - alert: C
        expr: up == 0
        for: 2h
        labels: {severity: "{{ $labels.severity }}"}
`,
      },
    },
    {
      name: 'what may wait',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: CertificateNotRenewed
        expr: certificate_days_left < 7
        for: 2h
        labels: {severity: critical}
      - alert: B
        expr: time() - last_success_timestamp_seconds > 86400
        for: 2h
        labels: {severity: critical}
      - alert: NightlyBackupFailed
        expr: job_failed == 1
        for: 6h
        labels: {severity: critical}
      - alert: BudgetBurn
        expr: sum(rate(errors_total[6h])) / sum(rate(requests_total[6h])) > 0.01
        for: 3h
        labels: {severity: critical}
`,
      },
    },
  ],
  check({ tree }, context) {
    for (const sound of soundExpressions(tree)) {
      const { rule: entry } = sound;
      const value = entry.kind === 'alert' ? pairOf(entry.map, 'for')?.value : undefined;
      if (value?.type !== 'scalar' || (durationSeconds(value.value) ?? 0) <= HOUR) continue;
      if (!isCritical(entry) || mayWait(sound)) continue;
      context.report({
        span: value.span,
        message: `A critical alert that waits for ${value.value} comes when the damage is done.`,
        place: `${entry.place}.for`,
      });
    }
  },
});

function isCritical({ map }: RuleEntry): boolean {
  const severity = fieldOf(asMap(fieldOf(map, 'labels')?.value), 'severity')?.value;
  return /^(?:critical|page|emergency)$/i.test(asScalar(severity)?.value ?? '');
}

const SLOW =
  /cert|expir|licen[sc]e|backup|snapshot|restore|replica|version|config|mismatch|capacity|disk|space|volume|filesystem|inode|storage|quota|upgrade|patch|reboot|raid|drift|anomal|zscore|slo|unassigned|stale|outdated|sync|retention|compact|cron|job|gc|clean|budget|burn/i;

function mayWait({ rule: entry, root }: SoundExpression): boolean {
  let slow = SLOW.test(entry.name?.value ?? '');
  walkPromql(root, (expr) => {
    if (expr.type === 'selector' && SLOW.test(expr.name ?? '')) slow = true;
    if (expr.type === 'call' && /^(?:time|predict_linear|deriv)$/.test(expr.name)) slow = true;
    const isRange = expr.type === 'matrix' || expr.type === 'subquery';
    if (isRange && (expr.range.seconds ?? HOUR) >= HOUR) slow = true;
  });
  return slow;
}
