import { interpolate, UNKNOWN } from '../../../syntaxes/compose/interpolate.ts';
import { type ComposeService, scalarAt } from '../../../syntaxes/compose/tree.ts';
import type { Span } from '../../../syntaxes/document.ts';
import { lineEndingOf, lineStartAt } from '../../../syntaxes/lines.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';
import type { Edit, Fix } from '../../core/rule.ts';
import { doubleQuoted, endOfNode, setScalar } from '../../core/yaml-edits.ts';
import { fixOf } from './fixes.ts';
import {
  type HealthTest,
  hasVariable,
  healthTestOf,
  isOperator,
  milliseconds,
  shellLine,
  type TestWord,
} from './health-test.ts';

/** Something in a healthcheck that Docker reads in another way than it was meant. */
export interface HealthMistake {
  readonly key: 'test' | 'timeout';
  readonly span: Span;
  /** What the healthcheck does, without a full stop. */
  readonly message: string;
  readonly fix?: () => Fix | undefined;
}

const SHELL = /^(?:.*\/)?(?:ba|da|a|z|k)?sh$|^(?:busybox|env|powershell(?:\.exe)?|pwsh|cmd(?:\.exe)?)$/i;

/** What is wrong with the healthcheck of a service: of its test the first mistake, and a timeout that is too long. */
export function healthMistakes(text: string, service: ComposeService): readonly HealthMistake[] {
  const test = healthTestOf(service);
  const wrong = test && (test.form === 'text' ? mistakeOfText(test.word) : mistakeOfList(text, test));
  return [wrong, slowTimeout(service)].filter((mistake) => mistake !== undefined);
}

