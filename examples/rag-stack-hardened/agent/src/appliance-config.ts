import fs from 'node:fs';
import yaml from 'js-yaml';

/** What the appliance is told by its configuration file. */
export interface ApplianceConfig {
  healing_dry_run: boolean;
  state_dir: string;
  log_level: string;
}

/** Reads the configuration of the agent; environment variables win over the file. */
export function loadApplianceConfig(path = '/app/config.yaml'): ApplianceConfig {
  return withEnv(yaml.load(fs.readFileSync(path, 'utf8'))) as ApplianceConfig;
}

/** `database.pool.size` is read from `DATABASE_POOL_SIZE`; values are parsed as YAML, so `false` is a boolean. */
function withEnv<T>(file: T, path: readonly string[] = []): T {
  const name = path.join('_').replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
  const raw = name === '' ? undefined : process.env[name];
  if (raw !== undefined) return (typeof file === 'string' ? raw : yaml.load(raw)) as T;
  if (file === null || typeof file !== 'object' || Array.isArray(file)) return file;
  return Object.fromEntries(Object.entries(file).map(([key, value]) => [key, withEnv(value, [...path, key])])) as T;
}
