import type { DockerfileTree } from '../../syntaxes/dockerfile/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { type LocatedCommand, runCommands, stagePlace } from './shared/stages.ts';

/** What sets a mode, in both forms. */
const MODES = /chmod|[\s"]-(?:[a-zA-Z]*m|-mode)/;

export const rule = defineRule({
  id: 'dockerfile/world-writable',
  title: 'Files of the image can be written by every user',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: MODES,
  docs: {
    why: `With mode 777 or 666 every process in the container, whoever it runs as, can change the file. A foothold in one process
becomes code in another: scripts, configuration and libraries are replaced in place.`,
    fix: `Give the file to the user who writes it (\`COPY --chown\`, \`chown\`) and keep the mode at 755 or 644. For platforms with
random user numbers, \`chgrp -R 0\` with \`chmod -R g=u\` is enough.`,
    falsePositives:
      'Silent for directories with the sticky bit (1777), as `/tmp` has it, and for modes in variables.',
    cwe: [732],
    references: ['https://docs.docker.com/reference/dockerfile/#copy---chown---chmod'],
  },
  bad: [
    {
      name: 'numbers',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN mkdir /data && \\\n    chmod -R «777» /data\nRUN chmod «0666» /etc/app.conf && mkdir -m «0777» /x\n`,
      },
      fixed: `FROM alpine:3.22\nRUN mkdir /data && \\\n    chmod -R 755 /data\nRUN chmod 0666 /etc/app.conf && mkdir -m 0777 /x\n`,
    },
    {
      name: 'letters',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN chmod «a+rwx» /data\nRUN chmod -R «o+w» /data\nRUN chmod «u=rwx,go=rwx» /data\n`,
      },
    },
    {
      name: 'glued to its option, run by find and xargs',
      files: {
        Dockerfile: `FROM alpine:3.22
RUN mkdir -pm«777» /a && mkdir --mode=«0777» /b && install -d -m«0777» /c && install -m «666» a /d
RUN find /srv -type d -exec chmod «777» {} + && ls /x | xargs chmod «a+w»
ADD --chmod=«0666» a.conf /etc/
COPY --chmod=«ugo+w» b.conf /etc/
`,
      },
      fixed: `FROM alpine:3.22
RUN mkdir -pm755 /a && mkdir --mode=0777 /b && install -d -m0777 /c && install -m 666 a /d
RUN find /srv -type d -exec chmod 777 {} + && ls /x | xargs chmod a+w
ADD --chmod=0666 a.conf /etc/
COPY --chmod=ugo+w b.conf /etc/
`,
    },
    {
      name: 'the exec form alone',
      files: { Dockerfile: `FROM alpine:3.22\nRUN ["mkdir", "-m", "«777»", "/a"]\n` },
      fixed: `FROM alpine:3.22\nRUN ["mkdir", "-m", "755", "/a"]\n`,
    },
    {
      name: 'an option of COPY',
      files: { Dockerfile: `FROM alpine:3.22\nCOPY --chmod=«777» run.sh /run.sh\n` },
      fixed: `FROM alpine:3.22\nCOPY --chmod=755 run.sh /run.sh\n`,
    },
  ],
  good: [
    {
      name: 'usual modes',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN chmod 755 /a && chmod 0644 /b && chmod +x /c && chmod u+w,g=u /d && chmod 775 /e\n`,
      },
    },
    {
      name: 'the sticky bit',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN chmod 1777 /tmp && mkdir -m 1777 /var/tmp/x && chmod a+rwxt /y\n`,
      },
    },
    {
      name: 'reading and running',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN chmod a+rX /a && chmod o-w /b && chmod a=rx /c\nCOPY --chmod=755 a /a\n`,
      },
    },
    {
      name: 'a variable, and text',
      files: { Dockerfile: `FROM alpine:3.22\nARG MODE\nRUN chmod $MODE /a && echo "chmod 777 /b"\n` },
    },
  ],
  check({ tree }, context) {
    for (const { span, place, text } of [
      ...runCommands(tree, MODES).flatMap(commandModes),
      ...copyModes(tree),
    ]) {
      if (!isWorldWritable(text)) continue;
      const narrower = withoutOthers(text);
      context.report({
        span,
        message: `Mode \`${text}\` lets every user in the container change the file: a foothold in one process becomes code in another.`,
        place,
        fixes: () => [
          narrower === undefined
            ? undefined
            : {
                title: `Set mode to ${narrower}`,
                safety: 'review',
                edits: [{ span, text: narrower }],
                risk: 'A process that runs as another user than the owner can no longer write there.',
                verify: 'docker build .',
              },
        ],
      });
    }
  },
});