function mistakeOfText({ scalar, text }: TestWord): HealthMistake | undefined {
  const at = { key: 'test' as const, span: scalar.span };
  if (text.trim() === '') return { ...at, message: 'is empty, so it says nothing about the service' };
  if (/^\s*\[\s*["'](?:CMD|CMD-SHELL|NONE)["']\s*[,\]]/.test(text)) {
    const edit = scalar.value.includes('\n') ? undefined : { span: scalar.span, text: scalar.value.trim() };
    return {
      ...at,
      message: 'is a list in quotes, which a shell takes for a command and fails',
      fix: () => effective('Write the test as a list', edit),
    };
  }
  const prefix = /^(?:CMD|CMD-SHELL)\s+/.exec(scalar.value)?.[0];
  if (prefix === undefined) return undefined;
  return {
    ...at,
    message: `runs a program named \`${prefix.trim()}\`, which does not exist: the word belongs into a list`,
    fix: () => effective(`Delete ${prefix.trim()}`, setScalar(scalar, scalar.value.slice(prefix.length))),
  };
}

type ListTest = Extract<HealthTest, { form: 'list' }>;

function mistakeOfList(text: string, test: ListTest): HealthMistake | undefined {
  const [first, ...rest] = test.words;
  const at = { key: 'test' as const, span: first?.scalar.span ?? test.list.node.span };
  if (first?.text.includes(UNKNOWN)) return undefined;
  if (first?.text === 'NONE') return undefined;
  if (!first || (/^CMD(?:-SHELL)?$/.test(first.text) && rest.every((word) => word.text.trim() === '')))
    return { ...at, message: 'is empty, so it says nothing about the service' };
  if (first.text === 'CMD') return mistakeOfProgram(text, test);
  if (first.text !== 'CMD-SHELL') return mistakeOfFirst(text, test, first);
  if (rest.length < 2) return undefined;
  return {
    ...at,
    message: `runs \`${rest[0]?.scalar.value.slice(0, 30) ?? ''}\` without the words behind it: CMD-SHELL takes one text`,
    fix: () =>
      effective('Join the words', joined(text, test, rest.map((word) => word.scalar.value).join(' '))),
  };
}

function mistakeOfFirst(text: string, { list }: ListTest, first: TestWord): HealthMistake {
  const { scalar } = first;
  const message = 'does not begin with `CMD` or `CMD-SHELL`, so Docker never runs it';
  const at = { key: 'test' as const, span: scalar.span, message };
  const upper = scalar.value.trim().toUpperCase();
  if (/^(?:CMD|CMD-SHELL|NONE)$/.test(upper))
    return { ...at, fix: () => effective(`Write ${upper}`, setScalar(scalar, upper)) };
  const isLine = list.items.length === 1 && /\s/.test(scalar.value.trim());
  if (!isLine && list.items.some(({ value }) => value?.type === 'scalar' && /[|&;]/.test(value.node.value)))
    return at;
  const word = isLine ? 'CMD-SHELL' : 'CMD';
  return { ...at, fix: () => effective(`Put ${word} in front`, inserted(text, list, scalar, word)) };
}

/** Options whose value is code in another language. */
const CODE = /^(?:-[a-zA-Z]*[cer]|--(?:eval|execute|command|exec))$/;

/** A program that is started without a shell. */
function mistakeOfProgram(text: string, test: ListTest): HealthMistake | undefined {
  const [first, program, ...rest] = test.words;
  // `timeout 5 sh -c …` has its shell further on.
  if (!first || !program || test.words.slice(1).some((word) => SHELL.test(word.text))) return undefined;
  const key = 'test' as const;
  const isLine = rest.length === 0 && /^[^\s/\\]\S*\s+\S/.test(program.text.trim());
  if (isLine || /^\/\S+\s+(?:-|http)/.test(program.text)) {
    return {
      key,
      span: program.scalar.span,
      message: 'runs a program with blanks in its name, which does not exist: `CMD` takes one word each',
      ...(rest.length === 0 && {
        fix: () => effective('Use CMD-SHELL', setScalar(first.scalar, 'CMD-SHELL')),
      }),
    };
  }
  const culprit =
    program.text === 'exit'
      ? program
      : rest.find(
          (word, at) => !CODE.test(rest[at - 1]?.text ?? '') && (isOperator(word) || hasVariable(word)),
        );
  if (!culprit) return undefined;
  const sign = /\$\$?\{?\w+\}?|\|\|?|&&|;|[12&]?>+\S*/.exec(culprit.scalar.value)?.[0] ?? culprit.text;
  return {
    key,
    span: culprit.scalar.span,
    message: `has no shell that understands \`${sign}\`: \`CMD\` hands it on as it is written`,
    fix: () => effective('Use CMD-SHELL', joined(text, test, shellLine([program, ...rest]), 'CMD-SHELL')),
  };
}

/** All words behind the first one as one text. */
function joined(
  text: string,
  { list, words }: ListTest,
  line: string | undefined,
  head?: string,
): readonly (Edit | undefined)[] | undefined {
  const [first, second] = words;
  const last = list.items.at(-1);
  if (!first || !second || !last || line === undefined) return undefined;
  const span = { start: second.scalar.span.start, end: endOfNode(text, last.node) };
  // A comment between the items would be lost, and items of several lists do not stand in a row.
  const isOne = span.start > 0 && list.items.every((item) => item.seq === list.node);
  if (!isOne || /(?:^|\s)#/m.test(text.slice(span.start, span.end))) return undefined;
  const edit = { span, text: doubleQuoted(line) };
  return head === undefined ? [edit] : [setScalar(first.scalar, head), edit];
}

function inserted(text: string, list: ListTest['list'], first: YamlScalar, word: string): Edit | undefined {
  const { start } = first.span;
  if (start < 0 || first.style === 'literal' || first.style === 'folded') return undefined;
  const at = { start, end: start };
  if (list.node.flow) return { span: at, text: first.style === 'plain' ? `${word}, ` : `"${word}", ` };
  // The new word takes the dash of the first item, which gets one of its own in the same column.
  const lead = text.slice(lineStartAt(text, start), start);
  return /^ *- +$/.test(lead) ? { span: at, text: `${word}${lineEndingOf(text)}${lead}` } : undefined;
}

function slowTimeout(service: ComposeService): HealthMistake | undefined {
  const timeout = scalarAt(service.effective, 'healthcheck', 'timeout');
  const interval = scalarAt(service.effective, 'healthcheck', 'interval');
  if (!timeout || !interval) return undefined;
  const longest = milliseconds(interpolate(timeout.value).text);
  const pause = milliseconds(interpolate(interval.value).text);
  if (longest === undefined || pause === undefined || longest <= pause) return undefined;
  const isWritten = !timeout.value.includes('$') && !interval.value.includes('$');
  return {
    key: 'timeout',
    span: timeout.span,
    message: `waits ${timeout.value} for an answer, longer than the interval: a hang is noticed late`,
    fix: () =>
      fixOf(isWritten ? setScalar(timeout, interval.value) : undefined, {
        title: `Set timeout to ${interval.value}`,
        safety: 'review',
        risk: 'A check that takes longer than this counts as failed.',
      }),
  };
}

function effective(title: string, edits: Edit | readonly (Edit | undefined)[] | undefined): Fix | undefined {
  return fixOf(edits, {
    title,
    safety: 'review',
    risk: 'The check takes effect for the first time: services that wait for it wait, and it may fail.',
  });
}
