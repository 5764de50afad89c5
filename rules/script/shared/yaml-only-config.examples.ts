import type { BadExample, GoodExample } from '../../core/rule.ts';

/*
 * The examples of script/yaml-only-config. They stand here since each needs a file of several lines, and the fixed ones a helper.
 */

/** The helper that the fix appends, in a file with two spaces, single quotes and semicolons. */
function helper({
  name = 'withEnv',
  key = 'db.pool.size',
  example = 'DB_POOL_SIZE',
  parse = 'yaml.load(raw)',
  typed = true,
}): string {
  const type = (text: string) => (typed ? text : '');
  return `
/** Environment variables win over the file: \`${key}\` is read from \`${example}\`. Only keys that the file has are looked up. */
function ${name}${type('<T>')}(file${type(': T')}, path${type(': readonly string[]')} = [])${type(': T')} {
  if (file !== null && typeof file === 'object' && Object.getPrototypeOf(file) === Object.prototype) {
    const entries = Object.entries(file).map(([key, value]) => [key, ${name}(value, [...path, key])]);
    return Object.fromEntries(entries)${type(' as T')};
  }
  const words = path.join('_').replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_');
  const raw = process.env[words.toUpperCase()];
  if (raw === undefined) return file;
  return ${type('(')}typeof file === 'string' ? raw : ${parse}${type(') as T')};
}
`;
}

const APP_HELPER = helper({ example: 'APP_DB_POOL_SIZE' });

