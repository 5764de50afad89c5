import fs from 'node:fs';
import yaml from 'js-yaml';

/** What the appliance is told by its configuration file. */
export interface ApplianceConfig {
  healing_dry_run: boolean;
  state_dir: string;
  log_level: string;
}

/** Reads the configuration of the agent. */
export function loadApplianceConfig(path = '/app/config.yaml'): ApplianceConfig {
  return yaml.load(fs.readFileSync(path, 'utf8')) as ApplianceConfig;
}
