import { isShellName, type ShellCommand, type ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { type LocatedShell, shellsOf, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/pipe-to-shell',
  title: 'A download is run as it arrives',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /curl|wget|aria2c|fetch/,
  docs: {
    why: `What the server sends at build time runs as the build's user, unseen and unchecked: a hijacked domain, mirror or release
becomes part of the image. A connection that breaks off in the middle runs half a script, and the build still succeeds.`,
    fix: `Download to a file, compare it with a checksum that stands in the Dockerfile (\`sha256sum -c\`, or \`ADD --checksum=sha256:…\`),
and run it then. Better still is the distribution's package or an official image to \`COPY --from\`.`,
    falsePositives: `Only the shell's own structure counts: a download that is piped into \`tar\`, \`gpg\` or \`jq\`, or into an
interpreter that runs another script (\`python -m json.tool\`), is not meant.`,
    cwe: [494],
    references: [
      'https://docs.docker.com/reference/dockerfile/#add---checksum',
      'https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html',
    ],
  },
  bad: [
    {
      name: 'curl into a shell',
      files: {
        Dockerfile: `FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y curl \\
    # the setup script of the vendor
    && «curl -fsSL https://deb.nodesource.com/setup_22.x | bash -» \\
    && apt-get install -y nodejs
`,
      },
    },
    {
      name: 'wget, through sudo, with arguments',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN «wget -qO- https://get.example.com | sudo -E sh -s -- -b /usr/bin»\n`,
      },
    },
    {
      name: 'into an interpreter',
      files: {
        Dockerfile: `FROM python:3.13\nRUN «curl -sSL https://install.python-poetry.org | POETRY_VERSION=1.8.0 python3 -»\nRUN «curl -sS https://getcomposer.org/installer | php -- --install-dir=/usr/bin»\n`,
      },
    },
    {
      name: 'through sed',
      files: { Dockerfile: `FROM alpine:3.22\nRUN «curl -s https://example.com/i.sh | sed 's/a/b/' | sh»\n` },
    },
    {
      name: 'a process substitution',
      files: {
        Dockerfile: `FROM debian:12\nSHELL ["/bin/bash", "-c"]\nRUN «bash <(curl -s https://example.com/i.sh)» --yes\n`,
      },
    },
    {
      name: 'a command substitution',
      files: {
        Dockerfile: `FROM debian:12\nRUN «sh -c "$(curl -fsSL https://example.com/i.sh)"»\nRUN «eval "$(wget -O - https://example.com/j.sh)"»\n`,
      },
    },
    {
      name: 'in a heredoc and in the exec form',
      files: {
        Dockerfile: `FROM debian:12
RUN <<EOF
set -e
«curl https://example.com/i.sh | bash»
EOF
RUN ["bash", "-o", "pipefail", "-c", "«curl https://example.com/i.sh | sh»"]
`,
      },
    },
    {
      name: 'a here string, and a backtick as the escape character on Linux',
      files: {
        Dockerfile: `# escape=\`
FROM ubuntu:24.04
SHELL ["/bin/bash", "-c"]
RUN «sh <<< "$(curl -fsSL https://example.com/i.sh)"»
RUN apt-get update && \`
    «curl -fsSL https://example.com/i.sh | bash»
`,
      },
    },
  ],
  good: [
    {
      name: 'into tar',
      files: { Dockerfile: `FROM alpine:3.22\nRUN curl -fsSL https://example.com/a.tgz | tar -xz -C /opt\n` },
    },
    {
      name: 'into gpg',
      files: {
        Dockerfile: `FROM debian:12\nRUN curl -fsSL https://example.com/key.asc | gpg --dearmor -o /usr/share/keyrings/a.gpg\n`,
      },
    },
    {
      name: 'checked, then run',
      files: {
        Dockerfile: `FROM debian:12
RUN curl -fsSLo i.sh https://example.com/i.sh && echo "abc  i.sh" | sha256sum -c - && sh i.sh
`,
      },
    },
    {
      name: 'into an interpreter that has its own script',
      files: {
        Dockerfile: `FROM python:3.13
RUN curl -s https://example.com/v.json | python3 -c 'import json, sys; print(json.load(sys.stdin)["v"])'
RUN curl -s https://example.com/v.json | python -m json.tool
RUN curl -s https://example.com/v.txt | perl -ne 'print if /x/'
RUN curl -s https://example.com/v.txt | sh ./filter.sh
RUN curl -s https://example.com/v.txt | bash -c 'cat > /etc/v'
`,
      },
    },
    {
      name: 'text in an echo',
      files: { Dockerfile: `FROM alpine:3.22\nRUN echo "curl https://example.com | sh" > /README\n` },
    },
    {
      name: 'a version in a variable',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN V=$(curl -s https://example.com/latest) && apk add "x=$V"\n`,
      },
    },
    {
      name: 'PowerShell',
      files: {
        Dockerfile: `FROM mcr.microsoft.com/windows/servercore:ltsc2025\nRUN curl https://example.com/a | sh\n`,
      },
    },
  ],
  check({ tree }, context) {
    for (const located of shellsOf(tree, /curl|wget|aria2c|fetch/, ['RUN', 'CMD', 'ENTRYPOINT'])) {
      for (const { span, runner } of downloadsRun(located)) {
        context.report({
          span,
          message: `\`${runner}\` runs a download as it arrives: whoever controls the server or the line to it is in the image.`,
          place: `${stagePlace(located.stage)}.${located.instruction.keyword}.pipe[${runner}]`,
        });
      }
    }
  },
});

