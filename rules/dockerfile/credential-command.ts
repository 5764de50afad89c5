import type { ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import { defineRule } from '../core/rule.ts';
import { secretsIn } from '../core/secret-patterns.ts';
import { mountsSecret, runCommands, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/credential-command',
  title: 'A build step logs in with a credential on its command line',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'medium',
  since: '0.1.0',
  docs: {
    why: `The command line of a step is in the image's history, and most tools write what they were given to a file of the layer
(\`~/.docker/config.json\`, \`~/.npmrc\`, \`.git/config\`), where it stays when a later step deletes it.`,
    fix: `Mount the credential for the one step that needs it: \`RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci\`, or
\`--mount=type=ssh\` for Git.`,
    falsePositives: 'Silent in steps that mount a secret, and for URLs whose user has no password.',
    cwe: [522],
    references: ['https://docs.docker.com/build/building/secrets/'],
  },
  bad: [
    {
      name: 'cloud accounts',
      files: {
        Dockerfile: `FROM alpine:3.22\nARG KEY\nRUN aws configure set «aws_secret_access_key» "$KEY"\nRUN az login --service-principal -u app «-p» "$KEY" --tenant t\n`,
      },
    },
    {
      name: 'registries',
      files: {
        Dockerfile: `FROM node:22\nARG T\nRUN docker login -u ci «-p» $T registry.example.com\nRUN npm config set «//registry.npmjs.org/:_authToken=$T»\n`,
      },
    },
    {
      name: 'a token in a URL',
      files: {
        Dockerfile: `FROM python:3.13\nARG T\nRUN git clone «https://ci:\${T}@git.example.com/a.git» && pip install «"git+https://$T@github.com/example/b.git"»\n`,
      },
    },
  ],
  good: [
    {
      name: 'a secret mount',
      files: {
        Dockerfile: `FROM node:22\nRUN --mount=type=secret,id=t,env=T npm config set //registry.npmjs.org/:_authToken=$T && npm ci\n`,
      },
    },
    {
      name: 'on standard input, from a file',
      files: { Dockerfile: `FROM node:22\nRUN docker login -u ci --password-stdin < /tmp/x\n` },
    },
    {
      name: 'other settings',
      files: {
        Dockerfile: `FROM node:22\nRUN aws configure set region eu-west-1 && npm config set registry https://npm.example.com/ && az login --identity\n`,
      },
    },
    {
      name: 'a user without a password',
      files: {
        Dockerfile: `FROM node:22\nRUN git clone ssh://git@github.com/example/a.git && git clone https://github.com/example/@scope/b.git\n`,
      },
    },
  ],
  check({ tree }, context) {
    for (const { stage, instruction, name, args } of runCommands(
      tree,
      /:\/\/[^\s/]*@|login|aws_|_auth|_password/i,
    )) {
      const word = mountsSecret(instruction) ? undefined : credentialWord(name, args);
      // A token in the open is dockerfile/secret-literal's.
      if (!word || args.some(({ text }) => secretsIn(text).length > 0)) continue;
      context.report({
        span: word.span,
        message: `\`${name}\` gets a credential on its command line: it stays in the history of the image, often in a file of the layer too.`,
        place: `${stagePlace(stage)}.RUN.${name}[${args[0]?.value.slice(0, 20) ?? ''}]`,
      });
    }
  },
});

function credentialWord(name: string, args: readonly ShellWord[]): ShellWord | undefined {
  const words = args.map(({ value }) => value);
  const has = (...wanted: readonly string[]) => wanted.every((word) => words.includes(word));
  if (name === 'aws' && has('configure', 'set'))
    return args.find(({ value }) => /^(?:aws_secret_access_key|aws_session_token)$/.test(value));
  if (name === 'az' && has('login')) return args.find(({ value }) => /^(?:-p|--password(?:=|$))/.test(value));
  if (/^(?:docker|podman|buildah|helm|crane|oras)$/.test(name) && has('login'))
    return args.find(({ value }) => /^(?:-p$|--password(?:=|$))/.test(value));
  if (/^(?:npm|yarn|pnpm)$/.test(name) && (has('set') || has('config'))) {
    return args.find(({ value }) => /:_(?:authToken|auth|password)\b/.test(value) && !/=$/.test(value));
  }
  if (name === 'git' || /^pip[\d.]*$|^uv$|^go$|^curl$|^wget$/.test(name))
    return args.find(({ value }) => hasPassword(value));
  return undefined;
}

/** `https://user:password@host`, or for Git a token as the user. */
function hasPassword(value: string): boolean {
  const match = /^(?:git\+)?https?:\/\/([^/@:\s]*)(?::([^/@\s]*))?@[^/\s]+/.exec(value);
  if (!match) return false;
  const [, user = '', password] = match;
  return password !== undefined ? password !== '' : /^\$|^gh[pousr]_|^glpat-|token/i.test(user);
}
