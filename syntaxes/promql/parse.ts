import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { Problem, Span } from '../document.ts';
import type { Embedded } from '../yaml/embedded.ts';
import { checkPromql } from './check.ts';
import { syntaxProblem } from './errors.ts';
import { isClosed, numberValue, unquote } from './literals.ts';
import type {
  MatchOp,
  Promql,
  PromqlBinary,
  PromqlDuration,
  PromqlExpr,
  PromqlGrouping,
  PromqlMatcher,
  PromqlMatching,
  PromqlModified,
} from './tree.ts';

/** Longer expressions are not read: a parser is no place to spend a second. */
const MAX_LENGTH = 100_000;

/** How deep an expression may nest, so that no walk over the tree can overflow the stack. */
const MAX_DEPTH = 200;

/** Reads an expression that stands in a file. Never throws; with a syntax problem the tree is a guess or absent. */
export function parsePromql(embedded: Embedded): Promql {
  const { text } = embedded;
  if (text.length > MAX_LENGTH) return { text, root: undefined, problems: [] };
  const tree = parser.parse(readableByLezer(text));
  const reader = new Reader(embedded);
  const first = firstError(tree);
  const depth = depthOf(tree);
  if (depth > MAX_DEPTH) return { text, root: undefined, problems: [] };
  const node = tree.topNode.getChild('Expr');
  const root = node ? reader.expr(node) : undefined;
  if (first) return { text, root, problems: [syntaxProblem(embedded, first)] };
  if (!root || reader.problems.length > 0) return { text, root, problems: reader.problems };
  return { text, root, problems: checkPromql(root) };
}

/**
 * What Prometheus reads and the grammar does not know, replaced by something of the same length that it does: `5.`, a metric
 * called `offset`, and functions of other versions. The tree takes all text from the original.
 */
