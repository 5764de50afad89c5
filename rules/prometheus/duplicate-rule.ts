import type { Document } from '../../syntaxes/document.ts';
import { fieldOf, type RuleEntry, rulesOf, spanOfRule } from '../../syntaxes/prometheus/tree.ts';
import { asMap, asScalar, pairOf, type YamlNode } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { removeItem } from '../core/yaml-edits.ts';
import { CHECK_RULES } from './shared/move-key.ts';

export const rule = defineRule({
  id: 'prometheus/duplicate-rule',
  title: 'Same rule stands twice in a file',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Two rules with one name, the same labels and the same expression write the same series twice: an alert that one of them resolves is
still held by the other, and samples of a recording collide. Who mends one of them will wonder why nothing changes.`,
    fix: 'Remove one of them. Where both were meant, they differ in a label or in the expression.',
    falsePositives: `Rules of one name with other labels (one \`severity\` each) or with another expression are left alone, as are equal rules in
different files.`,
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/'],
  },
  bad: [
    {
      name: 'copied whole',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        for: 2m
        labels: {severity: critical}
      # once more
      - alert: «Down»
        expr: up == 0
        for: 2m
        labels: {severity: critical}
      - record: job:up:sum
        expr: sum by (job) (up)
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        for: 2m
        labels: {severity: critical}
      # once more
      - record: job:up:sum
        expr: sum by (job) (up)
`,
    },
    {
      name: 'in another group, with other spaces, quotes and order of labels',
      files: {
        'rules.yml': `groups:
  - name: app
    labels: {team: web}
    rules:
      - alert: Down
        expr: sum(up)   ==   0
        labels: {severity: critical}
  - name: app2
    rules:
      - record: a
        expr: up
      - alert: «"Down"»
        expr: |
          sum(up) == 0
        labels:
          team: web
          severity: 'critical'
        annotations: {summary: Down}
`,
      },
      fixed: `groups:
  - name: app
    labels: {team: web}
    rules:
      - alert: Down
        expr: sum(up)   ==   0
        labels: {severity: critical}
  - name: app2
    rules:
      - record: a
        expr: up
`,
    },
  ],
  good: [
    {
      name: 'two severities of one alert',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Slow
        expr: latency > 1
        for: 5m
        labels: {severity: warning}
      - alert: Slow
        expr: latency > 1
        for: 15m
        labels: {severity: critical}
      - alert: Slow
        expr: latency > 5
        labels: {severity: critical}
`,
      },
    },
    {
      name: 'one recording from several expressions, and strings whose spaces count',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: workload:pods
        expr: count by (workload) (a)
      - record: workload:pods
        expr: count by (workload) (b)
      - alert: A
        expr: x{y="a  b"} > 1
        labels: {severity: warning}
      - alert: A
        expr: x{y="a b"} > 1
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'two resources, for two namespaces',
      files: {
        'rules.yaml': `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: a, namespace: a}
spec: {groups: [{name: app, rules: [{record: a, expr: up}]}]}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: a, namespace: b}
spec: {groups: [{name: app, rules: [{record: a, expr: up}]}]}
`,
      },
    },
  ],
  check(document, context) {
    const { tree, text, uri } = document;
    if (tree.file.documents.filter(({ root }) => root).length !== 1) return;
    const seen = new Map<string, RuleEntry>();
    for (const entry of rulesOf(tree)) {
      const key = identityOf(entry);
      const before = key === undefined ? undefined : seen.get(key);
      if (key === undefined) continue;
      if (!before) {
        seen.set(key, entry);
        continue;
      }
      // One list of rules behind an anchor is no copy.
      if (spanOfRule(before).start === spanOfRule(entry).start) continue;
      const name = (entry.name?.value ?? '').slice(0, 70);
      context.report({
        span: spanOfRule(entry),
        message: `\`${name}\` stands in this file already, with the same labels and expression.`,
        place: `${entry.place}.duplicate`,
        related: [{ uri, span: spanOfRule(before), message: 'The rule that is like it' }],
        fixes: () => [removeFix(document, entry, isSameText(text, before, entry))],
      });
    }
  },
});

/** What makes two rules one; undefined where a part of it is not known. */
function identityOf(entry: RuleEntry): string | undefined {
  const name = entry.name?.value;
  const labels = labelsOf(entry);
  if (!entry.kind || !name || !entry.expr || !labels) return undefined;
  return JSON.stringify([entry.kind, name, spaced(entry.expr.scalar.value), labels]);
}

/** An expression with one space where there are several, but not in its strings. */
function spaced(expr: string): string {
  const parts = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(?:#[^\n]*|\s)+/g;
  return expr.replace(parts, (_, literal?: string) => literal ?? ' ').trim();
}

function labelsOf(entry: RuleEntry): readonly string[] | undefined {
  const all = new Map<string, string>();
  for (const map of [entry.group.map, entry.map]) {
    const labels = fieldOf(map, 'labels')?.value;
    if (labels && !asMap(labels) && asScalar(labels)?.value !== '') return undefined;
    for (const { key, value } of asMap(labels)?.pairs ?? []) {
      const scalar = asScalar(value);
      if (key.value === '<<' || !scalar) return undefined;
      all.set(key.value, scalar.value);
    }
  }
  return [...all].map(([key, value]) => `${key}=${value}`).sort();
}

function isSameText(text: string, a: RuleEntry, b: RuleEntry): boolean {
  const written = ({ map }: RuleEntry) =>
    text.slice(map.span.start, map.span.end).trim().replace(/\s+/g, ' ');
  return written(a) === written(b) && a.group === b.group;
}

function removeFix({ text }: Document, entry: RuleEntry, isSame: boolean): Fix | undefined {
  const list: YamlNode | undefined = pairOf(entry.group.map, 'rules')?.value;
  if (list?.type !== 'seq') return undefined;
  const edit = removeItem(text, list, list.items.indexOf(entry.map));
  if (!edit) return undefined;
  const base = { title: 'Remove the second one', edits: [edit], verify: CHECK_RULES } as const;
  if (isSame) return { ...base, safety: 'safe' };
  return {
    ...base,
    safety: 'review',
    risk: 'Its annotations, `for` or interval differ from those that stay.',
  };
}
