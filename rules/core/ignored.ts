import ignore from 'ignore';
import picomatch from 'picomatch';
import { joinUri, relativePath } from '../../syntaxes/uri.ts';
import { ignoreFileFacts } from '../facts/ignore-files.ts';
import type { FactReader } from './facts.ts';

/**
 * Whether ignore files keep a file out: of git (`.gitignore` in the folder `rootUri` and in those between it and the file) or of
 * a build context (`.dockerignore` in `rootUri`, which is the context). Undefined where there is no such file.
 */
export function ignoredBy(
  facts: FactReader,
  uri: string,
  name: '.gitignore' | '.dockerignore',
  rootUri: string,
): boolean | undefined {
  const path = relativePath(rootUri, uri);
  if (path === undefined) return undefined;
  if (name === '.gitignore') return ignoredByGit(facts, path, rootUri);
  const file = joinUri(rootUri, name);
  return facts.exists(file) ? isDockerIgnored(facts.of(ignoreFileFacts, file), path) : undefined;
}

/** A deeper file goes before one further up. https://git-scm.com/docs/gitignore */
function ignoredByGit(facts: FactReader, path: string, rootUri: string): boolean | undefined {
  const segments = path.split('/');
  let ignored: boolean | undefined;
  for (let depth = 0; depth < segments.length; depth++) {
    const folder = joinUri(rootUri, segments.slice(0, depth).join('/'));
    const file = joinUri(folder, '.gitignore');
    if (!facts.exists(file)) continue;
    const result = ignore()
      .add([...facts.of(ignoreFileFacts, file)])
      .test(segments.slice(depth).join('/'));
    ignored = result.ignored ? true : result.unignored ? false : (ignored ?? false);
  }
  return ignored;
}

/**
 * The last pattern that matches the path or a folder above it decides. Patterns are seen from the context's root:
 * `*.pem` names none in a folder. https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function isDockerIgnored(patterns: readonly string[], path: string): boolean {
  const segments = path.split('/');
  const paths = segments.map((_, index) => segments.slice(0, index + 1).join('/'));
  let ignored = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    const glob = pattern.replace(/^!?\s*(?:\.?\/)*/, '').replace(/\/+$/, '');
    if (negated === ignored && glob !== '' && matchesOne(glob, paths)) ignored = !negated;
  }
  return ignored;
}

function matchesOne(glob: string, paths: readonly string[]): boolean {
  if (glob === '.') return true;
  try {
    const matches = picomatch(glob, { dot: true, nonegate: true, nobrace: true, noextglob: true });
    return paths.some((path) => matches(path));
  } catch {
    return false;
  }
}
