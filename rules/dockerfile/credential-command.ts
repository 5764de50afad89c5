import type { ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import { defineRule } from '../core/rule.ts';
import { secretsIn } from '../core/secret-patterns.ts';
import { type LocatedCommand, mountsSecret, runCommands, stagePlace } from './shared/stages.ts';

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
    falsePositives:
      'Silent in steps that mount a secret, for URLs whose user has no password, and for references that npm replaces itself.',
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
    {
      name: 'a token in an option, a rewrite of URLs, a registry',
      files: {
        Dockerfile: `FROM python:3.13
ARG TOKEN
RUN pip install «--extra-index-url=https://ci:$TOKEN@pypi.example.com/simple» a
RUN git config --global «url."https://\${TOKEN}@github.com/".insteadOf» https://github.com/
RUN npm config set registry «https://ci:$TOKEN@npm.example.com/»
RUN python -m pip install «https://$TOKEN:x-oauth-basic@github.com/a/b/archive/main.zip»
`,
      },
    },
    {
      name: 'other programs',
      files: {
        Dockerfile: `FROM debian:12
ARG TOKEN
COPY key.json /tmp/
RUN gcloud auth activate-service-account «--key-file=/tmp/key.json»
RUN dotnet nuget add source https://pkgs.example.com/index.json -n a -u ci «-p» $TOKEN --store-password-in-clear-text
RUN doctl auth init «-t» $TOKEN
RUN composer config --global «http-basic.repo.example.com» ci $TOKEN
RUN docker login -u ci «-p$TOKEN» registry.example.com
`,
      },
    },
    {
      name: 'files that programs read credentials from',
      files: {
        Dockerfile: `FROM node:22
ARG TOKEN
RUN echo «"//registry.npmjs.org/:_authToken=\${TOKEN}"» > ~/.npmrc && npm ci && rm ~/.npmrc
RUN printf «"machine github.com login ci password %s\\n"» "$TOKEN" | tee -a /root/.netrc
RUN echo «"https://ci:$TOKEN@github.com"» > ~/.git-credentials
`,
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
      name: 'a reference that npm replaces itself',
      files: {
        Dockerfile: `FROM node:22\nRUN echo '//registry.npmjs.org/:_authToken=\${NPM_TOKEN}' > .npmrc && echo "//a/:_authToken=\\\${T}" >> .npmrc\nRUN echo "registry=https://npm.example.com/" > ~/.npmrc && echo "see //a/:_authToken=x" >> /README\n`,
      },
    },
    {
      name: 'keys that are mounted, accounts without one, names of users',
      files: {
        Dockerfile: `FROM debian:12
RUN --mount=type=secret,id=key gcloud auth activate-service-account --key-file=/run/secrets/key
RUN gcloud auth list && gcloud auth activate-service-account --key-file=/run/secrets/key
RUN git clone https://$USERNAME@bitbucket.org/a/b.git && dotnet nuget add source https://pkgs.example.com -n a
RUN composer config --global http-basic.repo.example.com ci "$(cat /run/secrets/t)"
`,
      },
    },
    {
      name: 'a token that another rule reports',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN aws configure set aws_secret_access_key q7Rf2mWx9K/bTz4Lp8VnYc3Hd6Js1+GuEa5NoPiW\n`,
      },
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
  check({ text, tree }, context) {
    for (const located of runCommands(tree, MENTIONS)) {
      const { stage, instruction, command } = located;
      const { name, args } = moduleOf(located);
      const word = mountsSecret(instruction)
        ? undefined
        : (credentialWord(name, args) ?? writtenCredential(located));
      // A token in the open is dockerfile/secret-literal's.
      if (!word || secretsIn(text.slice(command.span.start, command.span.end)).length > 0) continue;
      context.report({
        span: word.span,
        message: `\`${name}\` gets a credential in a build step: it stays in the history of the image, often in a file of the layer too.`,
        place: `${stagePlace(stage)}.RUN.${name}[${args[0]?.value.replace(/[^\w./-].*$/, '').slice(0, 20) ?? ''}]`,
      });
    }
  },
});

const MENTIONS =
  /:\/\/[^\s/]*@|login|aws_|_auth|_password|activate-service|nuget|doctl|http-basic|netrc|git-credentials/i;

