import type { AnyDocument, Document } from '../../syntaxes/document.ts';
import { fieldOf, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { durationSeconds, durationText } from '../../syntaxes/promql/durations.ts';
import { asScalar, valueAt, type YamlMap, type YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { isComputed } from './shared/loading.ts';

export const rule = defineRule({
  id: 'prometheus/duration-invalid',
  title: 'Duration is not written as Prometheus reads it',
  kinds: ['prometheus-rules', 'prometheus-config'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Durations are whole numbers with a unit, from large to small: \`1h30m\`. Prometheus refuses a file with any other
(\`5 min\`, \`1.5h\`, \`300\`), and with it the whole configuration.`,
    fix: 'Write the number with one of ms, s, m, h, d, w, y.',
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/configuration/#configuration-file',
    ],
  },
  bad: [
    {
      name: 'words, fractions and bare numbers',
      files: {
        'rules.yml': `groups:
  - name: app
    interval: «"30 sec"»
    rules:
      - alert: A
        expr: up == 0
        for: «5 min»
        labels: {severity: warning}
      - alert: B
        expr: up == 0
        for: «1.5h»
        keep_firing_for: «300»
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    interval: "30s"
    rules:
      - alert: A
        expr: up == 0
        for: 5 min
        labels: {severity: warning}
      - alert: B
        expr: up == 0
        for: 1.5h
        keep_firing_for: 300
        labels: {severity: warning}
`,
    },
    {
      name: 'in the configuration',
      files: {
        'prometheus.yml': `global:
  scrape_interval: «15sec»
  evaluation_interval: 15s
scrape_configs:
  - job_name: app
    scrape_timeout: «1m 30s»
    static_configs:
      - targets: [app:8000]
`,
      },
      fixed: `global:
  scrape_interval: 15s
  evaluation_interval: 15s
scrape_configs:
  - job_name: app
    scrape_timeout: 1m 30s
    static_configs:
      - targets: [app:8000]
`,
    },
  ],
  good: [
    {
      name: 'durations',
      files: {
        'rules.yml': `groups:
  - name: app
    interval: 1m
    rules:
      - alert: A
        expr: up == 0
        for: 1h30m
        labels: {severity: warning}
      - alert: B
        expr: up == 0
        for: 0
        keep_firing_for: 1500ms
        labels: {severity: warning}
      - alert: C
        expr: up == 0
        for:
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'filled in later',
      files: {
        'prometheus.yml': `global:
  scrape_interval: \${INTERVAL}
scrape_configs: []
`,
      },
    },
  ],
  check(document, context) {
    for (const { scalar, place } of durationsOf(document as AnyDocument)) {
      const { value } = scalar;
      if (
        value === '' ||
        value === 'null' ||
        value === '~' ||
        isComputed(value) ||
        durationSeconds(value) !== undefined
      )
        continue;
      context.report({
        span: scalar.span,
        message: `\`${value.length > 40 ? `${value.slice(0, 39)}…` : value}\` is no duration to Prometheus, which refuses the whole file.`,
        place,
        fixes: () => [durationFix(scalar)],
      });
    }
  },
});

interface Placed {
  readonly scalar: YamlScalar;
  readonly place: string;
}

function durationsOf(document: AnyDocument): readonly Placed[] {
  if (document.kind === 'prometheus-rules') return inRules(document);
  return document.kind === 'prometheus-config' ? inConfig(document) : [];
}

function inRules({ tree }: Document<'prometheus-rules'>): readonly Placed[] {
  return [
    ...tree.groups.flatMap((group) => pick(group.map, group.place, ['interval', 'query_offset'])),
    ...rulesOf(tree).flatMap((rule) => pick(rule.map, rule.place, ['for', 'keep_firing_for'])),
  ];
}

function inConfig({ tree }: Document<'prometheus-config'>): readonly Placed[] {
  const keys = ['scrape_interval', 'scrape_timeout'];
  const global = valueAt(tree.root, 'global');
  return [
    ...pick(global?.type === 'map' ? global : undefined, 'global', [...keys, 'evaluation_interval']),
    ...tree.jobs.flatMap((job, index) => pick(job.map, `scrape_configs.${job.name?.value ?? index}`, keys)),
  ];
}

function pick(map: YamlMap | undefined, place: string, keys: readonly string[]): readonly Placed[] {
  return keys.flatMap((key) => {
    const scalar = asScalar(fieldOf(map, key)?.value);
    return scalar ? [{ scalar, place: `${place}.${key}` }] : [];
  });
}

const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  m: 60,
  min: 60,
  h: 3600,
  hr: 3600,
  hour: 3600,
  d: 86_400,
  day: 86_400,
};

function durationFix(scalar: YamlScalar): Fix | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*?)(?:onds?|utes?|s)?\s*$/i.exec(
    scalar.value.replace(/(\d\s*)s$/, '$1sec'),
  );
  if (!match) return undefined;
  const [, number = '', unit = ''] = match;
  const factor = unit === '' ? 1 : SECONDS[unit.toLowerCase()];
  const text = factor === undefined ? undefined : durationText(Number(number) * factor);
  const edit = text === undefined ? undefined : setScalar(scalar, text);
  if (text === undefined || !edit) return undefined;
  const base = { title: `Set to ${text}`, edits: [edit], verify: 'promtool check rules' } as const;
  if (unit !== '') return { ...base, safety: 'safe' };
  return {
    ...base,
    safety: 'review',
    risk: 'A number without a unit is taken for seconds, which may not be what was meant.',
  };
}
