import type { ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import { defineRule } from '../core/rule.ts';
import { runCommands, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/unsigned-packages',
  title: 'Packages are installed without a check of their signature',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `The signature is what ties a package to the distribution that built it; repositories and mirrors are mostly read over plain
HTTP and are trusted only because of it. Without the check whoever answers in the mirror's place installs software as root.`,
    fix: 'Install the key of the repository (`signed-by=` for apt, `/etc/apk/keys` for apk, `gpgkey=` for yum) and remove the option.',
    falsePositives:
      'Silent where all packages are files of the build context (`./app.apk`, `/tmp/app.rpm`), which have no repository.',
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
    { name: 'text', files: { Dockerfile: `FROM debian:12\nRUN echo "never use --allow-unauthenticated"\n` } },
  ],
  check({ tree }, context) {
    for (const { stage, instruction, name, args, command } of runCommands(tree, UNSIGNED)) {
      const word = optionOf(name, args) ?? trustedSource(name, args);
      if (!word || (isPackageManager(name) && onlyFiles(args))) continue;
      const previous = [...(command.name ? [command.name] : []), ...command.args].findLast(
        ({ span }) => span.end <= word.span.start,
      );
      context.report({
        span: word.span,
        message: `\`${name}\` installs without checking signatures: whoever answers in the mirror's place runs code as root.`,
        place: `${stagePlace(stage)}.${instruction.keyword}.${name}[${word.value.slice(0, 40)}]`,
        fixes: () => [
          previous && word.value.startsWith('-')
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
const UNSIGNED = /allow-un|allow-insecure|force-yes|gpg-?check|no-gpg|nosignature|nodigest|trusted=yes/;

const OPTIONS: readonly (readonly [program: RegExp, option: RegExp])[] = [
  [/^apk$/, /^--allow-untrusted$/],
  [/^(?:apt|apt-get|aptitude)$/, /^--(?:allow-unauthenticated|allow-insecure-repositories|force-yes)$/],
  [/^(?:yum|dnf|microdnf|tdnf)$/, /^--nogpgcheck$|^--setopt=(?:\*\.)?gpgcheck=(?:0|false)$/],
  [/^zypper$/, /^--no-gpg-checks$/],
  [/^rpm$/, /^--(?:nosignature|nodigest)$/],
];

function optionOf(name: string, args: readonly ShellWord[]): ShellWord | undefined {
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
