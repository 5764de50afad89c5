import type { Document } from '../../syntaxes/document.ts';
import { lineEndingOf } from '../../syntaxes/lines.ts';
import { groupNameFor } from '../../syntaxes/prometheus/rules.ts';
import { rulesOf, spanOfRule } from '../../syntaxes/prometheus/tree.ts';
import { dirname } from '../../syntaxes/uri.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { isSample } from './shared/loading.ts';

export const rule = defineRule({
  id: 'prometheus/rules-not-wrapped',
  title: 'Rules are not in a group',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'medium',
  since: '0.1.0',
  docs: {
    why: `Prometheus reads rules only from \`groups\`. A file that is a bare list of rules is refused, and with it the whole
configuration: at a reload it goes on with the old rules, at a start it does not come up.`,
    fix: 'Put the list under `groups[].rules` with a name for the group.',
    falsePositives: `Lists that a template or a chart includes are right as they are; files below folders named for templates,
charts, roles, documents and examples are left alone.`,
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule_group'],
  },
  bad: [
    {
      name: 'a list of alerts',
      files: {
        'prometheus/alerts/database.yml': `# Alerts of the database
- alert: «DatabasePoolExhausted»
  expr: |
    db_pool_checked_out
      / db_pool_size > 0.9

  for: 1m
  labels:
    severity: critical

- alert: DatabasePoolLeaking
  expr: db_pool_checked_out > 14
  labels:
    severity: warning
`,
      },
      fixed: `# Alerts of the database
groups:
  - name: database
    rules:
      - alert: DatabasePoolExhausted
        expr: |
          db_pool_checked_out
            / db_pool_size > 0.9

        for: 1m
        labels:
          severity: critical

      - alert: DatabasePoolLeaking
        expr: db_pool_checked_out > 14
        labels:
          severity: warning
`,
    },
    {
      name: 'severity is misplaced as well, which stays a finding of its own',
      files: {
        'alerts.yaml': `- alert: «Down»
  expr: up == 0
  severity: critical
`,
      },
      fixed: `groups:
  - name: alerts
    rules:
      - alert: Down
        expr: up == 0
        severity: critical
`,
    },
  ],
  good: [
    {
      name: 'in a group',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels: {severity: critical}
`,
      },
    },
    {
      name: 'a part of a chart',
      files: {
        'chart/files/alerts.yml': `- alert: Down
  expr: up == 0
  labels: {severity: critical}
`,
        'chart/Chart.yaml': 'name: x\n',
      },
    },
    {
      name: 'a part of an Ansible role',
      files: {
        'roles/prometheus/files/alerts.yml': `- alert: Down
  expr: up == 0
  labels: {severity: critical}
`,
      },
    },
  ],
  check(document, context) {
    const [first] = rulesOf(document.tree);
    if (document.tree.form !== 'bare' || !first || isSample(context.path)) return;
    const folder = dirname(document.uri);
    if (
      [folder, dirname(folder), dirname(dirname(folder))].some((place) =>
        context.facts.exists(`${place}/Chart.yaml`),
      )
    )
      return;
    context.report({
      span: spanOfRule(first),
      message: 'These rules are in no `groups`, so Prometheus refuses the file.',
      place: 'groups',
      fixes: () => [wrapFix(document)],
    });
  },
});

const INDENT = '      ';

/** Writes the list into a group that is called as the file is. */
function wrapFix({ uri, text, tree }: Document<'prometheus-rules'>): Fix | undefined {
  const list = tree.file.documents[0]?.root;
  if (tree.file.documents.length !== 1 || list?.type !== 'seq' || list.flow) return undefined;
  const start = list.span.start;
  // The list has to begin a line, so that all of its lines can go in by the same number of spaces.
  if (start > 0 && text[start - 1] !== '\n') return undefined;
  const eol = lineEndingOf(text);
  const name = groupNameFor(uri);
  const head = `groups:${eol}  - name: ${/^[A-Za-z_][\w-]*$/.test(name) ? name : `"${name}"`}${eol}    rules:${eol}`;
  return {
    title: 'Put the rules into a group',
    safety: 'review',
    edits: indentEdits(text, start, head),
    risk: 'Something that includes this list elsewhere finds a map instead.',
    verify: 'promtool check rules',
  };
}

function indentEdits(text: string, start: number, head: string): readonly Edit[] {
  const edits: Edit[] = [];
  for (let at = start; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const isBlank = text.slice(at, end).trim() === '';
    const insert = (at === start ? head : '') + (isBlank ? '' : INDENT);
    if (insert !== '') edits.push({ span: { start: at, end: at }, text: insert });
    at = end + 1;
  }
  return edits;
}
