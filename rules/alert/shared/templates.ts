import type { Document } from '../../../syntaxes/document.ts';
import { type AlertTemplate, parseAlertTemplate } from '../../../syntaxes/prometheus/template.ts';
import { type RuleEntry, rulesOf } from '../../../syntaxes/prometheus/tree.ts';
import { type Embedded, embeddedIn } from '../../../syntaxes/yaml/embedded.ts';
import { pairOf } from '../../../syntaxes/yaml/tree.ts';

/** A template of an alert and where it stands. */
export interface PlacedTemplate {
  readonly rule: RuleEntry;
  readonly embedded: Embedded;
  readonly template: AlertTemplate;
  /** `groups.http.rules.HighErrorRate.annotations.summary`. */
  readonly place: string;
}

/** The templates in labels and annotations of all alerts; those behind an alias are read where they are written. */
export function templatesOf({ tree, text }: Document<'prometheus-rules'>): readonly PlacedTemplate[] {
  return rulesOf(tree).flatMap((rule) => (rule.kind === 'alert' ? templatesIn(rule, text) : []));
}

function templatesIn(rule: RuleEntry, text: string): readonly PlacedTemplate[] {
  return ['labels', 'annotations'].flatMap((key) => {
    const map = pairOf(rule.map, key)?.value;
    if (map?.type !== 'map') return [];
    return map.pairs.flatMap((pair) => {
      if (pair.value?.type !== 'scalar' || !pair.value.value.includes('{{')) return [];
      const embedded = embeddedIn(text, pair.value);
      const place = `${rule.place}.${key}.${pair.key.value}`;
      return [{ rule, embedded, template: parseAlertTemplate(embedded.text), place }];
    });
  });
}
