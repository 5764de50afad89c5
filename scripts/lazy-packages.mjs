/**
 * An esbuild plugin that puts packages into files of their own, which are loaded when something of them is first used: compiling
 * and starting them takes a good part of the time that a small scan needs, and most scans need only some of them.
 *
 * @param {readonly LazyPackage[]} packages
 * @returns {import('esbuild').Plugin}
 *
 * @typedef {object} LazyPackage
 * @property {string} name of the package
 * @property {string} file its name in dist/
 * @property {readonly string[]} uses what is imported from it
 */
export function lazyPackages(packages) {
  const byName = new Map(packages.map((each) => [each.name, each]));
  return {
    name: 'lazy-packages',
    setup(build) {
      build.onResolve({ filter: /^[^.]/ }, ({ path }) =>
        byName.has(path) ? { path, namespace: 'lazy' } : undefined,
      );
      build.onLoad({ filter: /./, namespace: 'lazy' }, ({ path }) => ({
        contents: getters(byName.get(path)),
        loader: 'js',
      }));
      build.onResolve({ filter: /./, namespace: 'lazy' }, ({ path }) => ({ path, external: true }));
    },
  };
}

/** The source of a package's own file. */
export function sourceOf({ name, uses }) {
  return `export { ${uses.join(', ')} } from '${name}';`;
}

/** ES module bindings would be read at the start; properties of a CommonJS module are read where they are used. */
function getters({ file, uses }) {
  return [
    'let loaded;',
    `const load = () => (loaded ??= require('./${file}'));`,
    `for (const name of ${JSON.stringify(uses)})`,
    '  Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });',
    "Object.defineProperty(exports, '__esModule', { value: true });",
  ].join('\n');
}
