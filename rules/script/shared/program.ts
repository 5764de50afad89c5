import type { TSESTree } from '@typescript-eslint/types';
import type { Span } from '../../../syntaxes/document.ts';

/*
 * Walking a program and resolving names in it, as far as the rules need it: by name and nesting, without types.
 */

/** What a name stands for at its declaration. */
export interface Declaration {
  readonly name: string;
  /** The function, block or program in which the name is known. */
  readonly scope: Span;
  /** What the name is set to; absent for a parameter and for what is taken apart (`const { a } = b`). */
  readonly init: TSESTree.Expression | undefined;
  /** The function whose parameter it is. */
  readonly parameterOf: FunctionNode | undefined;
  readonly id: TSESTree.Identifier;
}

export type FunctionNode =
  | TSESTree.FunctionDeclaration
  | TSESTree.FunctionExpression
  | TSESTree.ArrowFunctionExpression;

/** A parsed file with everything that is looked up more than once. */
export class Program {
  readonly text: string;
  /** All nodes in the order of the text, a node before what is in it. */
  readonly nodes: readonly TSESTree.Node[];
  readonly #parents = new Map<TSESTree.Node, TSESTree.Node>();
  readonly #declarations = new Map<string, Declaration[]>();

  constructor(text: string, ast: TSESTree.Program) {
    this.text = text;
    this.nodes = this.#collect(ast);
    for (const node of this.nodes) this.#declare(node);
  }

  parent(node: TSESTree.Node): TSESTree.Node | undefined {
    return this.#parents.get(node);
  }

  /** The nodes that hold a node, the innermost first. */
  *ancestors(node: TSESTree.Node): Generator<TSESTree.Node> {
    for (let at = this.parent(node); at; at = this.parent(at)) yield at;
  }

  textOf(node: TSESTree.Node): string {
    return this.text.slice(node.range[0], node.range[1]);
  }

  /** The innermost declaration that a use of a name means; undefined for globals and imports. */
  resolve(identifier: TSESTree.Identifier): Declaration | undefined {
    const at = identifier.range[0];
    const known = this.#declarations.get(identifier.name) ?? [];
    return known
      .filter(({ scope, id }) => scope.start <= at && at < scope.end && id !== identifier)
      .reduce<Declaration | undefined>(
        (best, next) => (!best || size(next.scope) <= size(best.scope) ? next : best),
        undefined,
      );
  }

