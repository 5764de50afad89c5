/**
 * A template in an annotation or label of an alert, as far as rules need it: what Go's parser would refuse, and the fields of the
 * series that it prints. Tolerant: what it does not know for certain to be wrong it takes for right.
 * https://prometheus.io/docs/prometheus/latest/configuration/template_reference/, https://pkg.go.dev/text/template
 */
export interface AlertTemplate {
  /** The first mistake, for which Prometheus refuses the rule; offsets of the template's text. */
  readonly problem: TemplateProblem | undefined;
  readonly references: readonly TemplateReference[];
}

export interface TemplateProblem {
  readonly start: number;
  readonly end: number;
  readonly kind: 'function' | 'variable' | 'syntax';
  /** What is wrong, as the first half of a sentence. */
  readonly message: string;
}

/** `$labels.instance`, `.Labels.instance`, `index $labels "instance"`. */
export interface TemplateReference {
  readonly of: 'labels' | 'externalLabels';
  readonly label: string;
  /** Of the label's name. */
  readonly start: number;
  readonly end: number;
  /** Whether the template asks first whether the label is there. */
  readonly guarded: boolean;
}

/** Functions of Prometheus, then those of vmalert, then those of Go. */
export const TEMPLATE_FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'query first label value strvalue args reReplaceAll safeHtml match title toUpper toLower graphLink tableLink sortByLabel ' +
    'stripPort stripDomain humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp toTime toDuration now ' +
    'pathPrefix externalURL parseDuration urlQueryEscape ' +
    'crlfEscape jsonEscape htmlEscape mdEscape pathEscape queryEscape quotesEscape parseDurationTime isPrivateIP formatTime ' +
    'and or not len index slice print printf println html js urlquery call eq ne lt le gt ge true false nil'
  ).split(' '),
);

/** Variables of Prometheus, then those of vmalert. */
const VARIABLES: readonly string[] = [
  '$',
  '$labels',
  '$value',
  '$externalLabels',
  '$externalURL',
  '$expr',
  '$for',
  '$type',
  '$alertID',
  '$groupID',
  '$activeAt',
  '$isPartial',
];

