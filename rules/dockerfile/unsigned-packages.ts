import type { ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { downloadsOf } from './shared/downloads.ts';
import { type LocatedCommand, runCommands, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/unsigned-packages',
  title: 'Packages are installed without a check of their signature',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /allow|force-yes|gpg|nosignature|nodigest|trusted|apt-key/i,
  docs: {
    why: `The signature is what ties a package to the distribution that built it; repositories and mirrors are mostly read over plain
HTTP and are trusted only because of it. Without the check whoever answers in the mirror's place installs software as root.`,
    fix: 'Install the key of the repository (`signed-by=` for apt, `/etc/apk/keys` for apk, `gpgkey=` for yum) and remove the option.',
    falsePositives:
      'Silent where all packages are files of the build context (`./app.apk`, `/tmp/app.rpm`), which have no repository. `apt-key` is meant only where the key comes from the network in the same step, and neither its whole fingerprint is named nor compared.',
    cwe: [347],
    controls: ['CIS Docker 1.6.0 4.11'],
    references: ['https://manpages.debian.org/stable/apt/apt-secure.8.en.html'],
  },
  bad: [
    {
      name: 'apk',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN apk add --no-cache «--allow-untrusted» --repository http://example.com/alpine tool\n`,
      },
      fixed: `FROM alpine:3.22\nRUN apk add --no-cache --repository http://example.com/alpine tool\n`,
    },
    {
      name: 'apt',
      files: {
        Dockerfile: `FROM debian:12
RUN apt-get update «--allow-insecure-repositories» && apt-get install -y «--allow-unauthenticated» tool
RUN apt-get install -y «--force-yes» other
`,
      },
      fixed: `FROM debian:12
RUN apt-get update && apt-get install -y --allow-unauthenticated tool
RUN apt-get install -y --force-yes other
`,
    },
    {
      name: 'yum and rpm',
      files: {
        Dockerfile: `FROM rockylinux:9\nRUN dnf install -y «--nogpgcheck» tool\nRUN rpm -i «--nosignature» https://example.com/a.rpm\n`,
      },
      fixed: `FROM rockylinux:9\nRUN dnf install -y tool\nRUN rpm -i --nosignature https://example.com/a.rpm\n`,
    },
    {
      name: 'options by setting, and a configuration file',
      files: {
        Dockerfile: `FROM debian:12
RUN apt-get -o «APT::Get::AllowUnauthenticated=true» install -y tool
RUN echo «'APT::Get::AllowUnauthenticated "true";'» > /etc/apt/apt.conf.d/99unsigned
RUN echo «"gpgcheck=0"» >> /etc/yum.repos.d/a.repo
COPY <<EOF /etc/apt/sources.list.d/a.sources
Types: deb
URIs: https://example.com/debian
«Trusted: yes»
EOF
`,
      },
    },
    {
      name: 'a key that nobody has looked at, for every repository',
      files: {
        Dockerfile: `FROM debian:11
RUN curl -fsSL https://example.com/key.asc | «apt-key» add -
RUN wget -qO /tmp/k.asc https://example.com/k.asc && «apt-key» add /tmp/k.asc
RUN «apt-key» adv --keyserver keyserver.ubuntu.com --recv-keys 4BD6EC30
RUN «apt-key» adv --fetch-keys https://example.com/key.pub
`,
      },
    },
    {
      name: 'a source that apt is told to trust',
      files: {
        Dockerfile: `FROM debian:12\nRUN echo «"deb [trusted=yes] http://example.com/debian stable main"» > /etc/apt/sources.list.d/a.list\n`,
      },
    },
  ],
  good: [
    { name: 'checked', files: { Dockerfile: `FROM alpine:3.22\nRUN apk add --no-cache tool\n` } },
    {
      name: 'files that were built',
      files: {
        Dockerfile: `FROM alpine:3.22\nCOPY app.apk /tmp/\nRUN apk add --allow-untrusted /tmp/app.apk && apk add --allow-untrusted --no-cache ./*.apk\n`,
      },
    },
    {
      name: 'a signed source',
      files: {
        Dockerfile: `FROM debian:12\nRUN echo "deb [signed-by=/usr/share/keyrings/a.gpg] https://example.com/debian stable main" > /etc/apt/sources.list.d/a.list\n`,
      },
    },
    {
      name: 'a local source',
      files: {
        Dockerfile: `FROM debian:12\nRUN echo "deb [ trusted=yes ] file:///tmp/repo ./" > /etc/apt/sources.list.d/a.list\n`,
      },
    },
    {
      name: 'a key by its fingerprint, and one of the build context',
      files: {
        Dockerfile: `FROM debian:11
COPY key.asc /tmp/
RUN apt-key add /tmp/key.asc && apt-key list
RUN apt-key adv --keyserver keyserver.ubuntu.com --recv-keys E3FF2839C048B25C084DEBE9B26995E310250568
RUN curl -fsSL https://example.com/key.asc -o k && gpg --show-keys --with-fingerprint k | grep E3FF2839 && apt-key add k
RUN echo "gpgcheck=1" >> /etc/yum.repos.d/a.repo && echo "Trusted: yes" > /README
`,
      },
    },
    { name: 'text', files: { Dockerfile: `FROM debian:12\nRUN echo "never use --allow-unauthenticated"\n` } },
  ],
  check(document, context) {
    for (const { stage, instruction, span } of trustedHeredocs(document)) {
      context.report({
        span,
        message: messageOf('apt'),
        place: `${stagePlace(stage)}.${instruction.keyword}[Trusted]`,
      });
    }
    for (const located of runCommands(document.tree, UNSIGNED)) {
      const { stage, instruction, name, args, command } = located;
      const key = unseenKey(document.text, located);
      if (key) {
        context.report({
          span: key.span,
          message:
            '`apt-key` takes a key that nobody has compared, and trusts it for the packages of every repository.',
          place: `${stagePlace(stage)}.${instruction.keyword}.apt-key`,
        });
        continue;
      }
      const word = optionOf(name, args) ?? trustedSource(name, args) ?? writtenSetting(located);
      if (!word || (isPackageManager(name) && onlyFiles(args))) continue;
      const previous = [...(command.name ? [command.name] : []), ...command.args].findLast(
        ({ span }) => span.end <= word.span.start,
      );
      context.report({
        span: word.span,
        message: messageOf(name === 'echo' || name === 'printf' ? 'This' : name),
        place: `${stagePlace(stage)}.${instruction.keyword}.${name}[${word.value.slice(0, 40)}]`,
        fixes: () => [
          previous && word.value.startsWith('--')
            ? {
                title: `Remove ${word.value}`,
                safety: 'review',
                edits: [{ span: { start: previous.span.end, end: word.span.end }, text: '' }],
                risk: "The installation fails until the repository's key is in the image.",
                verify: 'docker build .',
              }
            : undefined,
        ],
      });
    }
  },
});

