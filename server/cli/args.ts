import { parseArgs } from 'node:util';
import { SEVERITIES, type Severity } from '../../rules/core/rule.ts';
import type { Profile } from '../engine/config.ts';
import { FORMAT_NAMES, type FormatName } from './format/names.ts';
import { nearestWord } from './suggest.ts';
import { UsageError } from './usage-error.ts';

/** What a command line asks for. */
export type Command =
  | { readonly name: 'help' | 'version' | 'lsp' }
  | { readonly name: 'explain'; readonly rule: string }
  | { readonly name: 'list-rules'; readonly format: FormatName }
  | { readonly name: 'scan'; readonly scan: ScanArgs };

export interface ScanArgs {
  /** Files and folders as given; `.` where there were none. */
  readonly paths: readonly string[];
  readonly format: FormatName;
  readonly output?: string;
  /** `write`: mend files. `diff`: only show what would change. */
  readonly fix: 'none' | 'write' | 'diff';
  readonly profile: Profile;
  readonly config?: string;
  readonly failOn: Severity | 'none';
  /** Ids of the only rules that are asked for. */
  readonly rules?: readonly string[];
  /** Whether permissions of files are looked at; a checkout has only those that its umask gives. */
  readonly fileModes: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
}

const OPTIONS = {
  format: { type: 'string' },
  output: { type: 'string', short: 'o' },
  fix: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  profile: { type: 'string' },
  config: { type: 'string', short: 'c' },
  'fail-on': { type: 'string' },
  rule: { type: 'string', multiple: true },
  explain: { type: 'string' },
  'list-rules': { type: 'boolean' },
  'file-modes': { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  'no-color': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  // Every LSP client says how it talks to the server.
  stdio: { type: 'boolean' },
} as const;

/** Below this nothing fails: an info is a hint. */
const DEFAULT_FAIL_ON: Severity = 'medium';

/** Formats by the ending of `--output`. */
const FORMATS_BY_ENDING: Readonly<Record<string, FormatName>> = {
  json: 'json',
  sarif: 'sarif',
  md: 'markdown',
  html: 'html',
  htm: 'html',
};

/** Reads the command line. Throws a `UsageError` with a hint where it does not make sense. */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help || positionals[0] === 'help') return { name: 'help' };
  if (values.version) return { name: 'version' };
  if (positionals[0] === 'lsp') return lspCommand(positionals);
  if (values.stdio)
    throw new UsageError(
      '`--stdio` belongs to the language server.',
      'Start it with `hardlint lsp --stdio`.',
    );
  const format = formatOf(values.format, values.output);
  if (values.explain !== undefined) return { name: 'explain', rule: values.explain };
  if (values['list-rules']) return { name: 'list-rules', format };
  return {
    name: 'scan',
    scan: {
      paths: positionals.length > 0 ? positionals : ['.'],
      format,
      ...(values.output !== undefined && { output: values.output }),
      fix: values['dry-run'] ? 'diff' : values.fix ? 'write' : 'none',
      profile: oneOf('--profile', values.profile ?? 'recommended', ['recommended', 'strict']),
      ...(values.config !== undefined && { config: values.config }),
      failOn: oneOf('--fail-on', values['fail-on'] ?? DEFAULT_FAIL_ON, [...SEVERITIES, 'none']),
      ...(values.rule && { rules: values.rule }),
      fileModes: values['file-modes'] ?? false,
      quiet: values.quiet ?? false,
      color: !values['no-color'],
    },
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw usageErrorOf(error, argv);
  }
}

/** Node says what is wrong in its own words; ours name the flag and what is meant instead. */
function usageErrorOf(error: unknown, argv: readonly string[]): UsageError {
  const code = (error as NodeJS.ErrnoException).code;
  const flags = Object.keys(OPTIONS).map((name) => `--${name}`);
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const unknown =
      argv.map((arg) => arg.replace(/=.*$/s, '')).find((arg) => arg.startsWith('-') && !isKnownFlag(arg)) ??
      'that';
    return new UsageError(
      `There is no option \`${unknown}\`.`,
      suggestion(unknown, flags) ?? '`hardlint --help` lists all options.',
    );
  }
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return new UsageError(
    message.replaceAll("'", '`').replace(/\.?$/, '.'),
    '`hardlint --help` shows how options are used.',
  );
}

function isKnownFlag(arg: string): boolean {
  return Object.entries(OPTIONS).some(
    ([name, option]) => arg === `--${name}` || ('short' in option && arg === `-${option.short}`),
  );
}

function lspCommand(positionals: readonly string[]): Command {
  if (positionals.length > 1)
    throw new UsageError(
      '`hardlint lsp` takes no paths.',
      'The editor tells the server which folders to look at.',
    );
  return { name: 'lsp' };
}

function formatOf(format: string | undefined, output: string | undefined): FormatName {
  if (format !== undefined) return oneOf('--format', format, FORMAT_NAMES);
  const ending = output?.slice(output.lastIndexOf('.') + 1).toLowerCase() ?? '';
  return FORMATS_BY_ENDING[ending] ?? 'pretty';
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new UsageError(
    `\`${flag}\` does not know \`${value}\`.`,
    suggestion(value, allowed) ?? `It is one of ${allowed.join(', ')}.`,
  );
}

function suggestion(word: string, known: readonly string[]): string | undefined {
  const near = nearestWord(word, known);
  return near === undefined ? undefined : `Did you mean \`${near}\`?`;
}
