import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dhParameters, selfSigned } from './certificate.ts';

/** A folder that nginx runs in, with all that stands for what a configuration names outside of itself. */
export interface Prefix {
  readonly folder: string;
  readonly certificate: string;
  readonly key: string;
  readonly dhParameters: string;
  readonly ticketKey: string;
}

/** The version of the nginx at hand, as `[1, 22, 1]`; undefined where there is none. */
export function nginxVersion(): readonly number[] | undefined {
  const { stderr, error } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  const version = error ? undefined : /nginx\/(\d+)\.(\d+)\.(\d+)/.exec(stderr);
  return version?.slice(1).map(Number);
}

/** Makes a folder for nginx; `remove` takes it away. */
export function makePrefix(): Prefix {
  const folder = mkdtempSync(join(tmpdir(), 'hardlint-nginx-'));
  // Workers run as another user and read from it.
  chmodSync(folder, 0o755);
  for (const name of ['temp', 'cache', 'sockets', 'logs']) mkdirSync(join(folder, name));
  const { key, certificate } = selfSigned();
  const prefix = {
    folder,
    certificate: join(folder, 'certificate.pem'),
    key: join(folder, 'key.pem'),
    dhParameters: join(folder, 'dh.pem'),
    ticketKey: join(folder, 'ticket.key'),
  };
  writeFileSync(prefix.certificate, certificate);
  writeFileSync(prefix.key, key, { mode: 0o600 });
  writeFileSync(prefix.dhParameters, dhParameters());
  writeFileSync(prefix.ticketKey, Buffer.alloc(80, 1));
  return prefix;
}

export function removePrefix({ folder }: Prefix): void {
  rmSync(folder, { recursive: true, force: true });
}

/** What nginx has against a configuration; undefined where it accepts it. */
export function complaintOf({ folder }: Prefix, config: string): string | undefined {
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config);
  const { status, stderr, error } = spawnSync(
    'nginx',
    ['-t', '-q', '-e', 'stderr', '-p', folder, '-c', file],
    {
      encoding: 'utf8',
      timeout: 20_000,
    },
  );
  if (error) return error.message;
  if (status === 0) return undefined;
  const line = stderr.split('\n').find((text) => /\[(?:emerg|crit|alert)\]/.test(text)) ?? stderr;
  return line.replace(/^.*?\[\w+\](?: \d+#\d+:)? /, '').trim() || `nginx ended with ${status}`;
}
