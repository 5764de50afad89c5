import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** What a stage adds to its base image, as far as programs for healthchecks go. */
export interface DockerfileToolsFact {
  /** Of the stage. */
  readonly index: number;
  /** Programs that an instruction of the stage, or of one that it builds on, names. */
  readonly named: readonly string[];
  /** Whether it cannot be seen what an instruction installs: a script, a list in a file, a whole tree that is copied in. */
  readonly opaque: boolean;
}

/** One fact for each stage, in order. */
export const dockerfileToolsFacts: FactKey<DockerfileToolsFact> = factKey('dockerfile-tools');

export const extractor = defineExtractor({
  kind: 'dockerfile',
  key: dockerfileToolsFacts,
  extract: (document) => toolsOf(document),
});

export function toolsOf({ tree, text }: Document<'dockerfile'>): readonly DockerfileToolsFact[] {
  return tree.stages.map((stage) => factOf(tree, text, stage));
}

function factOf(tree: DockerfileTree, text: string, stage: Stage): DockerfileToolsFact {
  const adding = lineage(tree, stage)
    .flatMap(({ instructions }) => instructions)
    .filter(({ keyword }) => /^(?:RUN|COPY|ADD|ONBUILD)$/.test(keyword));
  const written = adding.map(({ span }) => text.slice(span.start, span.end)).join('\n');
  return {
    index: stage.index,
    named: ['curl', 'wget', 'nc'].filter((tool) => WORDS[tool]?.test(written)),
    opaque: adding.some((instruction) => isOpaque(instruction, text)),
  };
}

const WORDS: Readonly<Record<string, RegExp>> = {
  curl: /curl/i,
  wget: /wget|busybox/i,
  nc: /\bnc\b|netcat|ncat|nmap|busybox/i,
};

/** Commands that install what is not written beside them: scripts, lists in files and variables, packages from elsewhere. */
const OPAQUE_RUN: readonly RegExp[] = [
  /\.sh\b|(?:^|[;&|]|RUN)\s*(?:\.{0,2}\/[\w./-]+|(?:ba|da)?sh\s+[^-\s])/m,
  /\b(?:xargs|playwright|puppeteer|ansible|mise|nix|make|chrome|chromium|texlive|buildpack)\b/,
  /\$\(|`|\b(?:install|add)\b[^&|;]*\$/,
  /\bapt-get\s+-f\b|\bdpkg\s+-i|\.(?:deb|apk|rpm)\b|\btar\b[^&|;]*\s-C\s*\/(?:\s|$|usr)/,
];

function isOpaque({ keyword, span, words, json }: Instruction, text: string): boolean {
  const written = text.slice(span.start, span.end);
  if (keyword === 'RUN' || keyword === 'ONBUILD') return OPAQUE_RUN.some((pattern) => pattern.test(written));
  const places = json ? json.map(({ value }) => value) : words.map((word) => word.text);
  const target = places.at(-1) ?? '';
  // A tree over the root, or over the folders with programs, may hold anything.
  return (
    /^\/(?:usr\/?(?:local\/?)?)?(?:s?bin\/?)?$/.test(target) ||
    places.some((place) => /^\/(?:usr)?\/?$/.test(place))
  );
}
