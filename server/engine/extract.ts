import type { Extractor } from '../../rules/core/facts.ts';
import type { AnyDocument } from '../../syntaxes/document.ts';
import type { FileFacts } from './fact-store.ts';

/** All facts of a document; none of one that is not analysed. */
export function extractFacts(extractors: readonly Extractor[], document: AnyDocument): FileFacts {
  const facts = new Map<string, readonly unknown[]>();
  if (document.notAnalysed) return facts;
  for (const extractor of extractors) {
    if (extractor.kind !== document.kind) continue;
    const found = extractOf(extractor, document);
    if (found.length > 0) facts.set(extractor.key.id, found);
  }
  return facts;
}

/** An extractor that throws says nothing of that file; its rules then see an unknown, which is never reported. */
function extractOf(extractor: Extractor, document: AnyDocument): readonly unknown[] {
  try {
    return extractor.extract(document);
  } catch {
    return [];
  }
}
