import type { ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import { defineRule } from '../core/rule.ts';
import { configuresApt, type Manager, type PackageCall, packageCalls } from './shared/packages.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/pkg-assume-yes',
  title: 'A package manager asks, and nobody answers',
  kinds: ['dockerfile'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /apt|yum|dnf|zypper|pacman/,
  docs: {
    why: `Nobody can answer a question during a build: the package manager gives up and the build fails, for some packages at once, for
others only when their dependencies have changed.`,
    fix: 'Add `-y`, or `--non-interactive` for zypper and `--noconfirm` for pacman.',
    falsePositives: `Silent where something else answers: \`-qq\`, a pipe from \`yes\`, a setting of apt or of the environment. apk and
microdnf do not ask.`,
    references: ['https://manpages.debian.org/stable/apt/apt-get.8.en.html'],
  },
  bad: [
    {
      name: 'apt',
      files: {
        Dockerfile: `FROM debian:12\nRUN apt-get update && apt-get «install» --no-install-recommends curl\nUSER 1000\n`,
      },
      fixed: `FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl\nUSER 1000\n`,
    },
    {
      name: 'dnf, zypper, pacman',
      files: {
        Dockerfile: `FROM fedora:42\nRUN dnf «install» nginx && dnf «upgrade» --refresh\nRUN zypper «in» vim\nRUN pacman «-S» git\n`,
      },
      fixed: `FROM fedora:42\nRUN dnf install -y nginx && dnf upgrade --refresh\nRUN zypper in vim\nRUN pacman -S git\n`,
    },
  ],
  good: [
    {
      name: 'answered',
      files: {
        Dockerfile: `FROM debian:12
RUN apt-get install -y a && apt-get -yq install b && apt-get install --yes c && apt-get install --assume-yes d
RUN apt-get -qq install e && apt-get install -q=2 f && apt-get install -qqq h
RUN yum -y install a && dnf install --assumeyes b && tdnf install -y c
RUN zypper -n in a && zypper --non-interactive install b && zypper install -y c && zypper in --no-confirm d
RUN pacman -Sy --noconfirm a
`,
      },
    },
    {
      name: 'a setting',
      files: {
        Dockerfile: `FROM debian:12
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get install curl
FROM debian:12
RUN apt-get install -o APT::Get::Assume-Yes=true curl
RUN DEBIAN_FRONTEND=noninteractive apt-get install curl
`,
      },
    },
    {
      name: 'a setting for all calls',
      files: {
        Dockerfile: `FROM debian:12\nRUN echo 'APT::Get::Assume-Yes "true";' > /etc/apt/apt.conf.d/90yes\nRUN apt-get install curl\n`,
      },
    },
    {
      name: 'a pipe',
      files: { Dockerfile: `FROM debian:12\nRUN yes | apt-get install curl && echo y | dnf install git\n` },
    },
    {
      name: 'what does not ask',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN apk add curl && microdnf install tar && apt-get update && dnf makecache && apt-get download x && apt-get install --download-only -d y -s\n`,
      },
    },
  ],
  check(document, context) {
    const { tree, text } = document;
    if (configuresApt(document, /Assume-Yes|force-yes/i) || /DEBIAN_FRONTEND\s*[= ]/.test(text)) return;
    for (const call of packageCalls(tree, mayAsk)) {
      const { stage, instruction, name, manager, verb, packages } = call;
      if (!asks(call) || call.args.some((word) => answers(manager, word)) || isFed(call)) continue;
      const yes = manager === 'pacman' ? ' --noconfirm' : ' -y';
      context.report({
        span: verb.span,
        message: `\`${name} ${verb.value.slice(0, 20)}\` asks before it goes on, and nobody answers during a build: it fails, or will one day.`,
        place: `${stagePlace(stage)}.${instruction.keyword}.${name}[${packages[0]?.value ?? verb.value}]`,
        fixes: () => [
          {
            title: `Add${yes}`,
            safety: 'safe',
            edits: [{ span: { start: verb.span.end, end: verb.span.end }, text: yes }],
            verify: 'docker build .',
          },
        ],
      });
    }
  },
});

/** Whether fewer answers than questions stand in the code; `apt-get update` asks nothing. */
function mayAsk(code: string): boolean {
  const asking = code.replace(/\bapt(?:-get|itude)?\s+(?:-\S+\s+)*update\b/g, '');
  return count(asking, QUESTION) > count(asking, ANSWER);
}

const QUESTION = /\b(?:\w*install|in|\w*-?upgrade|update|up|dup|swap)\b|\s-S/;
const ANSWER =
  /(?:^|\s)-[a-zA-Z]*(?:[yY]|qq)|--(?:yes|assume\S*|no-confirm|non-interactive|noconfirm|force-yes)\b/;

function count(text: string, what: RegExp): number {
  return text.split(what).length - 1;
}

function asks({ manager, name, verb, installs, packages }: PackageCall): boolean {
  if (manager === 'apk' || name === 'microdnf') return false;
  if (manager === 'pacman') return installs;
  return (installs && packages.length > 0) ||
    /^(?:upgrade|update|dist-upgrade|full-upgrade)$/.test(verb.value)
    ? !(manager === 'apt' && verb.value === 'update') && !(manager === 'zypper' && !installs)
    : false;
}

const YES: Readonly<Record<Manager, RegExp>> = {
  apt: /^-[a-zA-Z]*(?:y|qq)|^-[a-zA-Z]*q=[2-9]|^--(?:yes|assume-yes|assume-no|force-yes|download-only|simulate|dry-run|print-uris)$|^-[a-zA-Z]*[ds]|Assume-Yes/i,
  apk: /^$/,
  dnf: /^-[a-zA-Z]*y|^--(?:assumeyes|assumeno|downloadonly|setopt=assumeyes=\w+)/i,
  zypper: /^-[a-zA-Z]*[yn]|^--(?:no-confirm|non-interactive|dry-run|download-only)$/,
  pacman: /^--noconfirm$|^-[A-Za-z]*w/,
};

/** Whether a word is the answer, or a variable that may hold it. */
function answers(manager: Manager, { value }: ShellWord): boolean {
  return YES[manager].test(value) || /^\$/.test(value);
}

/** Whether something is piped into the command. */
function isFed({ shell, command }: PackageCall): boolean {
  return (
    command.redirects.some(({ operator }) => operator.startsWith('<')) ||
    shell.pipelines.some(({ parts }) => parts.slice(1).some((part) => part.includes(command)))
  );
}
