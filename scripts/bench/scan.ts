import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { createSyntaxes, syntaxFor } from '../../syntaxes/registry.ts';
import { readTexts } from '../files.ts';
import { bundle, type Measure, ratio, runNode } from './measure.ts';

/** Parses or reads every file of a folder and does nothing else: what any tool has to do at least. */
const FLOOR = `
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { DockerfileParser } from 'dockerfile-ast';
const [mode, folder] = process.argv.slice(2);
let count = 0;
for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  if (!name.includes('/')) continue;
  const text = readFileSync(join(folder, name), 'utf8');
  if (mode === 'read') count += text.length;
  else if (/Dockerfile$/.test(name)) count += DockerfileParser.parse(text).getInstructions().length;
  else count += parseAllDocuments(text, { logLevel: 'silent' }).length;
}
console.log(count);
`;

/** Whole scans of real files, against parsing or reading the same files in a process of its own. */
export function scans(folder: string): Measure[] {
  const work = mkdtempSync(join(tmpdir(), 'hardlint-bench-'));
  try {
    const byKind = sortByKind(folder, work);
    const floor = join(work, 'floor.cjs');
    const source = join(fileURLToPath(new URL('.', import.meta.url)), 'floor.mjs');
    buildSync({
      stdin: {
        contents: FLOOR,
        resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
        sourcefile: source,
        loader: 'js',
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      minify: true,
      outfile: floor,
      mainFields: ['module', 'main'],
      logLevel: 'error',
    });
    const scan = (target: string) => () =>
      runNode(bundle('cli.js'), target, '--fail-on', 'none', '--format', 'github');
    const parse = () => runNode(floor, 'parse', byKind.yamlAndDocker);
    const read = (target: string) => () => runNode(floor, 'read', target);
    return [
      {
        name: 'whole scan, all rules / parsing the same files with yaml and dockerfile-ast',
        value: ratio(5, scan(byKind.yamlAndDocker), parse),
        unit: 'x',
        target: 1.8,
      },
      {
        name: 'everything in one run / reading it',
        value: ratio(5, scan(byKind.all), read(byKind.all)),
        unit: 'x',
        target: 25,
      },
      {
        name: 'nginx files: scan / reading them',
        value: ratio(7, scan(byKind.nginx), read(byKind.nginx)),
        unit: 'x',
        target: 4,
      },
    ];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Copies the files that hardlint reads into folders of their own, so that files of different projects do not look like one
 * project, under names by which each is recognised again.
 */
function sortByKind(
  folder: string,
  work: string,
): { readonly yamlAndDocker: string; readonly nginx: string; readonly all: string } {
  const syntaxes = createSyntaxes({});
  const targets = { yamlAndDocker: join(work, 'yaml'), nginx: join(work, 'nginx'), all: join(work, 'all') };
  for (const target of Object.values(targets)) mkdirSync(target);
  readTexts(folder).forEach(({ uri, text }, index) => {
    const kind = syntaxFor(syntaxes, uri, text)?.kind;
    if (!kind || kind === 'script') return;
    const name = join(String(index), nameFor(kind, basename(new URL(uri).pathname)));
    for (const target of [targets.all, kind === 'nginx' ? targets.nginx : targets.yamlAndDocker]) {
      mkdirSync(join(target, String(index)));
      writeFileSync(join(target, name), text);
    }
  });
  return targets;
}

function nameFor(kind: string, original: string): string {
  if (kind === 'dockerfile') return 'Dockerfile';
  if (kind === 'nginx') return 'site.nginx.conf';
  if (kind === 'appconfig') return 'config.yaml';
  return `${kind === 'compose' ? 'docker-compose' : kind}.${original.endsWith('.yaml') ? 'yaml' : 'yml'}`;
}
