import { baseImage } from '../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { insertBefore } from '../core/dockerfile-edits.ts';
import { parseImage } from '../core/image-reference.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { isBareDistribution } from '../data/image-families.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/undefined-var',
  title: 'A variable is used that the stage does not declare',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\$/,
  docs: {
    why: `A variable that no \`ARG\` or \`ENV\` of the stage declares is empty: paths lose a part, versions are missing from URLs, and the
build goes on. An \`ARG\` before the first \`FROM\` holds in \`FROM\` only; each stage that needs it has to name it again.`,
    fix: 'Declare the variable in the stage, before it is used: `ARG VERSION` takes the value that the file gives it at its top.',
    falsePositives: `Reported only where the base image is a bare distribution, which sets nothing but \`PATH\`. In \`RUN\`, where the shell
has variables of its own, only those count that an \`ARG\` before the first \`FROM\` declares. Silent for a variable in its own value
(\`ENV PYTHONPATH=$PYTHONPATH:/app\`) and where a default stands in the reference.`,
    references: [
      'https://docs.docker.com/reference/build-checks/undefined-var/',
      'https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact',
    ],
  },
  bad: [
    {
      name: 'declared before the first FROM only',
      files: {
        Dockerfile: `ARG VERSION=1.2.3
FROM alpine:3.22
RUN apk add --no-cache curl && \\
    curl -fsSLo /app https://example.com/«\${VERSION}»/app
ENV APP_VERSION="v«$VERSION»"
USER 1000
`,
      },
      fixed: `ARG VERSION=1.2.3
FROM alpine:3.22
ARG VERSION
RUN apk add --no-cache curl && \\
    curl -fsSLo /app https://example.com/\${VERSION}/app
ENV APP_VERSION="v$VERSION"
USER 1000
`,
    },
    {
      name: 'declared in another stage, and nowhere',
      files: {
        Dockerfile: `FROM debian:12 AS build
ARG DIR=/src
FROM debian:12-slim
COPY --from=build «$DIR»/app /app
WORKDIR «\${APP_HOME}»/bin
ENV CONFIG=«$HOME»/.config
`,
      },
    },
    {
      name: 'a platform variable that the stage does not name',
      files: { Dockerfile: `FROM scratch\nCOPY app-«$TARGETARCH» /app\nENTRYPOINT ["/app"]\n` },
      fixed: `FROM scratch\nARG TARGETARCH\nCOPY app-$TARGETARCH /app\nENTRYPOINT ["/app"]\n`,
    },
  ],
  good: [
    {
      name: 'declared in the stage, or in the one below',
      files: {
        Dockerfile: `ARG VERSION=1
FROM alpine:3.22 AS base
ARG VERSION
ENV DIR=/app
FROM base
WORKDIR $DIR/\${VERSION}
RUN echo "$VERSION $UNKNOWN $HOME"
`,
      },
    },
    {
      name: 'PATH, its own value, and defaults',
      files: {
        Dockerfile: `FROM debian:12\nENV PATH=/app/bin:$PATH PYTHONPATH="\${PYTHONPATH}:/app"\nENV A=\${B:-1} C=\${D-} LD_LIBRARY_PATH /lib:$LD_LIBRARY_PATH\n`,
      },
    },
    {
      name: 'a base image that may set it',
      files: {
        Dockerfile: `ARG NODE_VERSION=22\nFROM node:\${NODE_VERSION}\nRUN echo $NODE_VERSION\nENV V=$YARN_VERSION\n`,
      },
    },
    {
      name: 'not expanded',
      files: {
        Dockerfile: `FROM debian:12\nENV A='$B' C=\\$D\nLABEL x='\${Y}'\nCMD ["sh", "-c", "echo $E"]\nHEALTHCHECK CMD test -n "$F"\n`,
      },
    },
    {
      name: 'the step sets it itself',
      files: {
        Dockerfile: `ARG VERSION=1
FROM debian:12
RUN VERSION=$(cat /version) && echo "$VERSION"
RUN . /etc/os-release && echo "$VERSION"
RUN for VERSION in 1 2; do echo "$VERSION"; done
RUN <<'EOF' cat > /run.sh
echo $VERSION
EOF
`,
      },
    },
  ],
  check(document, context) {
    const { tree, givenVariables } = document;
    for (const stage of tree.stages) {
      const image = parseImage(baseImage(tree, stage) ?? '');
      if (stage.shell === 'other' || !image || !isBareDistribution(image)) continue;
      const declared = firstDeclarations(tree, stage);
      for (const instruction of stage.instructions) {
        for (const { name, span } of referencesOf(document, instruction)) {
          const at = declared.get(name) ?? Number.POSITIVE_INFINITY;
          if (givenVariables?.has(name) || at < instruction.span.start) continue;
          const isGlobal = tree.globalArgs.has(name);
          context.report({
            span,
            message: isGlobal
              ? `\`${name.slice(0, 40)}\` is declared before the first \`FROM\`, which this stage does not see: it is empty here.`
              : `Nothing in this stage declares \`${name.slice(0, 40)}\`: it is empty here.`,
            place: `${stagePlace(stage)}.${instruction.keyword}[${name}]`,
            fixes: () => [isGlobal || PLATFORM.test(name) ? declare(document, stage, name) : undefined],
          });
        }
      }
    }
  },
});

