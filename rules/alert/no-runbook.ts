import type { Document } from '../../syntaxes/document.ts';
import { type RuleEntry, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { type Context, defineRule, type Edit, type Fix } from '../core/rule.ts';
import { addAnnotation, hasAnnotation } from './shared/annotations.ts';
import { newRunbook, runbooksOf, workspaceFolder } from './shared/runbook.ts';

export const rule = defineRule({
  id: 'alert/no-runbook',
  title: 'Alerts have no runbook',
  kinds: ['prometheus-rules'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /alert/,
  docs: {
    why: `An alert at night asks somebody who may never have seen it to do the right thing. A runbook says what it means, how bad it is and what
to do; without a link to it, each alert is worked out from the start.`,
    fix: 'Give each alert the annotation `runbook_url`, and write the page.',
    falsePositives:
      'Reported once for each file, at the first alert without one. Alerts with the severity `none` need none.',
    references: [
      'https://prometheus.io/docs/practices/alerting/',
      'https://runbooks.prometheus-operator.dev/',
    ],
  },
  bad: [
    {
      name: 'one of two',
      files: {
        'prometheus/rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook_url: https://wiki/a}
      - alert: «Down»
        expr: up == 0
        labels: {severity: critical}
        annotations:
          summary: It is down
`,
        'docs/runbooks/Slow.md': '# Slow\n',
      },
      fixed: {
        'prometheus/rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook_url: https://wiki/a}
      - alert: Down
        expr: up == 0
        labels: {severity: critical}
        annotations:
          summary: It is down
          runbook_url: "docs/runbooks/Down.md"
`,
        'docs/runbooks/Down.md': `# Down

It is down

## Meaning

What has happened when this alert fires.

## Impact

Who notices, and what stops working.

## Diagnosis

Where to look first: dashboards, logs, commands.

## Mitigation

What to do now, and who decides where it is a risk.
`,
      },
    },
  ],
  good: [
    {
      name: 'links of several names',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook_url: https://wiki/a}
      - alert: B
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook: Restart it.}
      - alert: C
        expr: up == 0
        labels: {severity: critical, playbook: docs/c}
`,
      },
    },
    {
      name: 'no alert that a human gets',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Watchdog
        expr: vector(1)
        labels: {severity: none}
      - record: a
        expr: up
`,
      },
    },
  ],
  check(document, context) {
    const alerts = rulesOf(document.tree).filter(({ kind, name }) => kind === 'alert' && name?.value);
    const without = alerts.filter((entry) => !hasRunbook(entry));
    const [first] = without;
    if (!first?.name) return;
    const who =
      without.length === alerts.length && alerts.length > 1
        ? `None of ${alerts.length} alerts has`
        : `${without.length} of ${alerts.length} alerts ${without.length === 1 ? 'has no' : 'have no'}`;
    const what = who.startsWith('None') ? 'a runbook' : 'runbook';
    context.report({
      span: first.name.span,
      message: `${who} ${what}, so whoever gets one works out from the start what to do.`,
      place: 'runbook',
      fixes: () => [createFix(document, context, without)],
    });
  },
});

function hasRunbook(entry: RuleEntry): boolean {
  const labels = entry.map.pairs.find(({ key }) => key.value === 'labels')?.value;
  const isNone =
    labels?.type === 'map' &&
    labels.pairs.some(
      ({ key, value }) =>
        /^(?:runbook|playbook)/i.test(key.value) ||
        (key.value === 'severity' && value?.type === 'scalar' && value.value === 'none'),
    );
  return isNone || runbooksOf(entry).length > 0 || hasAnnotation(entry, ['runbook', 'runbook_url']);
}

/** So many pages at once that somebody may still write them. */
const MAX_PAGES = 10;

function createFix(document: Document, context: Context, alerts: readonly RuleEntry[]): Fix | undefined {
  const root = workspaceFolder(document, context.path);
  const names = new Set(alerts.map(({ name }) => name?.value ?? ''));
  if (names.size > MAX_PAGES || [...names].some((name) => !/^[\w-]+$/.test(name))) return undefined;
  const links = alerts.map((entry) =>
    addAnnotation(document.text, entry, 'runbook_url', `docs/runbooks/${entry.name?.value ?? ''}.md`),
  );
  if (links.includes(undefined)) return undefined;
  const pages = [...names].flatMap((name): readonly Edit[] => {
    const uri = joinUri(root, `docs/runbooks/${name}.md`);
    const entry = alerts.find((alert) => alert.name?.value === name);
    return entry && !context.facts.exists(uri) ? [newRunbook(document, uri, entry)] : [];
  });
  return {
    title:
      names.size === 1
        ? 'Create a runbook with its headings'
        : `Create ${names.size} runbooks with their headings`,
    safety: 'review',
    edits: [...links.flatMap((edit) => edit ?? []), ...pages],
    risk: 'The pages are empty but for their headings, and help nobody before they are written.',
  };
}