/** A part of every option and source below. */
const UNSIGNED =
  /allow-?un|allow-insecure|force-yes|gpg-?check|no-gpg|nosignature|nodigest|trusted=yes|apt-key/i;

function messageOf(program: string): string {
  const what = program === 'This' ? 'This lets packages in' : `\`${program}\` installs`;
  return `${what} without checking signatures: whoever answers in the mirror's place runs code as root.`;
}

const OPTIONS: readonly (readonly [program: RegExp, option: RegExp])[] = [
  [/^apk$/, /^--allow-untrusted$/],
  [/^(?:apt|apt-get|aptitude)$/, /^--(?:allow-unauthenticated|allow-insecure-repositories|force-yes)$/],
  [/^(?:yum|dnf|microdnf|tdnf)$/, /^--nogpgcheck$|^--setopt=(?:\*\.)?gpgcheck=(?:0|false)$/],
  [/^zypper$/, /^--no-gpg-checks$/],
  [/^rpm$/, /^--(?:nosignature|nodigest)$/],
];

function optionOf(name: string, args: readonly ShellWord[]): ShellWord | undefined {
  const setting = /^(?:-o)?APT::Get::AllowUnauthenticated=(?:true|1|yes)$/i;
  if (/^(?:apt|apt-get|aptitude)$/.test(name)) {
    const word = args.find(({ value }) => setting.test(value));
    if (word) return word;
  }
  const option = OPTIONS.find(([program]) => program.test(name))?.[1];
  return option && args.find(({ value }) => option.test(value));
}

