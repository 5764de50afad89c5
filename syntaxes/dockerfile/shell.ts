import {
  type Command,
  type CommandArgument,
  forEachChild,
  parse,
  type Redirection,
  type SyntaxNode,
  type Word,
} from 'unbash';
import type { Span } from '../document.ts';

/**
 * Shell code as rules need it: all its simple commands in the order of the text, wherever they stand (lists, loops,
 * substitutions, `sh -c '…'`, heredocs of a shell), and its pipelines. All spans are the document's.
 */
export interface Shell {
  readonly commands: readonly ShellCommand[];
  readonly pipelines: readonly ShellPipeline[];
}

export interface ShellCommand {
  readonly span: Span;
  /** Absent for a bare assignment or redirection. */
  readonly name: ShellWord | undefined;
  readonly args: readonly ShellWord[];
  /** The program that runs in the end, without its path: `curl` for `sudo -E /usr/bin/curl`, `env A=b curl`; '' where there is none. */
  readonly program: string;
  /** The words behind the program. */
  readonly operands: readonly ShellWord[];
  /** `NAME=value` before the command. */
  readonly assignments: readonly ShellAssignment[];
  readonly redirects: readonly ShellRedirect[];
}

export interface ShellWord {
  /** As written. */
  readonly text: string;
  /** Without quotes and escapes; expansions stay as written. */
  readonly value: string;
  readonly span: Span;
  /** Commands inside its substitutions: `$(…)`, `<(…)`. */
  readonly commands: readonly ShellCommand[];
}

export interface ShellAssignment {
  readonly name: string;
  readonly value: string;
  readonly span: Span;
}

export interface ShellRedirect {
  /** `>`, `>>`, `<`, `<<`, … */
  readonly operator: string;
  readonly target: ShellWord | undefined;
}

export interface ShellPipeline {
  readonly span: Span;
  /** The simple commands of each part, from left to right. */
  readonly parts: readonly (readonly ShellCommand[])[];
}

/** Shells inside shells are followed this deep. */
const MAX_NESTING = 4;

const SHELL_NAME = /^(?:.*\/)?(?:ba|da|a|z|k)?sh$/;

/** Whether a command word names a POSIX shell. */
export function isShellName(name: string): boolean {
  return SHELL_NAME.test(name);
}

/** Reads shell code that starts at `base` in the document. Never throws; undefined where it cannot be read at all. */
export function readShell(code: string, base: number, nesting = 0): Shell | undefined {
  if (nesting > MAX_NESTING) return undefined;
  try {
    const collector = new Collector(base, nesting);
    collector.walk(parse(code));
    return { commands: collector.commands, pipelines: collector.pipelines };
  } catch {
    return undefined;
  }
}

/** The exec form as a command; a shell's `-c` script is read too. */
export function readExecForm(
  strings: readonly { value: string; span: Span }[],
  text: string,
): Shell | undefined {
  const words = strings.map(({ value, span }) => ({
    text: value,
    value,
    span: { start: span.start + 1, end: Math.max(span.start + 1, span.end - 1) },
    commands: [],
  }));
  const [name, ...args] = words;
  const last = words.at(-1);
  if (!name || !last) return undefined;
  const span = { start: name.span.start, end: last.span.end };
  const command = { span, name, args, ...programOf(name, args), assignments: [], redirects: [] };
  const script = isShellName(name.value) ? scriptArgument(args) : undefined;
  const plain = script && text.slice(script.span.start, script.span.end) === script.value;
  const inner = script && plain ? readShell(script.value, script.span.start, 1) : undefined;
  return { commands: [command, ...(inner?.commands ?? [])], pipelines: inner?.pipelines ?? [] };
}

/** The word behind `-c`, also behind `-ec` or `-o pipefail -c`. */
function scriptArgument(args: readonly ShellWord[]): ShellWord | undefined {
  const at = args.findIndex((arg) => /^-[a-zA-Z]*c$/.test(arg.value));
  return at < 0 ? undefined : args[at + 1];
}

const WRAPPERS =
  /^(?:.*\/)?(?:sudo|env|time|nice|nohup|exec|command|chroot|xargs|timeout|retry|travis_retry|eatmydata)$/;

