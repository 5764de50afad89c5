import { extractors, rules } from '../../rules/registry.generated.ts';
import { type ExitCode, run, type Surroundings } from '../../server/cli/run.ts';
import { createMemoryHost, type MemoryHost, type MemoryHostOptions } from '../../server/host/memory.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { ROOT, syntaxes } from './workspace.ts';

export interface CliRun {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  readonly host: MemoryHost;
}

export interface CliOptions extends Partial<Omit<Surroundings, 'host' | 'stdout' | 'stderr'>> {
  readonly host?: MemoryHost;
  readonly hostOptions?: MemoryHostOptions;
  /** Width of the terminal that standard output is; absent for a pipe. */
  readonly columns?: number;
  /** Whether standard error is a terminal. */
  readonly stderrIsTty?: boolean;
}

/** Runs the command line over files by their path below `ROOT`, in memory, with all rules. */
export async function runCli(
  argv: readonly string[],
  files: Readonly<Record<string, string>>,
  options: CliOptions = {},
): Promise<CliRun> {
  const { hostOptions, columns, stderrIsTty, ...surroundings } = options;
  const host =
    options.host ??
    createMemoryHost(
      Object.fromEntries(Object.entries(files).map(([path, text]) => [joinUri(ROOT, path), text])),
      hostOptions,
    );
  const written = { stdout: '', stderr: '' };
  const code = await run(argv, {
    cwd: '/workspace',
    env: {},
    catalogue: { rules, extractors, syntaxes },
    today: '2026-11-24',
    startServer: () => {
      throw new Error('no server was expected');
    },
    ...surroundings,
    host,
    stdout: {
      write: (text) => {
        written.stdout += text;
      },
      ...(columns !== undefined && { isTTY: true, columns }),
    },
    stderr: {
      write: (text) => {
        written.stderr += text;
      },
      ...(stderrIsTty && { isTTY: true }),
    },
  });
  return { code, ...written, host };
}

/** A Compose file with a safely fixable finding at `high` and little else. */
export const SECRET_0444 = `services:
  web:
    image: nginx@sha256:0d17b565c37bcbd895e9d92315a05c1c3c9a29f762b011a10c54a66cd53c9b31
    user: root
    secrets:
      # read by the entrypoint
      - source: key
        target: key.pem
        mode: 0444
secrets:
  key:
    external: true
`;

/** What the command line needs to report only the finding above. */
export const ONLY_MODE = ['--rule', 'compose/secret-world-readable'];
