import { interpolate, UNKNOWN } from '../../syntaxes/compose/interpolate.ts';
import { mountsOf } from '../../syntaxes/compose/mounts.ts';
import { buildOf, imageOf, wordsOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import { dockerfileSyntax } from '../../syntaxes/dockerfile/syntax.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { parseImage } from '../core/image-reference.ts';
import { type Context, defineRule, type Fix, type Related } from '../core/rule.ts';
import { doubleQuoted, endOfNode, setScalar } from '../core/yaml-edits.ts';
import { missingTools, type ProbeTool } from '../data/image-tools.ts';
import { dockerfileToolsFacts, toolsOf } from '../facts/dockerfile-tools.ts';
import { fixOf } from './shared/fixes.ts';
import { commandLineOf, type HealthTest, healthTestOf } from './shared/health-test.ts';
import { atOrigin, eachOrigin } from './shared/origin.ts';
import { builtStage } from './shared/user.ts';

export const rule = defineRule({
  id: 'compose/healthcheck-tool-missing',
  title: 'Healthcheck calls a program that the image does not have',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /healthcheck/,
  docs: {
    why: `Slim images have neither \`curl\` nor \`wget\`, those on Alpine only the \`wget\` of busybox, and distroless ones not even a
shell. The healthcheck then fails each time: the container counts as unhealthy while it works, and what waits for it never starts.`,
    fix: `Use what the image has: \`wget -q --spider\` on Alpine, a few words in the language of the program (\`python -c\`,
\`node -e\`), the program's own check. Installing \`curl\` for this alone gives an attacker a tool.`,
    falsePositives: `Reported only for images in a dated table, and for images that are built from one of them by a Dockerfile in the
workspace that names the program nowhere and runs no script that could install it.`,
    cwe: [703],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#healthcheck',
      'https://github.com/GoogleContainerTools/distroless#debug-images',
      'https://learn.microsoft.com/dotnet/core/compatibility/containers/8.0/',
    ],
  },
  bad: [
    {
      name: 'curl on Alpine, where wget is there',
      files: {
        'compose.yaml': `services:
  a:
    image: node:22-alpine
    healthcheck:
      test: ["CMD", «"curl"», "-f", "http://localhost:3000/health"]
  b:
    image: caddy:2
    healthcheck:
      test: «curl -fsS http://localhost/ || exit 1»
`,
      },
      fixed: `services:
  a:
    image: node:22-alpine
    healthcheck:
      test: ["CMD", "wget", "-q", "--spider", "http://127.0.0.1:3000/health"]
  b:
    image: caddy:2
    healthcheck:
      test: curl -fsS http://localhost/ || exit 1
`,
    },
    {
      name: 'a text for a shell',
      files: {
        'compose.yaml': `services:
  b:
    image: caddy:2
    healthcheck:
      test: ["CMD-SHELL", «"curl -fsS http://localhost:80/ || exit 1"»]
      interval: 10s
`,
      },
      fixed: `services:
  b:
    image: caddy:2
    healthcheck:
      test: ["CMD-SHELL", "wget -q --spider http://127.0.0.1:80/ || exit 1"]
      interval: 10s
`,
    },
    {
      name: 'neither on a slim Debian, nothing at all in an image from scratch',
      files: {
        'compose.yaml': `services:
  a:
    image: python:3.13-slim
    healthcheck:
      test:
        - CMD
        - «/usr/bin/wget»
        - -q
        - http://localhost
  b:
    image: gcr.io/distroless/static-debian12:nonroot
    healthcheck: { test: «/health» }
  c:
    image: gcr.io/distroless/java21-debian12
    healthcheck: { test: [CMD, «wget», "http://localhost"] }
  d:
    image: mcr.microsoft.com/dotnet/aspnet:9.0
    healthcheck: { test: «curl --fail http://localhost:8080» }
`,
      },
    },
    {
      name: 'an image that a Dockerfile builds',
      files: {
        'compose.yaml': `services:
  a:
    build: ./app
    healthcheck:
      test: ["CMD", «"curl"», "-f", "http://localhost:8000/health"]
`,
        'app/Dockerfile': `FROM python:3.13 AS build
RUN apt-get update && apt-get install -y curl
FROM python:3.13-slim
RUN pip install -r requirements.txt
COPY --from=build /app /app
`,
      },
    },
  ],
  good: [
    {
      name: 'programs that are there, images that are not known',
      files: {
        'compose.yaml': `services:
  a:
    image: node:22-alpine
    healthcheck: { test: [CMD, wget, -q, --spider, "http://localhost:3000"] }
  b:
    image: python:3.13
    healthcheck: { test: curl -f http://localhost }
  c:
    image: ghcr.io/acme/c:1-slim
    healthcheck: { test: curl -f http://localhost }
  d:
    image: nginx:1.29-alpine
    healthcheck: { test: curl -f http://localhost }
  e:
    image: postgres:17
    healthcheck: { test: pg_isready -U curl }
  f:
    image: php:8.4-apache
    healthcheck: { test: curl -f http://localhost }
  g:
    image: mcr.microsoft.com/dotnet/aspnet:6.0
    healthcheck: { test: curl -f http://localhost }
  h:
    image: node:22-slim
    healthcheck: { test: ["NONE"] }
`,
      },
    },
    {
      name: 'a fallback, a program that the command installs or a mount brings',
      files: {
        'compose.yaml': `services:
  a:
    image: node:22-alpine
    healthcheck: { test: curl -f http://localhost || wget -q --spider http://localhost }
  b:
    image: node:22-slim
    command: sh -c "apt-get update && apt-get install -y curl && npm start"
    healthcheck: { test: curl -f http://localhost }
  c:
    image: node:22-slim
    volumes: ["./curl:/usr/local/bin/curl:ro"]
    healthcheck: { test: curl -f http://localhost }
  d:
    image: debian:12
    healthcheck: { test: if command -v curl; then curl -f http://localhost; fi }
`,
      },
    },
    {
      name: 'a Dockerfile that installs it, in a script, in a stage below',
      files: {
        'compose.yaml': `services:
  a:
    build: ./a
    healthcheck: { test: curl -f http://localhost }
  b:
    build: ./b
    healthcheck: { test: curl -f http://localhost }
  c:
    build: ./c
    healthcheck: { test: curl -f http://localhost }
  d:
    build: ./nowhere
    healthcheck: { test: curl -f http://localhost }
  e:
    build: ./e
    healthcheck: { test: curl -f http://localhost }
  f:
    build: ./f
    healthcheck: { test: curl -f http://localhost }
`,
        'a/Dockerfile': `FROM python:3.13-slim AS base\nRUN apt-get update && apt-get install -y --no-install-recommends curl\nFROM base\nCOPY . /app\n`,
        'b/Dockerfile': `FROM python:3.13-slim\nCOPY . /app\nRUN /app/install.sh\n`,
        'e/Dockerfile': `FROM debian:12\nRUN apt-get update && apt-get install -y \\\n  \${PACKAGES}\n`,
        'f/Dockerfile': `FROM debian:12\nCOPY setup /setup\nRUN /setup\n`,
        'c/Dockerfile': `FROM alpine:3.22\nCOPY --from=tools /usr/bin/ /usr/bin/\n`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => absentTool(document, context, service);
    for (const { service, subject, sharers } of eachOrigin(document.tree, pick, ({ span }) => span.start)) {
      const { span, tool, related } = subject;
      context.report({
        span,
        message: `The image of \`${service.name}\` has no \`${tool}\`, so its healthcheck fails each time.`,
        place: `services.${service.name}.healthcheck.test`,
        ...(related && { related: [related] }),
        fixes: () => [atOrigin(subject.fix(), sharers)],
      });
    }
  },
});

interface AbsentTool {
  readonly span: Span;
  readonly tool: ProbeTool;
  readonly related?: Related;
  readonly fix: () => Fix | undefined;
}

function absentTool(
  document: Document<'compose'>,
  context: Context,
  service: ComposeService,
): readonly AbsentTool[] {
  const test = healthTestOf(service);
  const line = test && commandLineOf(test);
  if (!test || line === undefined || !service.complete) return [];
  const { lacks, related } = lackingIn(document, context, service);
  const tool = lacks.size === 0 || bringsTools(service) ? undefined : absentIn(test, line, lacks);
  const span = tool && spanOf(test);
  if (!tool || !span) return [];
  const fix = () => (lacks.has('wget') || tool !== 'curl' ? undefined : useWget(document.text, test));
  return [{ span, tool, ...(related && { related }), fix }];
}

const CALL =
  /(?:^|[;&|(!`'"]|\b(?:if|then|do|exec|timeout [^ ]+) )[ \n]*(?:\/(?:usr\/)?(?:local\/)?s?bin\/)?(curl|wget|nc)(?= )/g;

/** The program that a test needs and that is not there. Of several one is enough: the others may be tried before it. */
function absentIn(test: HealthTest, line: string, lacks: ReadonlySet<ProbeTool>): ProbeTool | undefined {
  const needsShell = test.form === 'text' || test.words[0]?.text === 'CMD-SHELL';
  if (needsShell && lacks.has('sh')) return 'sh';
  // It looks first whether the program is there.
  if (/\b(?:command -v|which|type|hash) /.test(line)) return undefined;
  const called = [...line.matchAll(CALL)].map((match) => match[1] as ProbeTool);
  return called.every((tool) => lacks.has(tool)) ? called[0] : undefined;
}

/** What the image of a service does not have; nothing where that is not known. */
function lackingIn(
  document: Document<'compose'>,
  context: Context,
  service: ComposeService,
): { readonly lacks: ReadonlySet<ProbeTool>; readonly related?: Related } {
  const build = buildOf(service, document.uri);
  if (!build) return { lacks: lackingFrom(imageOf(service)) };
  const built = builtStage(document, context, service);
  const facts = build.inlineText
    ? toolsOf(dockerfileSyntax.parse('', interpolate(build.inlineText.value).pattern))
    : build.dockerfileUri
      ? context.facts.of(dockerfileToolsFacts, build.dockerfileUri)
      : [];
  const added = facts.find(({ index }) => index === built?.stage.index);
  if (!built || !added || added.opaque) return { lacks: new Set() };
  const base = lackingFrom(built.stage.base ?? undefined);
  const lacks = new Set([...base].filter((tool) => !added.named.includes(tool)));
  const message =
    'The stage that is built is based on an image without it, and installs nothing of that name.';
  return { lacks, related: { ...built.at(built.stage.span), message } };
}

function lackingFrom(image: string | undefined): ReadonlySet<ProbeTool> {
  const reference = image === undefined || image.includes(UNKNOWN) ? undefined : parseImage(image);
  return reference ? missingTools(reference) : new Set();
}

/** Whether the service may get a program in another way: its command installs one, a mount holds one. */
function bringsTools(service: ComposeService): boolean {
  const words = [...(wordsOf(service, 'command') ?? []), ...(wordsOf(service, 'entrypoint') ?? [])];
  if (words.some(({ text }) => /\b(?:curl|wget|apk|apt|apt-get|\w+\.sh)\b/.test(text))) return true;
  return mountsOf(service).some(
    ({ target }) => target === null || /^\/(?:usr\/)?(?:local\/)?s?bin\b/.test(target),
  );
}

/** The program's word, or the text that a shell reads. */
function spanOf(test: HealthTest): Span | undefined {
  if (test.form === 'text') return test.word.scalar.span;
  const first = test.words.findIndex(({ text }) => !/^CMD(?:-SHELL)?$/.test(text));
  return test.words[first]?.scalar.span;
}

/** `curl` with options that say no more than `wget` does by itself, and one address. */
const PLAIN_CURL =
  /^curl(?: (?:-[fsS]+|--fail|--silent|--show-error))* (['"]?)(http:\/\/[^\s'"]+)\1( *\|\| *exit \d+)?$/;

function useWget(text: string, test: HealthTest): Fix | undefined {
  const words = test.form === 'text' ? [test.word] : test.words.slice(1);
  const [first, ...rest] = words.map(({ scalar }) => scalar);
  const match = PLAIN_CURL.exec(
    [first, ...rest]
      .map((scalar) => scalar?.value ?? '')
      .join(' ')
      .trim(),
  );
  if (!first || !match) return undefined;
  // The wget of busybox asks ::1 for localhost and does not go on to 127.0.0.1.
  const url = (match[2] ?? '').replace(/^http:\/\/localhost(?=[:/]|$)/, 'http://127.0.0.1');
  const options = ['wget', '-q', '--spider', url];
  const title = 'Use wget, which the image has';
  const risk = 'The check takes effect for the first time: services that wait for it wait, and it may fail.';
  if (rest.length === 0) {
    const quote = match[1] ?? '';
    const line = `wget -q --spider ${quote}${url}${quote}${match[3] ?? ''}`;
    return fixOf(setScalar(first, line), { title, safety: 'review', risk });
  }
  const last = rest.at(-1);
  const span = { start: first.span.start, end: last ? endOfNode(text, last) : first.span.end };
  // Only a list on one line, without a comment in it.
  if (span.start < 0 || /[\n#]/.test(text.slice(span.start, span.end))) return undefined;
  return fixOf({ span, text: options.map(doubleQuoted).join(', ') }, { title, safety: 'review', risk });
}