export const bad: readonly BadExample[] = [
  {
    name: 'a document whose content is taken further down',
    files: {
      'src/config.ts': `import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';

export function readConfig(file = 'config.yaml'): Config {
  const doc = «parseDocument»(readFileSync(file, 'utf8'));
  if (doc.errors.length > 0) throw new Error('no YAML');
  return doc.toJS() as Config;
}
`,
    },
    fixed: `import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';

export function readConfig(file = 'config.yaml'): Config {
  const doc = parseDocument(readFileSync(file, 'utf8'));
  if (doc.errors.length > 0) throw new Error('no YAML');
  return withEnv(doc.toJS() as Config, ['APP']);
}
${helper({ example: 'APP_DB_POOL_SIZE', parse: 'parseDocument(raw).toJS()' })}`,
  },
  {
    name: 'the path as a URL beside the module',
    files: {
      'src/config.mjs': `import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const text = readFileSync(new URL('../config.yaml', import.meta.url), 'utf8');
export const config = «parse»(text);
`,
    },
    fixed: `import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const text = readFileSync(new URL('../config.yaml', import.meta.url), 'utf8');
export const config = withEnv(parse(text), ['APP']);
${helper({ typed: false, example: 'APP_DB_POOL_SIZE', parse: 'parse(raw)' })}`,
  },
  {
    name: 'everything in one expression',
    files: {
      'config.js': `module.exports = «require('js-yaml').load»(require('fs').readFileSync('./config.yml', 'utf8'));
`,
    },
    fixed: `module.exports = withEnv(require('js-yaml').load(require('fs').readFileSync('./config.yml', 'utf8')), ['APP']);
${helper({ typed: false, example: 'APP_DB_POOL_SIZE', parse: "require('js-yaml').load(raw)" })}`,
  },
  {
    name: 'a module-level constant, the file in the workspace',
    files: {
      'src/config.ts': `import fs from 'node:fs';
import yaml from 'js-yaml';

interface AppConfig {
  healing_dry_run: boolean;
  db: { pool: { size: number } };
}

export const config = «yaml.load»(fs.readFileSync('config.yaml', 'utf8')) as AppConfig;
`,
      'config.yaml': `healing_dry_run: true
db:
  pool:
    size: 20
`,
    },
    fixed: `import fs from 'node:fs';
import yaml from 'js-yaml';

interface AppConfig {
  healing_dry_run: boolean;
  db: { pool: { size: number } };
}

export const config = withEnv(yaml.load(fs.readFileSync('config.yaml', 'utf8')) as AppConfig);
${helper({})}`,
  },
  {
    name: 'a key that every system has as a variable: names get a prefix',
    files: {
      'src/settings.ts': `import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export function loadSettings(): Settings {
  const text = readFileSync(join(__dirname, '..', 'conf', 'settings.yml'), 'utf8');
  return «parse»(text);
}
`,
      'conf/settings.yml': `path: /srv/data
port: 8080
`,
    },
    fixed: `import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export function loadSettings(): Settings {
  const text = readFileSync(join(__dirname, '..', 'conf', 'settings.yml'), 'utf8');
  return withEnv(parse(text), ['APP']);
}
${helper({ key: 'path', example: 'APP_PATH', parse: 'parse(raw)' })}`,
  },
  {
    name: 'CommonJS; the stage and the path come from the environment, the settings do not',
    files: {
      'lib/config.js': `const fs = require('fs');
const path = require('path');
const yaml = require('js-yaml');

const file = process.env.CONFIG_PATH || path.join(__dirname, \`config.\${process.env.NODE_ENV}.yaml\`);

module.exports = «yaml.load»(fs.readFileSync(file, 'utf8'));
`,
    },
    fixed: `const fs = require('fs');
const path = require('path');
const yaml = require('js-yaml');

const file = process.env.CONFIG_PATH || path.join(__dirname, \`config.\${process.env.NODE_ENV}.yaml\`);

module.exports = withEnv(yaml.load(fs.readFileSync(file, 'utf8')), ['APP']);
${helper({ typed: false, example: 'APP_DB_POOL_SIZE' })}`,
  },
  {
    name: 'a schema stays outside; the name of the helper is taken',
    files: {
      'src/config/index.ts': `import * as fs from 'node:fs/promises';
import YAML from 'yaml';
import * as z from 'zod';

const Schema = z.object({ port: z.number() });

export async function loadConfig(file: string, withEnv = false) {
  const text = await fs.readFile(file, 'utf8');
  log({ file, withEnv });
  return Schema.parse(«YAML.parse»(text));
}
`,
    },
    fixed: `import * as fs from 'node:fs/promises';
import YAML from 'yaml';
import * as z from 'zod';

const Schema = z.object({ port: z.number() });

export async function loadConfig(file: string, withEnv = false) {
  const text = await fs.readFile(file, 'utf8');
  log({ file, withEnv });
  return Schema.parse(withEnv2(YAML.parse(text), ['APP']));
}
${helper({ name: 'withEnv2', example: 'APP_DB_POOL_SIZE', parse: 'YAML.parse(raw)' })}`,
  },
  {
    name: 'a class, a renamed import, a cast of another sort',
    files: {
      'src/config.service.ts': `import { load as loadYaml } from 'js-yaml';
import { readFileSync } from 'fs';

export class ConfigService {
  private readonly values = <Values>«loadYaml»(readFileSync('./application.yml').toString());
}
`,
    },
    fixed: `import { load as loadYaml } from 'js-yaml';
import { readFileSync } from 'fs';

export class ConfigService {
  private readonly values = withEnv(<Values>loadYaml(readFileSync('./application.yml').toString()), ['APP']);
}
${helper({ example: 'APP_DB_POOL_SIZE', parse: 'loadYaml(raw)' })}`,
  },
  {
    name: 'a document that is taken apart at once',
    files: {
      'src/config.mts': `import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';

export const config = «parseDocument»(readFileSync('config.yaml', 'utf8')).toJS() as Config;
`,
    },
    fixed: `import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';

export const config = withEnv(parseDocument(readFileSync('config.yaml', 'utf8')).toJS() as Config, ['APP']);
${helper({ example: 'APP_DB_POOL_SIZE', parse: 'parseDocument(raw).toJS()' })}`,
  },
  {
    name: 'a callback, and an assignment to the environment, which is no read',
    files: {
      'src/appconfig.ts': `import { readFile } from 'node:fs';
import yaml from 'js-yaml';

process.env.STARTED = 'yes';

export function readAppConfig(done: (config: unknown) => void): void {
  readFile('appconfig.yaml', 'utf8', (error, text) => {
    if (error) throw error;
    done(«yaml.load»(text));
  });
}
`,
    },
    fixed: `import { readFile } from 'node:fs';
import yaml from 'js-yaml';

process.env.STARTED = 'yes';

export function readAppConfig(done: (config: unknown) => void): void {
  readFile('appconfig.yaml', 'utf8', (error, text) => {
    if (error) throw error;
    done(withEnv(yaml.load(text), ['APP']));
  });
}
${APP_HELPER}`,
  },
  {
    name: 'a library that takes a path has nothing to parse a variable with: no fix',
    files: {
      'src/config.ts': `import readYamlFile from 'read-yaml-file';

export async function getConfig(): Promise<ServerConfig> {
  return await «readYamlFile»('config/server.yaml');
}
`,
    },
  },
  {
    name: 'no library in sight of the whole file: no fix',
    files: {
      'src/config.ts': `import { readFileSync } from 'node:fs';

export async function loadConfig() {
  const yaml = await import('js-yaml');
  return «yaml.load»(readFileSync('config.yml', 'utf8'));
}
`,
    },
  },
  {
    name: 'Nest puts a loaded file before the environment, so its module is no overlay; tabs, double quotes, no semicolons',
    files: {
      'src/configuration.ts': `import { readFileSync } from "fs"
import * as yaml from "js-yaml"
import { ConfigModule } from "@nestjs/config"

const load = () => {
	return «yaml.load»(readFileSync("config.yaml", "utf8"))
}

export const module = ConfigModule.forRoot({ load: [load] })
`,
      'config.yaml': 'http:\n  port: 80\n',
    },
    fixed: `import { readFileSync } from "fs"
import * as yaml from "js-yaml"
import { ConfigModule } from "@nestjs/config"

const load = () => {
	return withEnv(yaml.load(readFileSync("config.yaml", "utf8")))
}

export const module = ConfigModule.forRoot({ load: [load] })
${helper({ key: 'http.port', example: 'HTTP_PORT' }).replaceAll('  ', '\t').replaceAll("'", '"').replaceAll(/;$/gm, '')}`,
  },
  {
    name: 'the first of several places',
    files: {
      'src/config.ts': `import fs from 'node:fs';
import yaml from 'js-yaml';

const PLACES = ['config.yaml', '/etc/shop/config.yaml'];

export function readConfig(): ShopConfig | undefined {
  for (const place of PLACES) {
    if (fs.existsSync(place)) return «yaml.load»(fs.readFileSync(place, 'utf8')) as ShopConfig;
  }
  return undefined;
}
`,
    },
    fixed: `import fs from 'node:fs';
import yaml from 'js-yaml';

const PLACES = ['config.yaml', '/etc/shop/config.yaml'];

export function readConfig(): ShopConfig | undefined {
  for (const place of PLACES) {
    if (fs.existsSync(place)) return withEnv(yaml.load(fs.readFileSync(place, 'utf8')) as ShopConfig, ['APP']);
  }
  return undefined;
}
${APP_HELPER}`,
  },
  {
    name: 'Bun',
    files: {
      'src/config.ts': `export const config = «Bun.YAML.parse»(await Bun.file('config.yaml').text());
`,
    },
    fixed: `export const config = withEnv(Bun.YAML.parse(await Bun.file('config.yaml').text()), ['APP']);
${helper({ example: 'APP_DB_POOL_SIZE', parse: 'Bun.YAML.parse(raw)' })}`,
  },
];

