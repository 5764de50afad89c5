import type { Instruction } from '../../syntaxes/dockerfile/tree.ts';
import { replaceKeyword } from '../core/dockerfile-edits.ts';
import { defineRule } from '../core/rule.ts';
import { copyOf } from './shared/copies.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/add-instead-of-copy',
  title: 'ADD where COPY does the same',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /ADD/i,
  docs: {
    why: `\`ADD\` unpacks what turns out to be an archive and downloads what turns out to be a URL. For files of the build context
that is a surprise in waiting: a file that someone replaces by an archive is unpacked over the image.`,
    fix: 'Write `COPY`, which only copies. Keep `ADD` for archives, URLs and Git repositories.',
    falsePositives:
      'Silent for archives, URLs, Git repositories, options that only `ADD` has, and sources whose name is not known.',
    cwe: [706],
    controls: ['CIS Docker 1.6.0 4.9'],
    references: ['https://docs.docker.com/build/building/best-practices/#add-or-copy'],
  },
  bad: [
    {
      name: 'a directory',
      files: { Dockerfile: `FROM python:3.13-slim\n«ADD» . /app\nUSER 1000\n` },
      fixed: `FROM python:3.13-slim\nCOPY . /app\nUSER 1000\n`,
    },
    {
      name: 'in lower case, with an owner and several sources',
      files: { Dockerfile: `from python:3.13-slim\n«add» --chown=1000:1000 a.py \\\n    b.py /app/\n` },
      fixed: `from python:3.13-slim\ncopy --chown=1000:1000 a.py \\\n    b.py /app/\n`,
    },
    {
      name: 'as JSON, and one behind ONBUILD',
      files: {
        Dockerfile: `FROM alpine:3.22\n«ADD» ["my file.txt", "/srv/"]\nONBUILD «ADD» requirements.txt /app/\n`,
      },
      fixed: `FROM alpine:3.22\nCOPY ["my file.txt", "/srv/"]\nONBUILD ADD requirements.txt /app/\n`,
    },
    {
      name: 'the same source twice',
      files: { Dockerfile: `FROM alpine:3.22\n«ADD» app /a\n«ADD» app /b\nONBUILD «ADD» app /a\n` },
      fixed: `FROM alpine:3.22\nCOPY app /a\nADD app /b\nONBUILD ADD app /a\n`,
    },
  ],
  good: [
    {
      name: 'archives',
      files: {
        Dockerfile: `FROM scratch
ADD rootfs.tar.xz /
ADD app.tgz data.tar.zst /opt/
ADD "site.tar.gz" '/srv/'
ADD alpine-minirootfs-*.tar.gz /
`,
      },
    },
    {
      name: 'URLs and repositories',
      files: {
        Dockerfile: `FROM alpine:3.22
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/a.bin /a
ADD git@github.com:example/app.git#v1 /app
ADD "https://example.com/b.bin" /b
ADD https://github.com/example/app.git#v1 /app
`,
      },
    },
    {
      name: 'a source in a variable',
      files: { Dockerfile: `FROM alpine:3.22\nARG ARCHIVE\nADD $ARCHIVE /\n` },
    },
    {
      name: 'a pattern that may match archives',
      files: { Dockerfile: `FROM alpine:3.22\nADD dist/app* /\nADD rootfs /\n` },
    },
    { name: 'COPY', files: { Dockerfile: `FROM alpine:3.22\nCOPY . /app\n` } },
  ],
  check({ text, tree }, context) {
    for (const stage of tree.stages) {
      for (const outer of stage.instructions) {
        const instruction = outer.trigger ?? outer;
        if (instruction.keyword !== 'ADD' || !onlyCopies(instruction)) continue;
        const words =
          instruction.json?.map(({ value }) => value) ?? instruction.words.map((word) => word.text);
        const trigger = outer.trigger ? 'ONBUILD.' : '';
        context.report({
          span: instruction.keywordSpan,
          message:
            '`ADD` also unpacks archives and follows URLs: a file that turns into one changes the image. `COPY` only copies.',
          place: `${stagePlace(stage)}.${trigger}ADD[${words.join(' ')}]`,
          // It is the same smell under the name of the other instruction.
          covers: [`dockerfile/copy-context-unfiltered ${stagePlace(stage)}.${trigger}COPY[.]`],
          fixes: () => [
            {
              title: 'Use COPY',
              safety: 'safe',
              edits: [replaceKeyword(text, instruction, 'COPY')],
              verify: 'docker build .',
            },
          ],
        });
      }
    }
  },
});

const ARCHIVE =
  /\.(?:tar|tgz|tbz2?|txz|tzst|tlz|taz|gz|bz2|xz|zst|lzma|Z)(?:$|[.*?-])|\*|\?|(?:^|\/|[-_.])rootfs/i;
const REMOTE = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/)/i;

function onlyCopies(instruction: Instruction): boolean {
  if (instruction.flags.some(({ name }) => !['chown', 'chmod', 'link', 'exclude'].includes(name)))
    return false;
  const sources = sourcesOf(instruction);
  return sources.length > 0 && sources.every((source) => !isMoreThanCopy(source));
}

/** A pattern is only safe where it names an ending that no archive has: `*.conf`. */
function isMoreThanCopy(source: string): boolean {
  if (/[$]/.test(source) || REMOTE.test(source)) return true;
  return ARCHIVE.test(
    source.replace(
      /\*(?=\.(?:conf|cfg|ini|ya?ml|json|sh|py|js|ts|txt|md|xml|html|css|lock|toml|sql|pem|crt|repo|list|service|jar|war|so|h|c|go|rb|php)$)/i,
      '',
    ),
  );
}

function sourcesOf(instruction: Instruction): readonly string[] {
  const sources = copyOf(instruction)?.sources ?? [];
  return sources.map(({ path }) => path).filter((path) => !path.startsWith('<<'));
}
