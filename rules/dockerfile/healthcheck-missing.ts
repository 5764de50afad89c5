import { baseImage, effectiveHealthcheck, lastInstruction } from '../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { expand, lineage, variablesBefore } from '../../syntaxes/dockerfile/variables.ts';
import type { Document } from '../../syntaxes/document.ts';
import { dirname } from '../../syntaxes/uri.ts';
import { insertBefore } from '../core/dockerfile-edits.ts';
import { parseImage } from '../core/image-reference.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { bringsNoHealthcheck } from '../data/images.ts';
import { productionStages } from './shared/built-stages.ts';
import { stageFamily } from './shared/reader.ts';
import { isApplication } from './shared/runtime-user.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/healthcheck-missing',
  title: 'The image has no health check',
  kinds: ['dockerfile'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  mentions: /EXPOSE/i,
  docs: {
    why: `Without a health check a process that hangs counts as running: Docker shows it as up, Swarm keeps sending requests to it, and
nothing can wait until it is ready.`,
    fix: 'Add `HEALTHCHECK` with a command that the image has, or a `healthcheck` to every Compose service that is built from it.',
    falsePositives: `Off by default: Kubernetes ignores \`HEALTHCHECK\` and has probes of its own, so the rule is silent beside a chart or
a folder of manifests. Only images that expose a port count, and only where the base image is known to bring none.`,
    cwe: [703],
    controls: ['CIS Docker 1.6.0 4.6'],
    references: ['https://docs.docker.com/reference/dockerfile/#healthcheck'],
  },
  bad: [
    {
      name: 'a web server on Alpine, which has wget',
      files: {
        Dockerfile: `FROM node:22-alpine\nCOPY . .\nEXPOSE «3000»\nUSER node\nCMD ["node", "server.js"]\n`,
      },
      fixed: `FROM node:22-alpine
COPY . .
EXPOSE 3000
USER node
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:3000/').then((r) => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server.js"]
`,
    },
    {
      name: 'a variable, and Python',
      files: {
        Dockerfile: `FROM python:3.13-slim\nENV PORT=8000\nEXPOSE «$PORT/tcp»\nUSER 1000\nCMD ["gunicorn", "app:app"]\n`,
      },
      fixed: `FROM python:3.13-slim
ENV PORT=8000
EXPOSE $PORT/tcp
USER 1000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/', timeout=4)"]
CMD ["gunicorn", "app:app"]
`,
    },
    {
      name: 'curl that the file installs',
      files: {
        Dockerfile: `FROM debian:12-slim\nRUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\nEXPOSE «8080»\nUSER 1000\nENTRYPOINT ["/server"]\n`,
      },
      fixed: `FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
EXPOSE 8080
USER 1000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/"]
ENTRYPOINT ["/server"]
`,
    },
    {
      name: 'a port that says nothing about HTTP; one Compose service has no check',
      files: {
        Dockerfile: `FROM alpine:3.22\nEXPOSE «9999»\nUSER 1000\nCMD ["/server"]\n`,
        'compose.yaml': `services:
  a:
    build: .
    healthcheck: { test: ["CMD", "true"] }
  b: { build: . }
`,
      },
    },
  ],
  good: [
    {
      name: 'a health check, or none on purpose',
      files: {
        Dockerfile: `FROM node:22-alpine AS a\nHEALTHCHECK CMD wget -q --spider http://127.0.0.1:3000/\nFROM a\nEXPOSE 3000\nCMD ["node", "server.js"]\n`,
      },
    },
    {
      name: 'switched off',
      files: {
        Dockerfile: `FROM node:22-alpine\nHEALTHCHECK NONE\nEXPOSE 3000\nCMD ["node", "server.js"]\n`,
      },
    },
    {
      name: 'all Compose services have one',
      files: {
        Dockerfile: `FROM node:22-alpine\nEXPOSE 3000\nCMD ["node", "server.js"]\n`,
        'compose.yaml': `services:\n  a:\n    build: .\n    healthcheck: { test: ["CMD", "true"] }\n`,
      },
    },
    {
      name: 'Kubernetes',
      files: {
        Dockerfile: `FROM node:22-alpine\nEXPOSE 3000\nCMD ["node", "server.js"]\n`,
        'k8s/prometheus.yml': `scrape_configs: []\n`,
      },
    },
    {
      name: 'no port: a tool that reads its standard input',
      files: { Dockerfile: `FROM node:22-alpine\nENTRYPOINT ["node", "cli.js"]\n` },
    },
    {
      name: 'an unknown base, a builder, and an image to build upon',
      files: {
        Dockerfile: `FROM node:22 AS build\nEXPOSE 3000\nCMD ["node", "server.js"]\nFROM registry.example.com/base:1\nEXPOSE 80\nCMD ["/server"]\n`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    if (hasManifests(document, context)) return;
    const seen = new Set<number>();
    for (const { stage, services } of productionStages(document, context)) {
      if (services.length > 0 && services.every(({ healthcheck }) => healthcheck !== 'unset')) continue;
      if (effectiveHealthcheck(tree, stage) !== undefined || !isApplication(tree, stage)) continue;
      const image = parseImage(baseImage(tree, stage) ?? '');
      const exposed = exposedPort(tree, stage);
      if (!image || !bringsNoHealthcheck(image.name) || !exposed || seen.has(exposed.span.start)) continue;
      seen.add(exposed.span.start);
      context.report({
        span: exposed.span,
        message: 'The image serves a port and has no `HEALTHCHECK`: a process that hangs counts as running.',
        place: `${stagePlace(stage)}.HEALTHCHECK`,
        fixes: () => [addCheck(document, stage, exposed.port)],
      });
    }
  },
});

/** Folders of manifests beside the Dockerfile; only files of a kind that is read are known. */
function hasManifests({ uri }: Document<'dockerfile'>, context: Context<undefined>): boolean {
  const folders = '{k8s,kubernetes,helm,charts,chart,.helm,kustomize,manifests}';
  return context.facts.glob(dirname(uri), `${folders}/**`).length > 0;
}

/** The last TCP port that a stage exposes. */
function exposedPort(
  tree: DockerfileTree,
  stage: Stage,
): { readonly span: Instruction['span']; readonly port: string | undefined } | undefined {
  for (const each of lineage(tree, stage).toReversed()) {
    const instruction = each.instructions.findLast(({ keyword }) => keyword === 'EXPOSE');
    const word = instruction?.words.find(({ text }) => !/\/udp$/i.test(text));
    if (!instruction || !word) continue;
    const value = expand(word.text, variablesBefore(tree, each, instruction), tree.escape);
    const port = /^(\d+)(?:\/tcp)?$/i.exec(value ?? '')?.[1];
    return { span: word.span, port };
  }
  return undefined;
}

/** Ports on which a web server is all that is to be expected. */
const HTTP = /^(?:80|8\d{3}|3\d{3}|5000|5001|4000|4200|4321|5173|9000)$/;
/** Servers that speak something else there: RTMP, MySQL, Asterisk, RDP. */
const OTHER = /^(?:3306|3389|3128|8883|8009|8443|8500|8125|8086|8529)$/;

function addCheck(document: Document<'dockerfile'>, stage: Stage, port: string | undefined): Fix | undefined {
  const { tree } = document;
  const start = ['ENTRYPOINT', 'CMD']
    .flatMap((keyword) => {
      const found = lastInstruction(tree, stage, keyword);
      return found && found.stage === stage ? [found.instruction] : [];
    })
    .sort((a, b) => a.span.start - b.span.start)[0];
  if (!start || port === undefined || !HTTP.test(port) || OTHER.test(port)) return undefined;
  const command = commandFor(document, stage, `http://127.0.0.1:${port}/`);
  const text = command && `--interval=30s --timeout=5s --start-period=30s CMD ${command}`;
  const edit = text && insertBefore(document, start, [{ keyword: 'HEALTHCHECK', text }]);
  return edit
    ? {
        title: `Add a health check for port ${port}`,
        safety: 'review',
        edits: [edit],
        risk: 'The container becomes unhealthy where `/` asks for a login or the server listens elsewhere: name its health endpoint.',
        verify: 'docker build .',
      }
    : undefined;
}

/** A command that asks a URL with what the image has for certain. */
function commandFor({ text, tree }: Document<'dockerfile'>, stage: Stage, url: string): string | undefined {
  const image = parseImage(baseImage(tree, stage) ?? '');
  const name = image?.name;
  // `fetch` is there from Node 18 on.
  if (name === 'node' && !/^(?:[0-9]|1[0-7])(?:\D|$)/.test(image?.tag ?? ''))
    return `["node", "-e", "fetch('${url}').then((r) => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))"]`;
  if (name === 'python')
    return `["python", "-c", "import urllib.request; urllib.request.urlopen('${url}', timeout=4)"]`;
  const installs = lineage(tree, stage).some(({ instructions }) =>
    instructions.some(
      ({ keyword, span }) =>
        keyword === 'RUN' &&
        /(?:install|add)[^;&|]*\scurl(?=[\s;&|\\]|$)/.test(
          text.slice(span.start, span.end).replaceAll(/\\\r?\n/g, ' '),
        ),
    ),
  );
  if (installs) return `["curl", "-fsS", "-o", "/dev/null", "${url}"]`;
  return stageFamily(tree, stage) === 'alpine' ? `["wget", "-q", "-O", "/dev/null", "${url}"]` : undefined;
}
