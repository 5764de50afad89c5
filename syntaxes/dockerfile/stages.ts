import { readExecForm, readShell, type Shell } from './shell.ts';
import type { Instruction, Stage } from './tree.ts';
import { expand, type Variables } from './variables.ts';

export interface StageInput {
  readonly text: string;
  readonly escape: '\\' | '`';
  readonly instructions: readonly Instruction[];
  readonly globalArgs: Variables;
}

export interface StageOutput {
  /** The instructions again, those with shell code with it. */
  readonly instructions: readonly Instruction[];
  readonly stages: readonly Stage[];
}

type Reader = Stage['shell'];

/** Sorts the instructions into stages, finds what each stage builds on, and reads the shell code. */
export function buildStages(input: StageInput): StageOutput {
  const instructions: Instruction[] = [];
  const stages: Stage[] = [];
  const byName = new Map<string, number>();
  const froms = input.instructions.flatMap((each, index) => (each.keyword === 'FROM' ? [index] : []));
  instructions.push(...input.instructions.slice(0, froms[0] ?? input.instructions.length));
  froms.forEach((start, index) => {
    const from = input.instructions[start];
    if (!from) return;
    const head = readFrom(from, stages, byName, input);
    const body = readBody(input.instructions.slice(start + 1, froms[index + 1]), head.shell, input);
    stages.push({ ...head, index, from, ...body });
    instructions.push(from, ...body.instructions);
    if (head.name !== undefined) byName.set(head.name, index);
  });
  return { instructions, stages };
}

const UNIX =
  /(?<![\w-])(?:apt-get|apt|apk|yum|dnf|microdnf|zypper|chmod|chown)\s|(?<![\w.:\\-])\/(?:bin|usr|etc|opt|var|tmp|home|root)\//;
const WINDOWS = /powershell|pwsh|cmd(?:\.exe)?\s+\/s|(?<![A-Za-z])[A-Za-z]:\\|\.exe\b|\bchoco\b/i;

type Head = Pick<Stage, 'name' | 'image' | 'parent' | 'base' | 'shell'>;

function readFrom(
  from: Instruction,
  stages: readonly Stage[],
  byName: ReadonlyMap<string, number>,
  input: StageInput,
): Head {
  const [image, as, alias] = from.words;
  const name = as?.text.toLowerCase() === 'as' ? alias?.text.toLowerCase() : undefined;
  const resolved = image && expand(image.text, input.globalArgs, input.escape);
  const parent = resolved === undefined ? undefined : byName.get(resolved.toLowerCase());
  if (parent !== undefined) {
    return { name, image, parent, base: undefined, shell: stages[parent]?.shell ?? 'unknown' };
  }
  // An empty variable leaves `FROM` without a name or a tag: nothing can be said of such a base.
  const base = resolved === undefined || /^$|^[:@/]|[:@/]$|[:@/]{2}/.test(resolved) ? undefined : resolved;
  const platform = from.flags.find((flag) => flag.name === 'platform')?.value ?? '';
  const windows = /windows|nanoserver|servercore/i.test(`${image?.text ?? ''} ${resolved ?? ''} ${platform}`);
  // A backtick as the escape character is for Windows, unless the file speaks of Linux only.
  const isPosix = input.escape !== '`' || (UNIX.test(input.text) && !WINDOWS.test(input.text));
  return { name, image, parent, base, shell: windows ? 'other' : isPosix ? 'posix' : 'unknown' };
}

function readBody(
  source: readonly Instruction[],
  inherited: Reader,
  input: StageInput,
): Pick<Stage, 'instructions' | 'byKeyword' | 'shell'> {
  let shell = inherited;
  const instructions = source.map((instruction) => {
    if (instruction.keyword === 'SHELL') shell = readerOf(instruction);
    return withShell(instruction, shell, input.text);
  });
  return { instructions, byKeyword: byKeyword(instructions), shell };
}

function byKeyword(instructions: readonly Instruction[]): ReadonlyMap<string, readonly Instruction[]> {
  const found = new Map<string, Instruction[]>();
  for (const instruction of instructions) {
    const same = found.get(instruction.keyword);
    if (same) same.push(instruction);
    else found.set(instruction.keyword, [instruction]);
  }
  return found;
}

function readerOf(instruction: Instruction): Reader {
  const program = instruction.json?.[0]?.value;
  if (program === undefined) return 'unknown';
  return /^(?:.*\/)?(?:ba|da|a|z|k)?sh$/.test(program) ? 'posix' : wrapped(instruction);
}

/** `SHELL ["/usr/bin/env", "bash", "-c"]`, `["micromamba", "run", "bash", "-c"]`: a shell behind another program. */
function wrapped(instruction: Instruction): Reader {
  const shell = instruction.json?.slice(1).some(({ value }) => /^(?:.*\/)?(?:ba|da|a|z)?sh$/.test(value));
  return shell ? 'posix' : 'other';
}

function withShell(instruction: Instruction, reader: Reader, text: string): Instruction {
  if (instruction.trigger) {
    const trigger = withShell(instruction.trigger, reader, text);
    return trigger === instruction.trigger ? instruction : { ...instruction, trigger };
  }
  if (!['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK'].includes(instruction.keyword)) return instruction;
  // Read when a rule asks: most shell code mentions nothing that any rule looks for.
  let read: { readonly shell: Shell | undefined } | undefined;
  return {
    ...instruction,
    get shell() {
      read ??= { shell: shellOf(instruction, reader, text) };
      return read.shell;
    },
  };
}

function shellOf(instruction: Instruction, reader: Reader, text: string): Shell | undefined {
  // The exec form needs no shell, whatever the stage's is.
  if (instruction.json) return readExecForm(instruction.json, text);
  if (reader !== 'posix') return undefined;
  const { masked, heredocs } = instruction;
  const start = instruction.arguments.start;
  if (instruction.keyword === 'HEALTHCHECK') {
    const lead = /^CMD\s+/i.exec(masked)?.[0].length;
    return lead === undefined ? undefined : readShell(masked.slice(lead), start + lead);
  }
  if (heredocs.length === 0) return readShell(masked, start);
  const alone = heredocs.length === 1 && /^<<\S+$/.test(masked.trim());
  if (alone) return scriptOf(instruction, text);
  return readShell(
    masked + withoutReturns(text.slice(instruction.arguments.end, instruction.span.end)),
    start,
  );
}

/** `RUN <<EOF`: the lines are a script of the stage's shell, or of what their first line names. */
function scriptOf(instruction: Instruction, text: string): Shell | undefined {
  const body = instruction.heredocs[0]?.body;
  if (!body) return undefined;
  const code = withoutReturns(text.slice(body.start, body.end));
  const shebang = /^#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(code);
  const program = shebang && (/\/env$/.test(shebang[1] ?? '') ? shebang[2] : shebang[1]);
  if (program && !/^(?:.*\/)?(?:ba|da|a|z|k)?sh$/.test(program)) return undefined;
  return readShell(code, body.start);
}

/** `\r\n` as line ends that a shell knows, at equal length: an empty line does no harm, but behind a continuation. */
function withoutReturns(code: string): string {
  return code.includes('\r') ? code.replaceAll('\\\r\n', ' \\\n').replaceAll('\r\n', '\n\n') : code;
}
