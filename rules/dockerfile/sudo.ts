import { effectiveUser, isRoot } from '../../syntaxes/dockerfile/effective.ts';
import type { ShellCommand, ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { parseImage } from '../core/image-reference.ts';
import { defineRule } from '../core/rule.ts';
import { imageUser } from '../data/image-users.ts';
import { runCommands, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/sudo',
  title: 'RUN uses sudo',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /sudo/,
  dev: 'off',
  docs: {
    why: `A build step is root until \`USER\` says otherwise, so \`sudo\` does nothing there; where it does something, the image lets
its unprivileged user become root without a password, and so does everyone who takes over the container.`,
    fix: 'Run the steps that need root before `USER`, or between `USER root` and `USER app`, and leave `sudo` out of the image.',
    falsePositives:
      '`sudo -u`, which gives rights away instead of taking them, and the installation of the package are not meant.',
    cwe: [250],
    references: ['https://docs.docker.com/build/building/best-practices/#user'],
  },
  bad: [
    {
      name: 'as root it does nothing',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN «sudo» apt-get update && \\\n    apt-get install -y curl\n`,
      },
      fixed: `FROM ubuntu:24.04\nRUN apt-get update && \\\n    apt-get install -y curl\n`,
    },
    {
      name: 'for an unprivileged user',
      files: { Dockerfile: `FROM ubuntu:24.04\nRUN useradd -m app\nUSER app\nRUN «sudo» chown app /srv\n` },
    },
    { name: 'with options', files: { Dockerfile: `FROM ubuntu:24.04\nRUN «sudo» -E apt-get update\n` } },
    {
      name: 'behind other programs that run a command, and before one with an option of the same name',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN timeout 60 «sudo» apt-get update && «sudo» useradd -u 1000 app && env A=b «/usr/bin/sudo» id\n`,
      },
      fixed: `FROM ubuntu:24.04\nRUN timeout 60 apt-get update && sudo useradd -u 1000 app && env A=b /usr/bin/sudo id\n`,
    },
    {
      name: 'twice for one program',
      files: { Dockerfile: `FROM debian:12\nRUN «sudo» apt-get update && «sudo» apt-get upgrade -y\n` },
      fixed: `FROM debian:12\nRUN apt-get update && sudo apt-get upgrade -y\n`,
    },
  ],
  good: [
    {
      name: 'the package',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN apt-get install -y sudo && echo "app ALL=(ALL) ALL" >> /etc/sudoers\n`,
      },
    },
    {
      name: 'as another user',
      files: { Dockerfile: `FROM ubuntu:24.04\nRUN sudo -u app /srv/setup && sudo -H -u app id\n` },
    },
    {
      name: 'a comment and a text',
      files: { Dockerfile: `FROM ubuntu:24.04\n# sudo apt-get update\nRUN echo "sudo reboot"\n` },
    },
  ],
  check({ text, tree }, context) {
    for (const { stage, instruction, command } of runCommands(tree, /sudo/)) {
      const [word, first] = sudoOf(command);
      if (!word || !first) continue;
      const plain =
        !first.value.startsWith('-') && !first.value.includes('=') && isRootAt(tree, stage, instruction);
      context.report({
        span: word.span,
        message:
          '`sudo` does nothing as root, and where it is needed everyone in the container can become root with it.',
        place: `${stagePlace(stage)}.sudo[${first.value.slice(0, 60)}]`,
        fixes: () => [
          plain && text.slice(word.span.end, first.span.start).trim() === ''
            ? {
                title: 'Remove sudo',
                safety: 'safe',
                edits: [{ span: { start: word.span.start, end: first.span.start }, text: '' }],
                verify: 'docker build .',
              }
            : undefined,
        ],
      });
    }
  },
});

/** The word `sudo`, and the one behind it, of a command that becomes root with it: also behind `env`, `timeout` and the like. */
function sudoOf({ name, args, operands }: ShellCommand): readonly [ShellWord?, ShellWord?] {
  const words = name ? [name, ...args] : args;
  const before = words.slice(0, words.length - operands.length - 1);
  const at = before.findIndex(({ value }) => /^(?:\/usr\/bin\/)?sudo$/.test(value));
  const [word, first] = [before[at], words[at + 1]];
  return at < 0 || before.slice(at).some(({ value }) => /^-[A-Za-z]*u|^--user/.test(value))
    ? []
    : [word, first];
}

/** Whether a step certainly runs as root. */
function isRootAt(tree: DockerfileTree, stage: Stage, instruction: Instruction): boolean {
  const until = {
    ...stage,
    instructions: stage.instructions.filter(({ span }) => span.end <= instruction.span.start),
  };
  const user = effectiveUser(tree, until);
  if (user.from === 'instruction') return user.value !== undefined && isRoot(user.value);
  const image = user.image === undefined ? undefined : parseImage(user.image);
  return image !== undefined && imageUser(image)?.state === 'root';
}