interface Mode {
  readonly span: Span;
  readonly text: string;
  readonly place: string;
}

function commandModes({ stage, name, args }: LocatedCommand): readonly Mode[] {
  const mode =
    name === 'find' ? executedMode(args) : name === 'chmod' ? chmodMode(args) : modeOption(name, args);
  if (!mode) return [];
  const file = name === 'chmod' ? mode.file : args.findLast(({ value }) => !value.startsWith('-'))?.value;
  return [{ span: mode.span, text: mode.text, place: `${stagePlace(stage)}.${name}[${file ?? ''}]` }];
}

interface Found {
  readonly span: Span;
  readonly text: string;
  readonly file?: string | undefined;
}

function chmodMode(args: LocatedCommand['args']): Found | undefined {
  const at = args.findIndex(({ value }) => !/^-(?!w)/.test(value));
  const word = args[at];
  return word && word.text === word.value
    ? { span: word.span, text: word.value, file: args[at + 1]?.value }
    : undefined;
}

/** `find … -exec chmod 777 {} +` */
function executedMode(args: LocatedCommand['args']): Found | undefined {
  const at = args.findIndex(
    ({ value }, index) => value === 'chmod' && /^-(?:exec|execdir|ok)$/.test(args[index - 1]?.value ?? ''),
  );
  return at < 0 ? undefined : chmodMode(args.slice(at + 1));
}

/** `-m 777`, `-pm777`, `--mode=777` of `mkdir` and `install`. */
function modeOption(name: string, args: LocatedCommand['args']): Found | undefined {
  if (name !== 'mkdir' && name !== 'install') return undefined;
  for (const [index, { text, value, span }] of args.entries()) {
    const option = /^(?:-[a-zA-Z]*m|--mode(?:=|$))/.exec(value)?.[0];
    if (option === undefined) continue;
    const next = args[index + 1];
    if (option === value)
      return next && next.text === next.value ? { span: next.span, text: next.value } : undefined;
    return text === value
      ? { span: { start: span.start + option.length, end: span.end }, text: value.slice(option.length) }
      : undefined;
  }
  return undefined;
}

function copyModes({ stages }: DockerfileTree): readonly Mode[] {
  return stages.flatMap((stage) =>
    stage.instructions.flatMap(({ keyword, flags, words }) =>
      flags.flatMap(({ name, value, valueSpan }) =>
        name === 'chmod' && value !== undefined && valueSpan
          ? [
              {
                span: valueSpan,
                text: value,
                place: `${stagePlace(stage)}.${keyword}[${words.at(-1)?.text ?? ''}]`,
              },
            ]
          : [],
      ),
    ),
  );
}

function isWorldWritable(mode: string): boolean {
  if (/^[0-7]{3,4}$/.test(mode)) {
    const bits = Number.parseInt(mode, 8);
    return (bits & 0o002) !== 0 && (bits & 0o1000) === 0;
  }
  if (!/^[ugoa]*[-+=][rwxXstugo]*(?:,[ugoa]*[-+=][rwxXstugo]*)*$/.test(mode) || /[+=][rwxX]*t/.test(mode))
    return false;
  return mode.split(',').some((clause) => /^[ug]*[oa][ugoa]*[+=][rxX]*w/.test(clause));
}

/** The mode without the right of others to write; symbolic modes have too many shapes. */
function withoutOthers(mode: string): string | undefined {
  if (!/^[0-7]{3,4}$/.test(mode)) return undefined;
  return (Number.parseInt(mode, 8) & ~0o022).toString(8).padStart(mode.length, '0');
}
