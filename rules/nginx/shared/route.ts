import type { Scope } from './scope.ts';

/**
 * The location that answers a path in a server, as nginx chooses it: the exact one, else the longest prefix, unless a regular
 * expression fits and that prefix is not `^~`. The server itself where none fits; undefined where an expression cannot be read.
 * https://nginx.org/en/docs/http/ngx_http_core_module.html#location
 */
export function routeOf(server: Scope, path: string): Scope | undefined {
  const found = prefixOf(server, path);
  if (found && (found.isExact || found.skipsExpressions)) return found.scope;
  const inner = found ? expressionIn(found.scope, path) : undefined;
  if (inner && inner !== 'unknown') return inner;
  const outer = expressionIn(server, path);
  if (inner === 'unknown' || outer === 'unknown') return undefined;
  return outer ?? found?.scope ?? server;
}

interface Prefix {
  readonly scope: Scope;
  readonly isExact: boolean;
  readonly skipsExpressions: boolean;
}

function prefixOf(scope: Scope, path: string): Prefix | undefined {
  let best: Prefix | undefined;
  let length = -1;
  for (const child of scope.children) {
    if (child.kind !== 'location') continue;
    const { operator, pattern } = matchOf(child);
    if (operator === '=' && pattern === path) return { scope: child, isExact: true, skipsExpressions: true };
    if ((operator !== '' && operator !== '^~') || !path.startsWith(pattern) || pattern.length <= length)
      continue;
    best = { scope: child, isExact: false, skipsExpressions: operator === '^~' };
    ({ length } = pattern);
  }
  return best && !best.skipsExpressions ? (prefixOf(best.scope, path) ?? best) : best;
}

/** The first location with a regular expression that fits. */
function expressionIn(scope: Scope, path: string): Scope | 'unknown' | undefined {
  for (const child of scope.children) {
    if (child.kind !== 'location') continue;
    const { operator, pattern } = matchOf(child);
    if (!operator.startsWith('~')) continue;
    const expression = expressionOf(pattern, operator === '~*');
    if (!expression) return 'unknown';
    if (expression.test(path)) return child;
  }
  return undefined;
}

interface Match {
  /** `=`, `^~`, `~`, `~*`, `@`, or empty for a prefix. */
  readonly operator: string;
  readonly pattern: string;
}

/** How a location chooses its requests. The operator may stand against the pattern: `location =/x`. */
export function matchOf({ args }: Scope): Match {
  const [first = '', second] = args;
  if (second !== undefined) return { operator: first, pattern: second };
  const glued = /^(=|\^~|~\*?|@)(.*)$/s.exec(first);
  return { operator: glued?.[1] ?? '', pattern: glued?.[2] ?? first };
}

/** Longer ones are left alone: they are tried on fixed paths only, but cost time to build. */
const MAX_EXPRESSION = 400;

/** A regular expression of nginx (PCRE) as one of JavaScript; undefined where that cannot be. */
export function expressionOf(pattern: string, ignoresCase: boolean): RegExp | undefined {
  if (pattern.length > MAX_EXPRESSION || pattern.includes('${')) return undefined;
  const caseless = pattern.startsWith('(?i)');
  const source = (caseless ? pattern.slice(4) : pattern).replaceAll(/\(\?P</g, '(?<');
  try {
    return new RegExp(source, ignoresCase || caseless ? 'i' : '');
  } catch {
    return undefined;
  }
}
