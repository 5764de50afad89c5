import { isShellName, type ShellCommand } from '../../syntaxes/dockerfile/shell.ts';
import type { Heredoc, Instruction } from '../../syntaxes/dockerfile/tree.ts';
import { lineEndingOf } from '../../syntaxes/lines.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { shellReader } from './shared/reader.ts';
import { type LocatedShell, shellsOf, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/heredoc-errexit',
  title: 'A script in a heredoc goes on after a command has failed',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /<</,
  docs: {
    why: `The lines of a \`RUN\` heredoc are a script, and a script goes on when a command fails: only the last one decides whether
the step counts as done. A failed download or installation in the middle ends in an image that was built without an error.`,
    fix: 'Write `set -e` on the first line, or `set -eu` where every variable is set.',
    falsePositives: `Silent where the shell stops by itself (\`SHELL ["/bin/bash", "-ec"]\`, \`#!/bin/sh -e\`), where the commands are
joined with \`&&\`, for a single command, for other interpreters, and where the base image may have set \`SHELL\`.`,
    cwe: [754],
    references: [
      'https://docs.docker.com/reference/dockerfile/#here-documents',
      'https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_26',
    ],
  },
  bad: [
    {
      name: 'no set -e',
      files: {
        Dockerfile: `FROM debian:bookworm-slim
RUN «<<EOF»
apt-get update
apt-get install -y --no-install-recommends curl
rm -rf /var/lib/apt/lists/*
EOF
USER 1000
`,
      },
      fixed: `FROM debian:bookworm-slim
RUN <<EOF
set -e
apt-get update
apt-get install -y --no-install-recommends curl
rm -rf /var/lib/apt/lists/*
EOF
USER 1000
`,
    },
    {
      name: 'a first line that names the shell, and one that is only traced',
      files: {
        Dockerfile: `FROM registry.example.com/base:1
RUN «<<-"EOT"»
\t#!/usr/bin/env bash
\tset -x
\tcd /src; make
\tmake install
\tEOT
`,
      },
      fixed: `FROM registry.example.com/base:1
RUN <<-"EOT"
\t#!/usr/bin/env bash
\tset -e
\tset -x
\tcd /src; make
\tmake install
\tEOT
`,
    },
    {
      name: 'given to a shell',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN --mount=type=cache,target=/root/.cache bash «<<EOF»\nmake\nmake install\nEOF\n`,
      },
      fixed: `FROM alpine:3.22\nRUN --mount=type=cache,target=/root/.cache bash <<EOF\nset -e\nmake\nmake install\nEOF\n`,
    },
  ],
  good: [
    {
      name: 'set -e, in several spellings',
      files: {
        Dockerfile: `FROM debian:12
RUN <<EOF
set -eux
apt-get update
apt-get install -y curl
EOF
RUN <<EOF
set -o errexit -o nounset
make
make install
EOF
RUN bash -e <<EOF
make
make install
EOF
`,
      },
    },
    {
      name: 'the shell stops by itself',
      files: {
        Dockerfile: `FROM debian:12
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
RUN <<EOF
make
make install
EOF
RUN <<EOF
#!/bin/sh -e
make
make install
EOF
`,
      },
    },
    {
      name: 'one command, one list, and commands that do not fail',
      files: {
        Dockerfile: `FROM debian:12
RUN <<EOF
make install
EOF
RUN <<EOF
make &&
  make install && \\
  make clean
EOF
RUN <<EOF
# The version.
echo "building"
export VERSION=1
make install
EOF
RUN <<EOF
make || exit 1
make install
EOF
`,
      },
    },
    {
      name: 'a file, and another interpreter',
      files: {
        Dockerfile: `FROM python:3.13
COPY <<EOF /etc/app.conf
a
b
EOF
RUN <<EOF cat > /etc/motd
hello
world
EOF
RUN cat <<EOF > /etc/issue
make
make install
EOF
RUN <<EOF
#!/usr/bin/env python3
print(1)
print(2)
EOF
RUN python3 <<EOF
print(1)
print(2)
EOF
`,
      },
    },
    {
      name: 'the base image may have set SHELL',
      files: { Dockerfile: `FROM registry.example.com/base:1\nRUN <<EOF\nmake\nmake install\nEOF\n` },
    },
  ],
  check({ text, tree }, context) {
    for (const located of shellsOf(tree, /<</)) {
      const { stage, instruction, shell } = located;
      const script = scriptOf(text, instruction);
      if (!script || !goesOn(text, located, script)) continue;
      const first = shell.commands.find(({ span }) => span.start >= script.heredoc.body.start);
      const words = script.isOwn ? [] : (shellReader(tree, stage, instruction).words ?? ['-e']);
      if (!first || [...words, ...script.options].some(stopsOnError)) continue;
      context.report({
        span: script.heredoc.opener,
        message:
          'The script goes on after a command has failed: only its last command decides whether the step counts as done.',
        place: `${stagePlace(stage)}.RUN[${first.program}]`,
        fixes: () => [insertErrexit(text, script)],
      });
    }
  },
});

interface Script {
  readonly heredoc: Heredoc;
  /** Whether the step or the first line names the shell, so that `SHELL` does not count. */
  readonly isOwn: boolean;
  /** What stands behind the shell's name, where it is given. */
  readonly options: readonly string[];
  readonly hasShebang: boolean;
}

/** The heredoc of `RUN <<EOF` or `RUN bash -x <<EOF`, where a shell reads it. */
function scriptOf(text: string, instruction: Instruction): Script | undefined {
  const [heredoc] = instruction.heredocs;
  if (!heredoc?.closed || instruction.heredocs.length > 1) return undefined;
  // Tabs before a line are taken away by `<<-`.
  const line = /^\t*#![^\r\n]*/.exec(text.slice(heredoc.body.start, heredoc.body.end))?.[0].trim();
  if (line && !/(?:^|[/\s])(?:ba|da|a|z|k)?sh(?:\s|$)/.test(line.slice(2))) return undefined;
  const words = instruction.masked.trim().split(/\s+/);
  if (words.length === 1) {
    const options = line?.slice(2).trim().split(/\s+/).slice(1) ?? [];
    return { heredoc, isOwn: line !== undefined, options, hasShebang: line !== undefined };
  }
  const [program = '', ...options] = words.slice(0, -1);
  const isShell = isShellName(program) && options.every((option) => /^-\w+$/.test(option));
  const isLast = words.at(-1)?.startsWith('<<') === true;
  return isShell && isLast ? { heredoc, isOwn: true, options, hasShebang: line !== undefined } : undefined;
}

/** `-e`, `-eu`, `-eo`, `errexit`. */
function stopsOnError(word: string): boolean {
  return /^-[a-zA-Z]*e[a-zA-Z]*$|^errexit$/.test(word);
}

/** Whether a command of the script can fail and another one runs all the same. */
function goesOn(text: string, { shell }: LocatedShell, { heredoc }: Script): boolean {
  const commands = topLevel(
    shell.commands.filter(({ span }) => span.start >= heredoc.body.start && span.end <= heredoc.body.end),
  );
  if (
    commands.some(
      ({ program, operands }) => program === 'set' && operands.some((word) => stopsOnError(word.value)),
    )
  )
    return false;
  return commands.some((command, index) => {
    const next = commands[index + 1];
    if (!next || isHarmless(command)) return false;
    // Only what a line's end or a semicolon parts goes on: `&&`, `||`, pipes and the words of loops and conditions judge.
    const between = text.slice(command.span.end, next.span.start).replace(/(?:^|\n)[ \t]*#[^\n]*/g, '\n');
    const before = text.slice(heredoc.body.start, command.span.start);
    return /^[ \t]*(?:;|\r?\n)[\s;]*$/.test(between) && !/\|\|[ \t\r\n\\]*$/.test(before);
  });
}

/** The commands that stand in no other one. */
function topLevel(commands: readonly ShellCommand[]): readonly ShellCommand[] {
  const top: ShellCommand[] = [];
  for (const command of commands) {
    const last = top.at(-1);
    if (!last || command.span.start >= last.span.end) top.push(command);
  }
  return top;
}

/** Commands that do not fail, and assignments that run nothing. */
function isHarmless({ program, name, assignments }: ShellCommand): boolean {
  if (!name) return assignments.every(({ value }) => !/\$\(|`/.test(value));
  return /^(?:echo|printf|export|set|umask|true|:|exit|return|local|readonly|shopt|ulimit|unset|alias|trap)$/.test(
    program,
  );
}

function insertErrexit(text: string, { heredoc, hasShebang }: Script): Fix {
  const { start, end } = heredoc.body;
  const body = text.slice(start, end);
  const head = hasShebang ? body.indexOf('\n') + 1 : 0;
  const indent = /^[ \t]*/.exec(body.slice(head))?.[0] ?? '';
  const at = start + head;
  return {
    title: 'Insert set -e',
    safety: 'review',
    edits: [{ span: { start: at, end: at }, text: `${indent}set -e${lineEndingOf(text)}` }],
    risk: 'The build now fails where a command of the script fails, also one whose failure did no harm.',
    verify: 'docker build .',
  };
}
