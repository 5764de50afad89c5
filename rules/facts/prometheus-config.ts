import type { Document, Span } from '../../syntaxes/document.ts';
import { asMap, asScalar, asSeq, isNull, pairOf, textAt, valueAt } from '../../syntaxes/yaml/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';
import { addKey, appendItem, setBlock } from '../core/yaml-edits.ts';

/** What a Prometheus configuration loads and where it sends alerts. */
export interface PrometheusConfigFact {
  /** The entries of `rule_files` with their places. */
  readonly ruleFiles: readonly { readonly pattern: string; readonly span: Span }[];
  /**
   * The edit that adds an entry to `rule_files`, with `ENTRY` in place of its path: files with rules offer it, and they do not
   * see this file's text. Absent where there is no clean place.
   */
  readonly append?: { readonly span: Span; readonly text: string };
  /** How many Alertmanagers, or ways to discover one, are configured. */
  readonly alertmanagers: number;
  /** Whether series, and with them the series `ALERTS`, are sent to another system. */
  readonly remoteWrite: boolean;
  /** Whether `alert_relabel_configs` may add or change labels of alerts. */
  readonly relabelsAlerts: boolean;
  readonly jobs: readonly {
    readonly name: string;
    /** `host:port` as written; without those that discovery finds. */
    readonly targets: readonly string[];
    /** Whether relabelling may put another address in place of the targets. */
    readonly relabelsAddress: boolean;
  }[];
}

export const prometheusConfigFacts: FactKey<PrometheusConfigFact> = factKey('prometheus-config');

/** Stands for the path in `append`. */
export const ENTRY = '\0';

export const extractor = defineExtractor({
  kind: 'prometheus-config',
  key: prometheusConfigFacts,
  extract(document): readonly PrometheusConfigFact[] {
    const { tree } = document;
    if (!tree.root) return [];
    const append = appendEdit(document);
    const relabels = asSeq(valueAt(tree.root, 'alerting', 'alert_relabel_configs'))?.items ?? [];
    return [
      {
        ruleFiles: tree.rulePatterns.map(({ pattern, scalar }) => ({ pattern, span: scalar.span })),
        ...(append && { append: { span: append.span, text: append.text } }),
        alertmanagers: tree.alertmanagers.length,
        remoteWrite: pairOf(tree.root, 'remote_write') !== undefined,
        relabelsAlerts: relabels.some(
          (item) => !/^(?:drop|keep|labeldrop)$/i.test(textAt(asMap(item), 'action') ?? ''),
        ),
        jobs: tree.jobs.map(({ name, targets, relabelsAddress }) => ({
          name: name?.value ?? '',
          targets: targets.map((target) => target.scalar.value),
          relabelsAddress,
        })),
      },
    ];
  },
});

function appendEdit({
  text,
  tree: { root },
}: Document<'prometheus-config'>): { span: Span; text: string } | undefined {
  if (!root) return undefined;
  const pair = pairOf(root, 'rule_files');
  if (!pair) return addKey(text, root, { key: 'rule_files', block: [`- ${ENTRY}`], after: ['global'] });
  if (isNull(pair.value)) return setBlock(text, root, pair, [`- ${ENTRY}`]);
  const seq = pair.value?.type === 'seq' ? pair.value : undefined;
  const last = asScalar(seq?.items.at(-1));
  const quote = last?.style === 'double' ? '"' : last?.style === 'single' ? "'" : '';
  return seq && appendItem(text, seq, quote + ENTRY + quote);
}
