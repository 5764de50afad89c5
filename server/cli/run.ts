import { pathOf, relativePath } from '../../syntaxes/uri.ts';
import { TOOL } from '../engine/about.ts';
import { counted, isAtLeast, type Report } from '../engine/report.ts';
import type { Host } from '../host/host.ts';
import { parseCommand, type ScanArgs } from './args.ts';
import { diffOf, type FixResult, fixInMemory, writeFixes } from './fix.ts';
import { formatReport } from './format/format.ts';
import { HELP } from './help.ts';
import type { Output } from './output.ts';
import { progressOn } from './progress.ts';
import { checkRuleIds, explain, listRules } from './rule-texts.ts';
import {
  type Catalogue,
  checkScan,
  fixLimit,
  type LoadedScan,
  loadScan,
  type ScanOptions,
  type ScanResult,
} from './scan.ts';
import { uriOfPath } from './targets.ts';
import { UsageError } from './usage-error.ts';

/** Everything that the command line touches outside of itself. */
export interface Surroundings {
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly host: Host;
  readonly catalogue: Catalogue;
  /** Today as `2027-01-31`. */
  readonly today: string;
  /** Starts the language server on standard input and output; it lives until its client ends it. */
  readonly startServer: () => void;
}

/** 0: nothing at or above `--fail-on`. 1: something. 2: wrong usage or configuration. 3: hardlint or a rule of it failed. */
export type ExitCode = 0 | 1 | 2 | 3;

/** The whole command line. Never throws and never ends the process. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { stderr, env } = surroundings;
  try {
    return await runCommand(argv, surroundings);
  } catch (error) {
    if (error instanceof UsageError) {
      stderr.write(`hardlint: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
      return 2;
    }
    const message = error instanceof Error ? error.message : String(error);
    stderr.write(
      `hardlint failed: ${message}\nThis is a mistake in hardlint; please report it: ${TOOL.url}/issues\n`,
    );
    if (env.HARDLINT_DEBUG && error instanceof Error) stderr.write(`${error.stack}\n`);
    return 3;
  }
}

async function runCommand(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { stdout, catalogue } = surroundings;
  const command = parseCommand(argv);
  switch (command.name) {
    case 'help':
      stdout.write(HELP);
      return 0;
    case 'version':
      stdout.write(`${TOOL.version}\n`);
      return 0;
    case 'lsp':
      surroundings.startServer();
      return 0;
    case 'explain':
      stdout.write(explain(catalogue.rules, command.rule));
      return 0;
    case 'list-rules':
      stdout.write(listRules(catalogue.rules, command.format === 'json' ? 'json' : 'table'));
      return 0;
    case 'scan':
      return runScan(command.scan, surroundings);
  }
}

async function runScan(args: ScanArgs, surroundings: Surroundings): Promise<ExitCode> {
  const { cwd, host, catalogue, today, stderr } = surroundings;
  checkRuleIds(catalogue.rules, args.rules ?? []);
  const progress = progressOn(args.quiet ? { write: () => {} } : stderr);
  const options: ScanOptions = { args, cwd, host, catalogue, today, onProgress: progress.update };
  try {
    const scan = await loadScan(options);
    return await FIX_MODES[args.fix](scan, options, { ...surroundings, clear: progress.clear });
  } finally {
    progress.clear();
  }
}

interface Shown extends Surroundings {
  /** Takes the progress bar away, before anything else is written. */
  readonly clear: () => void;
}

const FIX_MODES: Readonly<
  Record<ScanArgs['fix'], (scan: LoadedScan, options: ScanOptions, shown: Shown) => Promise<ExitCode>>
> = { none: report, write: fixAndReport, diff: showDiff };

async function report(scan: LoadedScan, options: ScanOptions, shown: Shown): Promise<ExitCode> {
  const result = checkScan(scan, options);
  await deliver(formatted(result.report, options.args, shown), options.args, shown);
  return conclude(result, options.args, shown);
}

/** Mends what can be mended, then reports what is left. */
async function fixAndReport(scan: LoadedScan, options: ScanOptions, shown: Shown): Promise<ExitCode> {
  const fixes = await writeFixes(shown.host, scan, fixInMemory(scan));
  const result = checkScan(scan, options);
  await deliver(formatted(result.report, options.args, shown), options.args, shown);
  if (!options.args.quiet) shown.stderr.write(fixSummary(fixes, 'Mended'));
  for (const { uri, reason } of fixes.failed)
    shown.stderr.write(`Not mended: ${relativePath(scan.targets.base, uri) ?? pathOf(uri)}, ${reason}.\n`);
  return conclude(result, options.args, shown);
}

/** Nothing is written, so what counts are the findings as they are. */
async function showDiff(scan: LoadedScan, options: ScanOptions, shown: Shown): Promise<ExitCode> {
  const result = checkScan(scan, options);
  const fixes = fixInMemory(scan);
  await deliver(diffOf(fixes, scan.targets.base), options.args, shown);
  if (!options.args.quiet) shown.stderr.write(fixSummary(fixes, 'Would mend'));
  return conclude(result, options.args, shown);
}

function formatted(
  value: Report,
  { format, output, color, quiet }: ScanArgs,
  { stdout, env }: Surroundings,
): string {
  const toTerminal = output === undefined && stdout.isTTY === true;
  return formatReport(value, format, {
    color: color && !env.NO_COLOR && (toTerminal || Boolean(env.FORCE_COLOR)),
    ...(toTerminal && stdout.columns !== undefined && { columns: stdout.columns }),
    quiet,
    tried: fixLimit(format),
    nonce: () => crypto.randomUUID(),
  });
}

/** Writes a text to `--output` or to standard output. */
async function deliver(text: string, { output, quiet }: ScanArgs, shown: Shown): Promise<void> {
  shown.clear();
  if (output === undefined) {
    shown.stdout.write(text);
    return;
  }
  try {
    await shown.host.write(uriOfPath(shown.cwd, output), text);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError(`\`${output}\` cannot be written (${code}).`, 'Its folder has to exist.');
  }
  if (!quiet) shown.stderr.write(`Written to ${output}.\n`);
}

function fixSummary({ changed }: FixResult, verb: string): string {
  if (changed.size === 0) return 'There is nothing that can be mended safely.\n';
  const fixed = [...changed.values()].reduce((sum, file) => sum + file.fixed, 0);
  return `${verb} ${counted(fixed, 'finding')} in ${counted(changed.size, 'file')}.\n`;
}

function conclude(
  { report, configIsWrong }: ScanResult,
  args: ScanArgs,
  { stderr, env }: Surroundings,
): ExitCode {
  const { failOn } = args;
  for (const { rule, file, error } of report.muted) {
    const [kind = ''] = error.split(':');
    stderr.write(`hardlint: the rule ${rule} failed on ${file} (${env.HARDLINT_DEBUG ? error : kind}).\n`);
  }
  if (report.muted.length > 0) return 3;
  if (configIsWrong) return 2;
  return failOn !== 'none' && report.findings.some(({ severity }) => isAtLeast(severity, failOn)) ? 1 : 0;
}
