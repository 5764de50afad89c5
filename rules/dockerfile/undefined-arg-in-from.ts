import type { DockerfileTree, Instruction, Pair } from '../../syntaxes/dockerfile/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import { insertBefore } from '../core/dockerfile-edits.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/undefined-arg-in-from',
  title: 'FROM names a variable that is not declared',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\$/,
  docs: {
    why: `\`FROM\` sees the variables that \`ARG\` declares before the first \`FROM\`, and no others. Any other is empty, whatever
\`--build-arg\` says: the build fails, or goes on with an image that nobody meant.`,
    fix: 'Declare the variable before the first `FROM`, with the version as its default. An `ARG` inside of a stage does not count.',
    falsePositives:
      'Silent for the platform variables (`BUILDPLATFORM`, `TARGETARCH`) and where a default stands in the reference (`${V:-1}`).',
    references: [
      'https://docs.docker.com/reference/build-checks/undefined-arg-in-from/',
      'https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact',
    ],
  },
  bad: [
    {
      name: 'declared in a stage only',
      files: {
        Dockerfile: `FROM golang:1.26 AS build
ARG ALPINE=3.22
RUN go build -o /app .

FROM alpine:«\${ALPINE}»
COPY --from=build /app /app
`,
      },
      fixed: `ARG ALPINE=3.22
FROM golang:1.26 AS build
ARG ALPINE=3.22
RUN go build -o /app .

FROM alpine:\${ALPINE}
COPY --from=build /app /app
`,
    },
    {
      name: 'a slip of the pen',
      files: {
        Dockerfile: `ARG NODE_VERSION=22-slim\nFROM node:«$NODE_VERISON»\n`,
      },
      fixed: `ARG NODE_VERSION=22-slim\nFROM node:$NODE_VERSION\n`,
    },
    {
      name: 'a platform variable that there is not, and one that nothing declares',
      files: { Dockerfile: `FROM --platform="«$BUILDPLATORM»" node:22«\${VARIANT}»\n` },
      fixed: `FROM --platform="$BUILDPLATFORM" node:22\${VARIANT}\n`,
    },
  ],
  good: [
    {
      name: 'declared before the first FROM, with or without a default',
      files: {
        Dockerfile: `ARG REGISTRY=docker.io TAG\nARG BASE\nFROM $REGISTRY/node:\${TAG} AS a\nFROM \${BASE}\n`,
      },
    },
    {
      name: 'platform variables and proxies',
      files: {
        Dockerfile: `FROM --platform=$BUILDPLATFORM node:22 AS a\nFROM --platform=\${TARGETPLATFORM} x-\${TARGETARCH}\${TARGETVARIANT}:1\n`,
      },
    },
    {
      name: 'a default in the reference',
      files: {
        Dockerfile: `FROM node:\${VERSION:-22}\nFROM node:\${VARIANT-22}\nFROM node:22\${X:+-slim}\n`,
      },
    },
    { name: 'an escaped dollar', files: { Dockerfile: `FROM node:22 AS a\\$B\n` } },
    {
      name: 'variables elsewhere',
      files: { Dockerfile: `FROM node:22\nRUN echo $HOME\nWORKDIR $APP\n` },
    },
  ],
  check(document, context) {
    const { tree } = document;
    for (const stage of tree.stages) {
      for (const { name, span, nameSpan } of references(document.text, stage.from)) {
        if (tree.globalArgs.has(name) || PREDEFINED.has(name)) continue;
        const inStage = declarationOf(tree, name);
        context.report({
          span,
          message: inStage
            ? `\`${name.slice(0, 40)}\` is declared inside of a stage, which \`FROM\` does not see: it is empty here, whatever the build is given.`
            : `No \`ARG\` before the first \`FROM\` declares \`${name.slice(0, 40)}\`: it is empty here, whatever the build is given.`,
          place: `${stagePlace(stage)}.FROM[${name}]`,
          ...(inStage && {
            related: [
              { uri: document.uri, span: inStage.nameSpan, message: 'Declared for this stage only.' },
            ],
          }),
          covers: [
            ...OF_THE_IMAGE.map((rule) => `${rule} ${stagePlace(stage)}.FROM`),
            `dockerfile/user-missing ${stagePlace(stage)}.USER`,
          ],
          fixes: () => [rename(tree, name, nameSpan), declare(document, inStage)],
        });
      }
    }
  },
});

