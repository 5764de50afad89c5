import type { Span } from '../../syntaxes/document.ts';
import type { PrometheusRulesTree, RuleEntry } from '../../syntaxes/prometheus/tree.ts';
import {
  COMPARISONS,
  constantOf,
  type PromqlBinary,
  type PromqlExpr,
  type PromqlSelector,
  walkPromql,
  withoutParens,
} from '../../syntaxes/promql/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { findAll, soundExpressions } from '../promql/shared/expressions.ts';

export const rule = defineRule({
  id: 'alert/expiry-epoch',
  title: 'Point in time is compared with a duration',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /expir|timestamp|not_?after|start_time|boot_time|days_until|_ttl/i,
  docs: {
    why: `Many metrics of certificates, backups and starts hold a Unix time, the seconds since 1970: a number near 1.8 billion.
Compared with seven days of seconds it is always more, so the alert never fires (or always does), and the certificate runs out
without a word. Others count down and need no \`time()\`: with \`- time()\` they are always below zero.`,
    fix: `Subtract: \`x_expiry_timestamp_seconds - time() < 7 * 86400\` for what lies ahead, \`time() - x_timestamp_seconds > 86400\`
for what is past.`,
    falsePositives: `Judged by what the name says for certain (\`_timestamp_seconds\`, \`_not_after\`, \`earliest_cert_expiry\`,
\`_start_time_seconds\`; \`_ttl_seconds\`, \`days_until\`, \`_remaining_seconds\`). A name such as \`cert_expiry_seconds\` may mean either: it is
reported only where another rule of the file takes \`time()\` from the same metric. Comparisons with 0 ask whether something ever
happened and are left alone.`,
    references: [
      'https://prometheus.io/docs/practices/naming/#base-units',
      'https://prometheus.io/docs/practices/instrumentation/#timestamps-not-time-since',
    ],
  },
  bad: [
    {
      name: 'a certificate, days written out',
      files: {
        'rules.yml': `groups:
  - name: tls
    rules:
      - alert: CertificateExpiresSoon
        expr: «probe_ssl_earliest_cert_expiry» < 7 * 24 * 3600 # a week
        for: 1h
        labels: {severity: critical}
`,
      },
      fixed: `groups:
  - name: tls
    rules:
      - alert: CertificateExpiresSoon
        expr: probe_ssl_earliest_cert_expiry - time() < 7 * 24 * 3600 # a week
        for: 1h
        labels: {severity: critical}
`,
    },
    {
      name: 'in days, through a function, in several lines',
      files: {
        'rules.yml': `groups:
  - name: tls
    rules:
      - alert: CertificateExpiresSoon
        expr: |
          min by (name) (
            «certmanager_certificate_expiration_timestamp_seconds»{issuer!="test"}
          ) / 86400
            < 14
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: tls
    rules:
      - alert: CertificateExpiresSoon
        expr: |
          (min by (name) (
            certmanager_certificate_expiration_timestamp_seconds{issuer!="test"}
          ) - time()) / 86400
            < 14
        labels: {severity: warning}
`,
    },
    {
      name: 'a backup that is always too old',
      files: {
        'rules.yml': `groups:
  - name: backup
    rules:
      - alert: BackupTooOld
        expr: "max(«backup_last_success_timestamp_seconds») > 86400"
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: backup
    rules:
      - alert: BackupTooOld
        expr: "time() - max(backup_last_success_timestamp_seconds) > 86400"
        labels: {severity: warning}
`,
    },
    {
      name: 'the number on the left, and a threshold that is met by no time',
      files: {
        'rules.yml': `groups:
  - name: backup
    rules:
      - alert: Soon
        expr: 604800 > «ssl_verified_cert_not_after»
        labels: {severity: warning}
      - alert: Old
        expr: «backup_timestamp_seconds» < 3600
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: backup
    rules:
      - alert: Soon
        expr: 604800 > ssl_verified_cert_not_after - time()
        labels: {severity: warning}
      - alert: Old
        expr: backup_timestamp_seconds < 3600
        labels: {severity: warning}
`,
    },
    {
      name: 'seconds that are left already',
      files: {
        'rules.yml': `groups:
  - name: tls
    rules:
      - alert: Soon
        expr: «kubelet_certificate_manager_client_ttl_seconds - time()» < 604800
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: tls
    rules:
      - alert: Soon
        expr: kubelet_certificate_manager_client_ttl_seconds < 604800
        labels: {severity: warning}
`,
    },
    {
      name: 'the rule beside it says what the metric is',
      files: {
        'rules.yml': `groups:
  - name: tls
    rules:
      - alert: In30Days
        expr: nginx_ssl_certificate_expiry_seconds - time() < 30 * 86400
        labels: {severity: warning}
      - alert: In7Days
        expr: «nginx_ssl_certificate_expiry_seconds» < 7 * 86400
        labels: {severity: critical}
`,
      },
      fixed: `groups:
  - name: tls
    rules:
      - alert: In30Days
        expr: nginx_ssl_certificate_expiry_seconds - time() < 30 * 86400
        labels: {severity: warning}
      - alert: In7Days
        expr: nginx_ssl_certificate_expiry_seconds - time() < 7 * 86400
        labels: {severity: critical}
`,
    },
  ],
  good: [
    {
      name: 'the time is taken away',
      files: {
        'rules.yml': `groups:
  - name: tls
    rules:
      - alert: A
        expr: (probe_ssl_earliest_cert_expiry - time()) / 86400 < 14
        labels: {severity: warning}
      - alert: B
        expr: time() - max(backup_last_success_timestamp_seconds) > 86400
        labels: {severity: warning}
      - alert: C
        expr: probe_ssl_earliest_cert_expiry < time() + 604800
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'a name that says neither, and seconds that are left',
      files: {
        'rules.yml': `groups:
  - name: tls
    rules:
      - alert: A
        expr: stemedb_tls_cert_expiry_seconds < (7 * 86400)
        labels: {severity: critical}
      - alert: B
        expr: kubelet_certificate_manager_client_ttl_seconds < 604800
        labels: {severity: warning}
      - alert: C
        expr: envoy_server_days_until_first_cert_expiring < 7
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'never, ever, a date, and the time between two points',
      files: {
        'rules.yml': `groups:
  - name: backup
    rules:
      - alert: A
        expr: backup_last_success_timestamp_seconds == 0 and backup_enabled > 0
        labels: {severity: warning}
      - alert: B
        expr: min(node_boot_time_seconds) < 1577836800
        labels: {severity: warning}
      - alert: C
        expr: max(job_end_timestamp_seconds) - min(job_start_timestamp_seconds) > 3600
        labels: {severity: warning}
      - alert: D
        expr: changes(process_start_time_seconds[15m]) > 2
        labels: {severity: warning}
      - alert: E
        expr: node_textfile_timestamp_seconds > 0 and time() - node_textfile_timestamp_seconds > 3600
        labels: {severity: warning}
      - alert: F
        expr: count(kube_pod_deletion_timestamp_seconds) > 60
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'a histogram of what was left, and its quantile',
      files: {
        'rules.yml': `groups:
  - name: tls
    rules:
      - alert: A
        expr: histogram_quantile(0.01, sum by (le) (rate(apiserver_client_certificate_expiration_seconds_bucket[5m]))) < 604800
        labels: {severity: warning}
      - alert: B
        expr: timestamp(up) - x_timestamp_seconds > 60
        labels: {severity: warning}
`,
      },
    },
  ],
  check(document, context) {
    const moments = takenFromTime(document.tree);
    for (const { rule: entry, root } of soundExpressions(document.tree)) {
      if (entry.kind !== 'alert') continue;
      for (const { node } of findAll(root, 'binary')) {
        const compared = COMPARISONS.has(node.op) && !node.bool ? comparedIn(node) : undefined;
        if (!compared) continue;
        const found = momentIn(compared, moments) ?? countdownIn(compared);
        if (found) context.report({ ...found, place: placeOf(entry, compared) });
      }
    }
  },
});

/** A comparison of something with a number, the number on the right. */
interface Compared {
  readonly node: PromqlBinary;
  /** What is compared, as it is written. */
  readonly side: PromqlExpr;
  readonly op: string;
  /** The side without numbers that it is multiplied by or divided through. */
  readonly inner: PromqlExpr;
  /** The threshold in the unit of `inner`. */
  readonly threshold: number;
  readonly selector: PromqlSelector;
}

interface Found {
  readonly span: Span;
  readonly message: string;
  readonly fixes: () => readonly (Fix | undefined)[];
}

function placeOf(entry: RuleEntry, { selector }: Compared): string {
  return `${entry.place}.expr.${selector.name ?? ''}`;
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

function comparedIn(node: PromqlBinary): Compared | undefined {
  const right = constantOf(node.right);
  const left = constantOf(node.left);
  if (right !== undefined && left === undefined)
    return comparedSide(node, { side: node.left, op: node.op, value: right });
  if (left !== undefined && right === undefined)
    return comparedSide(node, { side: node.right, op: MIRRORED[node.op] ?? node.op, value: left });
  return undefined;
}

function comparedSide(
  node: PromqlBinary,
  { side, op, value }: { side: PromqlExpr; op: string; value: number },
): Compared | undefined {
  const { inner, threshold } = unscaled(withoutParens(side), value);
  const selectors = findAll(inner, 'selector');
  const selector = selectors[0]?.node;
  if (!selector || selectors.length !== 1 || selector.name === undefined) return undefined;
  return { node, side, op, inner, threshold, selector };
}

/** Takes `/ 86400` off, and off the threshold too. */
function unscaled(expr: PromqlExpr, threshold: number): { inner: PromqlExpr; threshold: number } {
  if (expr.type !== 'binary' || (expr.op !== '/' && expr.op !== '*')) return { inner: expr, threshold };
  const factor = constantOf(expr.right);
  if (factor === undefined || factor === 0) return { inner: expr, threshold };
  const next = expr.op === '/' ? threshold * factor : threshold / factor;
  return unscaled(withoutParens(expr.left), next);
}

/** The first day after which a number of seconds is a date of the time in which software is watched. */
const FIRST_DATE = 1e9;

const MOMENT =
  /(?:_timestamp_seconds|_timestamp|_not_?after|earliest_cert_expiry|_start_time_seconds|_boot_time_seconds)$/i;
const AHEAD = /expir|not_?after|valid_until|renew/i;

/** A point in time that is compared with a number that can only be a duration. */
function momentIn(compared: Compared, moments: ReadonlySet<string>): Found | undefined {
  const { selector, inner, op, threshold } = compared;
  const name = selector.name ?? '';
  const isMoment = MOMENT.test(name) || moments.has(name);
  if (!isMoment || threshold <= 0 || threshold >= FIRST_DATE || !keepsValue(inner)) return undefined;
  if (!/^[<>]=?$/.test(op)) return undefined;
  const outcome = op.startsWith('<') ? 'never fires' : 'always fires';
  return {
    span: selector.nameSpan ?? selector.span,
    message: `\`${name.slice(0, 70)}\` is a point in time, some 1.8 billion seconds: compared with a duration the alert ${outcome}.`,
    fixes: () => [subtractFix(compared)],
  };
}

/** Whether an expression of one selector has that selector's value, not a count or a change of it. */
function keepsValue(expr: PromqlExpr): boolean {
  switch (expr.type) {
    case 'selector':
      return true;
    case 'paren':
    case 'modified':
    case 'matrix':
    case 'subquery':
      return keepsValue(expr.expr);
    case 'aggregation':
      return /^(?:min|max|avg|topk|bottomk|quantile)$/.test(expr.op) && lastKeepsValue(expr.args);
    case 'call':
      return (
        /^(?:min|max|avg|last|first)_over_time$|^(?:abs|round|floor|ceil|scalar|sort|sort_desc)$/.test(
          expr.name,
        ) && lastKeepsValue(expr.args.slice(0, 1))
      );
    default:
      return false;
  }
}

function lastKeepsValue(args: readonly PromqlExpr[]): boolean {
  const last = args.at(-1);
  return last !== undefined && keepsValue(last);
}

function subtractFix(compared: Compared): Fix | undefined {
  const { inner, side, op, selector } = compared;
  const isAhead = AHEAD.test(selector.name ?? '');
  if (isAhead !== op.startsWith('<')) return undefined;
  const { start, end } = inner.span;
  const needsParens = inner !== side && side.type !== 'paren';
  const [before, after] = isAhead ? ['', ' - time()'] : ['time() - ', ''];
  const [open, close] = needsParens || side.type === 'binary' ? ['(', ')'] : ['', ''];
  return {
    title: isAhead ? 'Compare the time that is left' : 'Compare the time that has passed',
    safety: 'review',
    edits: [
      ...(open + before ? [{ span: { start, end: start }, text: open + before }] : []),
      ...(after + close ? [{ span: { start: end, end }, text: after + close }] : []),
    ],
    risk: 'The alert starts to work, so it may fire at once.',
    verify: 'promtool check rules',
  };
}

const COUNTDOWN =
  /(?:_ttl(?:_seconds)?|(?:days|seconds)_(?:until|to|till)_\w+|_(?:remaining|left)(?:_(?:seconds|days))?)$/i;

/** A time that is left from which the present time is taken once more. */
function countdownIn({ inner, selector, threshold }: Compared): Found | undefined {
  if (inner.type !== 'binary' || inner.op !== '-' || threshold >= FIRST_DATE) return undefined;
  const { left } = inner;
  if (!COUNTDOWN.test(selector.name ?? '') || !isTime(inner.right) || !keepsValue(left)) return undefined;
  return {
    span: inner.span,
    message: `\`${(selector.name ?? '').slice(0, 70)}\` is the time that is left; minus \`time()\` it is always far below zero.`,
    fixes: () => [
      {
        title: 'Compare it as it is',
        safety: 'review',
        edits: [{ span: { start: left.span.end, end: inner.span.end }, text: '' }],
        risk: 'The alert no longer fires all the time; look at a sample of the metric first.',
        verify: 'promtool check rules',
      },
    ],
  };
}

function isTime(expr: PromqlExpr): boolean {
  const inner = withoutParens(expr);
  return inner.type === 'call' && inner.name === 'time';
}

/** The metrics from which some rule of the file takes `time()`, or the other way round: they are points in time. */
function takenFromTime(tree: PrometheusRulesTree): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { root } of soundExpressions(tree)) {
    walkPromql(root, (expr) => {
      if (expr.type !== 'binary' || expr.op !== '-') return;
      const other = isTime(expr.right) ? expr.left : isTime(expr.left) ? expr.right : undefined;
      const selector = other && keepsValue(other) ? findAll(other, 'selector')[0]?.node : undefined;
      if (selector?.name !== undefined && !COUNTDOWN.test(selector.name)) names.add(selector.name);
    });
  }
  return names;
}
