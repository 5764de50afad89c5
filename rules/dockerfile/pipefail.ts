import type { ShellCommand, ShellPipeline } from '../../syntaxes/dockerfile/shell.ts';
import type { DockerfileTree } from '../../syntaxes/dockerfile/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { lineEndingOf } from '../../syntaxes/lines.ts';
import { insertBefore } from '../core/dockerfile-edits.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { shellReader, stageFamily } from './shared/reader.ts';
import { type LocatedShell, shellsOf, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/pipefail',
  title: 'A command that fails before a pipe goes unnoticed',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\|/,
  docs: {
    why: `A shell only looks at the last command of a pipe. When the download or the build before it fails, the step still counts as
done: the image is built, pushed and cached with half a file or with nothing in it.`,
    fix: `Let the shell look at every command of the pipe: \`SHELL ["/bin/bash", "-o", "pipefail", "-c"]\`, or \`set -o pipefail\` at
the head of the step where its shell is bash or that of Alpine. The \`sh\` of Debian and Ubuntu does not know the option.`,
    falsePositives: `Only commands that fail for reasons from outside count: downloads, builds, archives; not \`echo\`, \`cat\` or \`yes\`.
Silent where the last command notices by itself (\`tar\`, \`gpg\`, \`sha256sum -c\`, \`grep\`), where the failure is caught with \`||\` or
\`if\`, and where the base image may have set \`SHELL\`. A download that is piped into a shell is reported by
dockerfile/pipe-to-shell too: a checksum mends both, this option only that half a script counts as a whole one.`,
    cwe: [754],
    references: [
      'https://docs.docker.com/build/building/best-practices/#using-pipes',
      'https://docs.docker.com/reference/dockerfile/#shell',
    ],
  },
  bad: [
    {
      name: 'a download on Debian, whose sh has no pipefail',
      files: {
        Dockerfile: `FROM debian:bookworm-slim
# Who may log in.
RUN «curl -fsSL https://example.com/keys.json | jq -r '.keys[]' > /etc/app/keys»
USER 1000
`,
      },
      fixed: `FROM debian:bookworm-slim
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# Who may log in.
RUN curl -fsSL https://example.com/keys.json | jq -r '.keys[]' > /etc/app/keys
USER 1000
`,
    },
    {
      name: 'Alpine',
      files: {
        Dockerfile: `FROM node:22-alpine
RUN apk add --no-cache curl \\
  && VERSION=$(«curl -s https://example.com/latest | cut -d'"' -f4») \\
  && npm install -g "tool@$VERSION"
`,
      },
      fixed: `FROM node:22-alpine
RUN set -o pipefail && apk add --no-cache curl \\
  && VERSION=$(curl -s https://example.com/latest | cut -d'"' -f4) \\
  && npm install -g "tool@$VERSION"
`,
    },
    {
      name: 'bash, named in the file, and a heredoc',
      files: {
        Dockerfile: `FROM registry.example.com/base:1
SHELL ["/bin/bash", "-c"]
RUN <<EOF
set -e
«make all 2>&1 | tee build.log»
EOF
`,
      },
      fixed: `FROM registry.example.com/base:1
SHELL ["/bin/bash", "-c"]
RUN <<EOF
set -o pipefail
set -e
make all 2>&1 | tee build.log
EOF
`,
    },
    {
      name: 'a step that names its shell',
      files: {
        Dockerfile: `FROM registry.example.com/base:1
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN <<EOF
#!/bin/bash
«curl -s https://example.com/a | sort > /a»
EOF
RUN ["bash", "-c", "«curl -s https://example.com/a | sort > /a»"]
`,
      },
    },
    {
      name: 'half a script',
      files: {
        Dockerfile: `FROM debian:12\nRUN «curl -fsSL https://deb.example.com/setup.sh | bash -» && apt-get install -y nodejs\n`,
      },
      fixed: `FROM debian:12\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN curl -fsSL https://deb.example.com/setup.sh | bash - && apt-get install -y nodejs\n`,
    },
    {
      name: 'wget and wc',
      files: { Dockerfile: `FROM ubuntu:24.04\nRUN «wget -O - https://example.com | wc -l > /number»\n` },
      fixed: `FROM ubuntu:24.04\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN wget -O - https://example.com | wc -l > /number\n`,
    },
  ],
  good: [
    {
      name: 'SHELL with pipefail',
      files: {
        Dockerfile: `FROM debian:12
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
RUN curl -s https://example.com/a | jq -r .x > /a
FROM alpine:3.22
SHELL ["/bin/ash", "-o", "pipefail", "-c"]
RUN curl -s https://example.com/a | jq -r .x > /a
`,
      },
    },
    {
      name: 'SHELL in the stage below',
      files: {
        Dockerfile: `FROM debian:12 AS base\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nFROM base\nRUN curl -s https://example.com/a | jq -r .x > /a\n`,
      },
    },
    {
      name: 'in the step itself',
      files: {
        Dockerfile: `FROM alpine:3.22
RUN set -eo pipefail; curl -s https://example.com/a | jq -r .x > /a
RUN set -o errexit -o pipefail && wget -qO- https://example.com/a | sort > /a
RUN ["/bin/bash", "-o", "pipefail", "-c", "curl -s https://example.com/a | sort > /a"]
RUN bash <<EOF
set -euo pipefail
curl -s https://example.com/a | sort > /a
EOF
`,
      },
    },
    {
      name: 'what fails for no reason from outside',
      files: {
        Dockerfile: `FROM debian:12\nRUN echo "app:x" | tee /etc/app && cat a | sort > b && yes | sdkmanager --licenses\n`,
      },
    },
    {
      name: 'the last command notices',
      files: {
        Dockerfile: `FROM debian:12
RUN curl -fsSL https://example.com/a.tgz | tar -xz -C /opt
RUN curl -fsSL https://example.com/k.asc | gpg --dearmor -o /usr/share/keyrings/a.gpg
RUN curl -fsSL https://example.com/sums | sha256sum -c -
RUN wget -qO- https://example.com/a | grep -q "1.2.3"
`,
      },
    },
    {
      name: 'the failure is caught',
      files: {
        Dockerfile: `FROM debian:12
RUN curl -s https://example.com/a | sort > /a || true
RUN if curl -s https://example.com/a | sort > /a; then echo yes; fi
`,
      },
    },
    {
      name: 'the base image may have set SHELL',
      files: {
        Dockerfile: `FROM quay.io/jupyter/base-notebook:2026-07-28
RUN curl -s https://example.com/a | sort > /a
`,
      },
    },
    {
      name: 'no pipe, and one in quotes',
      files: {
        Dockerfile: `FROM debian:12\nRUN curl -s https://example.com/a || curl -s https://example.com/b\nRUN curl -s "https://example.com/?a|b"\n`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    for (const located of shellsOf(tree, /\|/)) {
      const { stage, instruction, shell } = located;
      if (shell.pipelines.length === 0 || saysPipefail(document, located)) continue;
      const { words } = shellReader(tree, stage, instruction);
      const isOwn = namesShell(document, located);
      if (!isOwn && (!words || words.some((word) => word.includes('pipefail')))) continue;
      for (const pipeline of shell.pipelines) {
        const source = failingPart(pipeline);
        if (!source || isCaught(document.text, located, pipeline)) continue;
        context.report({
          span: pipeline.span,
          message: `When \`${source.program}\` fails before the pipe, the step still counts as done, and the image is built without its output.`,
          place: `${stagePlace(stage)}.RUN.pipe[${source.program}]`,
          fixes: () => [isOwn ? undefined : pipefailFix(document, located)],
        });
      }
    }
  },
});

/** Programs that fail for reasons that are not in the file: the network, the sources. */
const FALLIBLE =
  /^(?:curl|wget2?|aria2c|git|svn|tar|make|cmake|ninja|npm|yarn|pnpm|pip3?|mvn|mvnw|gradle|gradlew|go|cargo|dotnet)$/;

/** Programs that fail themselves where nothing, or half a file, arrives. */
const NOTICES =
  /^(?:tar|bsdtar|unzip|bsdcat|cpio|gunzip|bunzip2|unxz|gzip|xz|bzip2|zstd|unzstd|gpg2?|apt-key|sha\d+sum|md5sum|grep|egrep|fgrep|patch|dpkg|rpm|openssl|docker|mysql|psql)$/;

/** The command whose failure nobody sees; undefined where there is none. */
function failingPart({ parts }: ShellPipeline): ShellCommand | undefined {
  const last = parts.at(-1)?.[0];
  const source = parts
    .slice(0, -1)
    .flatMap((part) => part.slice(0, 1))
    .find(isFallible);
  if (!source || !last || parts.some((part) => part.length === 0)) return undefined;
  // What leaves out a file that it cannot read still writes an archive that the other end finds complete.
  return source.program !== 'tar' && NOTICES.test(last.program) ? undefined : source;
}

function isFallible({ program, operands }: ShellCommand): boolean {
  return FALLIBLE.test(program) && !operands.some(({ value }) => /^--?(?:version|help)$/.test(value));
}

function saysPipefail({ text }: Document<'dockerfile'>, { instruction }: LocatedShell): boolean {
  return text.slice(instruction.span.start, instruction.span.end).includes('pipefail');
}

/** Whether the step names its shell itself, so that `SHELL` has no say: the exec form, `RUN bash <<EOF`, `#!/bin/bash`. */
function namesShell({ text }: Document<'dockerfile'>, { instruction }: LocatedShell): boolean {
  const { json, heredocs, masked } = instruction;
  const [heredoc] = heredocs;
  if (!heredoc) return json !== undefined;
  return /\s/.test(masked.trim()) || /^\t*#!/.test(text.slice(heredoc.body.start, heredoc.body.end));
}

/** Whether the outcome of a pipe is judged otherwise: `… || true`, `if …`, inside of an argument of another command. */
function isCaught(text: string, located: LocatedShell, { span }: ShellPipeline): boolean {
  const { shell, instruction } = located;
  // Where there is no heredoc, comments and the ends of continued lines are out of the way.
  const { masked, heredocs } = instruction;
  const [code, base] = heredocs.length > 0 ? [text, 0] : [masked, instruction.arguments.start];
  const [start, end] = [span.start - base, span.end - base];
  if (/^[\s\\)"}]*\|\|/.test(code.slice(end))) return true;
  const before = code.slice(Math.max(0, start - 5000), start).trimEnd();
  if (/(?:^|[\s;(])(?:if|while|until|elif|!)$/.test(before)) return true;
  return shell.commands.some(
    ({ name, args }) => name && args.some((arg) => arg.span.start < span.start && span.end <= arg.span.end),
  );
}

function pipefailFix(document: Document<'dockerfile'>, located: LocatedShell): Fix | undefined {
  const { stage, instruction } = located;
  const { hasPipefail } = shellReader(document.tree, stage, instruction);
  const edit = hasPipefail
    ? setInStep(document, located)
    : isPlainDebian(document.tree, located)
      ? insertBefore(document, instruction, [
          { keyword: 'SHELL', text: '["/bin/bash", "-o", "pipefail", "-c"]' },
        ])
      : undefined;
  return (
    edit && {
      title: hasPipefail ? 'Set pipefail in this step' : 'Use bash with pipefail from here on',
      safety: 'review',
      edits: [edit],
      risk: 'The build now fails where a command before a pipe fails, also when the next one stops reading early, as `head` does.',
      verify: 'docker build .',
    }
  );
}

function setInStep({ text }: Document<'dockerfile'>, { instruction }: LocatedShell): Edit | undefined {
  const [heredoc] = instruction.heredocs;
  if (!heredoc) {
    const at = instruction.arguments.start;
    return { span: { start: at, end: at }, text: 'set -o pipefail && ' };
  }
  const body = text.slice(heredoc.body.start, heredoc.body.end);
  if (instruction.heredocs.length > 1) return undefined;
  const indent = /^[ \t]*/.exec(body)?.[0] ?? '';
  const at = heredoc.body.start;
  return { span: { start: at, end: at }, text: `${indent}set -o pipefail${lineEndingOf(text)}` };
}

/** The `sh` of Debian reads the step, in the stage itself: bash stands beside it. */
function isPlainDebian(tree: DockerfileTree, { stage, instruction }: LocatedShell): boolean {
  return (
    stage.instructions.includes(instruction) &&
    !instruction.json &&
    stageFamily(tree, stage) === 'debian' &&
    shellReader(tree, stage, instruction).words?.[0] === '/bin/sh'
  );
}
