import { defineRule } from '../core/rule.ts';
import { packageCalls } from './shared/packages.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/dist-upgrade',
  title: 'The build upgrades the whole distribution',
  kinds: ['dockerfile'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /dist-upgrade|full-upgrade|zypper|pacman/,
  docs: {
    why: `A full upgrade may remove packages and replace essential ones. What comes out depends on the day of the build, all of it is
stored a second time in the new layer, and the cache keeps an old state for as long as the line stays as it is.`,
    fix: 'Build on a newer base image, and rebuild often with `--pull`. Upgrade single packages where the base image lags behind.',
    falsePositives: `Off by default: with a base image that is rarely renewed, an upgrade is the quickest way to security updates. A plain
\`apt-get upgrade\`, which removes nothing, is not reported.`,
    references: ['https://docs.docker.com/build/building/best-practices/#rebuild-your-images-often'],
  },
  bad: [
    {
      name: 'apt',
      files: {
        Dockerfile: `FROM debian:12\nRUN apt-get update && apt-get «dist-upgrade» -y\nRUN apt -y «full-upgrade»\nRUN aptitude «full-upgrade» -y\n`,
      },
    },
    {
      name: 'zypper and pacman',
      files: {
        Dockerfile: `FROM opensuse/leap:15.6\nRUN zypper -n «dup»\nFROM archlinux:base\nRUN pacman «-Syu» --noconfirm\n`,
      },
    },
  ],
  good: [
    {
      name: 'what removes nothing, and single packages',
      files: {
        Dockerfile: `FROM debian:12\nRUN apt-get update && apt-get upgrade -y && apt-get install -y --only-upgrade openssl\nRUN apk upgrade --no-cache && zypper -n up openssl\n`,
      },
    },
    {
      name: 'text, and an installation that upgrades first, as Arch wants it',
      files: {
        Dockerfile: `FROM archlinux:base\nRUN echo "apt-get dist-upgrade" && pacman -Syu --noconfirm git\n`,
      },
    },
  ],
  check({ tree }, context) {
    for (const { stage, instruction, manager, name, verb, packages } of packageCalls(tree)) {
      if (manager === 'apk' || manager === 'dnf' || packages.length > 0 || !WHOLE[manager].test(verb.value))
        continue;
      context.report({
        span: verb.span,
        message: `\`${name} ${verb.value.slice(0, 20)}\` upgrades the whole distribution: the image depends on the day of the build.`,
        place: `${stagePlace(stage)}.${instruction.keyword}.${name}[${verb.value}]`,
      });
    }
  },
});

const WHOLE = {
  apt: /^(?:dist-upgrade|full-upgrade)$/,
  zypper: /^(?:dup|dist-upgrade)$/,
  pacman: /^-S[a-z]*u/,
};