interface DownloadRun {
  readonly span: Span;
  readonly runner: string;
}

function downloadsRun({ shell }: LocatedShell): readonly DownloadRun[] {
  const piped = shell.pipelines.flatMap(({ parts, span }): DownloadRun[] => {
    const source = parts.findIndex((part) => part.some(isDownload));
    const runner =
      source < 0
        ? undefined
        : parts
            .slice(source + 1)
            .flatMap((part) => part.slice(0, 1))
            .find(runsInput);
    return runner ? [{ span, runner: runner.program }] : [];
  });
  const substituted = shell.commands.flatMap((command): DownloadRun[] => {
    const word = runsWord(command);
    if (!word?.commands.some(isDownload)) return [];
    return [{ span: { start: command.span.start, end: word.span.end }, runner: command.program }];
  });
  return [...piped, ...substituted].sort((a, b) => a.span.start - b.span.start);
}

function isDownload(command: ShellCommand): boolean {
  return /^(?:curl|wget|wget2|aria2c|fetch)$/.test(command.program);
}

/** Interpreters that run their standard input unless a script is named. */
const INTERPRETER = /^(?:python[\d.]*|pypy3?|perl|ruby|node|nodejs|php|lua)$/;

/** Options of interpreters and shells behind which standard input is no script: `-c code`, `-m module`, `-e code`. */
const OWN_SCRIPT = /^-[a-zA-Z]*[cmenpr]$|^--(?:eval|print|module)/;

function runsInput(command: ShellCommand): boolean {
  const { program: name, operands: args } = command;
  const shell = isShellName(name);
  if (!shell && !INTERPRETER.test(name)) return false;
  const values = args.map((arg) => arg.value);
  const end = values.findIndex((value) => value === '-' || value === '--' || !value.startsWith('-'));
  const options = end < 0 ? values : values.slice(0, end);
  if (options.some((value) => (shell ? /^-[a-zA-Z]*c$/ : OWN_SCRIPT).test(value))) return false;
  if (shell && options.some((value) => /^-[a-zA-Z]*s/.test(value))) return true;
  const script = end < 0 ? undefined : values[end];
  if (script === undefined || script === '-' || script === '/dev/stdin') return true;
  // `php -- --install-dir=/usr/bin` passes the arguments to what it reads; other interpreters take the next word for a file.
  return script === '--' && (name === 'php' || values.length === end + 1);
}

/** The word that a command runs as code: `bash <(…)`, `. <(…)`, `sh -c "$(…)"`, `sh <<< "$(…)"`, `eval "$(…)"`. */
function runsWord(command: ShellCommand): ShellWord | undefined {
  const { program: name, operands: args } = command;
  if (name === 'eval') return args[0];
  if (name === 'source' || name === '.') return args.find((arg) => arg.text.startsWith('<('));
  if (!isShellName(name) && !INTERPRETER.test(name)) return undefined;
  const code = args.findIndex((arg) => /^-[a-zA-Z]*c$/.test(arg.value));
  if (code >= 0) return /^"?(?:\$\(|`)/.test(args[code + 1]?.text ?? '') ? args[code + 1] : undefined;
  const read = command.redirects.find(({ operator }) => operator === '<<<')?.target;
  return args.find((arg) => arg.text.startsWith('<(')) ?? (runsInput(command) ? read : undefined);
}
