import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';

/** The file in dist/ with what rules say about themselves. */
const FILE = './rule-texts.json';

/** What of a rule is text for people; all else is needed to run it. */
const TEXTS = ['docs', 'bad', 'good'];

/**
 * An esbuild plugin that takes the rules' documentation and examples out of the bundles: they are read from a file of their own when
 * somebody asks for them. Most runs never do, and reading them at the start took longer than checking a small file.
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
      build.onResolve({ filter: /^\.\/rule-texts\.json$/ }, ({ path }) => ({ path, external: true }));
    },
  };
}

/**
 * The texts of all rules by id: documentation, the example for the hover and the names of the others. The tests and the documentation
 * are made from the source, which has all of them.
 *
 * @param {string} root the project's folder
 * @returns {Promise<string>} JSON
 */
export async function ruleTexts(root) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['rules/registry.generated.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire('/');" },
  });
  const source = Buffer.from(outputFiles[0].contents).toString('base64');
  const { rules } = await import(`data:text/javascript;base64,${source}`);
  const texts = rules.map(({ id, docs, bad, good }) => {
    const shown = bad.find((example) => example.fixed !== undefined) ?? bad[0];
    return [id, { docs, bad: [shown], good: good.map(({ name }) => ({ name, files: {} })) }];
  });
  return JSON.stringify(Object.fromEntries(texts));
}

/** The text of a rule's file, which reads its texts where they are asked for. */
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
    .reduce((out, { start, end, by }) => out.slice(0, start) + by + out.slice(end), text);
}

function cutsOf(rule, source) {
  const named = (property) => property.name?.getText(source);
  const id = rule.properties.find((property) => named(property) === 'id')?.initializer?.getText(source);
  if (id === undefined) return [];
  return rule.properties
    .filter((property) => TEXTS.includes(named(property)))
    .map((property) => ({
      start: property.getStart(source),
      end: property.end,
      by: `get ${named(property)}() { return require('${FILE}')[${id}].${named(property)}; }`,
    }));
}
