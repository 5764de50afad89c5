import type { Extractor } from '../../../rules/core/facts.ts';
import type { ExampleFiles, Rule } from '../../../rules/core/rule.ts';
import type { Workspace } from '../../../server/engine/workspace.ts';
import type { Kind, Span } from '../../../syntaxes/document.ts';
import { joinUri } from '../../../syntaxes/uri.ts';
import { ROOT, workspaceOf } from '../workspace.ts';

/** What a rule says of a file. */
export interface Found {
  readonly place: string;
  readonly span: Span;
  /** The marked text. */
  readonly text: string;
}

/** An example without its marks, and what its rule finds in its first file. */
export interface Example {
  readonly rule: Rule;
  readonly name: string;
  readonly files: ExampleFiles;
  readonly path: string;
  /** Of the first file. */
  readonly text: string;
  readonly found: readonly Found[];
}

/** One of the files of a variant, and what the rule has to find in it. */
export interface Look {
  readonly path: string;
  /** As `show` writes findings, in any order. */
  readonly expected: readonly string[];
  /** How a finding is written to be compared; undefined for one that this look is not about. */
  readonly show: (found: Found, text: string) => string | undefined;
}

/** An example that means the same, written in another way. */
export interface Variant {
  readonly files: ExampleFiles;
  readonly looks: readonly Look[];
}

export interface Transformation {
  readonly name: string;
  /** It applies to at least so many examples. */
  readonly atLeast: number;
  /** The example in this way, one variant for each place where that can be done; none where it cannot be done. */
  apply(example: Example): readonly Variant[];
}

/** The examples of a rule whose first file is of a kind, the good ones too, in which nothing is found. */
export function examplesOf(rule: Rule, kind: Kind, extractors: readonly Extractor[]): readonly Example[] {
  return [...rule.bad, ...rule.good].flatMap(({ name, files: marked }) => {
    const files = Object.fromEntries(
      Object.entries(marked).map(([path, text]) => [path, text.replaceAll(/[«»]/g, '')]),
    );
    const [path = ''] = Object.keys(files);
    // The transformations know one document: they would lose what another one defines.
    if (kind === 'compose' && /^services:[\s\S]*^---$/m.test(files[path] ?? '')) return [];
    const { workspace, found } = run(rule, files, path, extractors);
    if (workspace.check(joinUri(ROOT, path)).kind !== kind) return [];
    return [{ rule, name, files, path, text: files[path] ?? '', found }];
  });
}

/** Where a variant differs from its example, as a text for people; undefined where it does not. */
export function difference(
  example: Example,
  variant: Variant,
  extractors: readonly Extractor[],
): string | undefined {
  for (const look of variant.looks) {
    const { found, text } = run(example.rule, variant.files, look.path, extractors);
    const shown = found.flatMap((each) => look.show(each, text) ?? []).sort();
    const expected = [...look.expected].sort();
    if (shown.join('\n') !== expected.join('\n')) return explain(example, variant, look, expected, shown);
  }
  return undefined;
}

/** By place and by the marked text. */
export function byPlace({ place, text }: Found): string {
  return `${place}: ${bare(text)}`;
}

/** By the marked text alone. */
export function byText({ text }: Found): string {
  return bare(text);
}

/** A text without comments and what differs between the styles of YAML and between the ways to continue a line. */
function bare(text: string): string {
  return text
    .replaceAll(/[\\`]\r?\n(?:[ \t]*#.*\r?\n)*/g, ' ')
    .replaceAll(/[ \t]#.*$|^[ \t]*- /gm, '')
    .replaceAll(/["'{}[\],]|\s/g, '');
}

/** One for each rule: making them takes longer than checking a small file. */
const workspaces = new WeakMap<Rule, { readonly workspace: Workspace; readonly names: Set<string> }>();

function workspaceWith(rule: Rule, files: ExampleFiles, extractors: readonly Extractor[]): Workspace {
  const known = workspaces.get(rule) ?? {
    workspace: workspaceOf({}, { rules: [rule], extractors }),
    names: new Set(),
  };
  workspaces.set(rule, known);
  const gone = [...known.names].filter((name) => !(name in files));
  for (const name of gone) known.names.delete(name);
  for (const name of Object.keys(files)) known.names.add(name);
  known.workspace.update(
    [...gone, ...Object.keys(files)].map((name) => ({ uri: joinUri(ROOT, name), text: files[name] })),
  );
  return known.workspace;
}

function run(rule: Rule, files: ExampleFiles, path: string, extractors: readonly Extractor[]) {
  const workspace = workspaceWith(rule, files, extractors);
  const uri = joinUri(ROOT, path);
  const text = files[path] ?? '';
  const found = workspace
    .check(uri)
    .findings.filter((finding) => finding.rule === rule.id)
    .map(({ place, span }): Found => ({ place, span, text: text.slice(span.start, span.end) }));
  return { workspace, found, text };
}

function explain(
  { rule, name, text }: Example,
  { files }: Variant,
  look: Look,
  expected: readonly string[],
  shown: readonly string[],
): string {
  const variants = Object.entries(files).map(([path, each]) => `--- ${path}\n${each}`);
  return [
    `${rule.id}, "${name}", in ${look.path}`,
    `expected: ${JSON.stringify(expected)}`,
    `found:    ${JSON.stringify(shown)}`,
    `=== the example\n${text}`,
    `=== in this way\n${variants.join('\n')}`,
  ].join('\n');
}
