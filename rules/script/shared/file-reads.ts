import type { TSESTree } from '@typescript-eslint/types';
import {
  calleeName,
  type Declaration,
  type FunctionNode,
  type Program,
  stringOf,
  unwrap,
} from './program.ts';

/** How many declarations a value is followed through. */
const MAX_STEPS = 5;

const READS = /^(?:readFile|readFileSync|readTextFile|readTextFileSync)$/;
/** What a text goes through on its way to the parser. */
const PASSES = /^(?:toString|trim|trimEnd|replace|replaceAll|then|normalize)$/;
const CONVERTS = /^(?:String|decode|stripBom|stripBOM|Buffer)$/;

/** The expression for the path of the file whose text an expression is; undefined where the text does not come from a file. */
export function pathRead(
  program: Program,
  text: TSESTree.Node,
  steps = MAX_STEPS,
): TSESTree.Node | undefined {
  const value = unwrap(text);
  if (steps === 0) return undefined;
  if (value.type === 'Identifier') return pathOfName(program, value, steps);
  if (value.type === 'LogicalExpression')
    return pathRead(program, value.left, steps) ?? pathRead(program, value.right, steps);
  if (value.type === 'ConditionalExpression') {
    return pathRead(program, value.consequent, steps) ?? pathRead(program, value.alternate, steps);
  }
  return value.type === 'CallExpression' ? pathOfCall(program, value, steps) : undefined;
}

function pathOfCall(
  program: Program,
  call: TSESTree.CallExpression,
  steps: number,
): TSESTree.Node | undefined {
  const name = calleeName(call) ?? '';
  const [first] = call.arguments;
  if (READS.test(name)) return first;
  const callee = unwrap(call.callee);
  if (callee.type === 'MemberExpression') {
    const object = unwrap(callee.object);
    // `Bun.file(path).text()`; the text of a response has no path.
    if (name === 'text')
      return object.type === 'CallExpression' && calleeName(object) === 'file'
        ? object.arguments[0]
        : undefined;
    if (PASSES.test(name)) return pathRead(program, object, steps);
  }
  return CONVERTS.test(name) && first ? pathRead(program, first, steps) : undefined;
}

function pathOfName(program: Program, name: TSESTree.Identifier, steps: number): TSESTree.Node | undefined {
  const declaration = program.resolve(name);
  if (!declaration) return undefined;
  if (declaration.init) return pathRead(program, declaration.init, steps - 1);
  return declaration.parameterOf && pathOfCallback(program, declaration.parameterOf, steps - 1);
}

/** `readFile(path, (error, text) => …)` and `readFile(path).then((text) => …)` */
function pathOfCallback(program: Program, callback: FunctionNode, steps: number): TSESTree.Node | undefined {
  const call = program.parent(callback);
  return call?.type === 'CallExpression' && call.callee !== callback
    ? pathOfCall(program, call, steps)
    : undefined;
}

/** What is known of a path without running the program. */
export interface PathEvidence {
  /** Literal parts; those that are joined by a call stand joined too. */
  readonly literals: readonly string[];
  /** Names of variables, properties and functions in the expression. */
  readonly names: readonly string[];
  /** The expressions that the path is made of. */
  readonly nodes: readonly TSESTree.Node[];
}

/** Follows a path expression through declarations, and through parameters to the calls in the same file. */
export function pathEvidence(program: Program, path: TSESTree.Node): PathEvidence {
  const literals: string[] = [];
  const names: string[] = [];
  const nodes: TSESTree.Node[] = [];
  const seen = new Set<TSESTree.Node>();
  const visit = (root: TSESTree.Node, steps: number): void => {
    if (seen.has(root) || steps === 0) return;
    seen.add(root);
    nodes.push(root);
    for (const node of within(program, root)) {
      const text = stringOf(node);
      if (text !== undefined) literals.push(text);
      if (node.type === 'TemplateElement') literals.push(node.value.raw);
      if (node.type === 'CallExpression') literals.push(joined(node));
      // The words of `import.meta` are no names.
      if (node.type !== 'Identifier' || program.parent(node)?.type === 'MetaProperty') continue;
      names.push(node.name);
      for (const origin of originsOf(program, program.resolve(node))) visit(origin, steps - 1);
    }
  };
  visit(path, MAX_STEPS);
  return { literals: literals.filter((literal) => literal !== ''), names, nodes };
}

/** `join(dir, '..', 'config', 'app.yaml')` gives `../config/app.yaml`. */
function joined(call: TSESTree.CallExpression): string {
  if (!/^(?:join|resolve|URL)$/.test(calleeName(call) ?? '')) return '';
  return call.arguments.flatMap((argument) => stringOf(argument) ?? []).join('/');
}

function originsOf(program: Program, declaration: Declaration | undefined): readonly TSESTree.Node[] {
  if (!declaration) return [];
  const { init, parameterOf } = declaration;
  if (!parameterOf) return init ? [init] : [];
  return [
    ...(init ? [init] : []),
    ...listAround(program, parameterOf),
    ...argumentsFor(program, declaration, parameterOf),
  ];
}

/** `files.map((file) => …)`: the parameter is what the list is made of. */
function listAround(program: Program, fn: FunctionNode): readonly TSESTree.Node[] {
  const call = program.parent(fn);
  if (call?.type !== 'CallExpression' || call.callee.type !== 'MemberExpression') return [];
  return /^(?:map|flatMap|forEach|filter|find|reduce)$/.test(calleeName(call) ?? '')
    ? [call.callee.object]
    : [];
}

/** What the file itself passes for a parameter. */
function argumentsFor(program: Program, { name }: Declaration, fn: FunctionNode): readonly TSESTree.Node[] {
  const called = functionName(program, fn);
  const index = fn.params.findIndex((parameter) => parameterName(parameter) === name);
  if (called === undefined || index < 0) return [];
  return program.nodes.flatMap((node) => {
    const argument =
      node.type === 'CallExpression' && calleeName(node) === called ? node.arguments[index] : undefined;
    return argument ? [argument] : [];
  });
}

function parameterName(parameter: TSESTree.Parameter): string | undefined {
  if (parameter.type === 'Identifier') return parameter.name;
  return parameter.type === 'AssignmentPattern' && parameter.left.type === 'Identifier'
    ? parameter.left.name
    : undefined;
}

/** The name that a function is known by: its own, its variable's or its method's. */
export function functionName(program: Program, fn: FunctionNode): string | undefined {
  if (fn.type !== 'ArrowFunctionExpression' && fn.id) return fn.id.name;
  const parent = program.parent(fn);
  if (parent?.type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id.name;
  if (
    parent?.type === 'MethodDefinition' ||
    parent?.type === 'Property' ||
    parent?.type === 'PropertyDefinition'
  ) {
    return parent.key.type === 'Identifier' || parent.key.type === 'PrivateIdentifier'
      ? parent.key.name
      : undefined;
  }
  if (parent?.type === 'AssignmentExpression') return /[\w$]+$/.exec(program.textOf(parent.left))?.[0];
  return undefined;
}

/** A node and everything in it. */
export function* within(program: Program, root: TSESTree.Node): Generator<TSESTree.Node> {
  const start = program.nodes.indexOf(root);
  for (let i = Math.max(start, 0); i < program.nodes.length; i++) {
    const node = program.nodes[i];
    if (!node || node.range[0] >= root.range[1]) return;
    if (node.range[1] <= root.range[1]) yield node;
  }
}
