import type { ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import { defineRule } from '../core/rule.ts';
import { PACKAGE_MANAGERS, type PackageCall, packageCalls } from './shared/packages.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/unpinned-os-package',
  title: 'A package of the distribution has no version',
  kinds: ['dockerfile'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: PACKAGE_MANAGERS,
  docs: {
    why: `Without a version two builds of one file hold different packages, and a change that breaks something arrives without a
change in the file.`,
    fix: `Give each package its version: \`curl=8.14.1-2\` for apt, \`curl=~8.14\` for apk, \`curl-8.14.1\` for dnf. A digest of the base
image and a mirror with snapshots give the same, and security updates with it.`,
    falsePositives: `Off by default: distributions take old versions off their mirrors, so a pinned build breaks when a security update
comes, and an unpinned one gets it. Silent for files, URLs and names in variables.`,
    cwe: [1357],
    references: ['https://docs.docker.com/build/building/best-practices/#apt-get'],
  },
  bad: [
    {
      name: 'apt and apk',
      files: {
        Dockerfile: `FROM debian:12
RUN apt-get update && apt-get install -y --no-install-recommends \\
    «curl» \\
    ca-certificates=20230311+deb12u1 git
FROM alpine:3.22
RUN apk add --no-cache --virtual .build «gcc» musl-dev
`,
      },
    },
    {
      name: 'the others',
      files: {
        Dockerfile: `FROM fedora:42\nRUN dnf -y install «nginx»\nRUN zypper --non-interactive in -t package «vim»\nRUN pacman -Syu --noconfirm «git»\nRUN microdnf install «tar»\n`,
      },
    },
  ],
  good: [
    {
      name: 'versions',
      files: {
        Dockerfile: `FROM debian:12
RUN apt-get install -y curl=7.88.1-10 git=1:2.39.*
RUN apk add "curl=~8.14" git~2.49 'jq>1.7'
RUN yum install -y nginx-1.26.3 vim-8.2*
RUN zypper install -y vim=9.1
`,
      },
    },
    {
      name: 'files, URLs and variables',
      files: {
        Dockerfile: `FROM debian:12\nARG DEPS\nRUN apt-get install -y ./app.deb /tmp/*.deb $DEPS "nginx\${VERSION}"\nRUN dnf install -y https://example.com/a.rpm a.rpm @development\nRUN apk add .build\n`,
      },
    },
    {
      name: 'other commands',
      files: {
        Dockerfile: `FROM debian:12\nRUN apt-get update && apt-get remove -y curl && apk del git && dnf clean all\n`,
      },
    },
  ],
  check({ tree }, context) {
    for (const call of packageCalls(tree)) {
      if (!call.installs) continue;
      const open = call.packages.filter((word) => isUnpinned(call, word));
      const [first] = open;
      if (!first) continue;
      const others = open.length > 1 ? ` and ${open.length - 1} more` : '';
      context.report({
        span: first.span,
        message: `\`${first.value.slice(0, 40)}\`${others} without a version: two builds of this file may hold different packages.`,
        place: `${stagePlace(call.stage)}.RUN.${call.name}[${first.value}]`,
      });
    }
  },
});

function isUnpinned({ manager }: PackageCall, { value }: ShellWord): boolean {
  if (/[$`*?/\\]|^[.@-]|\.(?:deb|rpm|apk)$|^(?:https?|file):/.test(value)) return false;
  if (manager === 'dnf') return !/-\d/.test(value);
  return !/[=<>~]/.test(value);
}