interface Token {
  readonly type: 'variable' | 'field' | 'word' | 'string' | 'number' | 'symbol' | 'space';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Reads a template. Never throws. */
export function parseAlertTemplate(text: string): AlertTemplate {
  const reader = new Reader();
  const problem = reader.read(text) ?? reader.unclosed(text);
  return { problem, references: reader.references() };
}

const BLOCKS = /^(?:if|range|with|define|block)$/;
const STEP =
  /(\$\w*)|(\.[\p{L}_][\p{L}\p{N}_]*)|([\p{L}_][\p{L}\p{N}_]*)|("(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)')|([+-]?\.?\d[\w.]*)|(:=|[.|(),=])|(\s+)/uy;

class Reader {
  readonly #variables = new Set(VARIABLES);
  readonly #open: string[] = [];
  readonly #found: TemplateReference[] = [];
  readonly #asked = new Set<string>();

  /** Each label as often as it is printed. */
  references(): readonly TemplateReference[] {
    return this.#found.map((found) => ({ ...found, guarded: found.guarded || this.#asked.has(found.label) }));
  }

  unclosed(text: string): TemplateProblem | undefined {
    const open = this.#open.at(-1);
    if (open === undefined) return undefined;
    return syntax(Math.max(0, text.length - 1), text.length, `the \`${open}\` has no \`end\``);
  }

  read(text: string): TemplateProblem | undefined {
    for (let at = text.indexOf('{{'); at >= 0; ) {
      const action = actionAt(text, at);
      if ('kind' in action) return action;
      const problem = this.#action(action.tokens, at);
      if (problem) return problem;
      at = text.indexOf('{{', action.end);
    }
    return undefined;
  }

  #action(tokens: readonly Token[], start: number): TemplateProblem | undefined {
    const words = tokens.filter((token) => token.type !== 'space');
    const [first] = words;
    if (!first) return undefined;
    const keyword = first.type === 'word' ? first.text : '';
    const problem = this.#block(keyword, words[1]?.text, { start, end: first.end });
    if (problem) return problem;
    const isKeyword = /^(?:if|else|end|range|with|define|block|template|break|continue)$/.test(keyword);
    const rest = isKeyword ? words.slice(keyword === 'else' ? 2 : 1) : words;
    const asks = /^(?:if|with|else)$/.test(keyword);
    this.#collect(rest, asks);
    for (const [index, token] of rest.entries()) {
      const wrong = this.#token(token, rest[index + 1]);
      if (wrong) return wrong;
    }
    return shapeProblem(rest, keyword) ?? (isKeyword ? undefined : pipeProblem(rest));
  }

  #block(
    keyword: string,
    next: string | undefined,
    span: { start: number; end: number },
  ): TemplateProblem | undefined {
    if (BLOCKS.test(keyword)) this.#open.push(keyword);
    const top = this.#open.at(-1);
    if (keyword === 'end' && this.#open.pop() === undefined)
      return syntax(span.start, span.end, 'the `end` closes nothing');
    const isElse = keyword === 'else';
    if (isElse && (top === undefined || top === 'define' || top === 'block'))
      return syntax(span.start, span.end, 'the `else` belongs to no `if`');
    if (isElse && next !== undefined && next !== 'if' && next !== 'with')
      return syntax(span.start, span.end, 'a condition stands behind `else` without `if`');
    return undefined;
  }

  #token(token: Token, next: Token | undefined): TemplateProblem | undefined {
    if (token.type === 'variable') {
      if (next && /^(?::=|[,=])$/.test(next.text)) this.#variables.add(token.text);
      if (this.#variables.has(token.text)) return undefined;
      return { ...spanOf(token), kind: 'variable', message: `\`${token.text}\` is no variable of alerts` };
    }
    if (token.type !== 'word' || TEMPLATE_FUNCTIONS.has(token.text)) return undefined;
    return { ...spanOf(token), kind: 'function', message: `\`${token.text}\` is no function of templates` };
  }

  #collect(tokens: readonly Token[], asks: boolean): void {
    const dotMoves = this.#open.some((block) => block !== 'if');
    const guarded = asks || tokens.some((token) => token.text === 'or' || token.text === 'and');
    tokens.forEach((token, index) => {
      // In a block that sets the dot, `.Labels` are those of something else.
      if (token.type === 'field' && dotMoves) return;
      const of = listOf(token, tokens[index - 1]);
      const next = tokens[index + 1];
      const isIndexed = next?.type === 'string' && tokens[index - 1]?.text === 'index';
      if (!of || !next || next.start !== token.end + (isIndexed ? next.start - token.end : 0)) return;
      if (next.type !== 'field' && !isIndexed) return;
      const label = next.type === 'field' ? next.text.slice(1) : next.text.slice(1, -1);
      if (asks) this.#asked.add(label);
      else
        this.#found.push({ of, label, start: next.start + 1, end: next.end - (isIndexed ? 1 : 0), guarded });
    });
  }
}

/** What the token names: `$labels`, or `.Labels` and `$.Labels`. */
function listOf(token: Token, before: Token | undefined): TemplateReference['of'] | undefined {
  if (token.text === '$labels') return 'labels';
  if (token.text === '$externalLabels') return 'externalLabels';
  const isRoot =
    before === undefined || before.end < token.start || before.text === '(' || before.text === '$';
  if (token.type !== 'field' || !isRoot) return undefined;
  if (token.text === '.Labels') return 'labels';
  return token.text === '.ExternalLabels' ? 'externalLabels' : undefined;
}

