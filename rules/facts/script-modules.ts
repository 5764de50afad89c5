import { isSelector } from '../core/env-names.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** What a script does with the environment. A file that does nothing with it has no fact. */
export interface ScriptModuleFact {
  /** The variables that it reads, sorted; without those that only select a file or a mode. `*` for a computed name. */
  readonly reads: readonly string[];
  /** The modules that it imports, where it prefers a variable to a setting: `process.env.PORT ?? config.port`. */
  readonly overlays: readonly string[];
}

export const scriptModulesFacts: FactKey<ScriptModuleFact> = factKey('script-modules');

export const extractor = defineExtractor({
  kind: 'script',
  key: scriptModulesFacts,
  extract({ text, tree }): readonly ScriptModuleFact[] {
    if (!text.includes('env')) return [];
    const reads = new Set(tree.envReads.map((read) => read.name ?? '*').filter((name) => !isSelector(name)));
    if (reads.size === 0) return [];
    const overlays = prefersEnvironment(text) ? tree.imports.map((entry) => entry.specifier) : [];
    return [{ reads: [...reads].sort(), overlays: [...new Set(overlays)].sort() }];
  },
});

/** `process.env.X ?? config.y`, `process.env.X ? process.env.X : config.y` */
const ENVIRONMENT_FIRST =
  /\benv\b[^\n;]{1,200}?(?:\?\?|\|\||[ )]:)\s{0,40}(?!process\b|Bun\b|Deno\b|import\b)[A-Za-z_$][\w$]*(?:\)|\?)?[.[(]/;

/** `config.y = process.env.X`, `Object.assign(config, { y: process.env.X })` */
const ASSIGNED =
  /(?<![\w$.])(?!process\b|module\b|exports\b|this\b|window\b|global)[A-Za-z_$][\w$]*(?:\??\.[\w$]+|\[[^\]\n]{1,80}\]){1,8}\s{0,8}(?:\?\?|\|\|)?=(?!=)[^;\n]{0,200}\benv\b|\bObject\.assign\([^;]{0,400}\benv\b/;

function prefersEnvironment(text: string): boolean {
  return ENVIRONMENT_FIRST.test(text) || ASSIGNED.test(text);
}
