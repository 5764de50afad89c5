import { interpolate, UNKNOWN } from '../../../syntaxes/compose/interpolate.ts';
import { type ComposeService, type EffectiveSeq, lookup } from '../../../syntaxes/compose/tree.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';

/** A word of a healthcheck's test. */
export interface TestWord {
  readonly scalar: YamlScalar;
  /** With variables put in and `UNKNOWN` for unknown parts. */
  readonly text: string;
}

/** The `test` of a healthcheck. https://docs.docker.com/reference/compose-file/services/#healthcheck */
export type HealthTest =
  | { readonly form: 'text'; readonly word: TestWord }
  | { readonly form: 'list'; readonly list: EffectiveSeq; readonly words: readonly TestWord[] };

/** Undefined where there is no test, or where it is something else than a text or a list of texts. */
export function healthTestOf(service: ComposeService): HealthTest | undefined {
  const value = lookup(service.effective, 'healthcheck', 'test')?.value;
  if (value?.type === 'scalar') return { form: 'text', word: wordOf(value.node) };
  if (value?.type !== 'seq') return undefined;
  const words = value.items.flatMap((item) =>
    item.value?.type === 'scalar' ? [wordOf(item.value.node)] : [],
  );
  return words.length === value.items.length ? { form: 'list', list: value, words } : undefined;
}

/**
 * The command line that a test comes to, the words of a list joined by spaces. Undefined where there is none: it is switched
 * off, or not known whether it is.
 */
export function commandLineOf(test: HealthTest): string | undefined {
  if (test.form === 'text') return test.word.text;
  const [first, ...rest] = test.words;
  if (!first || first.text === 'NONE' || first.text.includes(UNKNOWN)) return undefined;
  const words = /^CMD(?:-SHELL)?$/.test(first.text) ? rest : test.words;
  return words.map((word) => word.text).join(' ');
}

/** What only a shell understands, where it is a word of its own. */
const OPERATOR = /^(?:\|\|?|&&|;|[12&]?>{1,2}|[12]?>&[12]|[12&]?>{1,2}\/dev\/null)$/;
/** The same at the start of a word that goes on (`|| exit 1`), or in one that ends so. */
const OPERATOR_WITHIN = /^(?:\|\|?|&&|;) |\|\| *exit(?: +\d+)?$/;

/** Whether a word of a command without a shell is meant for a shell. */
export function isOperator(word: TestWord): boolean {
  return OPERATOR.test(word.text) || OPERATOR_WITHIN.test(word.text);
}

/** A word that a shell would put a variable of the container in: `$$VAR`, `--password=$${VAR}`. Code has other characters too. */
export function hasVariable(word: TestWord): boolean {
  return /^[\w\-=:@/.,+]*\$(?:[A-Z_][A-Z0-9_]*|\{[A-Z_][A-Z0-9_]*(?::?-[\w.]*)?\})[\w\-=:@/.,+]*$/.test(
    word.text,
  );
}

/** Words of a command as one line for a shell, as they are to be written; undefined where quotes are in the way. */
export function shellLine(words: readonly TestWord[]): string | undefined {
  const parts = words.map((word) => {
    const written = word.scalar.value;
    if (isOperator(word) || /^[\w@%+=:,./-]+$/.test(written)) return written;
    if (hasVariable(word)) return `"${written}"`;
    return written.includes("'") ? undefined : `'${written}'`;
  });
  return parts.includes(undefined) ? undefined : parts.join(' ');
}

/** A duration as Compose reads it, in milliseconds: `1m30s`. Undefined for all else. */
export function milliseconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)) {
    sum += Number(number) * ({ us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit] ?? 0);
  }
  return sum;
}

function wordOf(scalar: YamlScalar): TestWord {
  return { scalar, text: interpolate(scalar.value).pattern };
}
