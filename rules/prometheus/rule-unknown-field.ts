import { type RuleEntry, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import type { YamlMap, YamlPair } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { isAnnotationKey, isGroupKey, isLabelKey, isRuleKey, nearestKey } from './shared/rule-keys.ts';

export const rule = defineRule({
  id: 'prometheus/rule-unknown-field',
  title: 'Field that rules do not have',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Prometheus reads rule files strictly: one field that it does not know makes it refuse the file, and with it the whole
configuration. It names only the first one.`,
    fix: 'Correct the name, or take the field out.',
    falsePositives: `Fields of Thanos, Mimir and vmalert count as known. \`severity\`, \`summary\` and the like beside \`for\` are
findings of their own, since they only have to be moved.`,
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/'],
  },
  bad: [
    {
      name: 'a field that is misspelt',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        «label»:
          severity: critical
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels:
          severity: critical
`,
    },
    {
      name: 'fields of a rule and of a group that do not exist',
      files: {
        'rules.yml': `groups:
  - name: app
    «every»: 30s
    rules:
      - alert: Down
        expr: up == 0
        «threshold»: 3
        labels:
          severity: critical
`,
      },
    },
  ],
  good: [
    {
      name: 'all fields there are, and those of other rulers',
      files: {
        'rules.yml': `groups:
  - name: app
    interval: 30s
    limit: 10
    query_offset: 1m
    partial_response_strategy: warn
    labels:
      team: web
    rules:
      - alert: Down
        expr: up == 0
        for: 1m
        keep_firing_for: 5m
        labels: {severity: critical}
        annotations: {summary: Down}
      - record: job:up:sum
        expr: sum by (job) (up)
`,
      },
    },
    {
      name: 'a label beside for is another smell',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        severity: critical
        summary: Down
`,
      },
    },
  ],
  check(document, context) {
    for (const group of document.tree.groups) {
      for (const pair of group.map?.pairs ?? []) {
        const key = pair.key.value;
        if (isGroupKey(key)) continue;
        context.report({
          span: pair.key.span,
          message: `Prometheus knows no field \`${shorten(key)}\` of a group and refuses the whole file.`,
          place: `${group.place}.${key}`,
        });
      }
    }
    for (const rule of rulesOf(document.tree)) {
      for (const pair of unknownFields(rule)) {
        const key = pair.key.value;
        context.report({
          span: pair.key.span,
          message: `Prometheus knows no field \`${shorten(key)}\` of a rule and refuses the whole file.`,
          place: `${rule.place}.${key}`,
          fixes: () => [renameFix(rule.map, pair)],
        });
      }
    }
  },
});

function unknownFields(rule: RuleEntry): readonly YamlPair[] {
  return rule.map.pairs.filter(({ key: { value: key }, value }) => {
    const isMisplaced =
      (isLabelKey(key) || isAnnotationKey(key)) && value?.type === 'scalar' && rule.kind !== undefined;
    return !isRuleKey(key) && !isMisplaced;
  });
}

function renameFix(map: YamlMap, pair: YamlPair): Fix | undefined {
  const name = nearestKey(pair.key.value);
  if (name === undefined || map.pairs.some(({ key }) => key.value === name)) return undefined;
  const edit = setScalar(pair.key, name);
  return (
    edit && { title: `Rename to \`${name}\``, safety: 'safe', edits: [edit], verify: 'promtool check rules' }
  );
}

function shorten(key: string): string {
  return key.length > 50 ? `${key.slice(0, 49)}…` : key;
}
