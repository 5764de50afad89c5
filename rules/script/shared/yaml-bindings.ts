import type { TSESTree } from '@typescript-eslint/types';
import { type Program, propertyName, stringOf, unwrap } from './program.ts';

/** How a YAML library is called. */
export interface YamlFunction {
  /** What its first argument is: the text of a file, or its path. */
  readonly takes: 'text' | 'path';
  /** How a text is parsed with what the file has bound already; undefined where there is no way. */
  readonly parseText: ((argument: string) => string) | undefined;
  /** It gives a document, whose content comes with a further call (`.toJS()`). */
  readonly givesDocument: boolean;
}

interface Library {
  readonly text: readonly string[];
  readonly path: readonly string[];
  readonly document: readonly string[];
  /** The function that parses a text, where the whole library is bound to one name. */
  readonly parser: string | undefined;
  /** The library is itself a function of a path. */
  readonly callable: boolean;
}

const YAML: Library = {
  text: ['parse'],
  path: [],
  document: ['parseDocument'],
  parser: 'parse',
  callable: false,
};
const JS_YAML: Library = {
  text: ['load', 'safeLoad'],
  path: [],
  document: [],
  parser: 'load',
  callable: false,
};
const FILE_LIBRARY: Library = {
  text: [],
  path: ['default', 'sync', 'readYamlFile', 'readYamlFileSync', 'loadYamlFile', 'loadYamlFileSync'],
  document: [],
  parser: undefined,
  callable: true,
};

const LIBRARIES: Readonly<Record<string, Library>> = {
  'js-yaml': JS_YAML,
  yaml: YAML,
  yamljs: { text: ['parse'], path: ['load'], document: [], parser: 'parse', callable: false },
  confbox: { text: ['parseYAML'], path: [], document: [], parser: 'parseYAML', callable: false },
  'confbox/yaml': { text: ['parseYAML'], path: [], document: [], parser: 'parseYAML', callable: false },
  '@std/yaml': YAML,
  'read-yaml-file': FILE_LIBRARY,
  'load-yaml-file': FILE_LIBRARY,
};

/** A YAML library by its name in quotes; without one a file loads no YAML, and is not worth parsing. */
const LIBRARY_NAME =
  /['"](?:npm:|jsr:)?(?:js-yaml|yaml|yamljs|confbox(?:\/yaml)?|@std\/yaml|read-yaml-file|load-yaml-file)(?:@[^'"\n]*)?['"]|\bBun\.YAML\b/;
