import type { TSESTree } from '@typescript-eslint/types';
import { functionName, type PathEvidence, pathEvidence, pathRead } from './file-reads.ts';
import { calleeName, isCast, isFunction, type Program, propertyName } from './program.ts';
import type { YamlBindings, YamlFunction } from './yaml-bindings.ts';

/** A call that loads an application's settings from a YAML file. */
export interface ConfigLoad {
  readonly call: TSESTree.CallExpression;
  readonly yaml: YamlFunction;
  /** The call with everything that only changes its type around it, and with the call that takes the content out of a document. */
  readonly value: TSESTree.Expression;
  readonly path: PathEvidence;
  /** What the load is called after: the function or the variable that holds it. */
  readonly name: string;
}

/** How much must speak for settings. Each sign counts 1 or 2. */
const ENOUGH = 2;

const CONFIG_FILE =
  /(?:^|[\\/_.-])(?:config|conf|configuration|settings|application|app|appconfig)(?:[-_.][\w-]+)*\.ya?ml$/i;
const CONFIG_FOLDER_FILE =
  /(?:^|[\\/])(?:config|configs|conf|settings|\.config)[\\/](?:[\w.-]+[\\/])?[\w.-]+\.ya?ml$/i;
const TOOL_FILE = /(?:^|[\\/])\.(?!config\b)[\w-]+(?:[\\/.][\w.\\/-]*)?\.ya?ml$/i;
const MANY_FILES =
  /^(?:readdir|readdirSync|glob|globSync|globby|globbySync|fastGlob|fg|walk|walkSync|walkDir)$/;
const CONFIG_WORD = /config|settings|cfg|(?:^|[a-z])conf(?:$|[A-Z_])|^conf/i;
const CONFIG_TYPE = /\b\w*(?:Config|Configuration|Settings)\b/;

/** What other YAML is about, as words in paths and names. */
const OTHER_YAML: ReadonlySet<string> = new Set(
  (
    'swagger openapi asyncapi i18n locale locales lang language languages translation translations template templates schema schemas definition ' +
    'definitions registration rule rules ruleset dashboard dashboards workflow workflows compose chart charts manifest manifests playbook ' +
    'playbooks dataset datasets train training example examples sample samples fixture fixtures mock mocks test tests spec specs eslint prettier ' +
    'lint linter stylelint pnpm lerna mkdocs frontmatter front matter kube kubernetes k8s helm kustomization ci pipeline pipelines github gitlab ' +
    'circleci action actions tsconfig package theme themes nav navigation menu prompt prompts docs seed seeds migration migrations inventory ' +
    'release changelog glossary scenario scenarios dependabot renovate docker dockerfile storybook codegen generator component components plugin plugins addon addons meta cms decap'
  ).split(' '),
);

/** All loads of settings in a file, in the order of the text. */
export function configLoads(
  program: Program,
  bindings: YamlBindings,
  fileName: string,
): readonly ConfigLoad[] {
  return program.nodes.flatMap((node) => {
    if (node.type !== 'CallExpression') return [];
    const yaml = bindings.functionOf(node);
    const load = yaml && loadOf(program, node, yaml);
    return load && isAboutSettings(program, load, fileName) ? [load] : [];
  });
}

function loadOf(program: Program, call: TSESTree.CallExpression, yaml: YamlFunction): ConfigLoad | undefined {
  const [argument] = call.arguments;
  if (!argument) return undefined;
  const path = yaml.takes === 'path' ? argument : pathRead(program, argument);
  if (!path) return undefined;
  const value = contentOf(program, call, yaml.givesDocument);
  const name = enclosingFunction(program, call) ?? targetName(program, value) ?? 'module';
  return { call, yaml, value, path: pathEvidence(program, path), name };
}

/** Climbs out of `await`, casts and the call that gives a document's content. */
function contentOf(
  program: Program,
  call: TSESTree.CallExpression,
  isDocument: boolean,
): TSESTree.Expression {
  let value: TSESTree.Expression = (isDocument && contentOfVariable(program, call)) || call;
  for (let parent = program.parent(value); parent; parent = program.parent(value)) {
    if (isCast(parent) || parent.type === 'AwaitExpression') value = parent;
    else if (
      isDocument &&
      parent.type === 'MemberExpression' &&
      /^to(?:JS|JSON)$/.test(propertyName(parent) ?? '')
    )
      value = parent;
    else if (isDocument && parent.type === 'CallExpression' && parent.callee === value && value !== call)
      value = parent;
    else return value;
  }
  return value;
}

