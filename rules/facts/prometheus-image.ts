import { imageOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';
import { parseImage } from '../core/image-reference.ts';
import { appendItem } from '../core/yaml-edits.ts';

/** Which Prometheus a service of a Compose file runs, and how it gets another flag. */
export interface PrometheusImageFact {
  readonly service: string;
  /** `[2, 51]`; absent where the tag does not tell. */
  readonly version?: readonly [number, number];
  /** The edit that adds an item to the list of its command, with `FLAG` in place of the flag; absent where there is no clean place. */
  readonly addFlag?: { readonly span: Span; readonly text: string };
}

export const prometheusImageFacts: FactKey<PrometheusImageFact> = factKey('prometheus-image');

/** Stands for the flag in `addFlag`. */
export const FLAG = '\0';

const IMAGE = /(?:^|\/)prometheus$/;

export const extractor = defineExtractor({
  kind: 'compose',
  key: prometheusImageFacts,
  extract: ({ text, tree }): readonly PrometheusImageFact[] =>
    tree.services.flatMap((service) => {
      const image = parseImage(imageOf(service) ?? '');
      if (!image || !IMAGE.test(image.path)) return [];
      const match = /^v?(\d{1,3})\.(\d{1,4})(?:\.|-|$)/.exec(image.tag ?? '');
      const addFlag = flagEdit(text, service);
      return [
        {
          service: service.name,
          ...(match && { version: [Number(match[1]), Number(match[2])] as const }),
          ...(addFlag && { addFlag }),
        },
      ];
    }),
});

function flagEdit(text: string, service: ComposeService): PrometheusImageFact['addFlag'] {
  const entry = service.effective.entries.get('command');
  if (entry?.via !== 'own' || entry.value?.type !== 'seq') return undefined;
  const { node } = entry.value;
  const last = node.items.at(-1);
  if (last?.type !== 'scalar' || !/^--?[a-z]/.test(last.value) || node.anchor) return undefined;
  const quote = last.style === 'double' ? '"' : last.style === 'single' ? "'" : '';
  const edit = appendItem(text, node, quote + FLAG + quote);
  return edit && { span: edit.span, text: edit.text };
}
