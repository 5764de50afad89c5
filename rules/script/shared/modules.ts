import { dirname, joinUri, pathOf } from '../../../syntaxes/uri.ts';

/*
 * Which file an import means, without a resolver: relative paths, and the usual aliases for a project's own folders.
 */

const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];

/** The files that an import may mean; most of them do not exist. */
export function candidatesOf(specifier: string, from: string): readonly string[] {
  const stems = specifier.startsWith('.')
    ? [joinUri(dirname(from), specifier)]
    : ancestorsOf(from).flatMap((folder) => [
        joinUri(folder, aliased(specifier)),
        joinUri(folder, `src/${aliased(specifier)}`),
      ]);
  return stems.flatMap((stem) => {
    const bare = withoutExtension(stem);
    return [
      ...EXTENSIONS.map((extension) => bare + extension),
      ...EXTENSIONS.map((extension) => `${stem}/index${extension}`),
    ];
  });
}

/** Whether an import in `from` may mean the file `target`. */
export function mayMean(specifier: string, from: string, target: string): boolean {
  const wanted = [withoutExtension(target), withoutExtension(target).replace(/\/index$/, '')];
  if (specifier.startsWith('.')) return wanted.includes(withoutExtension(joinUri(dirname(from), specifier)));
  return wanted.some((stem) => pathOf(stem).endsWith(`/${withoutExtension(aliased(specifier))}`));
}

/** The folders that hold a file, the innermost first. */
export function ancestorsOf(uri: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = dirname(uri); !folders.includes(folder); folder = dirname(folder)) folders.push(folder);
  return folders;
}

function aliased(specifier: string): string {
  return specifier.replace(/^(?:@\/|~\/|#\/?|src\/)/, '');
}

function withoutExtension(path: string): string {
  return path.replace(/\.(?:[cm]?[jt]s|[jt]sx)$/, '');
}
