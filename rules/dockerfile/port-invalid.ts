import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { expand, variablesBefore } from '../../syntaxes/dockerfile/variables.ts';
import { defineRule } from '../core/rule.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/port-invalid',
  title: 'EXPOSE names no port of the container',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /expose/i,
  docs: {
    why: `\`EXPOSE\` says on which ports the container listens. A mapping to a port of the host (\`8080:80\`) is not taken for one, so what
the author meant does not happen; a port beyond 65535 or another protocol breaks the build.`,
    fix: 'Name the port of the container, `EXPOSE 80` or `EXPOSE 53/udp`, and publish it where the container is started.',
    falsePositives: 'Silent for variables without a default.',
    references: [
      'https://docs.docker.com/reference/dockerfile/#expose',
      'https://docs.docker.com/reference/build-checks/expose-invalid-format/',
    ],
  },
  bad: [
    {
      name: 'a mapping to the host',
      files: {
        Dockerfile: `FROM nginx:1.29\nEXPOSE «8080:80» 443\nEXPOSE «127.0.0.1:53:53/udp»\nEXPOSE «"8000:80"»\n`,
      },
      fixed: `FROM nginx:1.29\nEXPOSE 80 443\nEXPOSE 127.0.0.1:53:53/udp\nEXPOSE "8000:80"\n`,
    },
    {
      name: 'out of range',
      files: {
        Dockerfile: `FROM alpine:3.22\nEXPOSE «80000»\nexpose «0» 65535\nEXPOSE «8100-8000/tcp»\nEXPOSE «8000-70000»\n`,
      },
    },
    {
      name: 'another protocol, and words',
      files: { Dockerfile: `FROM alpine:3.22\nEXPOSE «80/http»\nEXPOSE «http»\nEXPOSE «-p»\n` },
    },
    {
      name: 'a list with commas',
      files: { Dockerfile: `FROM alpine:3.22\nEXPOSE «80,443»\n` },
      fixed: `FROM alpine:3.22\nEXPOSE 80 443\n`,
    },
    {
      name: 'the default of a variable',
      files: { Dockerfile: `FROM alpine:3.22\nARG PORT=99999\nEXPOSE «$PORT»\n` },
    },
  ],
  good: [
    {
      name: 'ports, ranges and protocols',
      files: {
        Dockerfile: `FROM alpine:3.22\nEXPOSE 80 443/tcp 53/UDP 132/sctp 8000-8010 9000-9000/udp "8080" 65535\n`,
      },
    },
    {
      name: 'variables',
      files: {
        Dockerfile: `FROM alpine:3.22\nARG A\nARG B=8080\nENV C 9090\nEXPOSE $A \${A}/udp $B \${C} \${D:-8081} \${A}-\${B}\n`,
      },
    },
    { name: 'commented', files: { Dockerfile: `FROM alpine:3.22\nEXPOSE 80 \\\n    # 8080:80\n    443\n` } },
  ],
  check({ tree }, context) {
    for (const stage of tree.stages) {
      for (const instruction of stage.instructions) {
        if (instruction.keyword !== 'EXPOSE') continue;
        for (const { text, span } of instruction.words) {
          const port = expanded(tree, stage, instruction, text);
          const what = port === undefined ? undefined : whatIsWrong(port);
          if (port === undefined || what === undefined) continue;
          const valid = containerPort(port);
          context.report({
            span,
            message: `\`${port.slice(0, 40)}\` ${what}.`,
            place: `${stagePlace(stage)}.EXPOSE[${text.slice(0, 40)}]`,
            fixes: () => [
              valid !== undefined && !text.includes('$')
                ? {
                    title: `Expose ${valid}`,
                    safety: 'safe',
                    edits: [{ span, text: valid }],
                    verify: 'docker build .',
                  }
                : undefined,
            ],
          });
        }
      }
    }
  },
});

/** The word with its variables replaced; undefined where one is not known or where it is none, as a comment is. */
function expanded(
  tree: DockerfileTree,
  stage: Stage,
  instruction: Instruction,
  text: string,
): string | undefined {
  const word = text.replace(/^(["'])(.*)\1$/, '$2');
  const port = expand(word, variablesBefore(tree, stage, instruction), tree.escape);
  return port === '' || /\s/.test(port ?? '') ? undefined : port;
}

/** What is wrong with a port, as the rest of a sentence. */
function whatIsWrong(port: string): string | undefined {
  if (/^(?:\[?[\w.:-]*\]?:)?\d+(?:-\d+)?:\d+(?:-\d+)?(?:\/\w+)?$|^[\d.]+::\d+(?:\/\w+)?$/.test(port))
    return 'maps a port of the host, which `EXPOSE` does not do: publish it with `-p` or `ports:`';
  const match = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(port);
  if (!match) return 'is no port: `EXPOSE` takes a number, with `/tcp` or `/udp` where needed';
  const [, first = '', last = first, protocol = 'tcp'] = match;
  if (!/^(?:tcp|udp|sctp)$/i.test(protocol))
    return 'has no protocol that can be exposed: `tcp`, `udp` or `sctp`';
  if (Number(first) < 1 || Number(last) > 65535) return 'is no port: they go from 1 to 65535';
  return Number(first) > Number(last) ? 'is a range that ends before it begins' : undefined;
}

/** What was meant, where that is certain. */
function containerPort(port: string): string | undefined {
  const ports = /^\d+(?:,\d+)+$/.test(port)
    ? port.split(',')
    : [/:(\d+(?:-\d+)?(?:\/\w+)?)$/.exec(port)?.[1] ?? ''];
  return ports.every((each) => each !== '' && whatIsWrong(each) === undefined) ? ports.join(' ') : undefined;
}
