import { type ComposeService, type Effective, lookup, remembered } from '../../../syntaxes/compose/tree.ts';
import type { Span } from '../../../syntaxes/document.ts';
import { type Embedded, embeddedIn } from '../../../syntaxes/yaml/embedded.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';

/** The keys of a service that hold a command. */
export const COMMAND_KEYS = ['entrypoint', 'command', 'healthcheck.test'] as const;

export type CommandKey = (typeof COMMAND_KEYS)[number];

/** A word of a command, with the place in the file of each of its characters. */
export interface PlacedWord {
  /** Without quotes and escapes; variables stand as they are written. */
  readonly text: string;
  readonly scalar: YamlScalar;
  /** Whether a shell reads the word, which puts variables of the container in. */
  readonly inShell: boolean;
  /** Where a part of the text stands. */
  span(from?: number, to?: number): Span;
}

/** The words of one program: a command is one such line, a script for a shell is several. */
export type CommandLine = readonly PlacedWord[];

/** What a key of a service runs, line by line, with the scripts that are handed to a shell by `-c`. */
export function commandLinesOf(
  fileText: string,
  service: ComposeService,
  key: CommandKey,
): readonly CommandLine[] {
  return remembered(service, `lines of ${key}`, () => readLines(fileText, service, key));
}

function readLines(fileText: string, service: ComposeService, key: CommandKey): readonly CommandLine[] {
  const value = lookup(service.effective, ...key.split('.'))?.value;
  if (value?.type === 'scalar') {
    const text = embeddedIn(fileText, value.node);
    return key === 'healthcheck.test'
      ? scriptLines(text, value.node)
      : withScripts(split(text, value.node, false));
  }
  if (value?.type !== 'seq') return [];
  const words = value.items.flatMap(({ value: item }) => wholeWord(fileText, item));
  if (key === 'healthcheck.test' && words[0]?.text === 'CMD-SHELL')
    return words.slice(1).flatMap((word) => scriptLines(contentOf(word), word.scalar));
  if (key === 'command' && endsInShell(fileText, service))
    return words.slice(0, 1).flatMap((word) => scriptLines(contentOf(word), word.scalar));
  return withScripts([words]);
}

/** `entrypoint: ["sh", "-c"]` makes a script of the command. */
function endsInShell(fileText: string, service: ComposeService): boolean {
  const entrypoint = commandLinesOf(fileText, service, 'entrypoint')[0];
  return entrypoint !== undefined && isShellOption(entrypoint.at(-1)) && entrypoint.length > 1;
}

function wholeWord(fileText: string, item: Effective | undefined): readonly PlacedWord[] {
  if (item?.type !== 'scalar') return [];
  const { text, at } = embeddedIn(fileText, item.node);
  return [placed(text, at, item.node, false)];
}

/** Lines without the scripts that stand behind `-c`, and the lines of those. */
function withScripts(lines: readonly CommandLine[]): readonly CommandLine[] {
  return lines.flatMap((line) => {
    const at = line.findIndex(isShellOption);
    const script = at > 0 ? line[at + 1] : undefined;
    if (!script || !/\s/.test(script.text)) return [line];
    return [line.filter((word) => word !== script), ...scriptLines(contentOf(script), script.scalar)];
  });
}

function isShellOption(word: PlacedWord | undefined): boolean {
  return word !== undefined && /^-[a-z]{0,3}c$/.test(word.text);
}

function contentOf(word: PlacedWord): Embedded {
  return { text: word.text, at: (offset) => word.span(offset, offset).start };
}

function scriptLines(script: Embedded, scalar: YamlScalar): readonly CommandLine[] {
  return split(script, scalar, true);
}

/** Splits at white space outside of quotes and variables; a script also at what ends a command of a shell. */
function split({ text, at }: Embedded, scalar: YamlScalar, inShell: boolean): readonly CommandLine[] {
  const lines: PlacedWord[][] = [[]];
  let characters: string[] = [];
  let offsets: number[] = [];
  let open = false;
  const endWord = (end: number): void => {
    const places = [...offsets, at(end)];
    const offsetOf = (index: number): number => places[index] ?? at(end);
    if (open) lines.at(-1)?.push(placed(characters.join(''), offsetOf, scalar, inShell));
    [characters, offsets, open] = [[], [], false];
  };
  const add = (from: number, to: number): void => {
    open = true;
    for (let i = from; i < to; i++) {
      characters.push(text.charAt(i));
      offsets.push(at(i));
    }
  };
  let quote = '';
  for (let i = 0; i < text.length; ) {
    const char = text.charAt(i);
    if (char === '#' && inShell && !open && quote === '') {
      const end = text.indexOf('\n', i);
      i = end < 0 ? text.length : end;
      continue;
    }
    const variable = variableEnd(text, i);
    if (variable > i) {
      add(i, variable);
      i = variable;
      continue;
    }
    if (char === quote || (quote === '' && (char === '"' || char === "'"))) {
      quote = quote === '' ? char : '';
      // The word ends before the quote that closes it.
      if (quote === '' && /^(?:\s|$)/.test(text.charAt(i + 1))) endWord(i);
      else open = true;
    } else if (char === '\\' && quote !== "'" && i + 1 < text.length) {
      if (!/[\r\n]/.test(text.charAt(i + 1))) add(i + 1, i + 2);
      i++;
    } else if (quote === '' && (/\s/.test(char) || (inShell && /[;|&()]/.test(char)))) {
      endWord(i);
      if (inShell && /[\n;|&()]/.test(char)) lines.push([]);
    } else add(i, i + 1);
    i++;
  }
  endWord(text.length);
  return lines.filter((line) => line.length > 0);
}

/** Where a variable `${…}` or a substitution `$(…)` that starts here ends; `at` itself where none does. */
function variableEnd(text: string, at: number): number {
  const open = text.charAt(at + 1);
  if (text.charAt(at) !== '$' || (open !== '{' && open !== '(')) return at;
  const close = open === '{' ? '}' : ')';
  let depth = 0;
  for (let i = at + 1; i < text.length; i++) {
    if (text.charAt(i) === open) depth++;
    else if (text.charAt(i) === close && --depth === 0) return i + 1;
  }
  return at;
}

function placed(
  text: string,
  offset: (index: number) => number,
  scalar: YamlScalar,
  inShell: boolean,
): PlacedWord {
  return {
    text,
    scalar,
    inShell,
    span: (from = 0, to = text.length) => {
      const start = offset(from);
      // The end is the one of the last character, so that a quote behind it stays out.
      return { start, end: to > from ? offset(to - 1) + 1 : start };
    },
  };
}
