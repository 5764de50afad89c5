import type { Document } from '../../../syntaxes/document.ts';
import { fieldOf, type RuleEntry } from '../../../syntaxes/prometheus/tree.ts';
import { durationSeconds } from '../../../syntaxes/promql/durations.ts';
import { asScalar } from '../../../syntaxes/yaml/tree.ts';
import type { Fix } from '../../core/rule.ts';
import { addKey } from '../../core/yaml-edits.ts';

/** Whether an alert has to hold for a time before it fires, or goes on for one after; also where that time is not known. */
export function waits({ map }: RuleEntry): boolean {
  return ['for', 'keep_firing_for'].some((key) => {
    const pair = fieldOf(map, key);
    return pair !== undefined && durationSeconds(asScalar(pair.value)?.value ?? '') !== 0;
  });
}

/** Lets an alert wait for two minutes; undefined where a time of zero is written. */
export function waitFix({ text }: Document, { map }: RuleEntry): Fix | undefined {
  const edit = fieldOf(map, 'for')
    ? undefined
    : addKey(text, map, { key: 'for', value: '2m', after: ['alert', 'expr'] });
  return (
    edit && {
      title: 'Add `for: 2m`',
      safety: 'review',
      edits: [edit],
      risk: 'The alert comes two minutes later, and not at all for what passes by itself.',
      verify: 'promtool check rules',
    }
  );
}
