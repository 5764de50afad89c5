import { lastInstruction } from '../../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Stage } from '../../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../../syntaxes/dockerfile/variables.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { dirname, joinUri } from '../../../syntaxes/uri.ts';
import type { FactReader } from '../../core/facts.ts';
import { composeServicesFacts } from '../../facts/compose-services.ts';
import { shellScriptFacts } from '../../facts/shell-scripts.ts';
import { copyOf, normalPath, pathInImage } from './copies.ts';

/** Programs that only start another one. */
const STARTERS = /^(?:tini|tini-static|dumb-init|sh|bash|ash|dash|exec|env)$/;

/**
 * The script that the container starts, as a path in the build context; several where that is not certain. Empty where it starts no
 * script, or one that no `COPY` brings.
 */
export function startScriptPaths(tree: DockerfileTree, stage: Stage): readonly string[] {
  const started = startedProgram(tree, stage);
  if (started === undefined) return [];
  return lineage(tree, stage).flatMap((each) =>
    each.instructions.flatMap((instruction) => {
      const copy = copyOf(instruction);
      if (!copy || copy.from !== undefined) return [];
      const destination = pathInImage(tree, each, instruction, copy.destination);
      if (destination === undefined) return [];
      return copy.sources.flatMap(({ path }) => sourceOf(path, destination, started) ?? []);
    }),
  );
}

/**
 * Whether the script that the container starts changes to another user. Undefined where it starts none, or one that is not in the
 * workspace.
 */
export function scriptChangesUser(
  document: Document<'dockerfile'>,
  stage: Stage,
  facts: FactReader,
): boolean | undefined {
  const paths = startScriptPaths(document.tree, stage);
  if (paths.length === 0) return undefined;
  const contexts = facts
    .about(composeServicesFacts, document.uri)
    .flatMap(({ fact }) => fact.build?.contextUri ?? []);
  return changesUserIn(facts, contexts.length > 0 ? contexts : [dirname(document.uri)], paths);
}

/** The same for scripts by their paths in build contexts. */
export function changesUserIn(
  facts: FactReader,
  contexts: readonly string[],
  paths: readonly string[],
): boolean | undefined {
  const found = contexts.flatMap((context) =>
    paths.flatMap((path) => facts.of(shellScriptFacts, joinUri(context, path))),
  );
  return found.length === 0 ? undefined : found.some((script) => script.changesUser);
}

/** The first word of `ENTRYPOINT`, else of `CMD`, that is no mere starter; a path, or a name without a slash. */
function startedProgram(tree: DockerfileTree, stage: Stage): string | undefined {
  const instruction =
    lastInstruction(tree, stage, 'ENTRYPOINT')?.instruction ??
    lastInstruction(tree, stage, 'CMD')?.instruction;
  const words = instruction?.json?.map(({ value }) => value) ?? instruction?.masked.trim().split(/\s+/) ?? [];
  return words.find((word) => !word.startsWith('-') && !STARTERS.test(word.replace(/^.*\//, '')));
}

/** The source that becomes the program, where a copy to an absolute path brings it. */
function sourceOf(source: string, destination: string, program: string): string | undefined {
  const name = source.replace(/\/+$/, '').replace(/^.*\//, '');
  if (!program.includes('/'))
    return program === name || program === destination.replace(/^.*\//, '') ? source : undefined;
  const wanted = normalPath(program);
  if (wanted === destination) return source;
  const folder = destination === '/' ? '/' : `${destination}/`;
  if (!wanted.startsWith(folder)) return undefined;
  const rest = wanted.slice(folder.length);
  if (rest === name) return source;
  return /[*?[]/.test(source) ? undefined : `${source}/${rest}`;
}
