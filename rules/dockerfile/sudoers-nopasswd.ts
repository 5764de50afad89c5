import { isShellName, type ShellWord } from '../../syntaxes/dockerfile/shell.ts';
import type { Stage } from '../../syntaxes/dockerfile/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { finalLineage, type LocatedCommand, runCommands, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/sudoers-nopasswd',
  title: 'sudo needs no password',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /NOPASSWD/,
  docs: {
    why: `An unprivileged user keeps someone who takes over the application away from root. With \`NOPASSWD\` one word, \`sudo\`, undoes
that: the container has all the risk of one that runs as root.`,
    fix: `Do what needs root in the build, before \`USER\`, and leave sudo out of the image. Where an entrypoint has to start as root,
let it hand over with \`gosu\` or \`setpriv\`.`,
    falsePositives: `Silent in stages that are not part of the last one, where a later step deletes the rule or sudo, and for lists of
commands that lead to nothing else (\`NOPASSWD: /usr/sbin/nginx -s reload\`).`,
    cwe: [250, 269],
    references: ['https://www.sudo.ws/docs/man/sudoers.man/'],
  },
  bad: [
    {
      name: 'a line of sudoers',
      files: {
        Dockerfile: `FROM ubuntu:24.04
RUN apt-get update && apt-get install -y sudo \\
    && useradd -m app \\
    && echo 'app ALL=(ALL) «NOPASSWD»:ALL' > /etc/sudoers.d/app
USER app
`,
      },
    },
    {
      name: 'a group, edits, tee',
      files: {
        Dockerfile: `FROM ubuntu:24.04
RUN sed -i 's/%sudo.*/%sudo ALL=(ALL:ALL) «NOPASSWD»: ALL/' /etc/sudoers
RUN sed -i -e 's/ALL$/«NOPASSWD»:ALL/' /etc/sudoers
RUN sed -i '/«NOPASSWD»/s/^# //' /etc/sudoers
RUN printf '%%wheel ALL=(ALL) «NOPASSWD»: ALL\\n' | tee -a /etc/sudoers
`,
      },
    },
    {
      name: 'heredocs',
      files: {
        Dockerfile: `FROM ubuntu:24.04
COPY <<EOF /etc/sudoers.d/app
Defaults !requiretty
app ALL = «NOPASSWD» : ALL
EOF
RUN <<EOF
set -e
echo "ci ALL=(root) NOEXEC:SETENV:«NOPASSWD»:SETENV: ALL" >> /etc/sudoers
EOF
RUN cat <<'EOF' > /etc/sudoers.d/web
# NOPASSWD: ALL
web ALL=(ALL:ALL) «NOPASSWD»: ALL
EOF
`,
      },
    },
    {
      name: 'a command that leads to all others',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN echo "app ALL=(root) «NOPASSWD»: /bin/ls, /usr/bin/apt-get" > /etc/sudoers.d/app\n`,
      },
    },
  ],
  good: [
    {
      name: 'a shell that only looks for it',
      files: {
        Dockerfile: `FROM debian:13\nRUN ["/bin/sh", "-c", "! grep -q 'app ALL=(ALL) NOPASSWD: ALL' /etc/sudoers"]\n`,
      },
    },
    {
      name: 'with a password',
      files: { Dockerfile: `FROM ubuntu:24.04\nRUN echo "app ALL=(ALL) ALL" >> /etc/sudoers\n` },
    },
    {
      name: 'one command',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN echo "app ALL=(root) NOPASSWD: /usr/sbin/nginx -s reload" > /etc/sudoers.d/app\n`,
      },
    },
    {
      name: 'a comment, text, and a look at the file',
      files: {
        Dockerfile: `FROM ubuntu:24.04
# app ALL=(ALL) NOPASSWD:ALL in /etc/sudoers
RUN echo "no NOPASSWD: ALL in /etc/sudoers here" > /README
RUN if grep -q 'app ALL=(ALL) NOPASSWD: ALL' /etc/sudoers; then exit 1; fi
`,
      },
    },
    {
      name: 'a builder that makes packages',
      files: {
        Dockerfile: `FROM archlinux:base-devel AS build
RUN echo 'builder ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/builder
FROM archlinux
COPY --from=build /out /
`,
      },
    },
    {
      name: 'only for the time of the build',
      files: {
        Dockerfile: `FROM ubuntu:24.04
RUN echo 'app ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/app
RUN sudo -u app ./install
RUN rm -f /etc/sudoers.d/app
`,
      },
    },
    {
      name: 'taken out again',
      files: {
        Dockerfile: `FROM ubuntu:24.04
RUN echo 'app ALL=(ALL) NOPASSWD: ALL' >> /etc/sudoers
RUN sed -i '/NOPASSWD/d' /etc/sudoers
`,
      },
    },
    {
      name: 'edits that take it out',
      files: {
        Dockerfile: `FROM ubuntu:24.04\nRUN sed -i 's/NOPASSWD: ALL/ALL/' /etc/sudoers && sed -i -e 's/^\\(.*\\)NOPASSWD:ALL/\\1ALL/g' /etc/sudoers\n`,
      },
    },
    {
      name: 'a development image',
      files: {
        'dev.Dockerfile': `FROM ubuntu:24.04\nRUN echo 'app ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/app\n`,
      },
    },
  ],
  check(document, context) {
    const stages = new Set(finalLineage(document.tree).map(({ index }) => index));
    const commands = runCommands(document.tree, /sudo/i).filter(({ stage }) => stages.has(stage.index));
    const hits = [...commands.flatMap(grantsOf), ...heredocGrants(document)]
      .filter(({ stage }) => stages.has(stage.index))
      .sort((a, b) => a.at - b.at);
    const seen = new Set<number>();
    for (const { at, stage, keyword } of hits) {
      if (seen.has(at) || commands.some((each) => each.command.span.start > at && takesBack(each))) continue;
      seen.add(at);
      context.report({
        span: { start: at, end: at + 'NOPASSWD'.length },
        message:
          '`NOPASSWD` lets whoever takes over this user become root with one word, as if the container ran as root.',
        place: `${stagePlace(stage)}.${keyword}.NOPASSWD`,
      });
    }
  },
});

