import { dockerfileSyntax } from '../dockerfile/syntax.ts';
import type { AnyDocument, Document, EmbeddedDocument } from '../document.ts';
import { literalIn } from '../yaml/embedded.ts';
import { interpolate } from './interpolate.ts';
import { buildOf } from './service.ts';
import { type ComposeService, scalarAt } from './tree.ts';

/**
 * The Dockerfiles that a Compose file holds in `build.dockerfile_inline`, each for the first service that has it. Only literal blocks are read: in every other style a line of the
 * Dockerfile is no line of the file. https://docs.docker.com/reference/compose-file/build/#dockerfile_inline
 */
export function inlineDockerfiles(document: Document<'compose'>): readonly EmbeddedDocument[] {
  if (!document.text.includes('dockerfile_inline')) return [];
  const seen = new Set<number>();
  return document.tree.services.flatMap((service) => {
    const start = scalarAt(service.effective, 'build', 'dockerfile_inline')?.span.start ?? -1;
    if (start < 0 || seen.has(start)) return [];
    seen.add(start);
    return inlineDockerfile(document, service) ?? [];
  });
}

function inlineDockerfile(
  document: Document<'compose'>,
  service: ComposeService,
): EmbeddedDocument | undefined {
  const scalar = scalarAt(service.effective, 'build', 'dockerfile_inline');
  // Compose reads `$$` as `$`.
  const literal = scalar && literalIn(document.text, scalar, '$');
  const uri = buildOf(service, document.uri)?.dockerfileUri;
  if (!literal || !uri) return undefined;
  const { text, indent } = literal;
  const givenVariables = new Set(interpolate(scalar.value).variables);
  return {
    document: { ...dockerfileSyntax.parse(uri, text), givenVariables } as AnyDocument,
    at: literal.at,
    place: `services.${service.name}.build.dockerfile_inline`,
    written: (added) =>
      // Where the text has variables of Compose, a `$` that an edit takes over could be one of them.
      givenVariables.size > 0 && added.includes('$')
        ? undefined
        : added
            .replaceAll('$', '$$$$')
            .replace(/\n(?=[^\r\n])/g, `\n${indent}`)
            .replace(/\n$/, `\n${indent}`),
  };
}
