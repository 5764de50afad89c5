import type { Document } from '../../../syntaxes/document.ts';
import { lineEndingOf } from '../../../syntaxes/lines.ts';
import type { RuleEntry } from '../../../syntaxes/prometheus/tree.ts';
import { dirname } from '../../../syntaxes/uri.ts';
import { asMap, asScalar, pairOf, type YamlPair } from '../../../syntaxes/yaml/tree.ts';
import type { Edit } from '../../core/rule.ts';

const RUNBOOK = /^(?:runbook|playbook)(?:[-_]?ur[il])?$/i;

/** The annotations of an alert that lead to what is to be done. */
export function runbooksOf({ map }: RuleEntry): readonly YamlPair[] {
  const annotations = asMap(pairOf(map, 'annotations')?.value);
  return annotations?.pairs.filter(({ key }) => RUNBOOK.test(key.value)) ?? [];
}

/** The workspace folder of a document, from its path below it. */
export function workspaceFolder({ uri }: Document, path: string): string {
  return path.split('/').reduce((folder) => dirname(folder), uri);
}

/** A page for an alert, to be filled in. */
export function newRunbook({ text: like }: Document, uri: string, entry: RuleEntry): Edit {
  const name = entry.name?.value ?? 'Alert';
  const summary = asScalar(pairOf(asMap(pairOf(entry.map, 'annotations')?.value), 'summary')?.value)?.value;
  const eol = lineEndingOf(like);
  const text = [
    `# ${name}`,
    ...(summary && !summary.includes('{{') ? [summary.trim()] : []),
    '## Meaning',
    'What has happened when this alert fires.',
    '## Impact',
    'Who notices, and what stops working.',
    '## Diagnosis',
    'Where to look first: dashboards, logs, commands.',
    '## Mitigation',
    'What to do now, and who decides where it is a risk.',
  ].join(eol + eol);
  return { uri, span: { start: 0, end: 0 }, text: text + eol };
}
