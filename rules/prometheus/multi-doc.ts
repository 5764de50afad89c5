import { lineEndAt, lineStartAt } from '../../syntaxes/lines.ts';
import { isNull, pairOf, type YamlMap, type YamlNode } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { keyIndent } from '../core/yaml-edits.ts';
import { CHECK_RULES } from './shared/move-key.ts';

export const rule = defineRule({
  id: 'prometheus/multi-doc',
  title: 'Second YAML document of a rule file is never read',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /^---/m,
  docs: {
    why: `Prometheus reads the first YAML document of a rule file and passes over what stands behind the next \`---\` without an error.
The rules there look as if they were in force, \`promtool check rules\` does not count them, and their alerts never come.`,
    fix: 'Put all groups below one `groups:`, or make a file of each document.',
    falsePositives:
      'Resources of the Prometheus operator may stand in one file, since Kubernetes reads all documents.',
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#configuring-rules',
    ],
  },
  bad: [
    {
      name: 'groups in two documents',
      files: {
        'rules.yml': `---
groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: warning}
# The database
---
«groups»:
  # connections
  - name: db
    rules:
      - alert: B
        expr: pg_up == 0
        labels: {severity: warning}
`,
      },
      fixed: `---
groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: warning}
# The database
  # connections
  - name: db
    rules:
      - alert: B
        expr: pg_up == 0
        labels: {severity: warning}
`,
    },
    {
      name: 'indented in another way, and a name that is there already',
      files: {
        'rules.yml': `groups:
  - name: app
    rules: [{record: a, expr: up}]
---
«groups»:
- name: app
  rules: [{record: b, expr: up}]
---
«groups»:
- name: c
  rules: [{record: c, expr: up}]
`,
      },
    },
  ],
  good: [
    {
      name: 'one document between marks, and an empty one',
      files: {
        'rules.yml': `---
# Rules
groups:
  - name: app
    rules: [{record: a, expr: up}]
---
# nothing
`,
      },
    },
    {
      name: 'dashes in a text',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: warning}
        annotations:
          description: |
            one
            ---
            two
`,
      },
    },
    {
      name: 'two resources',
      files: {
        'rules.yaml': `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: a}
spec: {groups: [{name: app, rules: [{record: a, expr: up}]}]}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: b}
spec: {groups: [{name: app, rules: [{record: a, expr: up}]}]}
`,
      },
    },
  ],
  check({ tree, text }, context) {
    if (tree.form !== 'file') return;
    const roots = tree.file.documents.map((document) => document.root);
    const first = roots.find((root) => !isNull(root));
    roots.forEach((root, index) => {
      if (root === first || !pairOf(root, 'groups') || root?.type !== 'map') return;
      context.report({
        span: root.pairs[0]?.key.span ?? root.span,
        message: 'Prometheus reads the first YAML document only, so nothing of this one is in force.',
        place: `documents[${index}]`,
        fixes: () => (roots.length === 2 ? [joinFix(text, first, root)] : []),
      });
    });
  },
});

/** Takes the line with the dashes and the second `groups:` away, where the lists then go on in one column. */
function joinFix(text: string, first: YamlNode | undefined, second: YamlNode): Fix | undefined {
  const [one, two] = [onlyGroups(first), onlyGroups(second)];
  if (!one || !two || second.type !== 'map') return undefined;
  const key = second.pairs[0]?.key.span;
  const indents = [one, two].map((groups) => groups[0] && keyIndent(text, groups[0]));
  if (!key || indents[0] === undefined || indents[0] !== indents[1]) return undefined;
  const names = [...one, ...two].map((group) => pairOf(group, 'name')?.value);
  const texts = names.map((name) => (name?.type === 'scalar' ? name.value : ''));
  if (new Set(texts).size !== texts.length) return undefined;
  const dashes = text.lastIndexOf('\n---', key.start);
  const edits = [lineEdit(text, dashes + 1, '---'), lineEdit(text, key.start, 'groups:')];
  if (dashes < 0 || edits.some((edit) => !edit)) return undefined;
  return {
    title: 'Put its groups into the first document',
    safety: 'review',
    edits: edits.flatMap((edit) => edit ?? []),
    risk: 'The rules come into force, so alerts may fire that nobody has seen yet.',
    verify: CHECK_RULES,
  };
}

/** The groups of a document that holds nothing else, each on lines of its own. */
function onlyGroups(root: YamlNode | undefined): readonly YamlMap[] | undefined {
  if (root?.type !== 'map' || root.flow || root.pairs.length !== 1) return undefined;
  const list = pairOf(root, 'groups')?.value;
  if (list?.type !== 'seq' || list.flow) return undefined;
  return list.items.flatMap((item) => (item.type === 'map' && !item.flow ? item : []));
}

/** Removes a line that holds this text and nothing else. */
function lineEdit(text: string, at: number, content: string): Edit | undefined {
  const start = lineStartAt(text, at);
  const end = lineEndAt(text, start);
  if (text.slice(start, end).trimEnd() !== content) return undefined;
  return { span: { start, end: text.indexOf('\n', end) + 1 || end }, text: '' };
}
