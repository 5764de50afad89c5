import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/insecure-run-flags',
  title: 'A build step leaves its sandbox, or does not know the host it logs in to',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /--security|--network|StrictHostKeyChecking/i,
  docs: {
    why: `\`--security=insecure\` runs a step as \`--privileged\` would, and \`--network=host\` lets it reach everything that listens on
the builder's loopback: code that a download brings along gets from the step to the builder and to what other builds make there.
With \`StrictHostKeyChecking no\` a step uses the forwarded SSH key against whatever host answers.`,
    fix: `Remove the flag, and do what needs the rights outside of the build. For SSH, put the host's key into the image:
\`COPY known_hosts /etc/ssh/ssh_known_hosts\`.`,
    falsePositives:
      'The setting of SSH counts only where a step of the stage mounts an SSH agent. `accept-new` and `ssh-keyscan` are not meant.',
    cwe: [250, 322],
    references: [
      'https://docs.docker.com/reference/dockerfile/#run---security',
      'https://docs.docker.com/reference/dockerfile/#run---network',
      'https://man.openbsd.org/ssh_config#StrictHostKeyChecking',
    ],
  },
  bad: [
    {
      name: 'privileged, and on the network of the host',
      files: {
        Dockerfile: `# syntax=docker/dockerfile:1-labs
FROM alpine:3.22
RUN «--security=insecure» mount -t tmpfs none /mnt
run --mount=type=cache,target=/c «--network=host» wget http://localhost:3142/a
`,
      },
    },
    {
      name: 'an agent for a host that is not known',
      files: {
        Dockerfile: `FROM alpine:3.22
RUN --mount=type=ssh GIT_SSH_COMMAND="ssh -o «StrictHostKeyChecking=no»" git clone git@git.example.com:a/b.git
RUN --mount=type=ssh,id=deploy \\
    ssh -o '«StrictHostKeyChecking no»' git@git.example.com
`,
      },
    },
    {
      name: 'a setting that a later step uses',
      files: {
        Dockerfile: `FROM alpine:3.22 AS base
ENV GIT_SSH_COMMAND="ssh -o «StrictHostKeyChecking=off»"
RUN mkdir -p ~/.ssh && printf 'Host *\\n  «stricthostkeychecking no»\\n' >> ~/.ssh/config
FROM base
RUN --mount=type=ssh git clone git@git.example.com:a/b.git
`,
      },
    },
    {
      name: 'for images that build on this one',
      files: { Dockerfile: `FROM alpine:3.22\nONBUILD RUN «--network=host» make\n` },
    },
  ],
  good: [
    {
      name: 'the defaults',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN --security=sandbox --network=default true\nRUN --network=none make\n`,
      },
    },
    {
      name: 'a host that is known, or becomes so',
      files: {
        Dockerfile: `FROM alpine:3.22
COPY known_hosts /root/.ssh/known_hosts
RUN ssh-keyscan github.com >> ~/.ssh/known_hosts
RUN --mount=type=ssh GIT_SSH_COMMAND="ssh -o StrictHostKeyChecking=accept-new" git clone git@github.com:a/b.git
RUN --mount=type=ssh ssh -o StrictHostKeyChecking=yes git@github.com
`,
      },
    },
    {
      name: 'SSH in a test image, without an agent',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN echo "StrictHostKeyChecking no" >> /etc/ssh/ssh_config\nRUN --mount=type=secret,id=a true\n`,
      },
    },
    {
      name: 'the options of other programs',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN docker build --network=host . && echo --security=insecure\n# RUN --network=host make\n`,
      },
    },
    {
      name: 'an agent in another stage, and before the setting',
      files: {
        Dockerfile: `FROM alpine:3.22 AS src
RUN --mount=type=ssh git clone git@github.com:a/b.git
FROM alpine:3.22
RUN echo "StrictHostKeyChecking no" >> /etc/ssh/ssh_config
`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    for (const stage of tree.stages) {
      for (const outer of stage.instructions) {
        const instruction = outer.trigger ?? outer;
        const place = `${stagePlace(stage)}.${instruction.keyword}`;
        for (const { span, text, message } of sandboxFlags(instruction))
          context.report({ span, message, place: `${place}[${text}]` });
        if (!isFollowedByAgent(tree, stage, instruction)) continue;
        for (const span of unknownHosts(document, instruction)) {
          context.report({
            span,
            message:
              'The forwarded SSH key is used against whatever host answers: nothing tells the right one from another.',
            place: `${place}.StrictHostKeyChecking`,
          });
        }
      }
    }
  },
});

interface FlagHit {
  readonly span: Span;
  readonly text: string;
  readonly message: string;
}

function sandboxFlags({ keyword, flags }: Instruction): readonly FlagHit[] {
  if (keyword !== 'RUN') return [];
  return flags.flatMap(({ name, value, span }) => {
    if (name === 'security' && value === 'insecure') {
      const message =
        '`--security=insecure` runs the step without a sandbox, as a privileged container: what it downloads can take over the builder.';
      return [{ span, text: '--security', message }];
    }
    if (name !== 'network' || value !== 'host') return [];
    const message =
      "`--network=host` lets the step reach what listens on the builder's loopback, and so does everything that it downloads.";
    return [{ span, text: '--network', message }];
  });
}

/** Whether a step at or behind the instruction, of its stage or one that builds on it, mounts an SSH agent. */
function isFollowedByAgent(tree: DockerfileTree, stage: Stage, instruction: Instruction): boolean {
  return tree.stages.some(
    (each) =>
      lineage(tree, each).includes(stage) &&
      each.instructions.some(
        ({ flags, span }) =>
          span.end >= instruction.span.end &&
          flags.some(({ name, value }) => name === 'mount' && /(?:^|,)type=ssh(?:,|$)/.test(value ?? '')),
      ),
  );
}

/** Settings of SSH in a step or a variable, comments left out. */
function unknownHosts({ text, tree }: Document<'dockerfile'>, instruction: Instruction): readonly Span[] {
  if (instruction.keyword !== 'RUN' && instruction.keyword !== 'ENV') return [];
  const code = text.slice(instruction.span.start, instruction.span.end);
  return [...code.matchAll(/\bStrictHostKeyChecking(?:=|[ \t]+|[ \t]*=[ \t]*)"?(?:no|off)\b/gi)]
    .map((match) => ({
      start: instruction.span.start + match.index,
      end: instruction.span.start + match.index + match[0].length,
    }))
    .filter(({ start, end }) => !tree.comments.some((each) => each.start <= start && end <= each.end));
}
