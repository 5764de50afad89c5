import type { Catalogue } from '../judge/folder.ts';
import { openTexts } from '../judge/folder.ts';
import { flawsOf } from './invariants.ts';
import { generator, mutate } from './mutate.ts';

export interface FuzzOptions {
  readonly seeds: readonly string[];
  readonly cases: number;
  /** The same number gives the same cases. */
  readonly seed: number;
  /** Rules that run on every tenth text. */
  readonly catalogue?: Catalogue;
  readonly onProgress?: (done: number) => void;
}

export interface FuzzResult {
  readonly cases: number;
  /** How many characters were read. */
  readonly characters: number;
  readonly failures: readonly string[];
}

const FOLDER = 'file:///fuzz';
const NAMES: readonly string[] = [
  'nginx.conf',
  'conf.d/a.conf',
  'snippets/a.conf',
  'a.conf.j2',
  'a.conf.template',
];
/** A flaw is seldom alone. */
const MAX_FAILURES = 20;

/** Changes texts at random and looks at how they are read. */
export function fuzz({ seeds, cases, seed, catalogue, onProgress }: FuzzOptions): FuzzResult {
  const random = generator(seed);
  const failures: string[] = [];
  let characters = 0;
  let done = 0;
  for (; done < cases && failures.length < MAX_FAILURES; done++) {
    if (done % 10_000 === 0 && done > 0) onProgress?.(done);
    const text = mutate(seeds[random(seeds.length)] ?? '', seeds[random(seeds.length)] ?? '', random);
    const uri = `${FOLDER}/${NAMES[random(NAMES.length)]}`;
    characters += text.length;
    const flaws = catching(() => [
      ...flawsOf(uri, text),
      ...(catalogue && done % 10 === 0 ? flawsOfRules(uri, text, catalogue) : []),
    ]);
    failures.push(
      ...flaws.map((flaw) => `case ${done} of seed ${seed}: ${flaw}\n${uri}\n${JSON.stringify(text)}`),
    );
  }
  return { cases: done, characters, failures };
}

/** Rules run on whatever people type. */
function flawsOfRules(uri: string, text: string, catalogue: Catalogue): readonly string[] {
  const workspace = openTexts(FOLDER, [{ uri, text }], catalogue);
  const { findings, muted } = workspace.check(uri);
  return [
    ...muted.map(({ rule, error }) => `${rule} threw: ${error}`),
    ...findings
      .filter(({ span }) => span.start < 0 || span.end < span.start || span.end > text.length)
      .map(({ rule, span }) => `${rule} reports ${span.start}-${span.end}`),
  ];
}

function catching(run: () => readonly string[]): readonly string[] {
  try {
    return run();
  } catch (error) {
    return [`it threw: ${error instanceof Error ? error.stack : String(error)}`];
  }
}
