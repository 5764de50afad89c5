import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, type Measure, ratio, runNode } from './measure.ts';

const COMPOSE = `services:
  web:
    image: nginx:1.27
    ports:
      - "80:80"
    secrets:
      - source: key
        mode: 0444
secrets:
  key:
    file: ./key
`;

const LOADER = `import fs from 'node:fs';
import yaml from 'js-yaml';

export const config = yaml.load(fs.readFileSync('config/config.yaml', 'utf8')) as AppConfig;

interface AppConfig {
  port: number;
}
`;

/** The whole command on a tiny workspace, against a Node that does nothing. */
export function coldStart(): Measure[] {
  const folder = mkdtempSync(join(tmpdir(), 'hardlint-bench-'));
  try {
    mkdirSync(join(folder, 'plain'));
    mkdirSync(join(folder, 'loader'));
    writeFileSync(join(folder, 'plain/compose.yaml'), COMPOSE);
    writeFileSync(join(folder, 'loader/compose.yaml'), COMPOSE);
    writeFileSync(join(folder, 'loader/config.ts'), LOADER);
    const nothing = () => runNode('-e', '0');
    const scan = (name: string) => () => runNode(bundle('cli.js'), join(folder, name), '--fail-on', 'none');
    return [
      {
        name: 'cold start, one small Compose file / node -e 0',
        value: ratio(15, scan('plain'), nothing),
        unit: 'x',
        target: 2.5,
      },
      {
        name: 'cold start, workspace with a TypeScript loader / node -e 0',
        value: ratio(7, scan('loader'), nothing),
        unit: 'x',
        target: 8,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
