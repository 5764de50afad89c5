import type { DockerfileTree, Instruction, Stage, Word } from '../../syntaxes/dockerfile/tree.ts';
import { expand, variablesBefore } from '../../syntaxes/dockerfile/variables.ts';
import { defineRule } from '../core/rule.ts';
import { normalPath } from './shared/copies.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/system-workdir',
  title: 'WORKDIR or VOLUME is a directory of the system',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /workdir|volume/i,
  docs: {
    why: `\`/proc\`, \`/sys\` and \`/dev\` are not part of the image: the runtime mounts the kernel's own over whatever a build puts there.
A volume over a directory of programs or settings keeps those of the first version through every update, and makes them a place to
write. A volume for Docker's socket asks for the one mount that hands the host to the container.`,
    fix: 'Give the application a directory of its own: `WORKDIR /app`, `VOLUME /var/lib/app`.',
    falsePositives: `Directories below \`/etc\`, \`/usr\`, \`/var\` and \`/lib\` are not meant, nor are \`/dev/shm\` and \`/sys/fs/cgroup\`,
which images with systemd declare.`,
    cwe: [668],
    references: [
      'https://docs.docker.com/reference/dockerfile/#workdir',
      'https://docs.docker.com/reference/dockerfile/#volume',
    ],
  },
  bad: [
    {
      name: 'working in a file system of the kernel',
      files: {
        Dockerfile: `FROM alpine:3.22\nWORKDIR «/proc»\nWORKDIR «"/dev/app/"»\nWORKDIR «/sys/../boot/grub»\n`,
      },
    },
    {
      name: 'through a variable, in any case',
      files: { Dockerfile: `FROM alpine:3.22\nARG DIR=/sys\nworkdir «\${DIR}/class»\n` },
    },
    {
      name: 'volumes',
      files: {
        Dockerfile: `FROM alpine:3.22
VOLUME /data «/etc»
VOLUME ["«/usr/bin/»", "/srv"]
VOLUME «/»
VOLUME «/proc/sys»
`,
      },
    },
    {
      name: "Docker's socket",
      files: {
        Dockerfile: `FROM docker:28-cli\nVOLUME ["«/var/run/docker.sock»"]\nVOLUME «/run/docker.sock:/var/run/docker.sock»\n`,
      },
    },
  ],
  good: [
    {
      name: 'directories of their own',
      files: {
        Dockerfile: `FROM alpine:3.22
WORKDIR /app
WORKDIR /usr/src/app
WORKDIR /etc/nginx
WORKDIR /root
WORKDIR /
VOLUME /etc/nginx /var/lib/app /usr/share/nginx/html /root/.cache
VOLUME ["/data", "/var/log"]
`,
      },
    },
    {
      name: 'names that begin alike',
      files: {
        Dockerfile: `FROM alpine:3.22\nWORKDIR /process\nWORKDIR /development/app\nVOLUME /system /bootstrap\n`,
      },
    },
    {
      name: 'relative paths and variables',
      files: { Dockerfile: `FROM alpine:3.22\nARG DIR\nWORKDIR dev\nWORKDIR $DIR\nVOLUME $DIR/proc\n` },
    },
    {
      name: 'systemd, and shared memory',
      files: { Dockerfile: `FROM fedora:42\nVOLUME [ "/sys/fs/cgroup" ]\nVOLUME /dev/shm\n` },
    },
    {
      name: 'Windows',
      files: { Dockerfile: `FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\nWORKDIR /dev\n` },
    },
  ],
  check({ tree }, context) {
    for (const stage of tree.stages) {
      if (stage.shell === 'other') continue;
      for (const instruction of stage.instructions) {
        for (const word of pathsOf(instruction)) {
          const path = absolutePath(tree, stage, instruction, word.text);
          const what = path && whatIs(instruction.keyword, path);
          if (!path || !what) continue;
          context.report({
            span: word.span,
            message: `\`${instruction.keyword}\` is \`${path.slice(0, 40)}\`, ${what}.`,
            place: `${stagePlace(stage)}.${instruction.keyword}[${path}]`,
          });
        }
      }
    }
  },
});

function pathsOf({ keyword, json, words, masked, arguments: span }: Instruction): readonly Word[] {
  if (keyword === 'WORKDIR') return words.length === 0 ? [] : [{ text: masked, span }];
  if (keyword !== 'VOLUME') return [];
  return (
    json?.map(({ value, span: at }) => ({ text: value, span: { start: at.start + 1, end: at.end - 1 } })) ??
    words
  );
}

function absolutePath(
  tree: DockerfileTree,
  stage: Stage,
  instruction: Instruction,
  text: string,
): string | undefined {
  const bare = text.replace(/^(["'])(.*)\1$/, '$2');
  const path = /[$\\`]/.test(bare)
    ? expand(bare, variablesBefore(tree, stage, instruction), tree.escape)
    : bare;
  return path?.startsWith('/') ? normalPath(path) : undefined;
}

const KERNEL = /^\/(?:proc|sys|dev|boot)(?:\/|$)/;
const MEANT = /^\/(?:dev\/shm|sys\/fs\/cgroup)(?:\/|$)/;
const SOCKET = /^\/(?:var\/)?run\/(?:[\w-]+\/)?(?:docker|containerd|podman|crio)\.sock(?::.*)?$/;
const SYSTEM = /^\/(?:(?:usr\/)?(?:s?bin|lib|lib64)|usr|etc|var|root)?$/;

/** What a path is, as the end of a sentence; undefined for a path like others. */
function whatIs(keyword: string, path: string): string | undefined {
  if (MEANT.test(path)) return undefined;
  if (KERNEL.test(path))
    return path.startsWith('/boot')
      ? 'which belongs to the kernel of a host and has no use in a container'
      : "which is the kernel's: at runtime it covers what the image has there";
  if (keyword !== 'VOLUME') return undefined;
  if (SOCKET.test(path)) return 'which asks for a mount that hands the host over to the container';
  return SYSTEM.test(path)
    ? 'where the system lies: a volume there outlives updates of the image and can be written to'
    : undefined;
}