const READ_WORD = /\breadFile|\breadTextFile|\.file\(|-yaml-file\b/;

/** Whether a text may load a YAML file, judged without parsing it. */
export function mayLoadYaml(text: string): boolean {
  return LIBRARY_NAME.test(text) && READ_WORD.test(text);
}

type Binding = { readonly library: Library; readonly member: string | undefined; readonly topLevel: boolean };

/** The names by which a file knows YAML libraries and their functions. */
export class YamlBindings {
  readonly #program: Program;
  readonly #names = new Map<string, Binding>();

  constructor(program: Program) {
    this.#program = program;
    for (const node of program.nodes) this.#bind(node);
  }

  get isEmpty(): boolean {
    return this.#names.size === 0 && !/\bBun\b|\brequire\b/.test(this.#program.text);
  }

  /** What a call loads; undefined where it loads no YAML. */
  functionOf(call: TSESTree.CallExpression): YamlFunction | undefined {
    const callee = unwrap(call.callee);
    if (callee.type === 'Identifier') return this.#bare(callee);
    if (callee.type !== 'MemberExpression') return undefined;
    const name = propertyName(callee);
    const object = unwrap(callee.object);
    if (name === undefined) return undefined;
    if (object.type === 'CallExpression')
      return functionIn(requiredLibrary(object), name, this.#program.textOf(object));
    const isBun = object.type === 'MemberExpression' && this.#program.textOf(object) === 'Bun.YAML';
    if (isBun) return functionIn(YAML, name, 'Bun.YAML');
    const binding = object.type === 'Identifier' ? this.#names.get(object.name) : undefined;
    if (!binding || binding.member !== undefined || object.type !== 'Identifier') return undefined;
    return functionIn(binding.library, name, binding.topLevel ? object.name : undefined);
  }

  #bare(callee: TSESTree.Identifier): YamlFunction | undefined {
    const binding = this.#names.get(callee.name);
    if (!binding) return undefined;
    const { library, member, topLevel } = binding;
    if (member === undefined)
      return library.callable ? { takes: 'path', parseText: undefined, givesDocument: false } : undefined;
    const found = functionIn(library, member, undefined);
    if (!found || found.takes === 'path' || !topLevel) return found;
    const suffix = found.givesDocument ? '.toJS()' : '';
    return { ...found, parseText: (argument) => `${callee.name}(${argument})${suffix}` };
  }

  #bind(node: TSESTree.Node): void {
    if (node.type === 'ImportDeclaration') this.#bindImport(node);
    else if (node.type === 'VariableDeclarator' && node.init) this.#bindVariable(node, node.init);
    else if (
      node.type === 'TSImportEqualsDeclaration' &&
      node.moduleReference.type === 'TSExternalModuleReference'
    ) {
      const library = libraryOf(stringOf(node.moduleReference.expression));
      if (library) this.#names.set(node.id.name, { library, member: undefined, topLevel: true });
    }
  }

  #bindImport(node: TSESTree.ImportDeclaration): void {
    const library = libraryOf(node.source.value);
    if (!library || node.importKind === 'type') return;
    for (const specifier of node.specifiers) {
      const member = specifier.type === 'ImportSpecifier' ? importedName(specifier) : undefined;
      const whole = member === undefined || member === 'default';
      this.#names.set(specifier.local.name, { library, member: whole ? undefined : member, topLevel: true });
    }
  }

  #bindVariable(node: TSESTree.VariableDeclarator, init: TSESTree.Expression): void {
    const value = unwrap(init);
    const member = value.type === 'MemberExpression' ? propertyName(value) : undefined;
    const library = requiredLibrary(value.type === 'MemberExpression' ? unwrap(value.object) : value);
    if (!library) return;
    const topLevel = this.#program.parent(this.#program.parent(node) ?? node)?.type === 'Program';
    const known = member === 'default' ? undefined : member;
    if (node.id.type === 'Identifier') this.#names.set(node.id.name, { library, member: known, topLevel });
    if (node.id.type !== 'ObjectPattern') return;
    for (const property of node.id.properties) {
      if (
        property.type !== 'Property' ||
        property.key.type !== 'Identifier' ||
        property.value.type !== 'Identifier'
      )
        continue;
      const name = property.key.name === 'default' ? undefined : property.key.name;
      this.#names.set(property.value.name, { library, member: name, topLevel });
    }
  }
}

function functionIn(
  library: Library | undefined,
  name: string,
  object: string | undefined,
): YamlFunction | undefined {
  if (!library) return undefined;
  const { parser } = library;
  const parseText =
    object !== undefined && parser !== undefined
      ? (argument: string) => `${object}.${parser}(${argument})`
      : undefined;
  if (library.text.includes(name)) {
    // The function that the file calls itself is there for certain, in whatever version of the library.
    const own = object === undefined ? undefined : (argument: string) => `${object}.${name}(${argument})`;
    return { takes: 'text', parseText: own, givesDocument: false };
  }
  if (library.document.includes(name)) return { takes: 'text', parseText, givesDocument: true };
  return library.path.includes(name) ? { takes: 'path', parseText, givesDocument: false } : undefined;
}

/** `require('yaml')` and `import('yaml')`, also awaited. */
function requiredLibrary(node: TSESTree.Node): Library | undefined {
  const value = unwrap(node);
  if (value.type === 'ImportExpression') return libraryOf(stringOf(value.source));
  const isRequire =
    value.type === 'CallExpression' && value.callee.type === 'Identifier' && value.callee.name === 'require';
  return isRequire ? libraryOf(stringOf(value.arguments[0])) : undefined;
}

function libraryOf(specifier: string | undefined): Library | undefined {
  const name = specifier?.replace(/^(?:npm:|jsr:)/, '').replace(/(?<=.)@[\d^~].*$/, '') ?? '';
  return Object.hasOwn(LIBRARIES, name) ? LIBRARIES[name] : undefined;
}

function importedName(specifier: TSESTree.ImportSpecifier): string {
  return specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.imported.value;
}
