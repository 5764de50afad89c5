import type { Document } from '../../syntaxes/document.ts';
import { type RuleEntry, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { basename, dirname, joinUri } from '../../syntaxes/uri.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import { newRunbook, runbooksOf, workspaceFolder } from './shared/runbook.ts';

export const rule = defineRule({
  id: 'alert/runbook-dangling',
  title: 'Runbook of an alert leads nowhere',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /(?:run|play)book/i,
  docs: {
    why: `Whoever is woken up follows the link to the runbook first. A page that was never written, or a host that was copied from an example,
costs minutes when they count, and is found out only then.`,
    fix: 'Write the page, or mend the link.',
    falsePositives: `Judged are paths of documents (\`docs/runbooks/x.md\`, from the rule file's folder, those above it and the workspace folder), links to files
of a GitHub repository that is called like the workspace folder, hosts that are reserved for examples, and \`TODO\`. Prose and other links are not followed.`,
    references: [
      'https://prometheus.io/docs/practices/alerting/',
      'https://runbooks.prometheus-operator.dev/docs/add-runbook/',
      'https://datatracker.ietf.org/doc/html/rfc2606',
    ],
  },
  bad: [
    {
      name: 'a page that is not there',
      files: {
        'prometheus/rules.yml': `groups:
  - name: app
    rules:
      - alert: HighErrorRate
        expr: up == 0
        labels: {severity: critical}
        annotations:
          summary: Many requests fail
          runbook_url: «docs/runbooks/HighErrorRate.md»
`,
        'docs/runbooks/Down.md': '# Down\n',
      },
      fixed: {
        'docs/runbooks/HighErrorRate.md': `# HighErrorRate

Many requests fail

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
    {
      name: 'hosts of an example, and a note that it is missing',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook: «"https://wiki.example.com/alerts/{{ $labels.job }}"»}
      - alert: B
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook_url: «https://runbooks.your-company.com/b»}
      - alert: C
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook: «TODO»}
`,
      },
    },
  ],
  good: [
    {
      name: 'pages that are there, from three folders',
      files: {
        'monitoring/prometheus/rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook_url: docs/a.md#what-to-do}
      - alert: B
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook_url: ../runbooks/b.md}
      - alert: C
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook: /docs/a.md}
      - alert: D
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook: runbooks/b.md}
`,
        'docs/a.md': '# A\n',
        'monitoring/runbooks/b.md': '# B\n',
      },
    },
    {
      name: 'prose, templates and hosts that may be there',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook: "Restart it, see notes.md"}
      - alert: B
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook_url: "docs/{{ $labels.job }}.md"}
      - alert: C
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook_url: https://runbooks.prometheus-operator.dev/runbooks/general/targetdown}
      - alert: D
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook_url: https://github.com/other/repository/blob/main/docs/d.md}
      - alert: E
        expr: up == 0
        labels: {severity: critical}
        annotations: {playbook: docs/support/playbook/down}
`,
      },
    },
    {
      name: 'a sample',
      files: {
        'examples/rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook_url: https://example.com/a}
`,
      },
    },
  ],
  check(document, context) {
    if (isSample(context.path)) return;
    for (const entry of rulesOf(document.tree)) {
      if (entry.kind !== 'alert') continue;
      for (const { key, value } of runbooksOf(entry)) {
        if (value?.type !== 'scalar') continue;
        const link = value.value.trim();
        const place = `${entry.place}.annotations.${key.value}`;
        if (/^(?:to ?do|tbd|tba|fixme|coming soon)\b/i.test(link)) {
          const message = 'The runbook is still to be written, so whoever gets the alert finds nothing.';
          context.report({ span: value.span, message, place });
          continue;
        }
        if (isPlaceholder(link)) {
          const message = 'The runbook is on a host that stands for an example, so the link leads nowhere.';
          context.report({ span: value.span, message, place });
          continue;
        }
        const path = missingPage(document, context, link);
        if (path === undefined) continue;
        context.report({
          span: value.span,
          message: `The runbook \`${path.slice(-80)}\` is not there, so whoever gets the alert finds nothing.`,
          place,
          fixes: () => [createFix(document, context, entry, path)],
        });
      }
    }
  },
});

const PLACEHOLDER =
  /^(?:[^/]*\.)?(?:example\.(?:com|org|net)|[\w-]+\.(?:example|invalid)|(?:your|my)[-_]?(?:company|organi[sz]ation|org|domain|wiki|corp)\.\w+)(?::\d+)?$/i;

function isPlaceholder(link: string): boolean {
  const host = /^https?:\/\/([^/?#\s]+)/i.exec(link)?.[1];
  return host !== undefined && PLACEHOLDER.test(host);
}

const PAGE = /^[\w@+./-]+\.(?:md|markdown|adoc|rst|org)$/i;

/** The path of a page that the workspace should have and has not; undefined for everything else. */
function missingPage(document: Document, context: Context, link: string): string | undefined {
  const root = workspaceFolder(document, context.path);
  const blob = /^https:\/\/github\.com\/[^/]+\/([^/]+)\/(?:blob|tree)\/[^/]+\/([^?#]+)/.exec(link);
  if (blob && blob[1]?.toLowerCase() !== basename(root).toLowerCase()) return undefined;
  const path = (blob?.[2] ?? link).replace(/#.*$/, '');
  if (!PAGE.test(path)) return undefined;
  const relative = path.replace(/^\/+/, '');
  const found = foldersUp(document.uri, root).some((folder) =>
    context.facts.exists(joinUri(folder, relative)),
  );
  return found ? undefined : path;
}

/** The file's folder and all above it up to the workspace folder. */
function foldersUp(uri: string, root: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = dirname(uri); ; folder = dirname(folder)) {
    folders.push(folder);
    if (folder === root || folder === dirname(folder)) return folders;
  }
}

function createFix(document: Document, context: Context, entry: RuleEntry, path: string) {
  const root = path.startsWith('.') ? dirname(document.uri) : workspaceFolder(document, context.path);
  const edit = newRunbook(document, joinUri(root, path.replace(/^\/+/, '')), entry);
  return {
    title: 'Create the page with its headings',
    safety: 'review',
    edits: [edit],
    risk: 'The page is empty but for its headings, and helps nobody before it is written.',
  } as const;
}
