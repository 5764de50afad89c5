import { dockerfileSyntax } from '../../../syntaxes/dockerfile/syntax.ts';
import type { DockerfileTree } from '../../../syntaxes/dockerfile/tree.ts';
import { byPlace, type Example, type Found, type Variant } from './example.ts';

/** A text in place of what stands between two offsets. */
export interface Replacement {
  readonly at: number;
  readonly end: number;
  readonly text: string;
}

/** How findings are compared, where the transformation changes what they say. */
export interface Comparison {
  readonly show?: (found: Found) => string;
  /** What the example's findings have to become; as `show` writes them where it is not given. */
  readonly expected?: (found: Found) => string;
}

export function treeOf(text: string): DockerfileTree {
  return dockerfileSyntax.parse('file:///workspace/Dockerfile', text).tree;
}

/** The example with its first file changed, in which every finding is found again. */
export function edited(
  example: Example,
  change: string | readonly Replacement[],
  { show = byPlace, expected = show }: Comparison = {},
): readonly Variant[] {
  const text = typeof change === 'string' ? change : replaced(example.text, change);
  return [
    {
      files: { ...example.files, [example.path]: text },
      looks: [{ path: example.path, expected: example.found.map(expected), show }],
    },
  ];
}

function replaced(text: string, replacements: readonly Replacement[]): string {
  return [...replacements]
    .sort((a, b) => b.at - a.at)
    .reduce((out, { at, end, text: added }) => out.slice(0, at) + added + out.slice(end), text);
}
