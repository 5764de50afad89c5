import type { ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { copyOf } from './shared/copies.ts';
import { downloadsOf, publicHost } from './shared/downloads.ts';
import { type LocatedCommand, runCommands, stagePlace } from './shared/stages.ts';
import { checksOf, isChecked } from './shared/verification.ts';

export const rule = defineRule({
  id: 'dockerfile/plain-http',
  title: 'A download goes over plain HTTP',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /http:\/\//i,
  docs: {
    why: `Over plain HTTP everyone on the way, from the café's router to a proxy, can answer in the server's place: what the step gets
becomes part of the image.`,
    fix: 'Use `https://`. Where the server does not speak it, compare what arrives with a checksum that stands in the Dockerfile.',
    falsePositives: `Silent for the machine itself, for names and addresses of private networks and for hosts in variables; where the step
or a later one of the stage compares a checksum or a signature; and for the package sources of distributions and those with
\`signed-by\`, which apt and apk check against keys.`,
    cwe: [319],
    references: ['https://manpages.debian.org/stable/apt/apt-secure.8.en.html'],
  },
  bad: [
    {
      name: 'curl and wget',
      files: {
        Dockerfile: `FROM alpine:3.22
RUN apk add curl && curl -fsSL -o /tmp/a.tgz «http://downloads.example.com/a.tgz» && tar xzf /tmp/a.tgz
RUN wget -q «"http://downloads.example.com:80/v\${V}/b"» -O /usr/bin/b
`,
      },
      fixed: `FROM alpine:3.22
RUN apk add curl && curl -fsSL -o /tmp/a.tgz https://downloads.example.com/a.tgz && tar xzf /tmp/a.tgz
RUN wget -q "http://downloads.example.com:80/v\${V}/b" -O /usr/bin/b
`,
    },
    {
      name: 'ADD',
      files: {
        Dockerfile: `FROM alpine:3.22\nADD «http://example.com/a.tgz» /opt/\nADD ["«HTTP://example.com/b»", "/opt/"]\n`,
      },
      fixed: `FROM alpine:3.22\nADD https://example.com/a.tgz /opt/\nADD ["HTTP://example.com/b", "/opt/"]\n`,
    },
    {
      name: 'a package source that nothing ties to a key',
      files: {
        Dockerfile: `FROM debian:12\nRUN echo «"deb http://packages.example.com/apt stable main"» > /etc/apt/sources.list.d/a.list\n`,
      },
      fixed: `FROM debian:12\nRUN echo "deb https://packages.example.com/apt stable main" > /etc/apt/sources.list.d/a.list\n`,
    },
    {
      name: 'Git, Python, npm, RPM',
      files: {
        Dockerfile: `FROM fedora:42
RUN git clone --depth 1 «http://git.example.com/a.git»
RUN pip install --index-url «http://pypi.example.com/simple» a
RUN npm ci «--registry=http://npm.example.com»
RUN dnf install -y «http://rpm.example.com/a.rpm»
RUN <<EOF
curl -O «http://example.com/a»
EOF
`,
      },
      fixed: `FROM fedora:42
RUN git clone --depth 1 https://git.example.com/a.git
RUN pip install --index-url http://pypi.example.com/simple a
RUN npm ci --registry=http://npm.example.com
RUN dnf install -y http://rpm.example.com/a.rpm
RUN <<EOF
curl -O http://example.com/a
EOF
`,
    },
    {
      name: 'a checksum of something else',
      files: {
        Dockerfile: `FROM alpine:3.22
RUN wget «http://example.com/a.tgz» && tar xzf a.tgz
RUN wget https://example.com/b.tgz && echo "$SHA  b.tgz" | sha256sum -c -
`,
      },
      fixed: `FROM alpine:3.22
RUN wget https://example.com/a.tgz && tar xzf a.tgz
RUN wget https://example.com/b.tgz && echo "$SHA  b.tgz" | sha256sum -c -
`,
    },
    {
      name: 'another port is another service',
      files: { Dockerfile: `FROM alpine:3.22\nRUN wget «http://example.com:8080/a»\n` },
    },
  ],
  good: [
    {
      name: 'the machine itself and private networks',
      files: {
        Dockerfile: `FROM alpine:3.22
RUN curl http://localhost:8080/a && curl http://127.0.0.1/b && wget http://artifacts/c && curl http://192.168.1.2/d
RUN wget http://nexus.internal/e && curl http://registry.corp:8081/f && curl http://[::1]:80/g && curl http://host.docker.internal
HEALTHCHECK CMD curl -f http://example.com/healthz
`,
      },
    },
    {
      name: 'sources that are signed',
      files: {
        Dockerfile: `FROM debian:12
RUN echo "deb http://deb.debian.org/debian bookworm-backports main" >> /etc/apt/sources.list
RUN echo 'deb http://archive.ubuntu.com/ubuntu noble universe' >> /etc/apt/sources.list
RUN echo "deb http://mirrors.aliyun.com/debian bookworm main" > /etc/apt/sources.list
RUN echo "deb [ signed-by=/usr/share/keyrings/pg.gpg ] http://apt.postgresql.org/pub/repos/apt trixie-pgdg main" > /a
RUN apk add --repository http://dl-cdn.alpinelinux.org/alpine/edge/testing a
RUN sed -i 's|http://deb.debian.org|http://mirror.example.com|' /etc/apt/sources.list
`,
      },
    },
    {
      name: 'compared with a checksum',
      files: {
        Dockerfile: `FROM alpine:3.22
RUN curl -o a.tgz http://example.com/a.tgz && echo "$SHA  a.tgz" | sha256sum -c -
ADD --checksum=sha256:${'0'.repeat(64)} http://example.com/b /b
RUN wget http://example.com/d.tgz
RUN echo "$SHA  d.tgz" | sha256sum -c -
ADD http://example.com/c /c
RUN sha256sum -c /sums
`,
      },
    },
    {
      name: 'a variable, a proxy, a header, text',
      files: {
        Dockerfile: `FROM alpine:3.22
ARG HOST
ENV HOMEPAGE=http://example.com
LABEL org.opencontainers.image.url="http://example.com"
RUN curl -o a http://$HOST/a && curl -x http://proxy.example.com:3128 https://example.com/b
RUN curl -H "Referer: http://example.com" -e http://example.com -d url=http://example.com https://example.com/c
RUN git config --global http.proxy http://proxy.example.com && npm config set proxy http://proxy.example.com
RUN echo "see http://example.com" && pip --proxy http://proxy.example.com install a
`,
      },
    },
  ],
  check(document, context) {
    const { text } = document;
    const hits = [...runHits(document), ...addHits(document)].sort((a, b) => a.span.start - b.span.start);
    for (const { span, url, what, place } of hits) {
      const host = publicHost(url);
      if (host === undefined) continue;
      context.report({
        span,
        message: `${what} from \`${host.slice(0, 60)}\` over plain HTTP: everyone on the way can answer in its place.`,
        place,
        fixes: () => [withTls(text, span, url)],
      });
    }
  },
});

interface Hit {
  readonly span: Span;
  readonly url: string;
  readonly what: string;
  readonly place: string;
}

function runHits({ text, tree }: Document<'dockerfile'>): readonly Hit[] {
  return runCommands(tree, /http:\/\//i).flatMap((located) => {
    const { stage, name, instruction } = located;
    const found = plainUrls(located);
    return found.flatMap(({ span, value }) => {
      const url = /http:\/\/[^\s"']+/i.exec(value)?.[0] ?? '';
      const what = name === 'echo' || name === 'printf' ? 'Packages come' : `\`${name}\` downloads`;
      const file = url.replace(/[?#].*$/, '').replace(/^.*\//, '') || url;
      if (isChecked(checksOf(text, stage), instruction, file)) return [];
      return [{ span, url, what, place: `${stagePlace(stage)}.RUN.${name}[${url.slice(7, 87)}]` }];
    });
  });
}

/** Programs that install or fetch what a URL among their words names. */
const FETCHERS =
  /^(?:git|svn|pip[\d.]*|uv|npm|yarn|pnpm|gem|cargo|conda|mamba|yum|dnf|microdnf|tdnf|zypper|rpm|aria2c|yum-config-manager|add-apt-repository)$/;

function plainUrls({ command, name, args }: LocatedCommand): readonly ShellWord[] {
  if (name === 'curl' || name === 'wget')
    return downloadsOf(command).flatMap(({ url }) => (isPlain(url.value) ? [url] : []));
  if (name === 'echo' || name === 'printf' || name === 'add-apt-repository')
    return args.filter(({ value }) => isUnpinnedSource(value));
  if (
    !FETCHERS.test(name) ||
    (name === 'git' && !args.some(({ value }) => /^(?:clone|fetch|pull|submodule)$/.test(value)))
  )
    return [];
  return args.filter(({ value }, index) => {
    const option = args[index - 1]?.value ?? '';
    return /^(?:(?:--?[\w-]+=)?(?:git\+)?)http:\/\//i.test(value) && !/proxy/i.test(`${option} ${value}`);
  });
}

function isPlain(url: string): boolean {
  return /^http:\/\//i.test(url);
}

/** Hosts of distributions and their mirrors, whose packages are signed with a key that the base image has. */
const DISTRIBUTION =
  /(?:^|\.)(?:debian|ubuntu|alpinelinux|launchpad|launchpadcontent|kali|raspbian|raspberrypi|archlinux|fedoraproject|centos|rockylinux|almalinux)\.(?:org|com|net)$|^(?:ftp\d*|mirrors?\d*|apt-mirror|cdn-mirror)[.-]|[.-]mirrors?\./i;

/** A line of `sources.list` that names neither a distribution's host nor the key that signs it. */
function isUnpinnedSource(value: string): boolean {
  const match = /\bdeb(?:-src)?\s+(\[[^\]]*\]\s+)?(http:\/\/[^\s"']+)/i.exec(value);
  if (!match || /signed-by/i.test(match[1] ?? '')) return false;
  return !DISTRIBUTION.test(publicHost(match[2] ?? '') ?? '');
}

function addHits({ text, tree }: Document<'dockerfile'>): readonly Hit[] {
  return tree.stages.flatMap((stage) =>
    stage.instructions.flatMap((instruction) => {
      const copy = instruction.keyword === 'ADD' ? copyOf(instruction) : undefined;
      if (!copy || instruction.flags.some(({ name }) => name === 'checksum')) return [];
      if (isChecked(checksOf(text, stage), instruction)) return [];
      return copy.sources
        .filter(({ path }) => isPlain(path))
        .map(({ path, span }) => ({
          span,
          url: path,
          what: '`ADD` downloads',
          place: `${stagePlace(stage)}.ADD[${path.slice(7, 87)}]`,
        }));
    }),
  );
}

/** The same URL with TLS; none where it names a port, which another protocol does not answer on. */
function withTls(text: string, span: Span, url: string): Fix | undefined {
  const at = text.slice(span.start, span.end).toLowerCase().indexOf('http://');
  const port = /^http:\/\/[^/?#]*:(\d+)/i.exec(url)?.[1];
  if (at < 0 || port !== undefined) return undefined;
  const start = span.start + at;
  return {
    title: 'Use HTTPS',
    safety: 'review',
    edits: [{ span: { start, end: start + 'http://'.length }, text: 'https://' }],
    risk: 'The download fails where the server does not answer over HTTPS, or where the image has no CA certificates.',
    verify: 'docker build .',
  };
}