function readableByLezer(text: string): string {
  return text
    .replace(/(?<![\w.:])(\d+)\.(?![\w.])/g, (_, digits: string) => `0${digits}`)
    .replace(/(^|[(,+\-*/%^<>=]\s*)offset(?=\s*[{[])/gi, (_, before: string) => `${before}metric`)
    .replace(/\bholt_winters(?=\s*\()/g, 'day_of_month')
    .replace(/\bintegral(?=\s*\()/g, 'increase');
}

function firstError(tree: Tree): { from: number; to: number } | undefined {
  const cursor = tree.cursor();
  do {
    if (cursor.type.isError) return { from: cursor.from, to: cursor.to };
  } while (cursor.next());
  return undefined;
}

function depthOf(tree: Tree): number {
  let depth = 0;
  let deepest = 0;
  tree.iterate({
    enter: () => {
      depth++;
      if (depth > deepest) deepest = depth;
    },
    leave: () => {
      depth--;
    },
  });
  return deepest;
}

/** Turns lezer's nodes, matched by name (their numbers differ between versions), into a typed tree with the file's offsets. */
class Reader {
  readonly problems: Problem[] = [];
  readonly #embedded: Embedded;

  constructor(embedded: Embedded) {
    this.#embedded = embedded;
  }

  /** Undefined for what broken text has left without a shape. */
  expr(node: SyntaxNode): PromqlExpr | undefined {
    const span = this.#span(node);
    switch (node.name) {
      case 'NumberDurationLiteral':
        return { type: 'number', span, value: numberValue(this.#text(node)) };
      case 'StringLiteral':
        return { type: 'string', span, value: this.#string(node) };
      case 'VectorSelector':
        return this.#selector(node);
      case 'ParenExpr':
        return this.#around(node, (expr) => ({ type: 'paren', span, expr }));
      case 'UnaryExpr':
        return this.#around(node, (expr) => ({ type: 'unary', span, op: this.#unaryOp(node), expr }));
      case 'FunctionCall':
        return this.#call(node);
      case 'AggregateExpr':
        return this.#aggregation(node);
      case 'BinaryExpr':
        return this.#binary(node);
      default:
        return this.#postfix(node);
    }
  }

  #around(node: SyntaxNode, make: (inner: PromqlExpr) => PromqlExpr): PromqlExpr | undefined {
    const inner = node.getChild('Expr');
    const expr = inner ? this.expr(inner) : undefined;
    return expr && make(expr);
  }

  #unaryOp(node: SyntaxNode): '+' | '-' {
    const op = node.getChild('UnaryOp');
    return op && this.#text(op) === '+' ? '+' : '-';
  }

  #selector(node: SyntaxNode): PromqlExpr {
    const identifier = node.getChild('Identifier');
    const matchers: PromqlMatcher[] = [];
    const body = node.getChild('LabelMatchers');
    const quoted = body?.getChild('QuotedLabelName');
    for (const kind of ['UnquotedLabelMatcher', 'QuotedLabelMatcher']) {
      for (const matcher of body?.getChildren(kind) ?? []) matchers.push(...this.#matcher(matcher));
    }
    const named = identifier ?? quoted;
    const name = identifier ? this.#text(identifier) : quoted ? this.#stringIn(quoted) : undefined;
    return {
      type: 'selector',
      span: this.#span(node),
      name,
      nameSpan: named ? this.#span(named) : undefined,
      matchers: matchers.sort((a, b) => a.span.start - b.span.start),
    };
  }

  #matcher(node: SyntaxNode): PromqlMatcher[] {
    const label = node.getChild('LabelName');
    const quoted = node.getChild('QuotedLabelName');
    const op = node.getChild('MatchOp');
    const value = node.getChild('StringLiteral');
    if (!op || !value || !(label ?? quoted)) return [];
    return [
      {
        span: this.#span(node),
        label: label ? this.#text(label) : quoted ? this.#stringIn(quoted) : '',
        op: this.#text(op) as MatchOp,
        value: this.#string(value),
        valueSpan: this.#span(value),
      },
    ];
  }

  #call(node: SyntaxNode): PromqlExpr | undefined {
    const name = node.getChild('FunctionIdentifier');
    if (!name) return undefined;
    const args = this.#args(node);
    return { type: 'call', span: this.#span(node), name: this.#text(name), nameSpan: this.#span(name), args };
  }

  #aggregation(node: SyntaxNode): PromqlExpr | undefined {
    const op = node.getChild('AggregateOp');
    if (!op) return undefined;
    return {
      type: 'aggregation',
      span: this.#span(node),
      op: this.#text(op).toLowerCase(),
      opSpan: this.#span(op),
      grouping: this.#grouping(node.getChild('AggregateModifier')),
      args: this.#args(node),
    };
  }

  #grouping(modifier: SyntaxNode | null): PromqlGrouping | undefined {
    const list = modifier?.getChild('GroupingLabels');
    if (!modifier || !list) return undefined;
    return {
      kind: modifier.getChild('By') ? 'by' : 'without',
      labels: this.#labels(list),
      listSpan: this.#span(list),
    };
  }

  #labels(list: SyntaxNode | null | undefined): string[] {
    const labels: string[] = [];
    for (let child = list?.firstChild; child; child = child.nextSibling) {
      if (child.name === 'LabelName') labels.push(this.#text(child));
      if (child.name === 'QuotedLabelName') labels.push(this.#stringIn(child));
    }
    return labels;
  }

  #args(node: SyntaxNode): PromqlExpr[] {
    const body = node.getChild('FunctionCallBody');
    return (body?.getChildren('Expr') ?? []).flatMap((child) => this.expr(child) ?? []);
  }

  #binary(node: SyntaxNode): PromqlExpr | undefined {
    const [left, right] = node.getChildren('Expr').map((child) => this.expr(child));
    const op = left && node.firstChild?.nextSibling;
    if (!left || !right || !op) return left;
    return rebalanced({
      type: 'binary',
      span: this.#span(node),
      op: this.#text(op).toLowerCase(),
      opSpan: this.#span(op),
      bool: node.getChild('BoolModifier') !== null,
      matching: this.#matching(node.getChild('MatchingModifierClause')),
      left,
      right,
    });
  }

  #matching(clause: SyntaxNode | null): PromqlMatching | undefined {
    if (!clause) return undefined;
    const [labels, include] = clause.getChildren('GroupingLabels');
    return {
      kind: clause.getChild('On') ? 'on' : 'ignoring',
      labels: this.#labels(labels),
      group: clause.getChild('GroupLeft') ? 'left' : clause.getChild('GroupRight') ? 'right' : undefined,
      include: this.#labels(include),
    };
  }

  #postfix(node: SyntaxNode): PromqlExpr | undefined {
    const inner = node.getChild('Expr');
    const expr = inner ? this.expr(inner) : undefined;
    const end = this.#span(node).end;
    return (
      expr &&
      wrapLast(expr, end, (operand) => this.#wrapped(node, operand, { start: operand.span.start, end }))
    );
  }

  #wrapped(node: SyntaxNode, expr: PromqlExpr, span: Span): PromqlExpr {
    const durations = node.getChildren('DurationExpr').map((child) => this.#duration(child));
    const [first, second] = durations;
    if (node.name === 'MatrixSelector' && first) return { type: 'matrix', span, expr, range: first };
    if (node.name === 'SubqueryExpr' && first)
      return { type: 'subquery', span, expr, range: first, step: second };
    return { type: 'modified', span, expr, ...this.#modifier(node) };
  }

  #modifier(node: SyntaxNode): Pick<PromqlModified, 'modifier' | 'value' | 'duration'> {
    if (node.name === 'OffsetExpr') {
      const value = node.getChild('OffsetDurationExpr');
      const duration = value ? this.#duration(value) : undefined;
      return { modifier: 'offset', value: duration?.text ?? '', duration };
    }
    if (node.name === 'StepInvariantExpr') {
      const value = node.getChild('NumberDurationLiteral') ?? node.getChild('AtModifierPreprocessors');
      return { modifier: 'at', value: value ? this.#text(value) : '', duration: undefined };
    }
    return {
      modifier: node.name === 'AnchoredExpr' ? 'anchored' : 'smoothed',
      value: '',
      duration: undefined,
    };
  }

  #duration(node: SyntaxNode): PromqlDuration {
    const text = this.#text(node);
    const zero = /[/%]\s*0(?:[smhdwy]|ms)?\s*(?:[)\]]|$)/.test(text);
    if (zero) this.problems.push({ span: this.#span(node), message: 'The duration divides by zero' });
    const isLiteral = /^[+-]?\s*[\w.]+$/.test(text) && /\d/.test(text);
    const seconds = isLiteral ? numberValue(text) : undefined;
    return { span: this.#span(node), text, seconds };
  }

  #stringIn(node: SyntaxNode): string {
    const literal = node.getChild('StringLiteral');
    return literal ? this.#string(literal) : '';
  }

  #string(node: SyntaxNode): string {
    const literal = this.#text(node);
    if (!isClosed(literal)) {
      this.problems.push({ span: this.#span(node), message: 'The string has no closing quote' });
      return '';
    }
    const unquoted = unquote(literal);
    if ('value' in unquoted) return unquoted.value;
    const { badEscape, at } = unquoted;
    this.problems.push({
      span: this.#span({ from: node.from + at, to: node.from + at + badEscape.length }),
      message: `PromQL strings know no escape \`${badEscape}\`; a backslash is written \`\\\\\``,
    });
    return literal.slice(1, -1);
  }

  #text(node: { from: number; to: number }): string {
    return this.#embedded.text.slice(node.from, node.to);
  }

  #span({ from, to }: { from: number; to: number }): Span {
    return { start: this.#embedded.at(from), end: this.#embedded.at(to) };
  }
}

/** From the loosest: https://prometheus.io/docs/prometheus/latest/querying/operators/#binary-operator-precedence. */
const PRECEDENCE: readonly string[] = ['or', 'and unless', '== != > < >= <=', '+ -', '* / % atan2', '^'];

function precedenceOf(op: string): number {
  return PRECEDENCE.findIndex((ops) => ops.split(' ').includes(op));
}

/**
 * To Lezer `a and b offset 5m > 0` is `(a and b) offset 5m`, compared; once the offset is where it belongs, so has the comparison to be:
 * `a and (b offset 5m > 0)`. Parentheses that are written are an expression of their own and stay.
 */
function rebalanced(node: PromqlBinary): PromqlBinary {
  const { left, op, span } = node;
  if (left.type !== 'binary') return node;
  const [outer, inner] = [precedenceOf(left.op), precedenceOf(op)];
  if (inner < outer || (inner === outer && op !== '^')) return node;
  const right = rebalanced({
    ...node,
    left: left.right,
    span: { start: left.right.span.start, end: span.end },
  });
  return { ...left, right, span };
}

/**
 * Lezer binds `a / b offset 5m` as `(a / b) offset 5m`; PromQL binds what follows an operand to that operand alone.
 */
function wrapLast(expr: PromqlExpr, end: number, wrap: (operand: PromqlExpr) => PromqlExpr): PromqlExpr {
  const span = { start: expr.span.start, end };
  if (expr.type === 'binary') return { ...expr, span, right: wrapLast(expr.right, end, wrap) };
  if (expr.type === 'unary') return { ...expr, span, expr: wrapLast(expr.expr, end, wrap) };
  return wrap(expr);
}
