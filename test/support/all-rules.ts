/// <reference types="vite/types/importMeta.d.ts" />
import type { Extractor } from '../../rules/core/facts.ts';
import type { Rule } from '../../rules/core/rule.ts';

const ruleModules = import.meta.glob<{ rule: Rule }>('../../rules/*/*.ts');
const extractorModules = import.meta.glob<{ extractor: Extractor }>('../../rules/facts/*.ts');

/** Not rules: shared code and data. */
const NO_FAMILY = /\/rules\/(?:core|facts|data)\//;

/** Rules from their files, those whose id starts with `prefix`; the registry is generated from the same files. */
export async function loadRules(prefix = ''): Promise<readonly Rule[]> {
  const wanted = Object.entries(ruleModules).filter(
    ([path]) => !NO_FAMILY.test(path) && idOf(path).startsWith(prefix),
  );
  return Promise.all(wanted.map(async ([, load]) => (await load()).rule));
}

export async function loadExtractors(): Promise<readonly Extractor[]> {
  const modules = await Promise.all(Object.values(extractorModules).map((load) => load()));
  return modules.flatMap((module) => module.extractor ?? []);
}

/** `../../rules/nginx/hsts-missing.ts` gives `nginx/hsts-missing`. */
export function idOf(path: string): string {
  return path.replace(/^.*\/rules\//, '').replace(/\.ts$/, '');
}
