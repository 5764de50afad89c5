import type { TSESTree } from '@typescript-eslint/types';
import { isSelector } from '../../core/env-names.ts';
import { calleeName, type Program, propertyName, stringOf, unwrap } from './program.ts';

/** Libraries whose purpose is to lay the environment over a configuration, or to read it with a schema. */
const OVERLAY_LIBRARY =
  /^(?:convict|convict-[\w-]+|nconf|rc|config|c12|env-var|envalid|envsafe|envsub|znv|env-schema|@t3-oss\/env-\w+|@adonisjs\/env|zod-config|nest-typed-config|node-config-ts)$/;

/** Functions that fill in or lay over, whoever has written them: `applyEnvironmentOverrides(config)`, `expandEnv(text)`. */
const OVERLAY_CALL =
  /^(?:\w*env(?:ironment)?(?:vars?|variables?)?(?:override|overlay|subst|interpol|expand|resol|replac|merge)\w*|\w*(?:override|overlay|apply|merge|expand|subst|interpol|resolve|replace|inject|with|from|populate|read|parse)\w*env(?:vars?|variables?|ironment\w*)?(?:s|override\w*)?|env(?:subst|override|overlay)\w*)$/i;

const ENVIRONMENT = /^(?:process\.env|globalThis\.process\.env|Bun\.env|Deno\.env|import\.meta\.env)$/;

/** Whether the file itself lays the environment over what it loads. `apart`: expressions that only make the file's path. */
export function usesEnvironment(program: Program, apart: readonly TSESTree.Node[]): boolean {
  return program.nodes.some(
    (node) =>
      isOverlayLibrary(node) ||
      isInterpolation(program, node) ||
      (isRead(program, node) && !apart.some((other) => isInside(node, other))),
  );
}

function isOverlayLibrary(node: TSESTree.Node): boolean {
  if (node.type === 'ImportDeclaration')
    return node.importKind !== 'type' && OVERLAY_LIBRARY.test(node.source.value);
  return (
    node.type === 'CallExpression' &&
    calleeName(node) === 'require' &&
    OVERLAY_LIBRARY.test(stringOf(node.arguments[0]) ?? '')
  );
}

/** `text.replace(/\$\{(\w+)\}/g, …)`, `expandEnv(text)`, a YAML tag `!ENV`, a command with `envsubst` */
function isInterpolation(program: Program, node: TSESTree.Node): boolean {
  if (node.type === 'Literal')
    return typeof node.value === 'string' && /^!env(?:var)?$|\benvsubst\b/i.test(node.value);
  if (node.type !== 'CallExpression') return false;
  const name = calleeName(node) ?? '';
  if (/^replace(?:All)?$/.test(name)) return /\\?\$\\?\{|\$\(|%\(|\{\{/.test(argumentText(program, node));
  return OVERLAY_CALL.test(name) && !/^loadEnvFile$/i.test(name);
}

function argumentText(program: Program, node: TSESTree.CallExpression): string {
  const [first] = node.arguments;
  if (!first) return '';
  const declaration = first.type === 'Identifier' ? program.resolve(first) : undefined;
  return program.textOf(declaration?.init ?? first);
}

function isRead(program: Program, node: TSESTree.Node): boolean {
  if (node.type === 'Identifier') return isEnvironmentObject(program, node);
  if (
    node.type !== 'MemberExpression' ||
    node.range[1] - node.range[0] > 60 ||
    !ENVIRONMENT.test(program.textOf(node).replaceAll(/\s|\?/g, ''))
  )
    return false;
  const parent = program.parent(node);
  if (parent?.type === 'MemberExpression' && parent.object === node) return isMemberRead(program, parent);
  if (parent?.type === 'VariableDeclarator' && parent.id.type === 'ObjectPattern')
    return takesSetting(parent.id);
  if (parent?.type === 'AssignmentExpression' && parent.left === node) return false;
  // `Object.assign(process.env, …)` writes, and so does whoever is told where to write (`processEnv: process.env`).
  const writes =
    parent?.type === 'CallExpression' && calleeName(parent) === 'assign' && parent.arguments[0] === node;
  return !writes;
}

function isMemberRead(program: Program, member: TSESTree.MemberExpression): boolean {
  const parent = program.parent(member);
  if (parent?.type === 'AssignmentExpression' && parent.left === member) return false;
  if (parent?.type === 'UnaryExpression' && parent.operator === 'delete') return false;
  const isGet = parent?.type === 'CallExpression' && /^(?:get|has)$/.test(propertyName(member) ?? '');
  const name = isGet ? stringOf(parent.arguments[0]) : propertyName(member);
  return name === undefined || !isSelector(name);
}

/** `const { PORT, HOST } = process.env` */
function takesSetting(pattern: TSESTree.ObjectPattern): boolean {
  return pattern.properties.some(
    (property) =>
      property.type !== 'Property' || property.key.type !== 'Identifier' || !isSelector(property.key.name),
  );
}

/** `env.PORT` where `env` is a parameter, or comes from `node:process` or another module. */
function isEnvironmentObject(program: Program, name: TSESTree.Identifier): boolean {
  if (!/^(?:env|environ|environment|envs|envVars|ENV)$/.test(name.name)) return false;
  const parent = program.parent(name);
  if (parent?.type !== 'MemberExpression' || parent.object !== name) return false;
  const origin = program.resolve(name)?.init;
  // A variable `env` often holds the name of the stage.
  if (origin && /\b(?:NODE_ENV|APP_ENV|ENV|ENVIRONMENT|STAGE)\b/.test(program.textOf(unwrap(origin))))
    return false;
  return isMemberRead(program, parent);
}

function isInside(node: TSESTree.Node, outer: TSESTree.Node): boolean {
  return outer.range[0] <= node.range[0] && node.range[1] <= outer.range[1];
}
