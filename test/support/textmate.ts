/*
 * As much of a TextMate tokeniser as a small grammar needs: `match`, `begin` and `end`, captures with patterns of their own, and the
 * repository. Rules of other grammars count as none. https://macromates.com/manual/en/language_grammars
 */

export interface Pattern {
  readonly name?: string;
  readonly contentName?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly include?: string;
  readonly captures?: Captures;
  readonly beginCaptures?: Captures;
  readonly endCaptures?: Captures;
  readonly patterns?: readonly Pattern[];
}

type Captures = Readonly<Record<string, Pattern>>;

export interface Grammar extends Pattern {
  readonly scopeName: string;
  readonly repository: Readonly<Record<string, Pattern>>;
}

interface Frame {
  readonly pattern: Pattern;
  readonly scopes: readonly string[];
}

interface Hit {
  readonly match: RegExpExecArray;
  readonly pattern: Pattern | 'end';
}

/** The scopes of every character of a text, outermost first. */
export function tokenise(grammar: Grammar, text: string): readonly (readonly string[])[] {
  const scopes: (readonly string[])[] = Array.from(text, () => []);
  const stack: Frame[] = [{ pattern: grammar, scopes: [] }];
  let offset = 0;
  for (const line of text.split('\n')) {
    tokeniseLine(grammar, line, stack, (from, to, own) => scopes.fill(own, offset + from, offset + to));
    offset += line.length + 1;
  }
  return scopes;
}

type Mark = (from: number, to: number, scopes: readonly string[]) => void;

function tokeniseLine(grammar: Grammar, line: string, stack: Frame[], mark: Mark): void {
  let at = 0;
  // An empty match that opens a rule may happen once at a place, as the rule's end may.
  for (let steps = 0; steps < 2 * line.length + 20; steps++) {
    const top = stack.at(-1);
    if (!top) return;
    const inner = withName(top.scopes, top.pattern.contentName);
    const hit = firstHit(grammar, top.pattern, line, at);
    mark(at, hit?.match.index ?? line.length, inner);
    if (!hit) return;
    const { match, pattern } = hit;
    at = match.index + match[0].length;
    if (pattern === 'end') {
      markMatch(grammar, match, top.scopes, top.pattern.endCaptures, mark);
      stack.pop();
    } else {
      const own = withName(inner, pattern.name);
      markMatch(grammar, match, own, pattern.begin ? pattern.beginCaptures : pattern.captures, mark);
      if (pattern.begin) stack.push({ pattern, scopes: own });
    }
  }
  throw new Error(`The grammar goes round in circles in: ${line}`);
}

/** The leftmost match, of several at one place the first pattern's; the end of the open rule comes before all. */
function firstHit(
  grammar: Grammar,
  { end, patterns = [] }: Pattern,
  line: string,
  at: number,
): Hit | undefined {
  let best: Hit | undefined = end === undefined ? undefined : hitOf(end, 'end', line, at);
  for (const pattern of resolved(grammar, patterns)) {
    const hit = hitOf(pattern.match ?? pattern.begin ?? '(?!)', pattern, line, at);
    const isEmptyEnd = pattern.match !== undefined && hit?.match[0] === '';
    if (hit && !isEmptyEnd && (!best || hit.match.index < best.match.index)) best = hit;
  }
  return best;
}

function hitOf(source: string, pattern: Pattern | 'end', line: string, at: number): Hit | undefined {
  const expression = new RegExp(source, 'gd');
  expression.lastIndex = at;
  const match = expression.exec(line);
  return match ? { match, pattern } : undefined;
}

/** Patterns with what they include, in order. */
function resolved(grammar: Grammar, patterns: readonly Pattern[]): readonly Pattern[] {
  return patterns.flatMap((pattern) => {
    if (pattern.include?.startsWith('#')) {
      const target = grammar.repository[pattern.include.slice(1)];
      if (!target) throw new Error(`${pattern.include} is not in the repository`);
      return resolved(grammar, [target]);
    }
    if (pattern.include !== undefined) return [];
    return pattern.match === undefined && pattern.begin === undefined
      ? resolved(grammar, pattern.patterns ?? [])
      : [pattern];
  });
}

function markMatch(
  grammar: Grammar,
  match: RegExpExecArray,
  scopes: readonly string[],
  captures: Captures = {},
  mark: Mark,
): void {
  mark(match.index, match.index + match[0].length, scopes);
  for (const [index, { name, patterns }] of Object.entries(captures)) {
    const [from, to] = match.indices?.[Number(index)] ?? [];
    if (from === undefined || to === undefined) continue;
    const own = withName(scopes, name);
    mark(from, to, own);
    if (!patterns) continue;
    const stack: Frame[] = [{ pattern: { patterns }, scopes: own }];
    tokeniseLine(grammar, match.input.slice(from, to), stack, (a, b, inner) =>
      mark(from + a, from + b, inner),
    );
  }
}

function withName(scopes: readonly string[], name: string | undefined): readonly string[] {
  return name === undefined ? scopes : [...scopes, name];
}
