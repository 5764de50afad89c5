import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';

/** The file in dist/ with what rules say about themselves. */
const TEXTS = './rule-texts.json';

/** What of a rule is text for people; all else is needed to run it. */
const TEXT_PROPERTIES = ['docs', 'bad', 'good'];

/** Families whose files come together in a workspace, so that one is hardly loaded without the other. */
const GROUPS = {
  containers: ['compose', 'dockerfile'],
  nginx: ['nginx'],
  monitoring: ['prometheus', 'promql', 'alert', 'alertmanager', 'grafana'],
  application: ['config', 'script'],
};

const REGISTRY = 'rules/registry.generated.ts';

/**
 * The rules as they are at the end, to take apart what a start needs and what can wait.
 *
 * @param {string} root the project's folder
 */
export async function loadRules(root) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [REGISTRY],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire('/');" },
  });
  const source = Buffer.from(outputFiles[0].contents).toString('base64');
  const { rules } = await import(`data:text/javascript;base64,${source}`);
  return rules;
}

/**
 * The texts of all rules by id: documentation, the example for the hover and the names of the others. The tests and the documentation
 * are made from the source, which has all of them.
 *
 * @returns {string} JSON
 */
export function ruleTexts(rules) {
  const texts = rules.map(({ id, docs, bad, good }) => {
    const shown = bad.find((example) => example.fixed !== undefined) ?? bad[0];
    return [id, { docs, bad: [shown], good: good.map(({ name }) => ({ name, files: {} })) }];
  });
  // The same JSON in other letters: examples hold made-up tokens, which whoever looks for secrets in a package would take for real.
  return JSON.stringify(Object.fromEntries(texts)).replaceAll('_', '\\u005f').replaceAll('/', '\\/');
}

/**
 * An esbuild plugin that leaves in a bundle only what is known of each rule without running it. Its check is loaded with those of its
 * group when a file of its kind is first checked, its texts when somebody asks for them: most runs need one group and no texts.
 *
 * @returns {import('esbuild').Plugin}
 */
export function lazyRules(root, rules) {
  return {
    name: 'lazy-rules',
    setup(build) {
      build.onLoad({ filter: /[\\/]rules[\\/]registry\.generated\.ts$/ }, async ({ path }) => ({
        contents: stubs(await readFile(path, 'utf8'), rules),
        loader: 'ts',
        resolveDir: join(root, 'rules'),
      }));
      build.onResolve({ filter: /^\.\/rule/ }, ({ path }) =>
        path === TEXTS || Object.keys(GROUPS).some((group) => path === fileOf(group))
          ? { path, external: true }
          : undefined,
      );
    },
  };
}

/**
 * An esbuild plugin that takes the rules' documentation and examples out of a bundle.
 *
 * @returns {import('esbuild').Plugin}
 */
export function textsElsewhere() {
  return {
    name: 'texts-elsewhere',
    setup(build) {
      build.onLoad({ filter: /[\\/]rules[\\/][^\\/]+[\\/][^\\/]+\.ts$/ }, async ({ path }) => {
        return { contents: withoutTexts(path, await readFile(path, 'utf8')), loader: 'ts' };
      });
      // What only the texts need goes with them.
      build.onResolve({ filter: /\.examples\.ts$/ }, ({ path, resolveDir }) => ({
        path: join(resolveDir, path),
        sideEffects: false,
      }));
    },
  };
}

/** The sources of the groups: what each exports, by the rules' ids. */
export function groupSources(rules) {
  return Object.keys(GROUPS).map((group) => {
    const members = rules.filter(({ id }) => groupOf(id) === group);
    const imports = members.map(({ id }, index) => `import { rule as r${index} } from './rules/${id}.ts';`);
    const entries = members.map(({ id }, index) => `${JSON.stringify(id)}: r${index}`);
    return {
      file: fileOf(group).slice(2),
      contents: `${imports.join('\n')}\nexport const rules = { ${entries.join(', ')} };\n`,
    };
  });
}

function groupOf(id) {
  const family = id.split('/')[0];
  const group = Object.keys(GROUPS).find((name) => GROUPS[name].includes(family));
  if (!group) throw new Error(`The family ${family} is in no group of scripts/lazy-rules.mjs.`);
  return group;
}

function fileOf(group) {
  return `./rules-${group}.js`;
}

/** The registry with a stub for each rule; its extractors stay as they are. */
function stubs(registry, rules) {
  const kept = registry.split('\n').filter((line) => !/^import \{ rule as /.test(line));
  const at = kept.findIndex((line) => line.startsWith('export const rules'));
  const loaders = Object.keys(GROUPS).map(
    (group) => `const ${group} = () => require('${fileOf(group)}').rules;`,
  );
  return [
    ...kept.slice(0, at),
    ...loaders,
    STUB,
    `export const rules: readonly Rule[] = [${rules.map(stubOf).join(',\n')}] as never;`,
    ...kept.slice(at + 1),
  ].join('\n');
}

const STUB = `
const textsOf = (id) => require('${TEXTS}')[id];
const stub = (group, known, mentions, defaults) => ({
  ...known,
  ...(mentions && { mentions }),
  ...(defaults !== undefined && { options: { defaults, schema: () => group()[known.id].options.schema() } }),
  get docs() { return textsOf(known.id).docs; },
  get bad() { return textsOf(known.id).bad; },
  get good() { return textsOf(known.id).good; },
  check: (document, context) => group()[known.id].check(document, context),
});`;

function stubOf({ id, check: _check, mentions, options, docs: _docs, bad: _bad, good: _good, ...known }) {
  const defaults = options && JSON.stringify(options.defaults);
  const optional = [mentions ? String(mentions) : defaults && 'undefined', defaults].filter(Boolean);
  return `stub(${[groupOf(id), JSON.stringify({ id, ...known }), ...optional].join(', ')})`;
}

/** The text of a rule's file without its documentation and examples. */
function withoutTexts(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const cuts = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.getText(source) === 'defineRule')
      cuts.push(...cutsOf(node.arguments[0], source));
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return cuts
    .sort((a, b) => b.start - a.start)
    .reduce((out, { start, end }) => out.slice(0, start) + out.slice(end), text);
}

/** Each of the properties with the comma behind it. */
function cutsOf(rule, source) {
  return rule.properties
    .filter((property) => TEXT_PROPERTIES.includes(property.name?.getText(source)))
    .map((property) => {
      const behind = /^\s*,/.exec(source.text.slice(property.end))?.[0].length ?? 0;
      return { start: property.getStart(source), end: property.end + behind };
    });
}
