import { readFile } from 'node:fs/promises';
import ts from 'typescript';

/**
 * An esbuild plugin that leaves the rules' test data out of the bundles: of the examples only one bad one (for the hover and
 * `--explain`) and the names of the good ones stay. The tests and the documentation are made from the source, which has them all.
 *
 * @returns {import('esbuild').Plugin}
 */
export function slimRules() {
  return {
    name: 'slim-rules',
    setup(build) {
      build.onLoad({ filter: /[\\/]rules[\\/][^\\/]+[\\/][^\\/]+\.ts$/ }, async ({ path }) => {
        return { contents: slim(path, await readFile(path, 'utf8')), loader: 'ts' };
      });
    },
  };
}

/** The text of a rule's file with shorter example lists; as it is where the lists are not written out in it. */
function slim(path, text) {
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
  return rule.properties.flatMap((property) => {
    const list = property.initializer;
    if (!list || !ts.isArrayLiteralExpression(list) || list.elements.length === 0) return [];
    const name = property.name.getText(source);
    if (name === 'bad')
      return [
        {
          start: list.getStart(source),
          end: list.end,
          by: `[${shownExample(list, source).getText(source)}]`,
        },
      ];
    if (name === 'good') return list.elements.flatMap((example) => filesOf(example, source));
    return [];
  });
}

/** The example for the hover: the first one that shows a fix. */
function shownExample(list, source) {
  const fixed = (example) =>
    ts.isObjectLiteralExpression(example) &&
    example.properties.some((property) => property.name?.getText(source) === 'fixed');
  return list.elements.find(fixed) ?? list.elements[0];
}

function filesOf(example, source) {
  if (!ts.isObjectLiteralExpression(example)) return [];
  const files = example.properties.find(
    (property) => property.name?.getText(source) === 'files',
  )?.initializer;
  return files ? [{ start: files.getStart(source), end: files.end, by: '{}' }] : [];
}
