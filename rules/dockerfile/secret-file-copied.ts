import type { Instruction } from '../../syntaxes/dockerfile/tree.ts';
import { defineRule } from '../core/rule.ts';
import { finalLineage, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/secret-file-copied',
  title: 'A file with secrets is copied into the image',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `What is copied is in a layer, and everyone who can pull the image can read it, also after a later step deletes the file.`,
    fix: `Mount it for the step that needs it (\`RUN --mount=type=secret,id=netrc,target=/root/.netrc\`), or give it to the container
when it starts, and put it into \`.dockerignore\`.`,
    falsePositives: `The file's name decides. Examples and templates (\`.env.example\`), public keys and certificates are not meant, nor
is an \`.env\` that only a builder stage gets.`,
    cwe: [538],
    controls: ['CIS Docker 1.6.0 4.10'],
    references: ['https://docs.docker.com/build/building/secrets/'],
  },
  bad: [
    {
      name: 'an .env file',
      files: {
        Dockerfile: `FROM node:22\nWORKDIR /app\nCOPY package.json «.env» ./\nCOPY «config/.env.production» ./.env\n`,
      },
    },
    {
      name: 'keys and credentials',
      files: {
        Dockerfile: `FROM alpine:3.22
COPY «id_rsa» /root/.ssh/id_rsa
ADD --chmod=600 «deploy/id_ecdsa» /root/.ssh/
COPY «certs/server.key» /etc/ssl/private/
COPY ["«.netrc»", "/root/"]
COPY «gcp-service-account.json» /etc/gcp.json
`,
      },
    },
    {
      name: 'a key in a builder stays in its cache',
      files: {
        Dockerfile: `FROM golang:1.26 AS build\nCOPY «id_rsa» /root/.ssh/\nFROM scratch\nCOPY --from=build /app /\n`,
      },
    },
  ],
  good: [
    {
      name: 'examples',
      files: { Dockerfile: `FROM node:22\nCOPY .env.example .env.sample .env.template .env.dist ./\n` },
    },
    {
      name: 'public halves',
      files: {
        Dockerfile: `FROM alpine:3.22\nCOPY id_rsa.pub ca.crt server.pem ca-bundle.pem docker.key /etc/ssl/\nADD nginx_signing.key /etc/apk/keys/\n`,
      },
    },
    {
      name: 'a builder needs .env for the front end',
      files: {
        Dockerfile: `FROM node:22 AS build\nCOPY .env ./\nRUN npm run build\nFROM nginx:1.29\nCOPY --from=build /dist /usr/share/nginx/html\n`,
      },
    },
    {
      name: 'from another stage',
      files: {
        Dockerfile: `FROM alpine:3.22 AS tls\nRUN gen\nFROM alpine:3.22\nCOPY --from=tls /certs/server.key /etc/tls/\n`,
      },
    },
    {
      name: 'a secret mount',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN --mount=type=secret,id=netrc,target=/root/.netrc git clone https://example.com/a\n`,
      },
    },
    {
      name: 'words that only look like it',
      files: { Dockerfile: `FROM alpine:3.22\nCOPY env.sh environment.ts keyboard.key.md monkey /app/\n` },
    },
  ],
  check({ tree }, context) {
    const final = new Set(finalLineage(tree));
    for (const stage of tree.stages) {
      for (const instruction of stage.instructions) {
        for (const { path, span } of copiedFiles(instruction)) {
          const kind = secretKind(path, instruction);
          if (!kind || (kind === 'environment' && !final.has(stage))) continue;
          context.report({
            span,
            message: `\`${path.slice(-60)}\` holds secrets, and everyone who can pull the image can read them, also if a later step deletes it.`,
            place: `${stagePlace(stage)}.${instruction.keyword}[${path}]`,
          });
        }
      }
    }
  },
});

function copiedFiles({ keyword, flags, json, words }: Instruction) {
  if ((keyword !== 'COPY' && keyword !== 'ADD') || flags.some(({ name }) => name === 'from')) return [];
  const sources =
    json?.map(({ value, span }) => ({ path: value, span: { start: span.start + 1, end: span.end - 1 } })) ??
    words.map(({ text, span }) => ({ path: text, span }));
  return sources.slice(0, -1);
}

/** Keys by names that only private ones have, or next to a place where private ones lie. */
const PRIVATE_KEY =
  /^(?:id_(?:rsa|dsa|ecdsa|ed25519)|(?:server|tls|ssl|private|privkey|client|domain|host|localhost|site|cert|nginx|jwt|signing[-_]private)\.key|private(?:[-_]key)?\.pem|privkey\d*\.pem|[\w.-]*[-_.](?:private[-_]key|privkey|key)\.pem|key\.pem|[\w.-]+\.(?:p12|pfx|ppk|kdbx))$/i;
const CREDENTIALS =
  /^(?:\.netrc|_netrc|\.pypirc|\.git-credentials|\.pgpass|\.my\.cnf|\.htpasswd|\.dockercfg|\.boto|\.s3cfg|kubeconfig|credentials\.json|client_secrets?\.json|[\w.-]*service[-_]?account[\w.-]*\.json|\.vault-token|secrets?\.(?:ya?ml|json|env|toml))$|(?:^|\/)\.(?:aws|ssh|kube|gnupg)\/?$|(?:^|\/)\.aws\/credentials$|(?:^|\/)\.docker\/config\.json$/i;
const ENVIRONMENT = /^(?:\.env|\.env\.(?:prod|production|local|staging|live)(?:\.local)?|[\w-]+\.env)$/i;
const HARMLESS =
  /example|sample|template|dummy|fake|dist$|\.pub$|^(?:test|build|versions?|common|default|defaults)\.env$/i;

function secretKind(path: string, instruction: Instruction): 'file' | 'environment' | undefined {
  const name = path.replace(/\/$/, '').replace(/^.*\//, '');
  if (HARMLESS.test(path) || /[$*?]/.test(name)) return undefined;
  if (PRIVATE_KEY.test(name) || CREDENTIALS.test(name) || CREDENTIALS.test(path))
    return isPublic(path, instruction) ? undefined : 'file';
  return ENVIRONMENT.test(name) ? 'environment' : undefined;
}

/** Keys that package managers check signatures with are public. */
function isPublic(path: string, { masked }: Instruction): boolean {
  return (
    /(?:^|[-_./])(?:public|pub|gpg|repo|release|archive)(?:[-_./]|$)/i.test(path) ||
    /\/(?:apk|apt|keyrings|rpm-gpg|trusted\.gpg\.d)\b/.test(masked)
  );
}
