import type { DockerfileTree, Instruction, Stage } from './tree.ts';

/** Variables by name; undefined as a value means: declared, its value not known here. */
export type Variables = ReadonlyMap<string, string | undefined>;

/**
 * Replaces variables as BuildKit does. Undefined where a variable has no value here, or an operator is one whose result
 * depends on more than that. https://docs.docker.com/reference/dockerfile/#environment-replacement
 */
export function expand(text: string, variables: Variables, escapeChar: string): string | undefined {
  let out = '';
  for (let at = 0; at < text.length; ) {
    const char = text.charAt(at);
    if (char === escapeChar && at + 1 < text.length) {
      out += text.charAt(at + 1);
      at += 2;
      continue;
    }
    if (char !== '$') {
      out += char;
      at++;
      continue;
    }
    const reference = readReference(text, at);
    const value = reference ? valueOfReference(reference, variables, escapeChar) : '$';
    if (value === undefined) return undefined;
    out += value;
    at = reference?.end ?? at + 1;
  }
  return out;
}

interface Reference {
  readonly name: string;
  readonly operator: string;
  readonly operand: string;
  readonly end: number;
}

function readReference(text: string, at: number): Reference | undefined {
  const plain = /^\$([A-Za-z_]\w*)/.exec(text.slice(at, at + 200));
  if (plain) return { name: plain[1] ?? '', operator: '', operand: '', end: at + plain[0].length };
  if (text[at + 1] !== '{') return undefined;
  const end = closingBrace(text, at + 2);
  if (end < 0) return undefined;
  const inner = /^([A-Za-z_]\w*)(:?[-+?]|[#%/]|$)/.exec(text.slice(at + 2, end));
  if (!inner) return { name: '', operator: '/', operand: '', end: end + 1 };
  const [whole, name = '', operator = ''] = inner;
  return { name, operator, operand: text.slice(at + 2 + whole.length, end), end: end + 1 };
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  return -1;
}

function valueOfReference(
  reference: Reference,
  variables: Variables,
  escapeChar: string,
): string | undefined {
  const value = variables.get(reference.name);
  const present = value !== undefined && (value !== '' || !reference.operator.startsWith(':'));
  switch (reference.operator) {
    case '':
    case '?':
    case ':?':
      return value;
    case '-':
    case ':-':
      return present ? value : expandOperand(reference.operand, variables, escapeChar);
    case '+':
    case ':+':
      if (value === undefined) return undefined;
      return present ? expandOperand(reference.operand, variables, escapeChar) : '';
    default:
      return undefined;
  }
}

function expandOperand(operand: string, variables: Variables, escapeChar: string): string | undefined {
  // An operand is shorter than the text it stands in, so this ends.
  return expand(operand, variables, escapeChar);
}

/** The variables that `ARG` declares before the first `FROM`, with their defaults. */
export function readGlobalArgs(instructions: readonly Instruction[], escapeChar: string): Variables {
  const variables = new Map<string, string | undefined>();
  for (const instruction of instructions) {
    if (instruction.keyword === 'FROM') break;
    if (instruction.keyword !== 'ARG') continue;
    for (const { name, value } of instruction.pairs) {
      variables.set(name, value === undefined ? undefined : expand(value, variables, escapeChar));
    }
  }
  return variables;
}

/**
 * The variables that hold just before an instruction of a stage, or at the stage's end. `ENV` wins over `ARG`, and both are
 * inherited from the stage that this one builds on; an `ARG` without a default takes that of the file's head.
 */
export function variablesBefore(tree: DockerfileTree, stage: Stage, instruction?: Instruction): Variables {
  const variables = new Map<string, string | undefined>();
  const environment = new Set<string>();
  for (const each of lineage(tree, stage)) {
    const until = each === stage && instruction ? instruction.span.start : Number.POSITIVE_INFINITY;
    for (const current of declaring(each)) {
      if (current.span.start >= until) return variables;
      collect(current, { variables, environment, tree });
    }
  }
  return variables;
}

/** The instructions of a stage that declare variables, in order. */
function declaring({ byKeyword }: Stage): readonly Instruction[] {
  const [env = NONE, arg = NONE] = [byKeyword.get('ENV'), byKeyword.get('ARG')];
  if (env.length === 0 || arg.length === 0) return env.length === 0 ? arg : env;
  return [...env, ...arg].sort((a, b) => a.span.start - b.span.start);
}

const NONE: readonly Instruction[] = [];

/** A stage and those that it builds on, the outermost first. */
export function lineage(tree: DockerfileTree, stage: Stage): readonly Stage[] {
  const stages = [stage];
  for (let at = stage; at.parent !== undefined; ) {
    const parent = tree.stages[at.parent];
    if (!parent) break;
    stages.push(parent);
    at = parent;
  }
  return stages.reverse();
}

interface Scope {
  readonly variables: Map<string, string | undefined>;
  readonly environment: Set<string>;
  readonly tree: DockerfileTree;
}

function collect(instruction: Instruction, { variables, environment, tree }: Scope): void {
  if (instruction.keyword === 'ENV') {
    // All variables of one ENV see those before it, not each other.
    const values = instruction.pairs.map(
      ({ name, value }) => [name, expand(value ?? '', variables, tree.escape)] as const,
    );
    for (const [name, value] of values) {
      variables.set(name, value);
      environment.add(name);
    }
  } else if (instruction.keyword === 'ARG') {
    for (const { name, value } of instruction.pairs) {
      if (environment.has(name)) continue;
      variables.set(
        name,
        value === undefined ? tree.globalArgs.get(name) : expand(value, variables, tree.escape),
      );
    }
  }
}

/** A declaration of a variable as plain data; `isGlobal` before the first `FROM`, without a value where it has none. */
export interface Declaration {
  readonly keyword: 'ARG' | 'ENV';
  readonly name: string;
  readonly value?: string;
  readonly isGlobal?: true;
}

/** What is declared before an instruction of a stage, or at the stage's end, in order. */
export function declarationsBefore(
  tree: DockerfileTree,
  stage: Stage,
  instruction?: Instruction,
): readonly Declaration[] {
  const declared: Declaration[] = [];
  const note = ({ keyword, pairs }: Instruction, isGlobal: boolean): void => {
    if (keyword !== 'ARG' && keyword !== 'ENV') return;
    for (const { name, value } of pairs) {
      declared.push({ keyword, name, ...(value !== undefined && { value }), ...(isGlobal && { isGlobal }) });
    }
  };
  for (const each of tree.instructions) {
    if (each.keyword === 'FROM') break;
    note(each, true);
  }
  for (const each of lineage(tree, stage)) {
    for (const current of each.instructions) {
      if (current === instruction) return declared;
      note(current, false);
    }
  }
  return declared;
}

/**
 * The variables that declarations lead to in a stage, and those that `FROM` sees, when the build is given arguments; null stands
 * for an argument that is not known.
 */
export function variablesWith(
  declarations: readonly Declaration[],
  args: ReadonlyMap<string, string | null>,
  escapeChar: string,
): { readonly stage: Variables; readonly globals: Variables } {
  const globals = new Map<string, string | undefined>();
  const variables = new Map<string, string | undefined>();
  const environment = new Set<string>();
  for (const { keyword, name, value, isGlobal } of declarations) {
    const scope = isGlobal ? globals : variables;
    const written = value === undefined ? undefined : expand(value, scope, escapeChar);
    if (keyword === 'ENV') environment.add(name);
    else if (environment.has(name)) continue;
    const given = keyword === 'ARG' && args.has(name) ? (args.get(name) ?? undefined) : written;
    const isBare = keyword === 'ARG' && value === undefined && !args.has(name);
    scope.set(name, isBare && !isGlobal ? globals.get(name) : given);
  }
  return { stage: variables, globals };
}