/** What can be said of an image as soon as its name is known. */
const OF_THE_IMAGE: readonly string[] = [
  'dockerfile/eol-base',
  'dockerfile/image-latest',
  'dockerfile/image-no-digest',
  'dockerfile/image-untagged',
  'dockerfile/untrusted-registry',
];

/** What BuildKit declares itself. https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope */
const PLATFORM = ['BUILD', 'TARGET'].flatMap((kind) =>
  ['PLATFORM', 'OS', 'OSVERSION', 'ARCH', 'VARIANT'].map((part) => kind + part),
);

const PREDEFINED: ReadonlySet<string> = new Set([
  ...PLATFORM,
  'TARGETSTAGE',
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]),
  ...['SOURCE_DATE_EPOCH', 'BUILDKIT_SYNTAX', 'BUILDKIT_INLINE_CACHE', 'BUILDKIT_MULTI_PLATFORM'],
]);

interface Reference {
  readonly name: string;
  readonly span: Span;
  readonly nameSpan: Span;
}

/** The variables in the image and the platform of a `FROM` that have no default where they are named. */
function references(text: string, { flags, words }: Instruction): readonly Reference[] {
  const platform = flags.find(({ name }) => name === 'platform')?.valueSpan;
  const spans = [platform, words[0]?.span].filter((span) => span !== undefined);
  return spans.flatMap((span) => referencesIn(text.slice(span.start, span.end), span.start));
}

function referencesIn(text: string, base: number): readonly Reference[] {
  return [...text.matchAll(/(?<![\\`])\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:\?[^}]*|:\?[^}]*)?\})/g)].map(
    (match) => {
      const [whole, plain, braced = ''] = match;
      const start = base + match.index;
      const nameStart = start + (plain === undefined ? 2 : 1);
      const name = plain ?? braced;
      return {
        name,
        span: { start, end: start + whole.length },
        nameSpan: { start: nameStart, end: nameStart + name.length },
      };
    },
  );
}

/** The `ARG` of a stage that declares a variable with a default. */
function declarationOf(tree: DockerfileTree, name: string): Pair | undefined {
  return tree.stages
    .flatMap(({ instructions }) => instructions)
    .filter(({ keyword }) => keyword === 'ARG')
    .flatMap(({ pairs }) => pairs)
    .find((pair) => pair.name === name);
}

function rename(tree: DockerfileTree, name: string, span: Span): Fix | undefined {
  const known = [...tree.globalArgs.keys(), ...PLATFORM];
  const meant = known.find((other) => isSlip(name, other));
  return meant === undefined
    ? undefined
    : {
        title: `Use ${meant}`,
        safety: 'review',
        edits: [{ span, text: meant }],
        risk: 'The build uses another image than before, where the empty variable gave one.',
        verify: 'docker build .',
      };
}

/** One letter too many, too few or another, or two that changed places. */
function isSlip(written: string, meant: string): boolean {
  if (written === meant || Math.min(written.length, meant.length) < 4) return false;
  let start = 0;
  while (start < written.length && written[start] === meant[start]) start++;
  let end = 0;
  const most = Math.min(written.length, meant.length) - start;
  while (end < most && written.at(-1 - end) === meant.at(-1 - end)) end++;
  const rest = written.slice(start, written.length - end);
  const other = meant.slice(start, meant.length - end);
  if (rest.length <= 1 && other.length <= 1) return true;
  return rest.length === 2 && other === `${rest[1] ?? ''}${rest[0] ?? ''}`;
}

/** Repeats an `ARG` with its default before the first `FROM`. */
function declare(
  document: { readonly text: string; readonly tree: DockerfileTree },
  pair: Pair | undefined,
): Fix | undefined {
  const from = document.tree.stages[0]?.from;
  if (!from || !pair?.valueSpan || pair.value === undefined || pair.value.includes('$')) return undefined;
  const value = document.text.slice(pair.valueSpan.start, pair.valueSpan.end);
  const edit = insertBefore(document, from, [{ keyword: 'ARG', text: `${pair.name}=${value}` }]);
  return (
    edit && {
      title: `Declare ${pair.name} before the first FROM`,
      safety: 'review',
      edits: [edit],
      risk: 'The build uses another image than before, where the empty variable gave one.',
      verify: 'docker build .',
    }
  );
}
