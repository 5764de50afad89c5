import type { Scope } from './scope.ts';

/**
 * The location that answers a path in a server, as nginx chooses it: the exact one, else the longest prefix, unless a regular
 * expression fits and that prefix is not `^~`. The server itself where none fits; undefined where an expression cannot be read.
 * https://nginx.org/en/docs/http/ngx_http_core_module.html#location
 */
export function routeOf(server: Scope, path: string): Scope | undefined {
  const found = choiceIn(server, path);
  return found === 'unknown' ? undefined : (found?.scope ?? server);
}

interface Choice {
  readonly scope: Scope;
  /** An exact location or an expression: those further out are not asked any more. */
  readonly isFinal: boolean;
}

/** What the locations in a block choose. `^~` keeps off the expressions beside it only: not those in it, and not those further out. */
function choiceIn(scope: Scope, path: string): Choice | 'unknown' | undefined {
  const prefix = prefixIn(scope, path);
  if (prefix?.isExact) return { scope: prefix.scope, isFinal: true };
  const inner = prefix && choiceIn(prefix.scope, path);
  if (inner === 'unknown' || inner?.isFinal) return inner;
  const chosen = inner ?? (prefix && { scope: prefix.scope, isFinal: false });
  const expression = prefix?.skipsExpressions ? undefined : expressionIn(scope, path);
  if (!expression) return chosen;
  const within = expression === 'unknown' ? expression : choiceIn(expression, path);
  if (expression === 'unknown' || within === 'unknown') return 'unknown';
  return { scope: within?.scope ?? expression, isFinal: true };
}

interface Prefix {
  readonly scope: Scope;
  readonly isExact: boolean;
  readonly skipsExpressions: boolean;
}

/** The exact location, or the one with the longest prefix. */
function prefixIn(scope: Scope, path: string): Prefix | undefined {
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
  return best;
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
