import * as z from 'zod';
import { fieldOf, type RuleEntry, type RuleGroup, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { asMap, pairOf, type YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { prometheusRuleFileFacts } from '../facts/prometheus-rule-file.ts';

interface Options {
  readonly allowed: readonly string[];
}

const defaults: Options = { allowed: [] };

const schema = () =>
  z.object({
    allowed: z
      .array(z.string())
      .default([])
      .describe('The only severities that may be used; without them only misspelt ones are reported.'),
  });

export const rule = defineRule({
  id: 'alert/severity-vocabulary',
  title: 'Severity is misspelt',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /severity/,
  options: { defaults, schema },
  docs: {
    why: `Routes of Alertmanager compare \`severity\` letter by letter, case and all. \`critcal\`, or \`Critical\` where everything else says
\`critical\`, matches none of them, and the alert goes to the default receiver.`,
    fix: 'Write it as the routes do. Name the severities that your routes know in the option `allowed`.',
    falsePositives: `Without \`allowed\`, only near misses of usual severities are reported, and another case only where other rules of the workspace
write it differently. A word that is used in several rule files is taken for a house's own.`,
    references: [
      'https://prometheus.io/docs/alerting/latest/configuration/#matcher',
      'https://prometheus.io/docs/practices/alerting/',
    ],
  },
  bad: [
    {
      name: 'letters that are missing or in the wrong order',
      files: {
        'rules.yml': `groups:
  - name: app
    labels: {severity: «infoo»}
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: «warnning»}
      - alert: B
        expr: up == 0
        labels:
          severity: «"critcal"» # page
`,
      },
      fixed: `groups:
  - name: app
    labels: {severity: info}
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: warnning}
      - alert: B
        expr: up == 0
        labels:
          severity: "critcal" # page
`,
    },
    {
      name: 'another case than everywhere else',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
      - alert: B
        expr: up == 0
        labels: {severity: critical}
      - alert: C
        expr: up == 0
        labels: {severity: «Critical»}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
      - alert: B
        expr: up == 0
        labels: {severity: critical}
      - alert: C
        expr: up == 0
        labels: {severity: critical}
`,
    },
  ],
  good: [
    {
      name: 'usual ones, and a house of its own',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - {alert: A, expr: up == 0, labels: {severity: critical}}
      - {alert: B, expr: up == 0, labels: {severity: warn}}
      - {alert: C, expr: up == 0, labels: {severity: page}}
      - {alert: D, expr: up == 0, labels: {severity: ticket}}
      - {alert: E, expr: up == 0, labels: {severity: none}}
      - {alert: F, expr: up == 0, labels: {severity: P1}}
      - {alert: G, expr: up == 0, labels: {severity: sev2}}
      - {alert: H, expr: up == 0, labels: {severity: informational}}
      - {alert: I, expr: up == 0, labels: {severity: '{{ if gt $value 3.0 }}critical{{ else }}warning{{ end }}'}}
      - {alert: J, expr: up == 0, labels: {severity: wakeup}}
`,
      },
    },
    {
      name: 'capitals throughout',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - {alert: A, expr: up == 0, labels: {severity: Critical}}
      - {alert: B, expr: up == 0, labels: {severity: Warning}}
`,
      },
    },
    {
      name: 'in annotations, and in a recording',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - {alert: A, expr: up == 0, labels: {severity: critical}, annotations: {severity: critcal}}
      - {record: a, expr: up, labels: {severity: critcal}}
`,
      },
    },
  ],
  check({ tree, uri }, context) {
    const used = usedElsewhere(context, uri);
    const own = countsOf(rulesOf(tree));
    const { allowed } = context.options;
    for (const { scalar, place } of severitiesOf(tree.groups)) {
      const value = scalar.value;
      if (value.includes('{{') || value.includes('$') || value === '') continue;
      const meant = allowed.length > 0 ? outside(value, allowed) : misspelt(value, own, used);
      if (meant === undefined) continue;
      context.report({
        span: scalar.span,
        message: meant
          ? `Routes that ask for \`${meant}\` do not match \`${value.slice(0, 40)}\`, so the alert goes to the default receiver.`
          : `\`${value.slice(0, 40)}\` is none of the severities that are allowed here.`,
        place,
        fixes: () => (meant ? [spellingFix(scalar, meant)] : []),
      });
    }
  },
});

