import { defineRule } from '../core/rule.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/platform-constant',
  title: 'The platform of the base image is fixed',
  kinds: ['dockerfile'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /--platform=/i,
  docs: {
    why: `A fixed \`--platform\` builds for one architecture only. On any other machine the container runs in an emulator, slow and
with its own faults, or not at all.`,
    fix: 'Leave the option out and give the platform to the build: `docker build --platform linux/amd64 .`.',
    falsePositives: `Silent for variables (\`$BUILDPLATFORM\`) and for stages whose name says which platform they are for
(\`build-arm64\`). Software that exists for one architecture needs the option.`,
    references: ['https://docs.docker.com/reference/build-checks/from-platform-flag-const-disallowed/'],
  },
  bad: [
    {
      name: 'a fixed architecture',
      files: { Dockerfile: `FROM «--platform=linux/amd64» node:22\nUSER node\n` },
      fixed: `FROM node:22\nUSER node\n`,
    },
    {
      name: 'in lower case, with a name that says nothing',
      files: { Dockerfile: `from «--platform=linux/arm64/v8» \\\n  node:22 as build\n` },
      fixed: `from node:22 as build\n`,
    },
  ],
  good: [
    {
      name: 'variables',
      files: {
        Dockerfile: `FROM --platform=$BUILDPLATFORM node:22 AS build\nFROM --platform=\${TARGETPLATFORM:-linux/amd64} node:22\n`,
      },
    },
    { name: 'none', files: { Dockerfile: `FROM node:22\nRUN echo --platform=linux/amd64\n` } },
    {
      name: 'a stage for one platform',
      files: {
        Dockerfile: `ARG TARGETARCH
FROM --platform=linux/amd64 node:22 AS build_amd64
FROM --platform=linux/arm64 node:22 AS build_arm64
FROM build_\${TARGETARCH} AS build
`,
      },
    },
  ],
  check({ tree }, context) {
    for (const stage of tree.stages) {
      const flag = stage.from.flags.find(({ name }) => name === 'platform');
      const image = stage.image;
      if (!flag?.value || !image || flag.value.includes('$')) continue;
      // Windows images exist for Windows only.
      if (/^windows/i.test(flag.value) || saysPlatform(stage.name ?? '', flag.value)) continue;
      context.report({
        span: flag.span,
        message: `The stage is always built for \`${flag.value.slice(0, 40)}\`: on other machines the container runs in an emulator, or not at all.`,
        place: `${stagePlace(stage)}.FROM[--platform]`,
        fixes: () => [
          stage.from.flags.length === 1
            ? {
                title: 'Remove --platform',
                safety: 'review',
                edits: [{ span: { start: flag.span.start, end: image.span.start }, text: '' }],
                risk: 'The image is built for the platform of the machine, or the one that the build is given.',
                verify: 'docker build .',
              }
            : undefined,
        ],
      });
    }
  },
});

/** Whether a stage's name holds the operating system, the architecture or a word for it. */
function saysPlatform(name: string, platform: string): boolean {
  const words = platform.toLowerCase().split('/');
  if (words.includes('amd64')) words.push('x86', 'x64', 'intel');
  if (words.includes('arm64')) words.push('aarch64');
  return words.some((word) => word.length > 2 && name.includes(word));
}
