import { lastInstruction } from '../../syntaxes/dockerfile/effective.ts';
import type { ShellCommand } from '../../syntaxes/dockerfile/shell.ts';
import type { DockerfileTree, Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { expand, lineage, type Variables, variablesBefore } from '../../syntaxes/dockerfile/variables.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** What the build puts into an image that is not in the folder it is built from: dependencies and compiled output. */
export interface DockerfileFilledFact {
  readonly index: number;
  readonly filled: readonly FilledPath[];
  /** Whether the container starts with a script, which may fill the same folders again. */
  readonly startsScript: boolean;
}

export interface FilledPath {
  /** Absolute. */
  readonly path: string;
  /** What fills it, in a few words: `npm ci`, `COPY --from`. */
  readonly by: string;
  /** Whether it is a folder of dependencies that a package manager installs. */
  readonly installed: boolean;
  readonly span: Span;
}

/** One fact for each stage that fills something. */
export const dockerfileFilledFacts: FactKey<DockerfileFilledFact> = factKey('dockerfile-filled');

export const extractor = defineExtractor({
  kind: 'dockerfile',
  key: dockerfileFilledFacts,
  extract: (document): readonly DockerfileFilledFact[] =>
    document.tree.stages.flatMap((stage) => {
      const filled = filledBy(document, stage);
      return filled.length > 0
        ? [{ index: stage.index, filled, startsScript: startsScript(document.tree, stage) }]
        : [];
    }),
});

function startsScript(tree: DockerfileTree, stage: Stage): boolean {
  return ['ENTRYPOINT', 'CMD'].some((keyword) => {
    const started = lastInstruction(tree, stage, keyword)?.instruction;
    return started !== undefined && /\.(?:sh|bash)\b|entrypoint|\b(?:install|ci)\b/.test(started.masked);
  });
}

/** Variables that say where dependencies or output go instead. */
const MOVED_BY: readonly string[] = [
  'UV_PROJECT_ENVIRONMENT',
  'COMPOSER_VENDOR_DIR',
  'CARGO_TARGET_DIR',
  'YARN_MODULES_FOLDER',
  'npm_config_prefix',
  'NPM_CONFIG_PREFIX',
];

function isMoved(variables: Variables): boolean {
  return MOVED_BY.some((name) => variables.has(name));
}

/** Whether a `RUN` moves or deletes what is at a path, or has a cache mounted there, which the image does not get. */
function takesAway({ masked, flags }: Instruction, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const moved = masked.split(/[;&|]+/).some((part) => /\b(?:mv|rm)\s/.test(part) && part.includes(name));
  const cached = flags.some((flag) => {
    const target = /(?:^|,)(?:target|dst|destination)=([^,]+)/.exec(flag.value ?? '')?.[1];
    return (
      flag.name === 'mount' && target !== undefined && (path === target || path.startsWith(`${target}/`))
    );
  });
  return moved || cached;
}

/** Words without which no command here fills a folder; shell code without them is not parsed. */
const MENTIONS = /\b(?:p?npm|bun|composer|uv|yarn|venv|virtualenv|cargo)\b|\bgo\s+build\b/;

function filledBy(document: Document<'dockerfile'>, stage: Stage): readonly FilledPath[] {
  const { tree } = document;
  let filled: FilledPath[] = [];
  let workdir: string | undefined;
  for (const each of lineage(tree, stage)) {
    for (const instruction of each.instructions) {
      if (instruction.keyword === 'WORKDIR') {
        const text = instruction.masked.trim().replace(/^(["'])(.*)\1$/, '$2');
        const path = /[$\\`]/.test(text)
          ? expand(text, variablesBefore(tree, each, instruction), tree.escape)
          : text;
        workdir = path === undefined ? undefined : resolve(workdir, path);
      } else if (instruction.keyword === 'RUN') {
        const added = byCommands(document, instruction, workdir);
        if (added.length > 0 && !isMoved(variablesBefore(tree, each, instruction))) filled.push(...added);
        filled = filled.filter(({ path }) => !takesAway(instruction, path));
      } else if (instruction.keyword === 'COPY' && instruction.flags.some(({ name }) => name === 'from')) {
        const destination = instruction.json
          ? instruction.json.at(-1)?.value
          : instruction.words.at(-1)?.text;
        const path = destination?.includes('$') ? undefined : resolve(workdir, destination);
        if (path !== undefined)
          filled.push({ path, by: 'COPY --from', installed: false, span: instruction.span });
      }
    }
  }
  return filled;
}

function byCommands(
  { text }: Document<'dockerfile'>,
  instruction: Instruction,
  workdir: string | undefined,
): readonly FilledPath[] {
  const bodies = instruction.heredocs.map(({ body }) => text.slice(body.start, body.end));
  if (![instruction.masked, ...bodies].some((code) => MENTIONS.test(code))) return [];
  const commands = instruction.shell?.commands ?? [];
  // After a `cd` the folder is another one.
  if (commands.some(({ program }) => program === 'cd' || program === 'pushd')) return [];
  return commands.flatMap((command): readonly FilledPath[] => {
    const target = targetOf(command);
    const path = target && resolve(workdir, target.path);
    if (!target || path === undefined) return [];
    return [{ path, by: target.by, installed: target.installed, span: command.span }];
  });
}

interface Target {
  /** Relative to the working directory, or absolute. */
  readonly path: string;
  readonly by: string;
  readonly installed: boolean;
}

/** What a command fills; undefined for commands of which it is not known. */
function targetOf({ program, operands }: ShellCommand): Target | undefined {
  const words = operands.map(({ value }) => value);
  const [verb = ''] = words.filter((word) => !word.startsWith('-'));
  const elsewhere = words.some((word) =>
    /^(?:-g|--global|--prefix|--cwd|-C|--dir|-d|--working-dir)(?:=|$)/.test(word),
  );
  if (elsewhere) return undefined;
  const by = `${program}${verb === '' ? '' : ` ${verb}`}`;
  if (/^(?:npm|pnpm|bun)$/.test(program) && /^(?:ci|i|install|clean-install)$/.test(verb))
    return { path: 'node_modules', by, installed: true };
  if (program === 'yarn' && (verb === '' || verb === 'install') && !words.includes('--version'))
    return { path: 'node_modules', by, installed: true };
  if (program === 'composer' && verb === 'install') return { path: 'vendor', by, installed: true };
  if (program === 'uv' && verb === 'sync') return { path: '.venv', by, installed: true };
  return environmentOf(program, words) ?? compiledBy(program, words, by);
}

/** A virtual environment of Python. */
function environmentOf(program: string, words: readonly string[]): Target | undefined {
  const module = /^python[\d.]*$/.test(program) && words[0] === '-m' && words[1] === 'venv';
  const uv = program === 'uv' && words[0] === 'venv';
  if (!module && !uv && program !== 'virtualenv') return undefined;
  const rest = words.slice(module ? 2 : uv ? 1 : 0);
  const path = rest.findLast((word) => !word.startsWith('-')) ?? (uv ? '.venv' : undefined);
  const by = module ? 'python -m venv' : uv ? 'uv venv' : program;
  return path === undefined || path.includes('$') ? undefined : { path, by, installed: true };
}

function compiledBy(program: string, words: readonly string[], by: string): Target | undefined {
  if (program === 'go' && words[0] === 'build') {
    const path = words[words.indexOf('-o') + 1];
    return words.includes('-o') && path && !path.includes('$') ? { path, by, installed: false } : undefined;
  }
  if (program === 'cargo' && words[0] === 'build' && !words.some((word) => word.startsWith('--target-dir')))
    return { path: 'target', by, installed: false };
  return undefined;
}

/** A path from a folder, without dots and a final slash; undefined where it is relative to an unknown folder. */
function resolve(folder: string | undefined, path: string | undefined): string | undefined {
  if (path === undefined || path === '' || (!path.startsWith('/') && folder === undefined)) return undefined;
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