interface Grant {
  readonly at: number;
  readonly stage: Stage;
  readonly keyword: string;
}

/** `app ALL=(ALL:ALL) NOPASSWD: ALL`, other tags before or behind it; what follows are the commands. */
const GRANT =
  /=\s*(?:\([^()]*\)\s*)?(?:[A-Z_]+\s*:\s*)*?NOPASSWD(?:\s*:\s*[A-Z_]+(?=\s*:))*\s*:\s*([^'"\n;|&]*)/;

/** Programs with which everything else can be run or written. */
const LEADS_ON =
  /^(?:ALL|(?:ba|da|a|z|k)?sh|su|sudo|env|apt|apt-get|dpkg|apk|yum|dnf|rpm|pip\d?|npm|python[\d.]*|perl|ruby|node|php|vi|vim|nano|ed|less|more|man|find|xargs|tar|cp|mv|tee|dd|ln|chmod|chown|mount|docker|git|make|rsync|systemctl|service|\*)$/;

/** How far into a text the first grant of everything is; undefined where there is none. */
function grantIn(text: string): number | undefined {
  const match = GRANT.exec(text);
  if (!match) return undefined;
  const commands = (match[1] ?? '').replace(/\\n.*$/s, '').split(',');
  const names = commands.map((each) => each.trim().split(/\s/)[0]?.replace(/^.*\//, '') ?? '');
  return names.some((name) => LEADS_ON.test(name)) ? match.index + match[0].indexOf('NOPASSWD') : undefined;
}

function grantsOf({ stage, instruction, name, args, command }: LocatedCommand): readonly Grant[] {
  // The script of a shell is read command by command.
  if (/^(?:e|f)?grep$|^rg$|^awk$/.test(name) || isShellName(name)) return [];
  if (!/sudoers|visudo/.test(instruction.masked) && instruction.heredocs.length === 0) return [];
  const find = name === 'sed' ? (sudoersEdited(args) ? editIn : () => undefined) : grantIn;
  return command.args.flatMap(({ text, span }) => {
    const at = find(text);
    return at === undefined ? [] : [{ at: span.start + at, stage, keyword: instruction.keyword }];
  });
}

/** Lines of `COPY <<EOF /etc/sudoers.d/app` and of `RUN cat <<EOF > /etc/sudoers`. */
function heredocGrants({ text, tree }: Document<'dockerfile'>): readonly Grant[] {
  return tree.stages.flatMap((stage) =>
    stage.instructions.flatMap(({ keyword, masked, heredocs }) =>
      heredocs.flatMap(({ body }) => {
        const code = text.slice(body.start, body.end);
        if (!/sudoers/.test(masked) && !/sudoers/.test(code)) return [];
        let from = body.start;
        return code.split('\n').flatMap((line) => {
          const at = /^\s*#|grep|\bsed\b/.test(line) ? undefined : grantIn(line);
          const start = from;
          from += line.length + 1;
          return at === undefined ? [] : [{ at: start + at, stage, keyword }];
        });
      }),
    ),
  );
}

function sudoersEdited(args: readonly ShellWord[]): boolean {
  return args.some(({ value }) => /sudoers/.test(value));
}

/** Where `sed` puts `NOPASSWD` in, or takes the `#` away before it. */
function editIn(text: string): number | undefined {
  const first = text.indexOf('NOPASSWD');
  if (first < 0) return undefined;
  const match = /(?:^|[\s;/'"])s([^\w\s\\])(.*)$/s.exec(text);
  const [pattern = '', replacement = ''] = match?.[2]?.split(match[1] ?? '/') ?? [];
  if (!match) return undefined;
  const from = match.index + match[0].length - (match[2]?.length ?? 0);
  if (replacement.includes('NOPASSWD') && (/#/.test(pattern) || !pattern.includes('NOPASSWD')))
    return from + pattern.length + 1 + replacement.indexOf('NOPASSWD');
  return /^\^?\\?\(?\s*#/.test(pattern) && !replacement.startsWith('#') ? first : undefined;
}

/** Whether a step deletes the rule, or sudo itself. */
function takesBack({ name, args }: LocatedCommand): boolean {
  const words = args.map(({ value }) => value);
  if (name === 'rm') return words.some((word) => /sudoers/.test(word));
  if (/^(?:apt|apt-get|apk|yum|dnf|microdnf)$/.test(name))
    return (
      words.some((word) => /^(?:purge|remove|del|autoremove|erase)$/.test(word)) && words.includes('sudo')
    );
  return (
    name === 'sed' &&
    sudoersEdited(args) &&
    args.some(({ text }) => text.includes('NOPASSWD') && editIn(text) === undefined)
  );
}
