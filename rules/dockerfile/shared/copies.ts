import { effectiveWorkdir } from '../../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Instruction, Stage, Word } from '../../../syntaxes/dockerfile/tree.ts';
import type { Span } from '../../../syntaxes/document.ts';

/** A source of `COPY` or `ADD`, without quotes. */
export interface CopySource {
  readonly path: string;
  readonly span: Span;
}

export interface Copy {
  readonly sources: readonly CopySource[];
  readonly destination: string;
  /** The stage or image that it copies from; undefined for the build context. */
  readonly from: string | undefined;
}

/** What `COPY` or `ADD` copies where; undefined for every other instruction and while it is being typed. */
export function copyOf({ keyword, flags, json, words }: Instruction): Copy | undefined {
  if (keyword !== 'COPY' && keyword !== 'ADD') return undefined;
  const paths =
    json?.map(({ value, span }) => ({ path: value, span: { start: span.start + 1, end: span.end - 1 } })) ??
    words.map(unquoted);
  const destination = paths.at(-1)?.path;
  if (destination === undefined || paths.length < 2) return undefined;
  const from = flags.find(({ name }) => name === 'from')?.value;
  return { sources: paths.slice(0, -1), destination, from };
}

/** The shell form takes quotes around a path too. */
function unquoted({ text, span }: Word): CopySource {
  const inner = /^(["'])(.+)\1$/.exec(text)?.[2];
  return inner === undefined
    ? { path: text, span }
    : { path: inner, span: { start: span.start + 1, end: span.end - 1 } };
}

/** A path of the image seen from the directory in effect at an instruction; undefined where that is not known. */
export function pathInImage(
  tree: DockerfileTree,
  stage: Stage,
  instruction: Instruction,
  path: string,
): string | undefined {
  if (path.includes('$')) return undefined;
  if (path.startsWith('/')) return normalPath(path);
  const directory = effectiveWorkdir(tree, stage, instruction);
  return directory?.startsWith('/') ? normalPath(`${directory}/${path}`) : undefined;
}

/** An absolute path without `.`, `..` and a slash at its end. */
export function normalPath(path: string): string {
  const out: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') out.pop();
    else if (segment !== '' && segment !== '.') out.push(segment);
  }
  return `/${out.join('/')}`;
}
