import {
  assignmentsOf,
  contentSpan,
  type EnvironmentVariable,
} from '../../../syntaxes/compose/environment.ts';
import { interpolate } from '../../../syntaxes/compose/interpolate.ts';
import { buildOf } from '../../../syntaxes/compose/service.ts';
import { type ComposeService, lookup } from '../../../syntaxes/compose/tree.ts';
import { dockerfileSyntax } from '../../../syntaxes/dockerfile/syntax.ts';
import type { Document, Span } from '../../../syntaxes/document.ts';
import { pairOf } from '../../../syntaxes/yaml/tree.ts';
import type { FactReader } from '../../core/facts.ts';
import type { Edit } from '../../core/rule.ts';
import { removeItem, removePair } from '../../core/yaml-edits.ts';
import { argumentsOf, type DockerfileArgsFact, dockerfileArgsFacts } from '../../facts/dockerfile-args.ts';

/** `build.args` of a service, in either form. */
export function buildArgsOf(service: ComposeService, fileText: string): readonly EnvironmentVariable[] {
  return assignmentsOf(service, fileText, 'build', 'args');
}

/** Where the name of an argument stands. */
export function argNameSpan(fileText: string, { entry, item, scalar, name }: EnvironmentVariable): Span {
  if (entry) return entry.pair.key.span;
  if (!scalar) return item?.node.span ?? { start: 0, end: 0 };
  const { start } = contentSpan(scalar, fileText);
  return { start, end: start + name.length };
}

/** The arguments that the Dockerfile of a service declares, with the file that says so; undefined where it is not known. */
export function declaredArgs(
  document: Document<'compose'>,
  facts: FactReader,
  service: ComposeService,
): { readonly fact: DockerfileArgsFact; readonly uri?: string } | undefined {
  const build = buildOf(service, document.uri);
  // Without a context the file may only add to a build that another file describes.
  const isWhole = ['context', 'dockerfile', 'dockerfile_inline'].some((key) =>
    lookup(service.effective, 'build', key),
  );
  if (!build || !isWhole) return undefined;
  if (build.inlineText) {
    const [fact] = argumentsOf(dockerfileSyntax.parse('', interpolate(build.inlineText.value).pattern));
    return fact && { fact };
  }
  const [fact] = build.dockerfileUri ? facts.of(dockerfileArgsFacts, build.dockerfileUri) : [];
  return fact && build.dockerfileUri ? { fact, uri: build.dockerfileUri } : undefined;
}

/** Removes an argument, and `args` with it where it is the only one. */
export function removeBuildArg(
  text: string,
  service: ComposeService,
  { entry, item }: EnvironmentVariable,
): Edit | undefined {
  const isOnly = entry ? entry.map.pairs.length === 1 : item?.seq.items.length === 1;
  if (!isOnly)
    return entry ? removePair(text, entry.map, entry.pair) : item && removeItem(text, item.seq, item.index);
  const build = service.effective.entries.get('build')?.value;
  const pair = build?.type === 'map' ? pairOf(build.node, 'args') : undefined;
  const isOwn = pair?.value === (entry ? entry.map : item?.seq);
  return build?.type === 'map' && pair && isOwn ? removePair(text, build.node, pair) : undefined;
}
