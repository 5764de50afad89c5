import { baseImage } from '../../syntaxes/dockerfile/effective.ts';
import { defineRule } from '../core/rule.ts';
import { configuresApt, packageCalls } from './shared/packages.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/apt-recommends',
  title: 'apt installs recommended packages too',
  kinds: ['dockerfile'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /apt/,
  docs: {
    why: `apt also installs what a package only recommends: mail servers, documentation, compilers. Each of them makes the image larger
and is one more program with faults of its own.`,
    fix: 'Add `--no-install-recommends` and name what is missed then.',
    falsePositives:
      'Silent where `APT::Install-Recommends` is set in the call or in a file of apt, and for `--install-recommends`.',
    cwe: [1104],
    controls: ['CIS Docker 1.6.0 4.3'],
    references: ['https://docs.docker.com/build/building/best-practices/#apt-get'],
  },
  bad: [
    {
      name: 'apt-get',
      files: {
        Dockerfile: `FROM debian:12\nRUN apt-get update && \\\n    apt-get -y «install» curl \\\n    git\nUSER 1000\n`,
      },
      fixed: `FROM debian:12\nRUN apt-get update && \\\n    apt-get -y install --no-install-recommends curl \\\n    git\nUSER 1000\n`,
    },
    {
      name: 'through env, apt and aptitude',
      files: {
        Dockerfile: `FROM debian:12\nRUN DEBIAN_FRONTEND=noninteractive env A=b apt «install» -yqq --no-install-suggests curl\nRUN aptitude «install» -y git\n`,
      },
      fixed: `FROM debian:12\nRUN DEBIAN_FRONTEND=noninteractive env A=b apt install --no-install-recommends -yqq --no-install-suggests curl\nRUN aptitude install -y git\n`,
    },
  ],
  good: [
    {
      name: 'left out',
      files: {
        Dockerfile: `FROM debian:12\nRUN apt-get install -y --no-install-recommends curl\nRUN apt-get --no-install-recommends install -y git\nRUN aptitude -R install -y vim\n`,
      },
    },
    {
      name: 'as a setting',
      files: {
        Dockerfile: `FROM debian:12
RUN apt-get install -y -o APT::Install-Recommends=false curl
RUN apt-get -o 'APT::Install-Recommends "0";' install -y git
`,
      },
    },
    {
      name: 'for all calls',
      files: {
        Dockerfile: `FROM debian:12\nRUN echo 'APT::Install-Recommends "0";' > /etc/apt/apt.conf.d/00recommends\nRUN apt-get install -y curl\n`,
      },
    },
    {
      name: 'wanted, and other commands',
      files: {
        Dockerfile: `FROM debian:12\nRUN apt-get install -y --install-recommends curl && apt-get update && apt-get remove curl\n`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    if (configuresApt(document, /Install-Recommends/i)) return;
    for (const { stage, instruction, manager, installs, verb, args, name, packages } of packageCalls(tree)) {
      if (manager !== 'apt' || !installs || args.some(({ value }) => DECIDES.test(value))) continue;
      const [first] = packages;
      // That image is there to be small, and sets it for all calls.
      if (!first || /(?:^|\/)minideb(?:[:@]|$)/.test(baseImage(tree, stage) ?? '')) continue;
      context.report({
        span: verb.span,
        message: `\`${name} install\` also installs what packages only recommend: a larger image with more programs that have faults.`,
        place: `${stagePlace(stage)}.${instruction.keyword}.${name}[${first.value}]`,
        fixes: () => [
          {
            title: 'Add --no-install-recommends',
            safety: 'review',
            edits: [{ span: { start: verb.span.end, end: verb.span.end }, text: ' --no-install-recommends' }],
            risk: 'Packages that were recommended, such as ca-certificates, are missing unless they are named.',
            verify: 'docker build .',
          },
        ],
      });
    }
  },
});

const DECIDES = /^--(?:no-)?install-recommends|Install-Recommends|^--with(?:out)?-recommends$|^-[a-zA-Z]*R/i;