/** `const doc = parseDocument(text)`, and further down `doc.toJS()`, where that stands once. */
function contentOfVariable(
  program: Program,
  call: TSESTree.CallExpression,
): TSESTree.CallExpression | undefined {
  const variable = program.parent(call);
  if (variable?.type !== 'VariableDeclarator') return undefined;
  const contents = program.nodes.filter(
    (node): node is TSESTree.CallExpression =>
      node.type === 'CallExpression' &&
      node.callee.type === 'MemberExpression' &&
      node.callee.object.type === 'Identifier' &&
      /^to(?:JS|JSON)$/.test(propertyName(node.callee) ?? '') &&
      program.resolve(node.callee.object)?.id === variable.id,
  );
  return contents.length === 1 ? contents[0] : undefined;
}

function isAboutSettings(program: Program, load: ConfigLoad, fileName: string): boolean {
  const { literals, names } = load.path;
  const target = targetName(program, load.value) ?? '';
  const enclosing = enclosingFunction(program, load.call) ?? '';
  if ([...literals, ...names, target, enclosing].some(isOtherYaml)) return false;
  // A tool keeps the settings of a project in a file whose name starts with a dot, and looks through folders for many files.
  if (literals.some((literal) => TOOL_FILE.test(literal)) || names.some((name) => MANY_FILES.test(name)))
    return false;
  const signs = [
    literals.some((literal) => CONFIG_FILE.test(literal) || CONFIG_FOLDER_FILE.test(literal)) ? 2 : 0,
    CONFIG_WORD.test(enclosing) ? 2 : 0,
    CONFIG_WORD.test(target) ? 1 : 0,
    typesOf(program, load).some((type) => CONFIG_TYPE.test(type)) ? 1 : 0,
    CONFIG_WORD.test(enclosingClass(program, load.call) ?? '') ? 1 : 0,
    CONFIG_WORD.test(fileName) ? 1 : 0,
    names.some((name) => CONFIG_WORD.test(name)) ? 1 : 0,
  ];
  return signs.reduce<number>((sum, sign) => sum + sign, 0) >= ENOUGH;
}

function isOtherYaml(text: string): boolean {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .some((word) => OTHER_YAML.has(word));
}

/** The variable, property or key that a value goes to, also through a call that checks it (`schema.parse(…)`). */
function targetName(program: Program, value: TSESTree.Expression): string | undefined {
  let child: TSESTree.Node = value;
  for (const parent of program.ancestors(value)) {
    if (parent.type === 'VariableDeclarator')
      return parent.id.type === 'Identifier' ? parent.id.name : undefined;
    if (parent.type === 'AssignmentExpression' && parent.right === child)
      return lastName(program.textOf(parent.left));
    if (parent.type === 'PropertyDefinition' || parent.type === 'Property')
      return lastName(program.textOf(parent.key));
    if (isFunction(parent) || parent.type.endsWith('Statement')) return undefined;
    child = parent;
  }
  return undefined;
}

function typesOf(program: Program, { call, value }: ConfigLoad): readonly string[] {
  const types: string[] = [];
  for (const node of [value, ...program.ancestors(value)]) {
    if (isCast(node)) types.push(program.textOf(node).replace(program.textOf(call), ''));
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.id.typeAnnotation)
      types.push(program.textOf(node.id.typeAnnotation));
    if (node.type === 'PropertyDefinition' && node.typeAnnotation)
      types.push(program.textOf(node.typeAnnotation));
    if (isFunction(node)) {
      if (node.returnType) types.push(program.textOf(node.returnType));
      return types;
    }
  }
  return types;
}

/** The nearest function with a name; a callback belongs to the function around it. */
function enclosingFunction(program: Program, node: TSESTree.Node): string | undefined {
  for (const ancestor of program.ancestors(node)) {
    const name = isFunction(ancestor) ? functionName(program, ancestor) : undefined;
    if (name !== undefined) return name;
  }
  return undefined;
}

function enclosingClass(program: Program, node: TSESTree.Node): string | undefined {
  for (const ancestor of program.ancestors(node)) {
    if (ancestor.type === 'ClassDeclaration' || ancestor.type === 'ClassExpression') return ancestor.id?.name;
  }
  return undefined;
}

/** Whether the file writes YAML back and gives nothing to others: a tool that edits a file. */
export function isEditorOfYaml(program: Program): boolean {
  const writes = program.nodes.some(
    (node) =>
      node.type === 'CallExpression' &&
      /^(?:dump|safeDump|stringify|stringifyYAML)$/.test(calleeName(node) ?? '') &&
      /yaml/i.test(program.textOf(node.callee)),
  );
  return writes && !/^\s*export\b|\bmodule\.exports\b|\bexports\.\w/m.test(program.text);
}

function lastName(text: string): string | undefined {
  return /[\w$]+$/.exec(text)?.[0];
}