/** Looks through programs that only run another one. */
function programOf(
  name: ShellWord | undefined,
  args: readonly ShellWord[],
): Pick<ShellCommand, 'program' | 'operands'> {
  if (!name) return { program: '', operands: args };
  if (!WRAPPERS.test(name.value)) return { program: basename(name.value), operands: args };
  let at = 0;
  while (at < args.length && /^-|^\w+=|^\d+[smh]?$/.test(args[at]?.value ?? '')) at++;
  const inner = args[at];
  // A wrapper alone is the program.
  return inner ? programOf(inner, args.slice(at + 1)) : { program: basename(name.value), operands: args };
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

class Collector {
  readonly commands: ShellCommand[] = [];
  readonly pipelines: ShellPipeline[] = [];
  readonly #base: number;
  readonly #nesting: number;

  constructor(base: number, nesting: number) {
    this.#base = base;
    this.#nesting = nesting;
  }

  walk(node: SyntaxNode): void {
    // Backticks with escapes are decoded into a text of their own, whose offsets mean nothing here.
    if (node.type === 'Script' && node.source !== undefined) return;
    if (node.type === 'Command') this.#command(node);
    else if (node.type === 'Pipeline') {
      const parts = node.commands.map((part) => {
        const before = this.commands.length;
        this.walk(part);
        return this.commands.slice(before);
      });
      if (parts.length > 1) this.pipelines.push({ span: this.#span(node), parts });
    } else forEachChild(node, (child) => this.walk(child));
  }

  #command(node: Command): void {
    const at = this.commands.length;
    const name = node.name && this.#word(node.name);
    const args = node.args.map((arg) => this.#argument(arg));
    const command: ShellCommand = {
      span: this.#span(node),
      name,
      args,
      ...programOf(name, args),
      assignments: node.prefix.flatMap((item) =>
        item.type === 'Assignment'
          ? [
              {
                name: item.name,
                value: item.value.type === 'Word' ? item.value.value : '',
                span: this.#span(item),
              },
            ]
          : [],
      ),
      redirects: node.redirects.map((redirect) => this.#redirect(redirect)),
    };
    for (const item of node.prefix)
      if (item.type === 'Assignment') forEachChild(item, (child) => this.walk(child));
    // Commands in its substitutions were collected while its words were read; the command itself stands before them.
    this.commands.splice(at, 0, command);
    this.#nested(node, command);
  }

  #argument(arg: CommandArgument): ShellWord {
    if (arg.type === 'Word') return this.#word(arg);
    const before = this.commands.length;
    forEachChild(arg, (child) => this.walk(child));
    const value = arg.value.type === 'Word' ? `${arg.name}=${arg.value.value}` : arg.text;
    return { text: arg.text, value, span: this.#span(arg), commands: this.commands.slice(before) };
  }

  #word(word: Word): ShellWord {
    const before = this.commands.length;
    for (const part of word.parts ?? []) this.walk(part);
    return {
      text: word.text,
      value: word.value,
      span: this.#span(word),
      commands: this.commands.slice(before),
    };
  }

  #redirect(redirect: Redirection): ShellRedirect {
    if (redirect.type === 'HereDoc') {
      for (const part of redirect.body.parts ?? []) this.walk(part);
      return { operator: redirect.operator, target: undefined };
    }
    return { operator: redirect.operator, target: redirect.target && this.#word(redirect.target) };
  }

  /** `bash -c '…'`, `su app -c "…"` and a shell fed from a heredoc. */
  #nested(node: Command, command: ShellCommand): void {
    const name = command.name?.value ?? '';
    if (!isShellName(name) && name !== 'su') return;
    const script = scriptArgument(command.args);
    if (script && /^'[^']*'$|^"[^"\\]*"$/.test(script.text)) {
      this.#append(readShell(script.text.slice(1, -1), script.span.start + 1, this.#nesting + 1));
    }
    for (const redirect of node.redirects) {
      if (redirect.type !== 'HereDoc') continue;
      this.#append(readShell(redirect.body.text, this.#base + redirect.body.pos, this.#nesting + 1));
    }
  }

  #append(shell: Shell | undefined): void {
    this.commands.push(...(shell?.commands ?? []));
    this.pipelines.push(...(shell?.pipelines ?? []));
  }

  #span(node: { readonly pos: number; readonly end: number }): Span {
    return { start: this.#base + node.pos, end: this.#base + node.end };
  }
}
