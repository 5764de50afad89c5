import picomatch from 'picomatch';

/** Whether a path, relative and with `/`, matches a glob (`*`, `?`, `**`, `[…]`, `{a,b}`); dot files match as all others. */
export function globMatcher(pattern: string): (path: string) => boolean {
  try {
    return picomatch(pattern.replace(/^\.\//, ''), { dot: true, nonegate: true });
  } catch {
    return () => false; // a pattern that is too long or malformed matches nothing
  }
}
