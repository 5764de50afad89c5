import type { ShellCommand, ShellPipeline } from '../../syntaxes/dockerfile/shell.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { mountsSecret, shellsOf, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/password-in-run',
  title: 'A password is set in a build step',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /passwd|useradd|usermod/,
  docs: {
    why: `The password is in the Dockerfile, in the image's history and the same in every container that is started from it. An empty
one (\`passwd -d\`) lets everyone in who reaches a login.`,
    fix: `Leave accounts of the image without a password, so that none can log in. Where a login is needed, set the password when the
container starts, from a secret.`,
    falsePositives: 'Silent for variables and for passwords that come from a secret mount.',
    cwe: [259],
    references: ['https://docs.docker.com/build/building/secrets/'],
  },
  bad: [
    {
      name: 'chpasswd',
      files: { Dockerfile: `FROM ubuntu:24.04\nRUN apt-get update && «echo 'root:hunter2' | chpasswd»\n` },
    },
    {
      name: 'a password twice on standard input',
      files: { Dockerfile: `FROM ubuntu:24.04\nRUN «printf "hunter2\\nhunter2\\n" | passwd app»\n` },
    },
    {
      name: 'a user in a variable, a here string, standard input, a heredoc',
      files: {
        Dockerfile: `FROM ubuntu:24.04
ARG USERNAME=app
RUN «echo "\${USERNAME}:hunter2" | sudo chpasswd»
RUN «chpasswd <<< "root:hunter2"»
RUN «echo hunter2 | passwd --stdin app»
RUN <<EOF
«echo "root:hunter2" | chpasswd»
EOF
`,
      },
    },
    {
      name: 'a hash that the step makes of a password',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN useradd «-p» "$(openssl passwd -1 hunter2)" app && usermod «--password» $(echo hunter2 | openssl passwd -1 -stdin) root\n`,
      },
    },
    {
      name: 'an option, and none at all',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN useradd -m «-p» abcdefgh app\nRUN «passwd -d» root && «echo 'app:' | chpasswd»\n`,
      },
    },
  ],
  good: [
    {
      name: 'no password',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN useradd -m app && adduser --disabled-password --gecos "" other && passwd -l app\n`,
      },
    },
    {
      name: 'a secret',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN --mount=type=secret,id=pw echo "root:$(cat /run/secrets/pw)" | chpasswd\n`,
      },
    },
    {
      name: 'a variable',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nARG PW\nRUN echo "root:$PW" | chpasswd && useradd -p "$PW" app && useradd -p "$(openssl passwd -1 $PW)" b\nRUN chpasswd <<< "root:\${PW}" && echo "app:*" | chpasswd -e && echo "$USERS" | chpasswd\n`,
      },
    },
    {
      name: 'other options',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN mkdir -p /a && usermod -aG app app && echo "chpasswd" | cat\n`,
      },
    },
  ],
  check({ tree }, context) {
    for (const { stage, instruction, shell } of shellsOf(tree, /passwd|useradd|usermod/)) {
      if (mountsSecret(instruction)) continue;
      const hits = [...shell.pipelines.flatMap(piped), ...shell.commands.flatMap(inOption)];
      for (const { span, user } of hits.sort((a, b) => a.span.start - b.span.start)) {
        context.report({
          span,
          message:
            'A password that is set here is in the file, in the history of the image and the same in every container.',
          place: `${stagePlace(stage)}.RUN.password[${user}]`,
        });
      }
    }
  },
});

interface Hit {
  readonly span: Span;
  readonly user: string;
}

function piped({ parts, span }: ShellPipeline): readonly Hit[] {
  const [source, sink] = [parts.at(-2)?.at(-1), parts.at(-1)?.[0]];
  if (!source || !sink || !/^(?:echo|printf)$/.test(source.program)) return [];
  const { program: name, operands: args } = sink;
  const text = source.args.map(({ value }) => value).join(' ');
  if (name === 'chpasswd') {
    const user = userWithPassword(text);
    return user === undefined ? [] : [{ span, user }];
  }
  return name === 'passwd' && !/[$`]/.test(text)
    ? [{ span, user: args.findLast(({ value }) => !value.startsWith('-'))?.value ?? '' }]
    : [];
}

/** The user of `user:password`, where the password is written out or empty; the user may be a variable. `*` and `!` are no passwords. */
function userWithPassword(text: string): string | undefined {
  const match = /^\s*(?:-\S+\s+)*([\w.${}-]+):(?:[^\s$`*!][^$`]*)?$/.exec(text);
  return match?.[1]?.replace(/[${}]/g, '');
}

function inOption(command: ShellCommand): readonly Hit[] {
  const { program: name, operands: args, redirects, span } = command;
  const user = args.at(-1)?.value ?? '';
  if (name === 'chpasswd') {
    const read = redirects.find(({ operator }) => operator === '<<<')?.target;
    const named = read && userWithPassword(read.value);
    return named === undefined ? [] : [{ span, user: named }];
  }
  if (name === 'passwd') {
    const option = args.find(({ value }) => /^-[a-z]*d$|^--delete$/.test(value));
    return option && command.name
      ? [{ span: { start: command.name.span.start, end: option.span.end }, user }]
      : [];
  }
  if (name !== 'useradd' && name !== 'usermod') return [];
  const at = args.findIndex(({ value }) => /^-p$|^--password(?:=|$)/.test(value));
  const word = args[at];
  const value = word?.value.includes('=') ? word.value.replace(/^[^=]*=/, '') : args[at + 1]?.value;
  if (word && args[at + 1]?.commands.some((made) => hashesLiteral(made, args[at + 1]?.value ?? '')))
    return [{ span: word.span, user }];
  if (
    !word ||
    value === undefined ||
    value === '' ||
    (/^[!*x]|[$`]/.test(value) && !/^\$[0-9a-z]+\$/.test(value))
  )
    return [];
  return [{ span: word.span, user }];
}

/** Whether a command substitution makes a hash of a password that is written out. */
function hashesLiteral({ program, operands }: ShellCommand, code: string): boolean {
  if (program !== 'openssl' && program !== 'mkpasswd') return false;
  if (/\$(?!\()|`|<|\bcat\b/.test(code)) return false;
  return (
    operands.some(({ value }) => value === '-stdin') ||
    operands.some(({ value }, index) => index > 0 && !value.startsWith('-'))
  );
}
