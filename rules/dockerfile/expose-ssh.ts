import { finalStage, lastInstruction } from '../../syntaxes/dockerfile/effective.ts';
import type { ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import type { DockerfileTree, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { expand, variablesBefore } from '../../syntaxes/dockerfile/variables.ts';
import { removeInstruction } from '../core/dockerfile-edits.ts';
import { defineRule } from '../core/rule.ts';
import { codeOf, finalLineage, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/expose-ssh',
  title: 'The image offers a login over SSH',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /EXPOSE|ssh/i,
  docs: {
    why: `A login is one more way in, with keys and passwords of its own that nobody rotates, and it needs root. \`docker exec\` and
\`kubectl exec\` do the same, with the rights and the log of the platform.`,
    fix: 'Leave the SSH server out of the image.',
    falsePositives:
      'Silent for images that are about Git or about file transfer over SSH, where the port is the point.',
    cwe: [671],
    controls: ['CIS Docker 1.6.0 5.7'],
    references: ['https://docs.docker.com/reference/cli/docker/container/exec/'],
  },
  bad: [
    {
      name: 'alone',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN apt-get install -y openssh-server\nEXPOSE «22»\nUSER app\n`,
      },
      fixed: `FROM ubuntu:24.04\nRUN apt-get install -y openssh-server\nUSER app\n`,
    },
    {
      name: 'a port in a variable; without it the server is still started',
      files: {
        Dockerfile: `FROM ubuntu:24.04
RUN apt-get install -y openssh-server && mkdir /run/sshd
ARG SSH_PORT=22
EXPOSE «$SSH_PORT»
CMD ["/usr/sbin/sshd", "-D"]
`,
      },
    },
    {
      name: 'a server that no port is exposed for',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN apt-get install -y openssh-server\nCMD «service» ssh start && exec node server.js\n`,
      },
    },
    {
      name: 'among others',
      files: { Dockerfile: `FROM ubuntu:24.04\nEXPOSE 80 «22/tcp» 443\n` },
      fixed: `FROM ubuntu:24.04\nEXPOSE 80 443\n`,
    },
  ],
  good: [
    { name: 'other ports', files: { Dockerfile: `FROM ubuntu:24.04\nEXPOSE 80 2222 220 22/udp\n` } },
    {
      name: 'a Git server',
      files: { Dockerfile: `FROM alpine:3.22\nRUN apk add openssh-server git gitea\nEXPOSE 22 3000\n` },
    },
    {
      name: 'a user for Git',
      files: {
        Dockerfile: `FROM debian:12\nRUN apt-get install -y git openssh-server && adduser --disabled-password git\nEXPOSE 22\nCMD ["/usr/sbin/sshd", "-D"]\n`,
      },
    },
    {
      name: 'SFTP',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN echo "ForceCommand internal-sftp" >> /etc/ssh/sshd_config\nEXPOSE 22\n`,
      },
    },
  ],
  check(document, context) {
    const { text, tree } = document;
    const stages = finalLineage(tree);
    const exposed = stages.flatMap((stage) =>
      stage.instructions
        .filter(({ keyword }) => keyword === 'EXPOSE')
        .map((instruction) => ({ stage, instruction })),
    );
    const started = startedServer(tree);
    if (
      (exposed.length === 0 && !started) ||
      /\b(?:gitea|forgejo|gitlab|gogs|gitolite|soft-serve|git-shell|git-daemon|sftp|rsync|borg|bastion|jump)|\/home\/git\b|--bare\b|(?:useradd|adduser)\s[^&|;\n]*\sgit(?![\w.-])/i.test(
        codeOf(document),
      )
    )
      return;
    let found = false;
    for (const { stage, instruction } of exposed) {
      const word = instruction.words.find((each) =>
        /^22(?:\/tcp)?$/i.test(
          expand(each.text, variablesBefore(tree, stage, instruction), tree.escape) ?? '',
        ),
      );
      if (!word) continue;
      found = true;
      const others = instruction.words.filter((each) => each !== word);
      context.report({
        span: word.span,
        message:
          'Port 22 offers a login over SSH: one more way in, with keys of its own; `docker exec` needs none.',
        place: `${stagePlace(stage)}.EXPOSE[22]`,
        fixes: () => {
          const previous = others.findLast(({ span }) => span.end <= word.span.start);
          const next = others.find(({ span }) => span.start >= word.span.end);
          const edit = previous
            ? { span: { start: previous.span.end, end: word.span.end }, text: '' }
            : next
              ? { span: { start: word.span.start, end: next.span.start }, text: '' }
              : removeInstruction(text, instruction);
          return [
            edit && {
              title: 'Remove port 22',
              safety: 'review',
              edits: [edit],
              risk: 'Whoever logs in over SSH needs another way: `docker exec`.',
            },
          ];
        },
      });
    }
    if (!started || found) return;
    context.report({
      span: started.word.span,
      message: 'An SSH server is started: one more way in, with keys of its own; `docker exec` needs none.',
      place: `${stagePlace(started.stage)}.${started.keyword}[sshd]`,
    });
  },
});

/** The word that starts an SSH server when the container starts. */
function startedServer(
  tree: DockerfileTree,
): { readonly word: ShellWord; readonly stage: Stage; readonly keyword: string } | undefined {
  const final = finalStage(tree);
  for (const keyword of ['ENTRYPOINT', 'CMD']) {
    const located = final && lastInstruction(tree, final, keyword);
    for (const { name, program, operands } of located?.instruction.shell?.commands ?? []) {
      const words = operands.map(({ value }) => value);
      const isService = /^(?:service|rc-service)$/.test(program) && /^sshd?$/.test(words[0] ?? '');
      const isScript = /^\/etc\/init\.d\/sshd?$/.test(name?.value ?? '');
      if (located && name && (program === 'sshd' || ((isService || isScript) && words.includes('start'))))
        return { word: name, stage: located.stage, keyword };
    }
  }
  return undefined;
}