  #collect(root: TSESTree.Node): TSESTree.Node[] {
    const nodes: TSESTree.Node[] = [];
    const open: TSESTree.Node[] = [root];
    for (let node = open.pop(); node; node = open.pop()) {
      nodes.push(node);
      const children = childrenOf(node);
      for (const child of children) this.#parents.set(child, node);
      for (let i = children.length - 1; i >= 0; i--) open.push(children[i] as TSESTree.Node);
    }
    return nodes;
  }

  #declare(node: TSESTree.Node): void {
    if (node.type === 'VariableDeclarator') this.#declareVariable(node);
    else if (isFunction(node))
      for (const parameter of node.params) this.#declarePattern(parameter, spanOf(node), undefined, node);
    else if (
      node.type === 'AssignmentExpression' &&
      node.operator === '=' &&
      node.left.type === 'Identifier'
    ) {
      const earlier = this.resolve(node.left);
      if (earlier) this.#add({ ...earlier, init: node.right, id: node.left });
    }
  }

  #declareVariable(node: TSESTree.VariableDeclarator): void {
    const list = this.parent(node);
    const loop = list && this.parent(list);
    // `for (const file of files)`: the variable is what the list is made of.
    const each = loop?.type === 'ForOfStatement' && loop.left === list ? loop.right : undefined;
    this.#declarePattern(node.id, this.#scopeOf(node), node.init ?? each, undefined);
  }

  #declarePattern(
    pattern: TSESTree.Node,
    scope: Span,
    init: TSESTree.Expression | undefined,
    parameterOf: FunctionNode | undefined,
  ): void {
    if (pattern.type === 'Identifier') {
      this.#add({ name: pattern.name, scope, init, parameterOf, id: pattern });
    } else if (pattern.type === 'AssignmentPattern') {
      this.#declarePattern(pattern.left, scope, pattern.right, parameterOf);
    } else if (pattern.type === 'ObjectPattern') {
      for (const property of pattern.properties) {
        const value = property.type === 'Property' ? property.value : property.argument;
        this.#declarePattern(value, scope, undefined, parameterOf);
      }
    } else if (pattern.type === 'ArrayPattern') {
      for (const element of pattern.elements)
        if (element) this.#declarePattern(element, scope, undefined, parameterOf);
    } else if (pattern.type === 'TSParameterProperty') {
      this.#declarePattern(pattern.parameter, scope, init, parameterOf);
    } else if (pattern.type === 'RestElement') {
      this.#declarePattern(pattern.argument, scope, undefined, parameterOf);
    }
  }

  #add(declaration: Declaration): void {
    const known = this.#declarations.get(declaration.name);
    if (known) known.push(declaration);
    else this.#declarations.set(declaration.name, [declaration]);
  }

  #scopeOf(node: TSESTree.Node): Span {
    for (const ancestor of this.ancestors(node)) {
      if (ancestor.type === 'BlockStatement' || ancestor.type === 'Program' || isFunction(ancestor))
        return spanOf(ancestor);
    }
    return { start: 0, end: this.text.length };
  }
}

export function spanOf(node: TSESTree.Node): Span {
  return { start: node.range[0], end: node.range[1] };
}

export function isFunction(node: TSESTree.Node): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  );
}

/** An expression without the casts, `await`, `!` and optional chains around it. */
export function unwrap(node: TSESTree.Node): TSESTree.Node {
  let at = node;
  for (;;) {
    if (at.type === 'AwaitExpression') at = at.argument;
    else if (isCast(at) || at.type === 'ChainExpression') at = at.expression;
    else return at;
  }
}

/** `x as T`, `<T>x`, `x!`, `x satisfies T` */
export function isCast(
  node: TSESTree.Node,
): node is
  | TSESTree.TSAsExpression
  | TSESTree.TSTypeAssertion
  | TSESTree.TSNonNullExpression
  | TSESTree.TSSatisfiesExpression {
  return (
    node.type === 'TSAsExpression' ||
    node.type === 'TSTypeAssertion' ||
    node.type === 'TSNonNullExpression' ||
    node.type === 'TSSatisfiesExpression'
  );
}

/** The name of a property that is not computed, also `x['name']`. */
export function propertyName(node: TSESTree.MemberExpression): string | undefined {
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined;
  return node.property.type === 'Literal' && typeof node.property.value === 'string'
    ? node.property.value
    : undefined;
}

/** The last name of what is called: `load` for `yaml.load(…)` and for `load(…)`. */
export function calleeName(node: TSESTree.CallExpression | TSESTree.NewExpression): string | undefined {
  const callee = unwrap(node.callee);
  if (callee.type === 'Identifier') return callee.name;
  return callee.type === 'MemberExpression' ? propertyName(callee) : undefined;
}

/** The text of a string literal, and of a template without anything filled in. */
export function stringOf(node: TSESTree.Node | undefined): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

function childrenOf(node: TSESTree.Node): TSESTree.Node[] {
  const children: TSESTree.Node[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (key === 'parent' || key === 'loc' || key === 'range' || key === 'tokens' || key === 'comments')
      continue;
    if (isNode(value)) children.push(value);
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) children.push(item);
  }
  return children.sort((a, b) => a.range[0] - b.range[0]);
}

function isNode(value: unknown): value is TSESTree.Node {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { type?: unknown }).type === 'string' &&
    'range' in value
  );
}

function size(span: Span): number {
  return span.end - span.start;
}