/** Severities that are in use somewhere, so that none of them is a slip of another. */
const USUAL: ReadonlySet<string> = new Set(
  (
    'critical warning info none page ticket crit warn information informational error err high medium low minor major notice ' +
    'debug emergency emerg alert fatal severe urgent disaster average ok unknown pager email slack watch test'
  ).split(' '),
);

/** Those for which a slip is told: long enough that no other word is that near. */
const SPELT = ['critical', 'warning', 'info', 'ticket', 'error', 'emergency', 'informational', 'medium'];

interface Placed {
  readonly scalar: YamlScalar;
  readonly place: string;
}

function severitiesOf(groups: readonly RuleGroup[]): readonly Placed[] {
  return groups.flatMap(({ map, place, rules }) => [
    ...own(map, place),
    ...rules.flatMap((entry) => (entry.kind === 'alert' ? own(entry.map, entry.place) : [])),
  ]);
}

function own(map: RuleEntry['map'] | undefined, place: string): readonly Placed[] {
  const labels = pairOf(map, 'labels')?.value;
  const value = labels?.type === 'map' ? pairOf(labels, 'severity')?.value : undefined;
  return value?.type === 'scalar' ? [{ scalar: value, place: `${place}.labels.severity` }] : [];
}

/** How often each severity is written in the file. */
function countsOf(rules: readonly RuleEntry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { map } of rules) {
    const value = fieldOf(asMap(fieldOf(map, 'labels')?.value), 'severity')?.value;
    if (value?.type === 'scalar') counts.set(value.value, (counts.get(value.value) ?? 0) + 1);
  }
  return counts;
}

/** The severities of the other files, each with the number of files. */
function usedElsewhere({ facts }: Context<Options>, uri: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const located of facts.all(prometheusRuleFileFacts)) {
    if (located.uri === uri) continue;
    for (const value of located.fact.severities) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** What an allowed severity was meant, '' where none is near; undefined for an allowed one. */
function outside(value: string, allowed: readonly string[]): string | undefined {
  return allowed.includes(value) ? undefined : (nearestWord(value, allowed) ?? '');
}

function misspelt(
  value: string,
  own: ReadonlyMap<string, number>,
  used: ReadonlyMap<string, number>,
): string | undefined {
  const lower = value.toLowerCase();
  if (USUAL.has(lower)) return otherCase(value, own, used);
  const meant = nearestWord(value, SPELT);
  const isPlural = USUAL.has(lower.replace(/s$/, ''));
  return /\d/.test(value) || isPlural || (used.get(value) ?? 0) > 0 ? undefined : meant;
}

/** The same word in the case that most others have, where that is clear. */
function otherCase(
  value: string,
  own: ReadonlyMap<string, number>,
  used: ReadonlyMap<string, number>,
): string | undefined {
  const weight = (word: string) => (own.get(word) ?? 0) + (used.get(word) ?? 0);
  const others = [...own.keys(), ...used.keys()].filter(
    (word) => word !== value && word.toLowerCase() === value.toLowerCase(),
  );
  return others.find((word) => weight(word) > weight(value));
}

function spellingFix(scalar: YamlScalar, meant: string): Fix | undefined {
  const edit = setScalar(scalar, meant);
  return (
    edit && {
      title: `Write \`${meant}\``,
      safety: 'review',
      edits: [edit],
      risk: 'The alert goes where the routes send this severity, no longer to the default receiver.',
      verify: 'promtool check rules',
    }
  );
}
