import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Extractor } from '../../rules/core/facts.ts';
import type { Rule } from '../../rules/core/rule.ts';

const folder = join(import.meta.dirname, '../../rules');

/** Folders below rules/ that hold no rules. */
const NO_FAMILY = new Set(['core', 'data', 'facts']);

/** Rules from their files, those whose id starts with `prefix`; the registry is generated from the same files. */
export async function loadRules(prefix = ''): Promise<readonly Rule[]> {
  const modules = await Promise.all(ruleIds(prefix).map((id) => import(join(folder, `${id}.ts`))));
  return modules.map((module: { readonly rule: Rule }) => module.rule);
}

export async function loadExtractors(): Promise<readonly Extractor[]> {
  const modules = await Promise.all(
    sources('facts').map((name) => import(join(folder, 'facts', `${name}.ts`))),
  );
  return modules.map((module: { readonly extractor: Extractor }) => module.extractor);
}

/** The ids that the files below rules/ stand for, those that start with `prefix`. */
export function ruleIds(prefix = ''): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NO_FAMILY.has(entry.name))
    .flatMap(({ name }) => sources(name).map((smell) => `${name}/${smell}`))
    .filter((id) => id.startsWith(prefix));
}

function sources(name: string): string[] {
  return readdirSync(join(folder, name))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''));
}