function loader(rest: string): string {
  return `import fs from 'node:fs';
import yaml from 'js-yaml';

${rest}
`;
}

const PLAIN_LOADER = loader(
  `export const config = yaml.load(fs.readFileSync('config.yaml', 'utf8')) as AppConfig;`,
);

export const good: readonly GoodExample[] = [
  {
    name: 'a command fills in the variables first',
    files: {
      'src/config.ts': loader(`execSync('envsubst < config.tpl > config.yaml');
export const config = yaml.load(fs.readFileSync('config.yaml', 'utf8')) as AppConfig;`),
    },
  },
  {
    name: 'a variable wins over a setting',
    files: {
      'src/config.ts': loader(`const file = yaml.load(fs.readFileSync('config.yaml', 'utf8')) as AppConfig;
export const config = { ...file, port: Number(process.env.PORT ?? file.port) };`),
    },
  },
  {
    name: 'the environment as a whole',
    files: {
      'src/config.ts': loader(`const file = yaml.load(fs.readFileSync('config.yaml', 'utf8')) as AppConfig;
export const config = merge(file, fromVariables(process.env));`),
    },
  },
  {
    name: 'a parameter named env',
    files: {
      'src/config.ts': loader(`export function loadConfig(env: Record<string, string>): AppConfig {
  const file = yaml.load(fs.readFileSync('config.yaml', 'utf8')) as AppConfig;
  return { ...file, token: env.API_TOKEN ?? file.token };
}`),
    },
  },
  {
    name: 'references in the text are filled in',
    files: {
      'src/config.ts':
        loader(`const text = fs.readFileSync('config.yaml', 'utf8').replace(/\\$\\{(\\w+)\\}/g, (_, name) => lookup(name));
export const config = yaml.load(text) as AppConfig;`),
    },
  },
  {
    name: 'a library that reads the environment',
    files: {
      'src/config.ts': `import convict from 'convict';
import fs from 'node:fs';
import yaml from 'js-yaml';

export const config = convict(schema).load(yaml.load(fs.readFileSync('config.yaml', 'utf8')));
`,
    },
  },
  {
    name: 'an imported module reads the environment',
    files: {
      'src/config.ts': `import fs from 'node:fs';
import yaml from 'js-yaml';
import { overrides } from './overrides.js';

export const config = { ...yaml.load(fs.readFileSync('config.yaml', 'utf8')), ...overrides() };
`,
      'src/overrides.ts': `export const overrides = () => ({ port: process.env.PORT });\n`,
    },
  },
  {
    name: 'who imports it prefers variables',
    files: {
      'src/config.ts': PLAIN_LOADER,
      'src/server.ts': `import { config } from './config.js';\n\nconst port = process.env.PORT ?? config.port;\n`,
    },
  },
  {
    name: 'who imports it writes variables into it',
    files: {
      'src/config.ts': PLAIN_LOADER,
      'src/main.ts': `import { config } from '@/config';\n\nif (process.env.DRY_RUN) config.dryRun = process.env.DRY_RUN === 'true';\n`,
    },
  },
  {
    name: 'functions that say what they do',
    files: {
      'src/config.ts': `import fs from 'node:fs';
import yaml from 'js-yaml';
import { applyEnvOverrides } from '@acme/env-overrides';

export const config = applyEnvOverrides(yaml.load(fs.readFileSync('config.yaml', 'utf8')));
`,
    },
  },
  {
    name: 'OpenAPI, translations and templates are no configuration',
    files: {
      'src/app.ts':
        loader(`export const swaggerConfig = yaml.load(fs.readFileSync('config/swagger.yaml', 'utf8'));
export const texts = yaml.load(fs.readFileSync('config/locales/en.yaml', 'utf8'));
export const appTemplate = yaml.load(fs.readFileSync('app.template.yaml', 'utf8'));`),
    },
  },
  {
    name: 'text that comes from elsewhere',
    files: {
      'src/config.ts': loader(`export function parseConfig(text: string): AppConfig {
  return yaml.load(text) as AppConfig;
}
export async function fetchConfig(url: string): Promise<AppConfig> {
  const response = await fetch(url);
  return yaml.load(await response.text()) as AppConfig;
}`),
    },
  },
  {
    name: 'YAML that is nobody’s settings',
    files: {
      'src/articles.ts': loader(
        `export const authors = yaml.load(fs.readFileSync('data/authors.yaml', 'utf8'));`,
      ),
    },
  },
  {
    name: 'the settings of a tool in a project',
    files: {
      'src/sync.ts': loader(`const configPath = '.sync.yml';
export const syncConfig = yaml.load(fs.readFileSync(configPath, 'utf8')) as SyncConfig;
export const projectConfig = yaml.load(fs.readFileSync(path.join(root, '.sync', 'config.yaml'), 'utf8')) as SyncConfig;`),
    },
  },
  {
    name: 'one file of many',
    files: {
      'src/registry.ts': loader(`export function loadConfigs(dir: string): EntryConfig[] {
  const files = fs.readdirSync(dir);
  const first = files.map((file) => yaml.load(fs.readFileSync(path.join(dir, file), 'utf8')) as EntryConfig);
  for (const file of files) first.push(yaml.load(fs.readFileSync(path.join(dir, file, 'config.yaml'), 'utf8')) as EntryConfig);
  return first;
}`),
    },
  },
  { name: 'a test', files: { 'src/config.test.ts': PLAIN_LOADER } },
  {
    name: 'a test by what it imports',
    files: { 'src/config-check.ts': `import { expect } from 'vitest';\n${PLAIN_LOADER}` },
  },
  { name: 'a script', files: { 'scripts/config.ts': PLAIN_LOADER } },
  {
    name: 'a command',
    files: { 'src/config.js': `#!/usr/bin/env node\n${PLAIN_LOADER.replace(' as AppConfig', '')}` },
  },
  { name: 'a build tool', files: { 'vite.config.ts': PLAIN_LOADER } },
  {
    name: 'a tool that edits a file',
    files: {
      'src/bump.ts': loader(`const config = yaml.load(fs.readFileSync('config.yaml', 'utf8')) as AppConfig;
config.version += 1;
fs.writeFileSync('config.yaml', yaml.dump(config));`),
    },
  },
  {
    name: 'another library whose load is no YAML',
    files: {
      'src/config.ts': `import fs from 'node:fs';
import protobuf from 'protobufjs'; // not yaml

export const config = protobuf.parse(fs.readFileSync('config.yaml', 'utf8'));
`,
    },
  },
  { name: 'half-typed', files: { 'src/config.ts': `${PLAIN_LOADER}\nconst x = {` } },
];
