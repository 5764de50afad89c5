import type { ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import type { DockerfileTree } from '../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import { defineRule } from '../core/rule.ts';
import { type LocatedCommand, runCommands, stagePlace } from './shared/stages.ts';

const PROGRAMS = /pip|python|uv|npm|yarn|corepack|gem|go|cargo/;

export const rule = defineRule({
  id: 'dockerfile/unpinned-lang-package',
  title: 'A package is installed in whatever version is the newest',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: PROGRAMS,
  docs: {
    why: `Registries of languages take new versions from everyone who holds a maintainer's token. Without a version the next build runs
whatever was published last, a hijacked release within minutes of its upload, and nobody can build the old image again.`,
    fix: `Write the version (\`pip install gunicorn==23.0.0\`, \`npm install -g pnpm@10.4.1\`, \`go install …@v1.62.0\`), or install from a
lock file that lies in the repository.`,
    falsePositives: `Any version or range counts as one, also in a variable, and so does any branch or tag of a repository. Silent for
requirement and constraint files, local paths and archives, for \`pip\`, \`setuptools\` and \`wheel\` themselves, and for npm packages of a project that was copied before.`,
    cwe: [1357],
    references: [
      'https://pip.pypa.io/en/stable/topics/repeatable-installs/',
      'https://docs.npmjs.com/cli/v11/commands/npm-install',
      'https://go.dev/ref/mod#go-install',
    ],
  },
  bad: [
    {
      name: 'pip and its kin',
      files: {
        Dockerfile: `FROM python:3.13
RUN pip install --no-cache-dir «gunicorn» uvicorn[standard]==0.34.0 httpx
RUN python3 -m pip install -U «'celery[redis]'» --index-url https://pypi.example.com/simple
RUN pipx install «poetry» && uv tool install «ruff» && uv pip install --system «black»
`,
      },
    },
    {
      name: 'a range that the shell takes for a redirection',
      files: { Dockerfile: `FROM python:3.13\nRUN pip install «httpx»>=0.28\n` },
    },
    {
      name: 'npm, yarn and pnpm',
      files: {
        Dockerfile: `FROM node:22
RUN npm install -g «pnpm» && npm i --global «typescript@latest» eslint@9.1.0
RUN yarn global add «@angular/cli»
RUN pnpm add -g «turbo» && corepack prepare «pnpm@latest» --activate
`,
      },
    },
    {
      name: 'no project, so the newest of npm',
      files: {
        Dockerfile: `FROM node:22\nWORKDIR /app\nRUN npm install «express»\nCMD ["node", "-e", ""]\n`,
      },
    },
    {
      name: 'repositories at whatever their branch is',
      files: {
        Dockerfile: `FROM python:3.13
RUN pip install «git+https://github.com/example/tool.git#egg=tool» "git+ssh://git@git.example.com/b.git@v2"
RUN npm install -g «git+https://git:\${TOKEN}@git.example.com/a.git» && pnpm add -g «github:example/cli»
`,
      },
    },
    {
      name: 'gem, go and cargo',
      files: {
        Dockerfile: `FROM golang:1.26
RUN gem install «bundler» --no-document && gem i «rails» puma:6.6.0
RUN go install -v «github.com/go-delve/delve/cmd/dlv@latest»
RUN GOBIN=/bin go install «golang.org/x/tools/gopls@master» && go get -u «github.com/a/b»
RUN cargo install --locked «cargo-chef»
`,
      },
    },
  ],
  good: [
    {
      name: 'versions',
      files: {
        Dockerfile: `FROM python:3.13
ARG POETRY_VERSION
RUN pip install gunicorn==23.0.0 "uvicorn>=0.30,<1" 'celery[redis]~=5.4' poetry==$POETRY_VERSION
RUN pip install "poetry$SUFFIX" \${EXTRA} httpx@https://example.com/httpx.whl
RUN npm install -g pnpm@10.4.1 @angular/cli@^19 typescript@5 && yarn global add serve@14.2.4
RUN gem install bundler -v 2.6.3 && gem install rails --version=8.0 && gem install puma:6.6.0 -- --with-cflags -O2
RUN go install github.com/go-delve/delve/cmd/dlv@v1.24.0 && go install ./... && go get -d -v ./...
RUN cargo install cargo-chef --version 0.1.71 && cargo install ripgrep@14.1.1 && cargo install --path .
RUN pipx install poetry==2.1.0 && uv tool install ruff@0.9.0 && uv sync
`,
      },
    },
    {
      name: 'files, constraints, local paths and repositories',
      files: {
        Dockerfile: `FROM python:3.13
COPY . .
RUN pip install -r requirements.txt && pip install --requirement=dev.txt && pip install -e . && pip install .[prod]
RUN pip install -c constraints.txt gunicorn && pip install ./pkg dist/*.whl git+https://github.com/a/b@v1 https://example.com/a.tgz
RUN pip install git+https://x:$TOKEN@github.com/a/b.git@v1#egg=b git+https://github.com/a/b.git$REF
RUN pip install --no-index --find-links /wheels gunicorn
RUN npm install -g . ./pkg ../x.tgz file:y git+https://github.com/a/b.git#v1 github:a/b#semver:^2 https://example.com/a.tgz
RUN cargo install --git https://github.com/a/b --rev abc tool && gem install ./a.gem
`,
      },
    },
    {
      name: 'a project with a lock file',
      files: {
        Dockerfile: `FROM node:22\nCOPY package*.json ./\nRUN npm install && npm install --omit=dev && npm install sharp && yarn install && npm ci\n`,
      },
    },
    {
      name: 'the installer itself',
      files: {
        Dockerfile: `FROM python:3.13\nRUN pip install --upgrade pip setuptools wheel && python -m pip install -U pip\n`,
      },
    },
    {
      name: 'other commands and text',
      files: {
        Dockerfile: `FROM python:3.13\nRUN pip download x && pip uninstall y && npm run install && echo "pip install z" && pip --version && go build ./cmd/x\n`,
      },
    },
  ],
  check({ text, tree }, context) {
    for (const located of runCommands(tree, PROGRAMS)) {
      // Constraints for every call of pip and uv.
      if (/^(?:pip|python|uv)/.test(located.name) && /(?:PIP|UV)_(?:BUILD_)?CONSTRAINT/.test(text)) continue;
      const open = unpinned(tree, located);
      const [first] = open;
      if (!first) continue;
      const others = open.length > 1 ? ` and ${open.length - 1} more` : '';
      // A URL may hold a token.
      const name = first.value.replace(/\/\/[^/]*@/, '//');
      context.report({
        span: first.span,
        message: isCutOff(located)
          ? `The shell takes the \`>\` behind \`${name.slice(0, 40)}\` for a redirection: without quotes the package has no version at all.`
          : `\`${name.slice(0, 50)}\`${others} has no version: the build takes whatever was published last, a hijacked release too.`,
        place: `${stagePlace(located.stage)}.RUN.${located.name}[${name}]`,
      });
    }
  },
});

/** `pip install httpx>=0.28` without quotes writes to a file `=0.28`. */
function isCutOff({ command }: LocatedCommand): boolean {
  return command.redirects.some(
    ({ operator, target }) => operator === '>' && target?.value.startsWith('=') === true,
  );
}

/** The words of a command that name a package without a version. */
function unpinned(tree: DockerfileTree, located: LocatedCommand): readonly ShellWord[] {
  const { name, args } = located;
  if (/^(?:python|pypy)[\d.]*$/.test(name) && args[0]?.value === '-m')
    return unpinned(tree, { ...located, name: args[1]?.value ?? '', args: args.slice(2) });
  if (name === 'uv') return uvPackages(args);
  if (/^pip[\d.]*$/.test(name)) return pipPackages(args, /^install$/);
  if (name === 'pipx') return pipPackages(args, /^install$/);
  if (name === 'npm' || name === 'yarn' || name === 'pnpm') return nodePackages(tree, located);
  if (name === 'gem') return gemPackages(args);
  if (name === 'corepack')
    return operandsOf(args, /^(?:prepare|use|install)$/, /^--cwd$/).filter(({ value }) =>
      /@(?:latest|next)$/.test(value),
    );
  if (name === 'go') return goPackages(args);
  return name === 'cargo' ? cargoPackages(args) : [];
}

/** Words behind the verb that are neither options nor their values. */
function operandsOf(args: readonly ShellWord[], verb: RegExp, valued: RegExp): readonly ShellWord[] {
  const words: ShellWord[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (!arg) break;
    if (!arg.value.startsWith('-')) words.push(arg);
    else if (valued.test(arg.value)) i++;
  }
  return verb.test(words[0]?.value ?? '') ? words.slice(1) : [];
}

function hasOption(args: readonly ShellWord[], option: RegExp): boolean {
  return args.some(({ value }) => option.test(value));
}

/** What no rule about names can judge: variables, paths, archives, URLs. */
function isElsewhere(value: string): boolean {
  return value === '' || /[$`*{}]|^[.~/]|:\/\/|\.(?:whl|zip|tar|tgz|tar\.\w+|gem)$/.test(value);
}

/** The path of a repository in a URL, and what follows it; undefined for everything else and where a variable stands in it. */
function repositoryPath(value: string): string | undefined {
  const path = /^git(?:\+[a-z]+)?:\/\/[^/]+\/(.+)$|^(?:github|gitlab|bitbucket):(.+)$/.exec(value);
  const text = path?.[1] ?? path?.[2];
  return text?.includes('$') ? undefined : text;
}

const PIP_VALUED =
  /^(?:-[rcetidfb]|--(?:requirement|constraint|editable|target|index-url|extra-index-url|find-links|platform|python-version|implementation|abi|root|prefix|src|upgrade-strategy|config-settings|global-option|no-binary|only-binary|progress-bar|trusted-host|cert|client-cert|proxy|retries|timeout|exists-action|cache-dir|log|python|with|from|pip-args|index|default-index|suffix|group|report|keyring-provider))$/;

function pipPackages(args: readonly ShellWord[], verb: RegExp): readonly ShellWord[] {
  if (hasOption(args, /^(?:-c|--constraints?|--constraint=.*|--no-index|--require-hashes|-c\S+)$/)) return [];
  return operandsOf(args, verb, PIP_VALUED).filter(({ value }) => {
    const repository = repositoryPath(value);
    if (repository !== undefined) return !(repository.split('#')[0] ?? '').includes('@');
    return (
      !isElsewhere(value) &&
      /^[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?$/.test(value) &&
      !/^(?:pip|setuptools|wheel)$/i.test(value)
    );
  });
}

function uvPackages(args: readonly ShellWord[]): readonly ShellWord[] {
  const words = args.filter(({ value }) => !value.startsWith('-'));
  const [group, verb] = words;
  const isInstall = (group?.value === 'pip' || group?.value === 'tool') && verb?.value === 'install';
  return isInstall ? pipPackages(args.slice(args.indexOf(group) + 1), /^install$/) : [];
}

const NODE_VALUED =
  /^--(?:prefix|registry|cache|loglevel|userconfig|dir|filter|workspace|tag|location|network-timeout|cwd|C)$|^-[CwF]$/;

function nodePackages(tree: DockerfileTree, located: LocatedCommand): readonly ShellWord[] {
  const { name, args } = located;
  const isGlobal = hasOption(args, /^(?:-g|--global|--location=global)$/) || isYarnGlobal(located);
  if (!isGlobal && hasProject(tree, located)) return [];
  const words = isYarnGlobal(located) ? args.slice(1) : args;
  const verb = name === 'yarn' ? /^add$/ : /^(?:install|i|add)$/;
  return operandsOf(words, verb, NODE_VALUED).filter(({ value }) => {
    const repository = repositoryPath(value);
    if (repository !== undefined) return !/#./.test(repository);
    if (isElsewhere(value) || /^(?:file|git\S*|github|npm|link|workspace):/.test(value)) return false;
    const version = /^(?:@[^/@]+\/)?[^@/]+(?:@(.*))?$/.exec(value);
    return version !== null && (version[1] === undefined || /^(?:latest|next|canary|\*|)$/.test(version[1]));
  });
}

function isYarnGlobal({ name, args }: LocatedCommand): boolean {
  return name === 'yarn' && args[0]?.value === 'global';
}

/** Whether files were copied before, so that a `package.json` may say which version is meant. */
function hasProject(tree: DockerfileTree, { stage, instruction }: LocatedCommand): boolean {
  return lineage(tree, stage).some(
    ({ instructions, base }) =>
      base?.includes('$') === true ||
      instructions.some(
        ({ keyword, span, flags, masked }) =>
          span.start <= instruction.span.start &&
          (keyword === 'COPY' ||
            keyword === 'ADD' ||
            flags.some(({ name }) => name === 'mount') ||
            (keyword === 'RUN' && /\bgit\s+clone|package\.json|\binit\b|\bcd\s/.test(masked))),
      ),
  );
}

function gemPackages(args: readonly ShellWord[]): readonly ShellWord[] {
  if (hasOption(args, /^(?:-v\S*|--version\b.*|-g|--file\b.*|--local|-l)$/)) return [];
  // What follows is for the compiler of its native parts.
  const end = args.findIndex(({ value }) => value === '--');
  return operandsOf(
    end < 0 ? args : args.slice(0, end),
    /^(?:install|i)$/,
    /^(?:-[inPsp]|--(?:install-dir|bindir|source|platform|document|trust-policy))$/,
  ).filter(({ value }) => !isElsewhere(value) && !value.includes(':'));
}

function goPackages(args: readonly ShellWord[]): readonly ShellWord[] {
  const valued = /^-(?:ldflags|tags|mod|modfile|o|p|gcflags|C)$/;
  const words = [...operandsOf(args, /^install$/, valued), ...operandsOf(args, /^get$/, valued)];
  const isGet = args.some(({ value }) => value === 'get');
  // Without a version `go install` takes what go.mod says, and so does a plain `go get` of a package that is in it.
  const moves = isGet && hasOption(args, /^-u/);
  return words.filter(({ value }) => {
    if (isElsewhere(value) || !/^[\w-]+(?:\.[\w-]+)+\//.test(value)) return false;
    const version = /@(.*)$/.exec(value)?.[1];
    return version === undefined ? moves : /^(?:latest|upgrade|master|main|HEAD)$/.test(version);
  });
}

function cargoPackages(args: readonly ShellWord[]): readonly ShellWord[] {
  if (hasOption(args, /^--(?:version|vers|path|git|rev|tag|list)\b/)) return [];
  const valued =
    /^(?:-[FjZ]|--(?:features|jobs|root|target|target-dir|index|registry|bin|example|profile|config|branch))$/;
  return operandsOf(args, /^install$/, valued).filter(
    ({ value }) => !isElsewhere(value) && !value.includes('@') && !value.startsWith('+'),
  );
}
