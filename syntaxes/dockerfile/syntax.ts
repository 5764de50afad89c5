import type { Document, Problem, Syntax } from '../document.ts';
import { basename } from '../uri.ts';
import { readInstruction } from './instructions.ts';
import { type Pieces, splitDockerfile } from './split.ts';
import { buildStages } from './stages.ts';
import { templateReason } from './template.ts';
import type { DockerfileTree, Instruction } from './tree.ts';
import { readGlobalArgs } from './variables.ts';

/** A larger file is no Dockerfile that someone wrote; reading it would only cost time. */
const MAX_LENGTH = 1_000_000;

export const dockerfileSyntax: Syntax<'dockerfile'> = { kind: 'dockerfile', detect, parse };

const EXACT_NAME = /^(?:dockerfile|containerfile)$|\.(?:dockerfile|containerfile)$/i;
const PREFIXED_NAME = /^(?:dockerfile|containerfile)[._-][^/]+$/i;
/** What stands beside Dockerfiles under their name: ignore files, notes, templates, lock and checksum files, backups. */
const OTHER_ENDING =
  /\.(?:dockerignore|containerignore|md|markdown|rst|adoc|html?|ya?ml|json|toml|lock|sha\d*|sig|asc|j2|jinja2?|tmpl|tpl|template|erb|ejs|hbs|mustache|in|m4|swp|orig|rej|patch|diff)$/i;

function detect(uri: string, text: string): boolean {
  const name = basename(uri);
  if (OTHER_ENDING.test(name)) return false;
  if (EXACT_NAME.test(name)) return /^\uFEFF?[ \t]*(?:FROM|ARG)(?:[ \t]|\\?\r?$)/im.test(text);
  return PREFIXED_NAME.test(name) && startsLikeDockerfile(text);
}

/** The first line that is no comment declares an argument or a base; `from x import y` in `Dockerfile.py` does not. */
function startsLikeDockerfile(text: string): boolean {
  const first = /^\uFEFF?(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*([^\n]+)/.exec(text)?.[1]?.trim() ?? '';
  return /^ARG\s+\w+(?:=|\s|$)/i.test(first) || /^FROM\s+(?:--\S+\s+)*\S+(?:\s+AS\s+\S+)?\s*$/i.test(first);
}

const EMPTY: DockerfileTree = {
  escape: '\\',
  directives: [],
  comments: [],
  instructions: [],
  globalArgs: new Map(),
  stages: [],
};

function parse(uri: string, text: string): Document<'dockerfile'> {
  const document = (
    tree: DockerfileTree,
    problems: readonly Problem[],
    notAnalysed?: string,
  ): Document<'dockerfile'> => ({
    uri,
    kind: 'dockerfile',
    text,
    tree,
    problems,
    ...(notAnalysed !== undefined && { notAnalysed }),
  });
  if (text.length > MAX_LENGTH) return document(EMPTY, [], 'The file is larger than 1 MB.');
  const reason = templateReason(text);
  if (reason !== undefined) return document(EMPTY, [], reason);
  try {
    const problems: Problem[] = [];
    const tree = readTree(text, splitDockerfile(text), problems);
    return document(tree, [...problems, ...check(tree.instructions)]);
  } catch {
    const problem = { span: { start: 0, end: 0 }, message: 'The file cannot be read as a Dockerfile.' };
    return document(EMPTY, [problem]);
  }
}

function readTree(text: string, pieces: Pieces, problems: Problem[]): DockerfileTree {
  const { escape: escapeChar, directives } = pieces;
  const read = pieces.pieces.map((piece) => readInstruction(piece, { escape: escapeChar, problems }));
  const globalArgs = readGlobalArgs(read, escapeChar);
  const { instructions, stages } = buildStages({ text, escape: escapeChar, instructions: read, globalArgs });
  return {
    escape: escapeChar,
    directives,
    comments: pieces.comments,
    instructions,
    globalArgs,
    stages,
  };
}

const KEYWORDS = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);

function check(instructions: readonly Instruction[]): Problem[] {
  const problems: Problem[] = [];
  let stage = false;
  for (const { keyword, keywordSpan, words, heredocs } of instructions) {
    if (!KEYWORDS.has(keyword)) {
      problems.push({
        span: keywordSpan,
        message: `\`${keyword.slice(0, 40)}\` is no Dockerfile instruction.`,
      });
    } else if (words.length === 0 && heredocs.length === 0) {
      problems.push({ span: keywordSpan, message: `\`${keyword}\` has no arguments.` });
    } else if (keyword === 'FROM') stage = true;
    else if (!stage && keyword !== 'ARG') {
      problems.push({ span: keywordSpan, message: `\`${keyword}\` stands before the first \`FROM\`.` });
    }
  }
  return problems;
}