function trustedSource(name: string, args: readonly ShellWord[]): ShellWord | undefined {
  if (name !== 'echo' && name !== 'printf' && name !== 'add-apt-repository') return undefined;
  return args.find(({ value }) => /\bdeb(?:-src)?\s+\[[^\]]*\btrusted=yes\b[^\]]*\]\s+https?:/.test(value));
}

function isPackageManager(name: string): boolean {
  return OPTIONS.some(([program]) => program.test(name));
}

/** Whether everything that is installed is a file: `./a.apk`, `/tmp/a.rpm`. */
function onlyFiles(args: readonly ShellWord[]): boolean {
  const names = args
    .map(({ value }) => value)
    .filter((value) => !value.startsWith('-') && !/^(?:add|install|localinstall|reinstall|in)$/.test(value));
  return (
    names.length > 0 &&
    names.every((value) => /^\.{0,2}\/|\.(?:apk|deb|rpm)$/.test(value) && !/^https?:/.test(value))
  );
}

/** Lines that switch the check off, and the files in which they do. */
const SETTINGS: readonly (readonly [file: RegExp, line: RegExp])[] = [
  [/\/apt\.conf/, /APT::Get::AllowUnauthenticated\s+"?(?:true|1|yes)/i],
  [/\/(?:yum|dnf)(?:\.conf|\/|\.repos\.d\/)/, /^\s*gpgcheck\s*=\s*(?:0|false|no)\b/im],
];

function writtenSetting({ name, args, command }: LocatedCommand): ShellWord | undefined {
  if (name !== 'echo' && name !== 'printf') return undefined;
  const files = command.redirects.flatMap(({ target }) => (target ? [target.value] : []));
  const line = SETTINGS.find(([file]) => files.some((each) => file.test(each)))?.[1];
  return line && args.find(({ value }) => line.test(value));
}

/** `Trusted: yes` in a source of apt that a heredoc makes. */
function trustedHeredocs({ text, tree }: Document<'dockerfile'>) {
  return tree.stages.flatMap((stage) =>
    stage.instructions.flatMap((instruction) =>
      instruction.heredocs.flatMap(({ body }) => {
        const code = text.slice(body.start, body.end);
        const match = /sources/.test(instruction.masked) ? /^Trusted:[ \t]*yes\b/im.exec(code) : null;
        if (!match || !/^URIs:[ \t]*https?:/im.test(code)) return [];
        const start = body.start + match.index;
        return [{ stage, instruction, span: { start, end: start + match[0].length } }];
      }),
    ),
  );
}

/** The `apt-key` that takes a key from the network, where the step looks at no fingerprint. */
function unseenKey(
  text: string,
  { name, args, command, instruction, shell }: LocatedCommand,
): ShellWord | undefined {
  if (name !== 'apt-key' || !command.name) return undefined;
  const program = command.args.find(({ value }) => value === 'apt-key') ?? command.name;
  const words = args.map(({ value }) => value);
  const code = text.slice(instruction.span.start, instruction.span.end);
  if (/fingerprint|sha\d+sum|--verify/i.test(code)) return undefined;
  if (words.includes('--fetch-keys')) return program;
  const ids = words.filter((word) => /^(?:0x)?[0-9A-F]{8,}$/i.test(word));
  if (words.includes('adv')) return ids.some((id) => /^(?:0x)?[0-9A-F]{8}$/i.test(id)) ? program : undefined;
  if (!words.includes('add')) return undefined;
  const pipe = shell.pipelines.find(({ parts }) => parts.some((part) => part.includes(command)));
  const file = words.at(-1) ?? '';
  const downloaded = shell.commands.flatMap(downloadsOf).some((each) => each.file === file);
  return downloaded ||
    pipe?.parts.some((part) => part.some(({ program: first }) => /^(?:curl|wget)$/.test(first)))
    ? program
    : undefined;
}