/** `python -m pip` is pip. */
function moduleOf({ name, args }: LocatedCommand): Pick<LocatedCommand, 'name' | 'args'> {
  const isModule = /^python[\d.]*$/.test(name) && args[0]?.value === '-m' && args[1]?.value === 'pip';
  return isModule ? { name: 'pip', args: args.slice(2) } : { name, args };
}

type Words = readonly ShellWord[];

/** Programs, what tells that they are given a credential, and the word that says so. */
const COMMANDS: readonly (readonly [program: RegExp, words: readonly string[], word: RegExp])[] = [
  [/^aws$/, ['configure', 'set'], /^(?:aws_secret_access_key|aws_session_token)$/],
  [/^az$/, ['login'], /^(?:-p|--password(?:=|$))/],
  [/^gcloud$/, ['auth', 'activate-service-account'], /^--key-file(?:=(?!\/run\/secrets\/)|$)/],
  [/^(?:docker|podman|nerdctl|buildah|helm|crane|oras|skopeo)$/, ['login'], /^(?:-p\S*$|--password(?:=|$))/],
  [/^doctl$/, ['auth', 'init'], /^(?:-t|--access-token(?:=|$))/],
  [/^dotnet$/, ['nuget', 'source'], /^(?:-p|--password)$/],
  [/^nuget$/, ['add'], /^-Password$/i],
];

function credentialWord(name: string, args: Words): ShellWord | undefined {
  const has = (wanted: string): boolean => args.some(({ value }) => value === wanted);
  const command = COMMANDS.find(([program, words]) => program.test(name) && words.every(has));
  if (command) {
    const at = args.findIndex(({ value }) => command[2].test(value));
    const next = args[at + 1]?.value ?? '';
    return at < 0 || next.includes('/run/secrets/') ? undefined : args[at];
  }
  if (/^(?:npm|yarn|pnpm)$/.test(name) && (has('set') || has('config'))) {
    const word = args.find(({ value }) => /:_(?:authToken|auth|password)\b/.test(value) && !/=$/.test(value));
    if (word) return word;
  }
  if (name === 'composer' && has('config')) {
    const at = args.findIndex(({ value }) =>
      /^(?:http-basic|github-oauth|gitlab-token|bearer)\./.test(value),
    );
    return args.slice(at + 1).some(({ value }) => value.includes('/run/secrets/')) ? undefined : args[at];
  }
  return FETCHERS.test(name) ? args.find(({ value }) => hasPassword(value)) : undefined;
}

const FETCHERS = /^(?:git|pip[\d.]*|uv|go|curl|wget|npm|yarn|pnpm|poetry|bundle|gem|cargo|svn)$/;

/** Files of credentials that a step writes: `.npmrc`, `.netrc`. */
const FILES: readonly (readonly [file: RegExp, line: RegExp])[] = [
  [/npmrc$/, /:_(?:authToken|auth|password)\s*=\s*\S/],
  [/netrc$/, /\bpassword\s+\S/],
  [/\.git-credentials$/, /:\/\/[^/@\s:]*:[^/@\s]+@/],
];

function writtenCredential({ name, args, command, shell }: LocatedCommand): ShellWord | undefined {
  if (name !== 'echo' && name !== 'printf') return undefined;
  const pipe = shell.pipelines.find(({ parts }) => parts[0]?.includes(command));
  const tee = pipe?.parts.at(-1)?.find(({ program }) => program === 'tee')?.operands ?? [];
  const files = [...command.redirects.flatMap(({ target }) => target ?? []), ...tee];
  const line = FILES.find(([file]) => files.some(({ value }) => file.test(value)))?.[1];
  const word = line && args.find(({ value }) => line.test(value));
  // What the shell does not replace is a reference, which npm reads from the environment later.
  return word && !/^'[^']*\$|\\\$/.test(word.text) && !word.value.includes('/run/secrets/')
    ? word
    : undefined;
}

/** `https://user:password@host`, or for Git a token as the user; in an option too, and where Git rewrites URLs. */
function hasPassword(value: string): boolean {
  const match = /^(?:--?[\w-]+=)?(?:url\.)?(?:git\+)?https?:\/\/([^/@:\s]*)(?::([^/@\s]*))?@[^/\s]+/.exec(
    value,
  );
  if (!match) return false;
  const [, user = '', password] = match;
  if (password !== undefined) return password !== '';
  return /^\$/.test(user)
    ? !/user|login|name|org|account/i.test(user)
    : /^gh[pousr]_|^glpat-|token/i.test(user);
}