/** Parentheses without their like, and what people bring along from other languages: `f(x)`, `==`, lists with commas. */
function shapeProblem(tokens: readonly Token[], keyword: string): TemplateProblem | undefined {
  const open: Token[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'symbol') continue;
    const before = tokens[index - 1];
    if (token.text === '(') open.push(token);
    if (token.text === ')' && !open.pop()) return syntax(token.start, token.end, 'a `)` closes nothing');
    if (token.text === '(' && before?.type === 'word' && before.end === token.start)
      return syntax(token.start, token.end, 'a function is called with `(`, which Go does without');
    if (token.text === ',' && keyword !== 'range')
      return syntax(token.start, token.end, 'a `,` stands where Go has a space');
    if (token.text === '=' && before?.text === '=')
      return syntax(token.start - 1, token.end, '`==` stands where Go has `eq`');
  }
  const [unclosed] = open;
  return unclosed && syntax(unclosed.start, unclosed.end, 'a `(` is not closed');
}

/** `{{ | humanize }}`, `{{ $value | | humanize }}`; a pipe at the end is no mistake to Go. */
function pipeProblem(tokens: readonly Token[]): TemplateProblem | undefined {
  const bad = tokens.find((token, index) => {
    const before = tokens[index - 1];
    return token.text === '|' && (!before || before.text === '|' || before.text === '(');
  });
  return bad && syntax(bad.start, bad.end, 'a value is missing before the pipe');
}

function spanOf({ start, end }: Token): { readonly start: number; readonly end: number } {
  return { start, end };
}

function syntax(start: number, end: number, message: string): TemplateProblem {
  return { start, end, kind: 'syntax', message };
}

/** The tokens of the action that starts at an offset, and where it ends; or what is wrong with it. */
function actionAt(
  text: string,
  start: number,
): { readonly tokens: readonly Token[]; readonly end: number } | TemplateProblem {
  const comment = /\{\{(?:-\s)?\/\*/y;
  comment.lastIndex = start;
  if (comment.test(text)) {
    const end = text.indexOf('*/', start);
    const close = end < 0 ? -1 : text.indexOf('}}', end);
    return close < 0 ? syntax(start, start + 2, 'a comment is not closed') : { tokens: [], end: close + 2 };
  }
  return tokensFrom(text, start);
}

function tokensFrom(
  text: string,
  start: number,
): { readonly tokens: readonly Token[]; readonly end: number } | TemplateProblem {
  const tokens: Token[] = [];
  let at = start + 2;
  if (/^-\s/.test(text.slice(at, at + 2))) at++;
  for (;;) {
    const close = /\s-\}\}|\}\}/y;
    close.lastIndex = at;
    const closing = close.exec(text);
    if (closing) return closed(tokens, start, close.lastIndex);
    if (at >= text.length) return syntax(start, start + 2, 'a `{{` is not closed by `}}`');
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    if (!match) return badCharacter(text, start, at);
    tokens.push({ type: typeOf(match), text: match[0], start: at, end: STEP.lastIndex });
    at = STEP.lastIndex;
  }
}

function closed(
  tokens: readonly Token[],
  start: number,
  end: number,
): { readonly tokens: readonly Token[]; readonly end: number } | TemplateProblem {
  return tokens.every((token) => token.type === 'space')
    ? syntax(start, end, 'there is nothing between `{{` and `}}`')
    : { tokens, end };
}

function badCharacter(text: string, start: number, at: number): TemplateProblem {
  const character = text.charAt(at);
  // Before an end of the text or another `{{` it is the closing braces that are missing.
  if (character === '{' || character === '}') return syntax(start, start + 2, 'a `{{` is not closed by `}}`');
  if (/["'`]/.test(character)) return syntax(at, at + 1, 'a string in `{{ … }}` is not one to Go');
  return syntax(at, at + 1, `\`${character}\` cannot stand in \`{{ … }}\``);
}

const TYPES = ['variable', 'field', 'word', 'string', 'number', 'symbol', 'space'] as const;

function typeOf(match: RegExpExecArray): Token['type'] {
  return TYPES.find((_, index) => match[index + 1] !== undefined) ?? 'space';
}
