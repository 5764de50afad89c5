import type { Document } from '../../syntaxes/document.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { envNameOf } from '../core/env-names.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { configKeysFacts } from '../facts/config-keys.ts';
import { scriptModulesFacts } from '../facts/script-modules.ts';
import { isPartOfSystem } from './shared/config-evidence.ts';
import { type ConfigLoad, configLoads, isEditorOfYaml } from './shared/config-loads.ts';
import { letEnvironmentWin } from './shared/env-overlay.ts';
import { usesEnvironment } from './shared/environment-evidence.ts';
import { ancestorsOf, candidatesOf, mayMean } from './shared/modules.ts';
import { Program, spanOf } from './shared/program.ts';
import { mayLoadYaml, YamlBindings } from './shared/yaml-bindings.ts';
import { bad, good } from './shared/yaml-only-config.examples.ts';

export const rule = defineRule({
  id: 'script/yaml-only-config',
  title: 'Configuration is read from YAML only; environment variables have no effect',
  kinds: ['script'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: 'Whoever deploys the application sets an environment variable, sees that it is set, and nothing happens: the loader reads the file and nothing else. Switches that were meant to be thrown in production stay as the file has them (a dry-run mode stays on, a debug mode too), and secrets have to be written into the file.',
    fix: 'Let the environment win over the file. The edit wraps the load in a small helper that looks up one variable for each key of the file (`db.pool.size` is `DB_POOL_SIZE`) and parses it as YAML, so that `false` is a boolean and `20` a number. Where a key would meet a variable that every system has, such as `PATH` or `HOME`, or the file is not found, the names get the prefix `APP_`.',
    falsePositives:
      'The rule is shy: one read of a variable anywhere in the file, in a module that it imports, or in a module that imports it and prefers a variable to a setting, clears the file; so does a library that reads the environment (convict, config, envalid, …) and a text in which `${…}` is filled in. Variables that only choose the file or the stage (`NODE_ENV`, `CONFIG_PATH`) do not count. Tests, scripts, tools, command lines and YAML that is no configuration (OpenAPI, translations, templates) are left out.',
    cwe: [15],
    references: ['https://12factor.net/config'],
  },
  bad,
  good,
  check(document, context) {
    const { text, tree } = document;
    if (!mayLoadYaml(text) || !isPartOfSystem(context.path, text) || !tree.ast) return;
    const program = new Program(text, tree.ast);
    const bindings = new YamlBindings(program);
    if (bindings.isEmpty) return;
    const loads = configLoads(program, bindings, context.path.slice(context.path.lastIndexOf('/') + 1));
    if (loads.length === 0 || isEditorOfYaml(program)) return;
    const paths = loads.flatMap((load) => load.path.nodes);
    if (usesEnvironment(program, paths) || othersUseEnvironment(document, context)) return;
    for (const load of loads) report(document, context, load);
  },
});

function report(document: Document<'script'>, context: Context, load: ConfigLoad): void {
  const { uri, text, tree } = document;
  const file = yamlPath(load);
  const keys = keysOf(file, document, context);
  context.report({
    span: spanOf(load.call.callee),
    message: messageFor(file, keys),
    place: `load[${load.name}]`,
    fixes: () => {
      const fix = letEnvironmentWin({ uri, text, load, keys });
      // A file that does not parse has no findings, so the fix proves by itself that it writes good code.
      return fix && tree.parses(applied(text, fix.edits)) ? [fix] : [];
    },
  });
}

function messageFor(file: string | undefined, keys: readonly string[] | undefined): string {
  const subject = file === undefined || file.length > 40 ? 'The settings' : `\`${file}\``;
  const verb = subject.startsWith('`') ? 'is' : 'are';
  const variable = keys?.map((key) => envNameOf(key.split('.'))).find((name) => name.length <= 40);
  return `${subject} ${verb} read without the environment, so ${variable ? `\`${variable}\`` : 'a variable'} that a deployment sets has no effect.`;
}

/** The path of the YAML file as it is written, without what leads out of the script's own folder. */
function yamlPath({ path }: ConfigLoad): string | undefined {
  const literal = path.literals
    .filter((text) => /[\w-]\.ya?ml$/i.test(text))
    .sort((a, b) => b.length - a.length)[0];
  return literal?.replace(/^(?:\.{0,2}\/)+/, '');
}

/** The settings of the file, where the workspace has it below a folder that holds the script. */
function keysOf(
  file: string | undefined,
  { uri }: Document<'script'>,
  { facts }: Context,
): readonly string[] | undefined {
  if (file === undefined) return undefined;
  const known = ancestorsOf(uri).flatMap((folder) => facts.of(configKeysFacts, joinUri(folder, file)));
  if (known.length === 0 || known.some((fact) => fact.truncated)) return undefined;
  return known.flatMap((fact) => fact.leaves);
}

/** One hop: what the file imports reads the environment, or who imports it prefers variables to its settings. */
function othersUseEnvironment({ uri, tree }: Document<'script'>, { facts }: Context): boolean {
  const imported = tree.imports.flatMap(({ specifier }) => candidatesOf(specifier, uri));
  if (imported.some((module) => facts.of(scriptModulesFacts, module).some((fact) => fact.reads.length > 0)))
    return true;
  return facts
    .all(scriptModulesFacts)
    .some(
      (other) =>
        other.uri !== uri && other.fact.overlays.some((specifier) => mayMean(specifier, other.uri, uri)),
    );
}

function applied(
  text: string,
  edits: readonly {
    readonly span: { readonly start: number; readonly end: number };
    readonly text: string;
  }[],
): string {
  return edits.reduceRight(
    (changed, edit) => changed.slice(0, edit.span.start) + edit.text + changed.slice(edit.span.end),
    text,
  );
}
