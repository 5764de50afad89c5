import type { Problem, Span } from '../document.ts';
import { MAX_DURATION_SECONDS } from './durations.ts';
import { aggregationParameter, signatureOf, type ValueType } from './functions.ts';
import {
  COMPARISONS,
  type PromqlAggregation,
  type PromqlBinary,
  type PromqlCall,
  type PromqlDuration,
  type PromqlExpr,
  type PromqlMatcher,
  type PromqlMatrix,
  type PromqlModified,
  type PromqlSelector,
  type PromqlSubquery,
  type PromqlUnary,
} from './tree.ts';

const TYPE_NAMES: Readonly<Record<ValueType, string>> = {
  scalar: 'a number',
  vector: 'an instant vector',
  matrix: 'a range vector',
  string: 'a string',
};

/** What Prometheus refuses although it follows the grammar: types, counts of arguments, misplaced modifiers, empty selectors. */
export function checkPromql(root: PromqlExpr): readonly Problem[] {
  const problems: Problem[] = [];
  typeOf(root, (span, message) => problems.push({ span, message }));
  return problems;
}

type Say = (span: Span, message: string) => void;

/** The type of an expression, after its checks. Where it is broken, the type is what it was meant to be. */
function typeOf(expr: PromqlExpr, say: Say): ValueType {
  switch (expr.type) {
    case 'number':
      return checkNumber(expr.value, expr.span, say);
    case 'string':
      return 'string';
    case 'selector':
      return checkSelector(expr, say);
    case 'paren':
      return typeOf(expr.expr, say);
    case 'unary':
      return checkUnary(expr, say);
    case 'matrix':
      return checkMatrix(expr, say);
    case 'subquery':
      return checkSubquery(expr, say);
    case 'modified':
      return checkModified(expr, say);
    case 'call':
      return checkCall(expr, say);
    case 'aggregation':
      return checkAggregation(expr, say);
    case 'binary':
      return checkBinary(expr, say);
  }
}

function checkNumber(value: number, span: Span, say: Say): 'scalar' {
  // `Inf` is three letters; digits that overflow are many more.
  if (!Number.isFinite(value) && !Number.isNaN(value) && span.end - span.start > 4) {
    say(span, 'The number is too large');
  }
  return 'scalar';
}

function checkSelector(selector: PromqlSelector, say: Say): 'vector' {
  const { name, matchers } = selector;
  const named = matchers.find((matcher) => matcher.label === '__name__');
  const beforeBraces = selector.nameSpan?.start === selector.span.start;
  if (name !== undefined && named && beforeBraces) {
    say(named.span, `The metric's name stands twice: \`${name.slice(0, 80)}\` and in \`__name__\``);
  } else if (name === undefined && matchers.every(matchesEmpty)) {
    say(selector.span, 'The selector needs a name or a matcher that does not match an empty label');
  }
  return 'vector';
}

/** Whether a series without the label matches. */
function matchesEmpty({ op, value }: PromqlMatcher): boolean {
  if (op === '=') return value === '';
  if (op === '!=') return value !== '';
  const matches = regexMatchesEmpty(value);
  return matches === undefined ? false : matches === (op === '=~');
}

function regexMatchesEmpty(pattern: string): boolean | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, 's').test('');
  } catch {
    return undefined; // RE2 has syntax that JavaScript has not; such a pattern is taken to match something
  }
}

function checkUnary(unary: PromqlUnary, say: Say): ValueType {
  const type = typeOf(unary.expr, say);
  if (type === 'scalar' || type === 'vector') return type;
  say(
    unary.span,
    `\`${unary.op}\` stands before ${TYPE_NAMES[type]}; it works on numbers and instant vectors only`,
  );
  return 'vector';
}

function checkMatrix(matrix: PromqlMatrix, say: Say): 'matrix' {
  const { expr } = matrix;
  if (expr.type === 'modified') {
    say(expr.span, `\`${expr.modifier === 'at' ? '@' : expr.modifier}\` has to stand behind the range`);
  } else if (expr.type !== 'selector') {
    say(matrix.span, 'A range needs a plain selector before it; for anything else write a subquery, `[5m:]`');
  }
  typeOf(expr, say);
  checkPositive(matrix.range, say);
  return 'matrix';
}

function checkSubquery(subquery: PromqlSubquery, say: Say): 'matrix' {
  const type = typeOf(subquery.expr, say);
  if (type !== 'vector')
    say(subquery.span, `A subquery needs an instant vector before it, not ${TYPE_NAMES[type]}`);
  checkPositive(subquery.range, say);
  if (subquery.step) checkPositive(subquery.step, say);
  return 'matrix';
}

function checkPositive(duration: PromqlDuration, say: Say): void {
  checkDuration(duration, say);
  if (duration.seconds !== undefined && duration.seconds <= 0)
    say(duration.span, 'The duration has to be more than 0');
}

function checkDuration({ span, text, seconds }: PromqlDuration, say: Say): void {
  if (seconds === undefined) return;
  if (Number.isNaN(seconds))
    say(span, `\`${text}\` is not a duration; units go from large to small, as in \`1h30m\``);
  else if (Math.abs(seconds) > MAX_DURATION_SECONDS) say(span, 'The duration is too large');
}

