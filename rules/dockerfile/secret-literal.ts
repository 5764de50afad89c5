import type { DockerfileTree, Instruction } from '../../syntaxes/dockerfile/tree.ts';
import { defineRule } from '../core/rule.ts';
import { type FoundSecret, SECRET_HINT, secretsIn } from '../core/secret-patterns.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/secret-literal',
  title: 'A secret is written into the Dockerfile',
  kinds: ['dockerfile'],
  severity: 'critical',
  confidence: 'high',
  since: '0.1.0',
  mentions: SECRET_HINT,
  docs: {
    why: `The secret is in every clone of the repository, in the history of the image and mostly in a layer too, and stays there when a
later version of the file no longer has it. Whoever finds it uses it until it is revoked; public images are searched for such
tokens within minutes.`,
    fix: `**Revoke the secret first.** Then give the new one to the step that needs it with \`RUN --mount=type=secret,id=token,env=TOKEN\`,
or to the container when it starts.`,
    falsePositives: `Only forms that are certain count: tokens with the prefix and the length that their issuer gives them, and private keys
whose body is there. Examples from manuals, fillers (\`xxxx\`, \`your\`, \`1234567890\`), keys for tests (\`sk_test_\`) and Google's keys
for browsers (\`NEXT_PUBLIC_…\`, \`FIREBASE_…\`) are not meant, nor are comments.`,
    cwe: [798],
    references: [
      'https://docs.docker.com/build/building/secrets/',
      'https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html',
    ],
  },
  bad: [
    {
      name: 'in variables, arguments and labels',
      files: {
        Dockerfile: `ARG NPM_TOKEN=«npm_q7Rf2mWx9KbTz4Lp8VnYc3Hd6Js1GuEa5NoP»
FROM node:22
ENV AWS_ACCESS_KEY_ID=«AKIA2E7QF4B3X6C5ZLN4» \\
    AWS_SECRET_ACCESS_KEY="«q7Rf2mWx9K/bTz4Lp8VnYc3Hd6Js1+GuEa5NoPiW»"
ENV GITHUB_TOKEN «ghp_q7Rf2mWx9KbTz4Lp8VnYc3Hd6Js1GuEa5NoP»
LABEL token='«glpat-q7Rf2mWx9KbTz4Lp8VnY»'
`,
      },
    },
    {
      name: 'in steps',
      files: {
        Dockerfile: `FROM python:3.13 AS build
RUN git clone https://x-access-token:«github_pat_11ABQ7RF20q7Rf2mWx9KbT_z4Lp8VnYc3Hd6Js1GuEa5NoPiWq7Rf2mWx9KbTz4Lp8VnYc3Hd6Js»@github.com/a/b.git
RUN --mount=type=cache,target=/c curl -H "Authorization: Bearer «xoxb-248163264128-512102420484-q7Rf2mWx9KbTz4Lp8VnYc3Hd»" https://slack.com/api/a
CMD ["server", "--sendgrid", "«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»"]
`,
      },
    },
    {
      name: 'in heredocs',
      files: {
        Dockerfile: `FROM alpine:3.22
COPY <<EOF /root/.aws/credentials
[default]
aws_access_key_id = «AKIA2E7QF4B3X6C5ZLN4»
aws_secret_access_key = «q7Rf2mWx9K/bTz4Lp8VnYc3Hd6Js1+GuEa5NoPiW»
EOF
RUN <<EOF
export STRIPE=«sk_live_q7Rf2mWx9KbTz4Lp8VnYc3Hd»
EOF
`,
      },
    },
    {
      name: 'private keys',
      files: {
        Dockerfile: `FROM alpine:3.22
COPY <<EOF /root/.ssh/id_ed25519
«-----BEGIN OPENSSH PRIVATE KEY-----»
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACBq7Rf2mWx9KbTz4Lp8VnYc3Hd6Js1GuEa5NoPiWq7Rf2mWx9KbTz4L
-----END OPENSSH PRIVATE KEY-----
EOF
RUN echo "«-----BEGIN RSA PRIVATE KEY-----»\\n\\
MIIEowIBAAKCAQEAuJb2x0mVYl0Vw3F1eKtq6b7m2Qm9r5dCkqT1Ue0kq2hZP8sN\\n\\
-----END RSA PRIVATE KEY-----" > /etc/ssl/private/a.key
ONBUILD ENV KEY=«AIzaSyq7Rf2mWx9KbTz4Lp8VnYc3Hd6Js1GuEa5»
`,
      },
    },
  ],
  good: [
    {
      name: 'examples from manuals and fillers',
      files: {
        Dockerfile: `FROM alpine:3.22
ENV AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
ENV A=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx B=ghp_16C7e42F292c6912E7710c838347Ae178B4a
ENV C=glpat-your-personal-access-token D=npm_000000000000000000000000000000000000
ENV E=AKIA1234567890ABCDEF F=sk_test_q7Rf2mWx9KbTz4Lp8VnYc3Hd G=ghp_abcdefghijklmnopqrstuvwxyz0123456789
`,
      },
    },
    {
      name: 'variables and mounts',
      files: {
        Dockerfile: `FROM node:22
ARG GITHUB_TOKEN
RUN --mount=type=secret,id=npm echo "//registry.npmjs.org/:_authToken=\${NPM_TOKEN}" > .npmrc
RUN git clone https://\${GITHUB_TOKEN}@github.com/a/b.git
ENV npm_config_cache=/cache npm_lifecycle_script_with_a_name_of_36_ch=1
`,
      },
    },
    {
      name: 'keys for browsers',
      files: {
        Dockerfile: `FROM node:22
ENV NEXT_PUBLIC_MAPS_KEY=AIzaSyq7Rf2mWx9KbTz4Lp8VnYc3Hd6Js1GuEa5
ARG VITE_FIREBASE_API_KEY="AIzaSyq7Rf2mWx9KbTz4Lp8VnYc3Hd6Js1GuEa5"
`,
      },
    },
    {
      name: 'public keys, digests and the names of keys',
      files: {
        Dockerfile: `FROM alpine:3.22@sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1
ENV GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568
RUN echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl" >> ~/.ssh/known_hosts
RUN grep -q -- '-----BEGIN PRIVATE KEY-----' /key.pem && openssl pkcs8 -in /key.pem
RUN printf -- '-----BEGIN RSA PRIVATE KEY-----\\n%s\\n-----END RSA PRIVATE KEY-----' "$KEY" > /key.pem
ENV SECRET_KEY=0123456789abcdef0123456789abcdef01234567
`,
      },
    },
    {
      name: 'an encrypted key',
      files: {
        Dockerfile: `FROM alpine:3.22
COPY <<EOF /key.pem
-----BEGIN RSA PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF

MIIEowIBAAKCAQEAuJb2x0mVYl0Vw3F1eKtq6b7m2Qm9r5dCkqT1Ue0kq2hZP8sN
-----END RSA PRIVATE KEY-----
EOF
`,
      },
    },
    {
      name: 'a comment',
      files: { Dockerfile: `FROM alpine:3.22\n# ENV TOKEN=ghp_q7Rf2mWx9KbTz4Lp8VnYc3Hd6Js1GuEa5NoP\n` },
    },
  ],
  check({ text, tree }, context) {
    for (const outer of tree.instructions) {
      const instruction = outer.trigger ?? outer;
      const { start: base, end } = outer.span;
      for (const secret of secretsIn(text.slice(base, end))) {
        const span = { start: base + secret.start, end: base + secret.end };
        if (tree.comments.some((each) => each.start <= span.start && span.end <= each.end)) continue;
        context.report({
          span,
          message: `This is ${secret.what}: everyone who can read the file or pull the image can use it until it is revoked.`,
          place: placeOf(tree, instruction, secret, span.start),
        });
      }
    }
  },
});

function placeOf(tree: DockerfileTree, instruction: Instruction, { what }: FoundSecret, at: number): string {
  const stage = tree.stages.findLast(({ from }) => from.span.start <= instruction.span.start);
  const pair = instruction.pairs.find(
    ({ valueSpan }) => valueSpan && valueSpan.start <= at && at < valueSpan.end,
  );
  const name = pair?.name ?? what.replace(/^(?:an?|the) /, '');
  return `${stage ? stagePlace(stage) : 'head'}.${instruction.keyword}[${name}]`;
}
