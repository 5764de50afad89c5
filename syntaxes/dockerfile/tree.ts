import type { Span } from '../document.ts';
import type { Shell } from './shell.ts';

/**
 * A Dockerfile: its instructions with exact spans, and what BuildKit makes of them: stages, which stage builds on which,
 * variables with their defaults. Everything about a *running* container is asked of `effective.ts`.
 */
export interface DockerfileTree {
  /** What continues a line: `\`, or what the `escape` directive says. */
  readonly escape: '\\' | '`';
  readonly directives: readonly Directive[];
  /** Whole-line comments, also those inside a continued instruction; not the lines of a heredoc. */
  readonly comments: readonly Span[];
  /** All instructions in order, the triggers of `ONBUILD` not among them. */
  readonly instructions: readonly Instruction[];
  /** Variables that `ARG` declares before the first `FROM`; they hold in `FROM` lines. */
  readonly globalArgs: ReadonlyMap<string, string | undefined>;
  /** In order; the last one is what `docker build` builds without `--target`. */
  readonly stages: readonly Stage[];
}

/** `# escape=\``, `# syntax=docker/dockerfile:1`. */
export interface Directive {
  readonly name: string;
  readonly value: string;
  readonly valueSpan: Span;
}

export interface Instruction {
  /** In upper case, also where the file writes it in lower case. */
  readonly keyword: string;
  readonly keywordSpan: Span;
  /** From the keyword to the last character, heredocs with it. */
  readonly span: Span;
  /** The options before the arguments: `--from=build`. */
  readonly flags: readonly Flag[];
  /** The arguments on the (continued) line, without flags and heredocs; empty where there are none. */
  readonly arguments: Span;
  /** `arguments` with continuations and comments as spaces: every offset is still the document's. */
  readonly masked: string;
  /** The arguments between white space. In `ENV`, `ARG` and `LABEL` quotes hold a word together. */
  readonly words: readonly Word[];
  /** The exec form, `["nginx", "-g", "daemon off;"]`; absent for the shell form. */
  readonly json?: readonly JsonString[];
  /** The variables of `ENV`, `ARG` and `LABEL`; empty for all others. */
  readonly pairs: readonly Pair[];
  readonly heredocs: readonly Heredoc[];
  /** The shell code of `RUN`, `CMD`, `ENTRYPOINT` and `HEALTHCHECK CMD`, where a POSIX shell reads it. */
  readonly shell?: Shell | undefined;
  /** What `ONBUILD` runs later. */
  readonly trigger?: Instruction;
}

export interface Word {
  /** As written. */
  readonly text: string;
  readonly span: Span;
}

export interface Flag {
  /** Without the dashes: `from`. */
  readonly name: string;
  readonly value: string | undefined;
  readonly span: Span;
  readonly valueSpan: Span | undefined;
}

export interface JsonString {
  readonly value: string;
  /** With its quotes. */
  readonly span: Span;
}

export interface Pair {
  readonly name: string;
  readonly nameSpan: Span;
  /** Without quotes and escapes; variables are not expanded. Absent for `ARG NAME`. */
  readonly value: string | undefined;
  /** With its quotes. */
  readonly valueSpan: Span | undefined;
}

export interface Heredoc {
  readonly name: string;
  /** `<<'EOF'`: the shell expands nothing in it. */
  readonly quoted: boolean;
  /** `<<EOF`, where it is opened. */
  readonly opener: Span;
  /** The lines between, the last line ending with them. */
  readonly body: Span;
  readonly closed: boolean;
}

export interface Stage {
  readonly index: number;
  /** Behind `AS`, in lower case. */
  readonly name: string | undefined;
  readonly from: Instruction;
  /** The image of the `FROM` line as written; undefined while it is being typed. */
  readonly image: Word | undefined;
  /** The stage that this one builds on; undefined for an image from outside. */
  readonly parent: number | undefined;
  /**
   * The image's name from outside, variables replaced by their defaults; undefined where a variable has none, and for a stage
   * that builds on another (ask `baseImage`).
   */
  readonly base: string | undefined;
  /** The instructions behind `FROM`. */
  readonly instructions: readonly Instruction[];
  /** The same by keyword: what sets something is asked for far more often than it stands there. */
  readonly byKeyword: ReadonlyMap<string, readonly Instruction[]>;
  /** Who reads the shell form at the stage's end. */
  readonly shell: 'posix' | 'other' | 'unknown';
}