function checkModified(modified: PromqlModified, say: Say): ValueType {
  const type = typeOf(modified.expr, say);
  const { modifier, duration } = modified;
  const target = modifiedTarget(modified);
  if (target.type !== 'selector' && target.type !== 'matrix' && target.type !== 'subquery') {
    const sign = modifier === 'at' ? '@' : modifier;
    say(
      modified.span,
      `\`${sign}\` works on a selector, a range or a subquery only, not on the result of a function or operation`,
    );
  }
  if (isRepeated(modified)) say(modified.span, `\`${modifier === 'at' ? '@' : modifier}\` is set twice`);
  if (duration) checkDuration(duration, say);
  if (modifier === 'at' && /inf|nan/i.test(modified.value))
    say(modified.span, `\`${modified.value}\` is not a time`);
  return type;
}

function modifiedTarget(modified: PromqlModified): PromqlExpr {
  let target = modified.expr;
  while (target.type === 'modified') target = target.expr;
  return target;
}

function isRepeated(modified: PromqlModified): boolean {
  for (let inner = modified.expr; inner.type === 'modified'; inner = inner.expr) {
    if (inner.modifier === modified.modifier) return true;
  }
  return false;
}

function checkCall(call: PromqlCall, say: Say): ValueType {
  const signature = signatureOf(call.name);
  if (!signature) {
    say(call.nameSpan, `\`${call.name}\` is not a PromQL function`);
    return 'vector';
  }
  const { args, min, max, returns } = signature;
  const count = call.args.length;
  if (count < min || count > max) {
    const wanted =
      count < min ? (min === max ? min : `at least ${min}`) : min === max ? max : `at most ${max}`;
    say(call.span, `\`${call.name}\` takes ${wanted} argument${wanted === 1 ? '' : 's'}, not ${count}`);
  }
  call.args.forEach((arg, index) => {
    const wanted = args[Math.min(index, args.length - 1)];
    const type = typeOf(arg, say);
    if (wanted === undefined || type === wanted) return;
    say(
      arg.span,
      `\`${call.name}\` wants ${TYPE_NAMES[wanted]} here, not ${TYPE_NAMES[type]}${rangeHint(wanted, type)}`,
    );
  });
  if (call.name === 'info') checkInfoSelector(call.args[1], say);
  return returns;
}

function rangeHint(wanted: ValueType, type: ValueType): string {
  return wanted === 'matrix' && type === 'vector' ? ': add a range such as `[5m]`' : '';
}

function checkInfoSelector(arg: PromqlExpr | undefined, say: Say): void {
  if (!arg) return;
  if (arg.type !== 'selector' || arg.nameSpan?.start === arg.span.start) {
    say(arg.span, '`info` wants label matchers alone as its second argument');
  }
}

function checkAggregation(aggregation: PromqlAggregation, say: Say): 'vector' {
  const { op, args } = aggregation;
  const parameter = aggregationParameter(op);
  const wanted = parameter ? 2 : 1;
  const types = args.map((arg) => typeOf(arg, say));
  if (args.length !== wanted) {
    say(aggregation.span, `\`${op}\` takes ${wanted} argument${wanted === 1 ? '' : 's'}, not ${args.length}`);
    return 'vector';
  }
  const expected: readonly ValueType[] = parameter ? [parameter, 'vector'] : ['vector'];
  args.forEach((arg, index) => {
    const type = types[index];
    const needed = expected[index];
    if (type && needed && type !== needed)
      say(arg.span, `\`${op}\` wants ${TYPE_NAMES[needed]} here, not ${TYPE_NAMES[type]}`);
  });
  return 'vector';
}

function checkBinary(binary: PromqlBinary, say: Say): ValueType {
  const { op, opSpan, matching } = binary;
  const left = typeOf(binary.left, say);
  const right = typeOf(binary.right, say);
  const isSet = op === 'and' || op === 'or' || op === 'unless';
  const operand = [left, right].find((type) => type === 'matrix' || type === 'string');
  if (operand) {
    say(opSpan, `\`${op}\` works on numbers and instant vectors, not on ${TYPE_NAMES[operand]}`);
    return 'vector';
  }
  const scalars = left === 'scalar' && right === 'scalar';
  const vectors = left === 'vector' && right === 'vector';
  if (isSet && !vectors) say(opSpan, `\`${op}\` works on two vectors only, not on numbers`);
  else if (binary.bool && !COMPARISONS.has(op)) say(opSpan, '`bool` goes with comparisons only');
  else if (COMPARISONS.has(op) && scalars && !binary.bool)
    say(opSpan, 'A comparison of two numbers needs `bool`');
  else if (matching && matching.labels.length > 0 && !vectors)
    say(opSpan, `\`${matching.kind}\` goes between two vectors only`);
  else if (isSet && matching?.group)
    say(opSpan, `\`${op}\` matches many to many and takes no \`group_${matching.group}\``);
  const both =
    matching?.kind === 'on' ? matching.include.find((label) => matching.labels.includes(label)) : undefined;
  if (both !== undefined)
    say(opSpan, `The label \`${both}\` stands both in \`on\` and in \`group_${matching?.group}\``);
  return scalars ? 'scalar' : 'vector';
}
