import type { Stage } from '../../syntaxes/dockerfile/tree.ts';
import { defineRule } from '../core/rule.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/add-remote-unverified',
  title: 'ADD downloads a file without a checksum',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\bADD\b/i,
  docs: {
    why: `Whatever the server sends at build time becomes part of the image: another file under the same name, a hijacked release or
domain goes unnoticed.`,
    fix: 'Name the digest that the file had when it was reviewed: `ADD --checksum=sha256:… https://…`.',
    falsePositives: 'Git repositories and URLs in variables without a default are not meant.',
    cwe: [494],
    controls: ['CIS Docker 1.6.0 4.9'],
    references: ['https://docs.docker.com/reference/dockerfile/#add---checksum'],
  },
  bad: [
    {
      name: 'a binary',
      files: {
        Dockerfile: `FROM alpine:3.22\nADD «https://example.com/tools/tini» /tini\nRUN chmod +x /tini\n`,
      },
    },
    {
      name: 'a version in the URL does not help',
      files: {
        Dockerfile: `FROM alpine:3.22\nARG V=1.2.3\nADD --chmod=755 «http://example.com/\${V}/app» /usr/bin/app\n`,
      },
    },
  ],
  good: [
    {
      name: 'a checksum',
      files: {
        Dockerfile: `FROM alpine:3.22\nADD --checksum=sha256:${'0'.repeat(64)} https://example.com/tini /tini\n`,
      },
    },
    {
      name: 'a checksum in a later step',
      files: {
        Dockerfile: `FROM alpine:3.22\nADD https://example.com/tini /tini\nRUN echo "abc  /tini" | sha256sum -c -\n`,
      },
    },
    {
      name: 'a signature in a later step',
      files: {
        Dockerfile: `FROM alpine:3.22\nADD https://example.com/a https://example.com/a.asc /\nRUN gpg --batch --verify /a.asc /a\n`,
      },
    },
    {
      name: 'a repository',
      files: { Dockerfile: `FROM alpine:3.22\nADD https://github.com/example/app.git#v1.0 /src\n` },
    },
    { name: 'local files', files: { Dockerfile: `FROM alpine:3.22\nADD app.tar.gz /\n` } },
  ],
  check({ tree }, context) {
    for (const stage of tree.stages) {
      for (const { keyword, flags, json, words } of stage.instructions) {
        if (keyword !== 'ADD' || flags.some(({ name }) => name === 'checksum')) continue;
        const sources = (json ? json.map(({ value, span }) => ({ text: value, span })) : words).slice(0, -1);
        for (const { text, span } of sources) {
          if (!/^https?:\/\/[^\s$]/i.test(text) || /\.git(?:#|$)/.test(text) || checksSomething(stage))
            continue;
          context.report({
            span,
            message:
              '`ADD` takes whatever the server sends: without `--checksum` another file under this name goes unnoticed.',
            // Without the scheme: with `https` instead of `http` it is the same finding.
            place: `${stagePlace(stage)}.ADD[${text.replace(/^https?:\/\//i, '')}]`,
          });
        }
      }
    }
  },
});

/** Whether a step of the stage compares a checksum or a signature. */
function checksSomething(stage: Stage): boolean {
  return stage.instructions.some(({ shell }) => shell?.commands.some(isCheck));
}

function isCheck({
  name,
  args,
}: {
  readonly name?: { readonly value: string } | undefined;
  readonly args: readonly { readonly value: string }[];
}): boolean {
  const program = name?.value.replace(/^.*\//, '') ?? '';
  if (/^(?:sha\d+sum|shasum|b2sum|md5sum|cosign|minisign|signify)$/.test(program)) return true;
  return (
    /^gpgv?2?$/.test(program) &&
    (program.startsWith('gpgv') || args.some(({ value }) => value === '--verify'))
  );
}
