import type { Edit, Fix, Related } from '../../rules/core/rule.ts';
import type { AnyDocument, EmbeddedDocument, Problem, Span, Syntax } from '../../syntaxes/document.ts';
import type { LiveFinding } from './check.ts';

/** What rules run on: a file's document, or one that stands in it. */
export interface Unit {
  readonly document: AnyDocument;
  /** Absent for the file's own document. */
  readonly within?: EmbeddedDocument;
  /** All documents that stand in the file. */
  readonly inner: readonly EmbeddedDocument[];
}

/** Finds the documents that stand in others, once for each version of a file. */
export class EmbeddedDocuments {
  readonly #syntaxes: readonly Syntax[];
  readonly #known = new WeakMap<AnyDocument, readonly EmbeddedDocument[]>();

  constructor(syntaxes: readonly Syntax[]) {
    this.#syntaxes = syntaxes.filter((syntax) => syntax.embedded);
  }

  /** The documents that stand in one, as it is written. */
  of(document: AnyDocument): readonly EmbeddedDocument[] {
    const syntax = this.#syntaxes.find(({ kind }) => kind === document.kind);
    if (!syntax || document.notAnalysed) return NONE;
    const known = this.#known.get(document);
    if (known) return known;
    const found = syntax.embedded?.(document) ?? NONE;
    this.#known.set(document, found);
    return found;
  }
}

const NONE: readonly EmbeddedDocument[] = [];

/** The syntax problems of embedded documents, at their places in the holder. */
export function problemsWithin(embedded: readonly EmbeddedDocument[]): readonly Problem[] {
  return embedded.flatMap((within) =>
    within.document.problems.map(({ span, message }) => ({ span: spanIn(within, span), message })),
  );
}

/** A finding in an embedded document as a finding in its holder, its fixes with it; all places that it names are the holder's. */
export function inHolder(live: LiveFinding, { document, within, inner }: Unit, uri: string): LiveFinding {
  const { finding } = live;
  const related = finding.related.flatMap((each) => relatedIn(each, inner, uri) ?? []);
  if (!within) return finding.related.length === 0 ? live : { ...live, finding: { ...finding, related } };
  const { rollup, covers } = finding;
  return {
    finding: {
      ...finding,
      uri,
      span: spanIn(within, finding.span),
      place: `${within.place}.${finding.place}`,
      related,
      ...(rollup && { rollup: { ...rollup, key: `${within.place}.${rollup.key}` } }),
      ...(covers && { covers: covers.map((covered) => covered.replace(' ', ` ${within.place}.`)) }),
    },
    fixes: () => live.fixes().flatMap((fix) => fixIn(fix, document.uri, within) ?? []),
  };
}

function spanIn(within: EmbeddedDocument, { start, end }: Span): Span {
  return { start: within.at(start), end: within.at(end) };
}

/** Places in files keep theirs; one in a document that stands in another file has none that could be shown. */
function relatedIn(related: Related, inner: readonly EmbeddedDocument[], uri: string): Related | undefined {
  if (!related.uri.includes('#')) return related;
  const within = inner.find(({ document }) => document.uri === related.uri);
  return within && { ...related, uri, span: spanIn(within, related.span) };
}

function fixIn(fix: Fix, embeddedUri: string, within: EmbeddedDocument): Fix | undefined {
  const edits: Edit[] = [];
  for (const edit of fix.edits) {
    if (edit.uri !== undefined && edit.uri !== embeddedUri) {
      edits.push(edit);
      continue;
    }
    const text = within.written(edit.text);
    if (text === undefined) return undefined;
    edits.push({ span: spanIn(within, edit.span), text });
  }
  return { ...fix, edits };
}
