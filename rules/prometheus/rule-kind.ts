import { fieldOf, type RuleEntry, rulesOf, spanOfRule } from '../../syntaxes/prometheus/tree.ts';
import { durationSeconds } from '../../syntaxes/promql/durations.ts';
import { asMap, asScalar, isNull, pairOf, type YamlMap, type YamlPair } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Report } from '../core/rule.ts';
import { removePair } from '../core/yaml-edits.ts';
import { CHECK_RULES } from './shared/move-key.ts';
import { nearestKey } from './shared/rule-keys.ts';

export const rule = defineRule({
  id: 'prometheus/rule-kind',
  title: 'Rule is not just one alert or one recording',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `A rule has either \`alert\` or \`record\`, an \`expr\`, and \`for\`, \`keep_firing_for\` and \`annotations\` only if it is an alert.
Prometheus refuses the whole file otherwise, and with it the whole configuration: at a reload it goes on with the old rules, at a
start it does not come up.`,
    fix: 'Take out what does not belong to a recording rule; make two rules of one that is both.',
    falsePositives: 'A rule that takes its fields from another one (`<<`) is judged with them.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule'],
  },
  bad: [
    {
      name: 'an alert’s fields on a recording rule',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: job:errors:rate5m
        expr: sum by (job) (rate(errors_total[5m]))
        «for»: 5m # copied
        labels: {team: web}
        «annotations»:
          summary: Errors
          description: |
            Many.
      - alert: A
        expr: up == 0
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: job:errors:rate5m
        expr: sum by (job) (rate(errors_total[5m]))
        labels: {team: web}
        annotations:
          summary: Errors
          description: |
            Many.
      - alert: A
        expr: up == 0
        labels: {severity: warning}
`,
    },
    {
      name: 'in flow style and with quotes',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - {"record": a, "expr": up, «"keep_firing_for"»: 5m}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - {"record": a, "expr": up}
`,
    },
    {
      name: 'both, neither, and nothing to evaluate',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        «record»: a
        expr: up == 0
        labels: {severity: warning}
      - «expr»: up
        labels: {severity: warning}
      - alert: «B»
        for: 5m
        labels: {severity: warning}
      - alert: «C»
        expr:
        labels: {severity: warning}
`,
      },
    },
  ],
  good: [
    {
      name: 'a field that is misspelt, which is another smell',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - Alert: A
        expr: up == 0
      - alert: B
        query: up == 0
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'an alert and a recording',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: job:errors:rate5m
        expr: sum by (job) (rate(errors_total[5m]))
        labels: {team: web}
      - alert: A
        expr: up == 0
        for: 5m
        keep_firing_for: 5m
        labels: {severity: warning}
        annotations: {summary: x}
`,
      },
    },
    {
      name: 'fields without a value, which Prometheus passes over',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: up
        for:
        annotations: {}
      - record: b
        alert: ""
        expr: up
        for: 0s
        annotations:
`,
      },
    },
    {
      name: 'fields from an anchor',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - &base
        alert: A
        expr: up == 0
        labels: {severity: warning}
      - <<: *base
        alert: B
`,
      },
    },
  ],
  check({ tree, text }, context) {
    for (const entry of rulesOf(tree)) {
      const fault = faultOf(entry);
      if (fault) context.report(fault);
      if (isSet(entry.map, 'record') && !isSet(entry.map, 'alert')) {
        for (const pair of alertFields(entry)) {
          const key = pair.key.value;
          context.report({
            span: pair.key.span,
            message: `A recording rule has no \`${key}\`, so Prometheus refuses the whole file.`,
            place: `${entry.place}.${key}`,
            fixes: () => {
              const edit = removePair(text, entry.map, pair);
              return [
                edit && { title: `Remove \`${key}\``, safety: 'safe', edits: [edit], verify: CHECK_RULES },
              ];
            },
          });
        }
      }
    }
  },
});

function faultOf(entry: RuleEntry): Report | undefined {
  const isAlert = isSet(entry.map, 'alert');
  const isRecord = isSet(entry.map, 'record');
  const record = pairOf(entry.map, 'record');
  if (isAlert && isRecord) {
    return {
      span: record?.key.span ?? spanOfRule(entry),
      message: 'The rule is both an alert and a recording, so Prometheus refuses the whole file.',
      place: `${entry.place}.kind`,
    };
  }
  if (entry.map.pairs.length === 0 || isUnknown(entry.map)) return undefined;
  if (!isAlert && !isRecord) {
    return {
      span: spanOfRule(entry),
      message: 'The rule has neither `alert` nor `record`, so Prometheus refuses the whole file.',
      place: `${entry.place}.kind`,
    };
  }
  if (isSet(entry.map, 'expr')) return undefined;
  return {
    span: spanOfRule(entry),
    message: 'The rule has no `expr`, so Prometheus refuses the whole file.',
    place: `${entry.place}.expr`,
  };
}

/** Whether a key has a value; one that is only misspelt is another finding. */
function isSet(map: YamlMap, key: string): boolean {
  if (map.pairs.some((pair) => pair.key.value !== key && nearestKey(pair.key.value) === key)) return true;
  const pair = fieldOf(map, key);
  return pair !== undefined && !isNull(pair.value) && asScalar(pair.value)?.value !== '';
}

/** A merge key whose anchor is not there may bring anything. */
function isUnknown(map: YamlMap): boolean {
  return map.pairs.some(({ key, value }) => key.value === '<<' && value?.type !== 'seq' && !asMap(value));
}

/** Fields with a value that only alerts may have; those of an anchor are told where they are written. */
function alertFields({ map }: RuleEntry): readonly YamlPair[] {
  return map.pairs.filter(({ key, value }) => {
    if (isNull(value)) return false;
    if (key.value === 'annotations') return (asMap(value)?.pairs.length ?? 0) > 0;
    if (key.value !== 'for' && key.value !== 'keep_firing_for') return false;
    return durationSeconds(asScalar(value)?.value ?? '') !== 0;
  });
}
