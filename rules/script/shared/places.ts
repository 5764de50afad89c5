import type { TSESTree } from '@typescript-eslint/types';
import { functionName } from './file-reads.ts';
import { calleeName, isFunction, type Program } from './program.ts';

/** Where a node is, by the names around it: `createPool.pool.Pool.ssl`. Stable under edits elsewhere in the file. */
export function placeOf(program: Program, node: TSESTree.Node): string {
  const names: string[] = [];
  for (const ancestor of program.ancestors(node)) {
    const name = nameOf(program, ancestor);
    if (name !== undefined && name !== names.at(-1)) names.push(name);
  }
  return names.reverse().join('.');
}

function nameOf(program: Program, node: TSESTree.Node): string | undefined {
  if (isFunction(node)) return functionName(program, node);
  if (node.type === 'ClassDeclaration') return node.id?.name;
  if (node.type === 'CallExpression' || node.type === 'NewExpression') return calleeName(node);
  if (node.type === 'VariableDeclarator') return node.id.type === 'Identifier' ? node.id.name : undefined;
  if (node.type === 'Property' || node.type === 'PropertyDefinition') return shortText(program, node.key);
  return node.type === 'AssignmentExpression' ? shortText(program, node.left) : undefined;
}

function shortText(program: Program, node: TSESTree.Node): string | undefined {
  const text = program.textOf(node);
  return text.length <= 60 ? text : undefined;
}