/** Where each variable is first declared in a stage or in those that it builds on. */
function firstDeclarations(tree: DockerfileTree, stage: Stage): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const each of lineage(tree, stage)) {
    for (const { pairs, span } of [
      ...(each.byKeyword.get('ENV') ?? []),
      ...(each.byKeyword.get('ARG') ?? []),
    ]) {
      for (const { name } of pairs) first.set(name, Math.min(first.get(name) ?? span.start, span.start));
    }
  }
  return first;
}

const PLATFORM = /^(?:BUILD|TARGET)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT)$/;

/** What is there without a declaration: `PATH` in every image, and the proxies that the build is given. */
const PREDEFINED = /^(?:PATH|(?:HTTPS?|FTP|NO|ALL)_PROXY|(?:https?|ftp|no|all)_proxy|SOURCE_DATE_EPOCH)$/;

const EXPANDED = new Set([
  'ADD',
  'ARG',
  'COPY',
  'ENV',
  'EXPOSE',
  'LABEL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);

interface Reference {
  readonly name: string;
  readonly span: Span;
}

function referencesOf(document: Document<'dockerfile'>, instruction: Instruction): readonly Reference[] {
  const { text, tree } = document;
  const { keyword, pairs, flags, masked, arguments: span } = instruction;
  if (keyword === 'RUN') return shellReferences(tree, instruction);
  if (!EXPANDED.has(keyword)) return [];
  if (pairs.length > 0) {
    return pairs.flatMap(({ name, valueSpan }) =>
      valueSpan
        ? references(text.slice(valueSpan.start, valueSpan.end), valueSpan.start).filter(
            (each) => each.name !== name,
          )
        : [],
    );
  }
  const inFlags = flags.flatMap(({ name, value, valueSpan }) =>
    value !== undefined && valueSpan && /^(?:chown|chmod)$/.test(name)
      ? references(value, valueSpan.start)
      : [],
  );
  return [...inFlags, ...references(masked, span.start)];
}

/** Variables of a text that are expanded: not in single quotes, not behind the escape character, without a default. */
function references(text: string, start: number): readonly Reference[] {
  const found: Reference[] = [];
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\\' && quote !== "'") i++;
    else if (char === quote) quote = '';
    else if (quote === '' && (char === "'" || char === '"')) quote = char;
    else if (char === '$' && quote !== "'") {
      const match = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/.exec(text.slice(i, i + 200));
      const name = match?.[1] ?? match?.[2];
      if (!match || name === undefined) continue;
      if (!PREDEFINED.test(name))
        found.push({ name, span: { start: start + i, end: start + i + match[0].length } });
      i += match[0].length - 1;
    }
  }
  return found;
}

/** In a step only what the file's head declares, and the step does not set: the first use of each. */
function shellReferences(
  tree: DockerfileTree,
  { masked, arguments: span, json, heredocs }: Instruction,
): readonly Reference[] {
  if (json || heredocs.length > 0 || tree.globalArgs.size === 0) return [];
  if (/(?:^|[\s;&|(])(?:\.|source|eval)\s/.test(masked)) return [];
  const seen = new Set<string>();
  return references(masked, span.start).filter(({ name }) => {
    if (!tree.globalArgs.has(name) || seen.has(name)) return false;
    seen.add(name);
    return !new RegExp(
      `(?:^|[\\s;&|(])(?:${name}\\+?=|(?:for|read|export|local|getopts)\\s[^;&|]*\\b${name}\\b)`,
    ).test(masked);
  });
}

/** `ARG NAME` at the stage's start, so that all that follows sees it. */
function declare(document: Document<'dockerfile'>, stage: Stage, name: string): Fix | undefined {
  const first = stage.instructions[0];
  const edit = first && insertBefore(document, first, [{ keyword: 'ARG', text: name }]);
  return (
    edit && {
      title: `Declare ${name} in this stage`,
      safety: 'review',
      edits: [edit],
      risk: 'The step now gets the value that it was written for, and may behave otherwise than before.',
      verify: 'docker build .',
    }
  );
}
