import { defineRule } from '../core/rule.ts';
import { copyOf } from './shared/copies.ts';
import { secretFileKind } from './shared/secret-files.ts';
import { finalLineage, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/secret-file-copied',
  title: 'A file with secrets is copied into the image',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\b(?:copy|add)\b/i,
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
COPY shop.example.org.crt «shop.example.org.key» /etc/nginx/ssl/
COPY «tls/*.key» /etc/ssl/private/
COPY «.kube/config» «id_rsa_deploy» «deploy_key» /root/
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
        Dockerfile: `FROM alpine:3.22\nCOPY id_rsa.pub ca.crt server.pem ca-bundle.pem docker.key /etc/ssl/\nADD nginx_signing.key /etc/apk/keys/\nCOPY certs/docker.key /etc/apt/keyrings/\nCOPY id_ed25519.pub /root/.ssh/authorized_keys\n`,
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
        const copy = copyOf(instruction);
        if (!copy || copy.from !== undefined) continue;
        for (const { path, span } of copy.sources) {
          const kind = secretFileKind(path, copy.destination);
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
