import { describe, expect, test } from 'vitest';
import { durationSeconds, durationText } from '../../syntaxes/promql/durations.ts';
import { parsePromql } from '../../syntaxes/promql/parse.ts';
import { re2Problem } from '../../syntaxes/promql/re2.ts';
import { constantOf, type PromqlExpr, walkPromql } from '../../syntaxes/promql/tree.ts';

const parse = (text: string) => parsePromql({ text, at: (offset) => offset });

/** An expression's tree as Lisp, so that its shape can be read. */
function show(expr: PromqlExpr | undefined): string {
  if (!expr) return '?';
  switch (expr.type) {
    case 'number':
      return String(expr.value);
    case 'string':
      return JSON.stringify(expr.value);
    case 'selector':
      return `${expr.name ?? ''}${expr.matchers.map((m) => `{${m.label}${m.op}${m.value}}`).join('')}`;
    case 'matrix':
      return `(range ${show(expr.expr)} ${expr.range.seconds})`;
    case 'subquery':
      return `(sub ${show(expr.expr)} ${expr.range.seconds} ${expr.step?.seconds ?? '-'})`;
    case 'modified':
      return `(${expr.modifier} ${show(expr.expr)} ${expr.duration?.seconds ?? expr.value})`;
    case 'call':
      return `(${[expr.name, ...expr.args.map(show)].join(' ')})`;
    case 'aggregation': {
      const by = expr.grouping ? ` ${expr.grouping.kind}[${expr.grouping.labels.join(',')}]` : '';
      return `(${expr.op}${by} ${expr.args.map(show).join(' ')})`;
    }
    case 'binary': {
      const on = expr.matching
        ? ` ${expr.matching.kind}[${expr.matching.labels.join(',')}]${expr.matching.group ?? ''}`
        : '';
      return `(${expr.op}${expr.bool ? ' bool' : ''}${on} ${show(expr.left)} ${show(expr.right)})`;
    }
    case 'unary':
      return `(${expr.op} ${show(expr.expr)})`;
    case 'paren':
      return `[${show(expr.expr)}]`;
  }
}

describe('trees', () => {
  test.each([
    ['up', 'up'],
    ['{"my.metric", a="b"}', 'my.metric{a=b}'],
    ['x{a="1",b!~\'2\',c=~`3`}', 'x{a=1}{b!~2}{c=~3}'],
    ['sum by (a, b) (rate(x[5m]))', '(sum by[a,b] (rate (range x 300)))'],
    ['count(x) without (a)', '(count without[a] x)'],
    ['topk(5, x)', '(topk 5 x)'],
    ['a / on (x) group_left (y) b', '(/ on[x]left a b)'],
    ['a == bool 1', '(== bool a 1)'],
    ['a AND b or c', '(or (and a b) c)'],
    ['max_over_time(x[1h:5m])', '(max_over_time (sub x 3600 300))'],
    ['x[1h:]', '(sub x 3600 -)'],
    ['x @ end() offset 5m', '(offset (at x end) 300)'],
    ['-x ^ 2', '(- (^ x 2))'],
    ['1h30m', '5400'],
    ['0x1F + .5 + 1e3', '(+ (+ 31 0.5) 1000)'],
    ['5. + x', '(+ 5 x)'],
    ['offset{a="b"}', 'offset{a=b}'],
    ['holt_winters(x[5m], 0.1, 0.2)', '(holt_winters (range x 300) 0.1 0.2)'],
    ['# all\nup # of them', 'up'],
  ])('%s', (text, shape) => {
    expect(parse(text).problems).toEqual([]);
    expect(show(parse(text).root)).toBe(shape);
  });

  test.each([
    ['a / b offset 1h', '(/ a (offset b 3600))'],
    ['a == b + c[5m:]', undefined],
    ['a and b offset 1m', '(and a (offset b 60))'],
    ['a and b offset 1m > 0', '(and a (> (offset b 60) 0))'],
    ['a or b @ end() > 0 and c / 2', '(or a (and (> (at b end) 0) (/ c 2)))'],
    ['a + b offset 1m - c', '(- (+ a (offset b 60)) c)'],
    ['a ^ b offset 1m ^ c', '(^ a (^ (offset b 60) c))'],
    ['a and rate(b[5m] offset 1m) > 0', '(and a (> (rate (offset (range b 300) 60)) 0))'],
    ['-x offset 5m', '(- (offset x 300))'],
    ['(a / b) offset 1h', undefined],
  ])('what follows an operand belongs to it alone: %s', (text, shape) => {
    const { root, problems } = parse(text);
    if (shape === undefined) expect(problems).not.toEqual([]);
    else expect([show(root), problems]).toEqual([shape, []]);
  });

  test('spans cover what they name', () => {
    const text = ' sum by (job) ( rate(x{a="b"}[5m] offset 1h) ) / y > 2';
    walkPromql(parse(text).root, (expr) => {
      const covered = text.slice(expr.span.start, expr.span.end);
      expect(covered).toBe(covered.trim());
      if (expr.type === 'call') expect(text.slice(expr.nameSpan.start, expr.nameSpan.end)).toBe('rate');
      if (expr.type === 'aggregation') expect(covered).toBe('sum by (job) ( rate(x{a="b"}[5m] offset 1h) )');
      if (expr.type === 'modified') expect(covered).toBe('x{a="b"}[5m] offset 1h');
      if (expr.type === 'selector' && expr.name === 'x')
        expect(text.slice(expr.matchers[0]?.valueSpan.start, expr.matchers[0]?.valueSpan.end)).toBe('"b"');
    });
  });

  test('constants are folded', () => {
    const fold = (text: string) => constantOf(parse(text).root as PromqlExpr);
    expect(fold('7 * (24 * 3600) / -2')).toBe(-302_400);
    expect(fold('x * 2')).toBe(undefined);
  });
});

/** What Prometheus says of expressions: right ones, and mistakes with the text that they are shown at. */
const RIGHT = [
  'sum(rate(a_total{code=~"5.."}[5m])) by (job) / sum(rate(a_total[5m])) by (job) > 0.05',
  'absent(up{job="x"}) or absent_over_time(up[5m])',
  'label_replace(up, "a", "$1", "b", "(.*):\\\\d+")',
  'round(x) + round(x, 0.1) + hour() + hour(x)',
  'quantile_over_time(0.9, x[1h:1m]) > scalar(max(y)) * 2',
  'vector(1) unless on () (day_of_week() > 5)',
  'x > bool 1 and y',
  '1 > bool 2',
  'count_values("version", build_info)',
  '{__name__=~"job:.*", job!=""}',
  'x @ 1609746000.5 + x @ start()',
  'rate(x[5m] @ end() offset -1m)',
  'histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))',
  'sort_by_label(x, "a", "b")',
];
const WRONG: readonly (readonly [string, string])[] = [
  ['rate(«x»)', 'range'],
  ['sum(«x[5m]»)', 'range'],
  ['sum(x', 'missing'],
  ['«sum(x, y)»', '1 argument'],
  ['«time(x)»', '0 arguments'],
  ['«abs»()', 'argument'],
  ['«nope»(x)', 'not a PromQL function'],
  ['x «=» 1', '=='],
  ['1 «==» 1', 'bool'],
  ['x «and» 1', 'vectors'],
  ['x «+» bool y', 'bool'],
  ['x «or» on (a) group_left (b) y', 'many'],
  ['x «*» on (a) group_left (a) y', 'both'],
  ['x[«0m»]', 'more than 0'],
  ['x[«5min»]', 'duration'],
  ['x[«1.5h»]', 'duration'],
  ['«(x + y)[5m]»', 'subquery'],
  ['«x offset 1m»[5m]', 'behind'],
  ['«rate(x[5m]) offset 1m»', 'selector'],
  ['«x offset 1m offset 2m»', 'twice'],
  ['«{}»', 'selector'],
  ['«{a=~".*"}»', 'selector'],
  ['x{«__name__="y"»}', 'twice'],
  ['x{a="«\\d»"}', 'escape'],
  ['x{a=«b»}', 'Unexpected'],
  ['«"a"» > 1', 'string'],
  ['-«"a"»', 'string'],
  ['x > 1 «for» 5m', 'Unexpected'],
  ['sum by job (x)', ''],
  ['', 'empty'],
  ['topk(«x», y)', 'number'],
];

describe('the checker', () => {
  test.each(RIGHT)('takes %s', (text) => {
    expect(parse(text).problems).toEqual([]);
  });

  test.each(WRONG)('refuses %s', (marked, words) => {
    const text = marked.replace(/[«»]/g, '');
    const [problem] = parse(text).problems;
    expect(problem?.message).toContain(words);
    const start = marked.indexOf('«');
    const operand = /^(?:«abs»|«"a"»|-«)/.test(marked);
    if (start >= 0 && !operand) {
      const end = marked.indexOf('»') - 1;
      expect(text.slice(problem?.span.start, problem?.span.end)).toBe(text.slice(start, end));
    }
  });

  test('never throws, on any prefix and any mutation', () => {
    const sample =
      'sum by (a) (rate(x{b=~"c|d"}[5m:1m] offset 1h)) / on (e) group_left (f) y @ end() > bool 2 # end';
    for (let end = 0; end <= sample.length; end++) expect(() => parse(sample.slice(0, end))).not.toThrow();
    let seed = 1;
    const next = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let round = 0; round < 500; round++) {
      const at = next(sample.length);
      const text = sample.slice(0, at) + sample.charAt(next(sample.length)) + sample.slice(at + next(4));
      const { problems } = parse(text);
      for (const { span } of problems)
        expect(span.start >= 0 && span.start <= span.end && span.end <= text.length).toBe(true);
    }
  });

  test('huge and deep input is read in linear time, without overflow', () => {
    const wide = Array.from({ length: 3000 }, (_, index) => `x${index}{a="b"}`).join(' + ');
    const deep = `${'('.repeat(40_000)}x${')'.repeat(40_000)}`;
    const start = performance.now();
    expect(() => [
      parse(wide),
      parse(deep),
      parse('('.repeat(90_000)),
      parse('a b '.repeat(20_000)),
    ]).not.toThrow();
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

test.each([
  ['5m', 300],
  ['1h30m', 5400],
  ['0', 0],
  ['1500ms', 1.5],
  ['1y2w3d', 31_536_000 + 1_209_600 + 259_200],
  ['', undefined],
  ['5', undefined],
  ['5 m', undefined],
  ['1.5h', undefined],
  ['5m1h', undefined],
  ['-5m', undefined],
  ['300y', undefined],
])('duration %s', (text, seconds) => {
  expect(durationSeconds(text)).toBe(seconds);
});

test('durations are written in the largest units', () => {
  expect([90, 5400, 86_400 * 14, 0.5, 0].map(durationText)).toEqual(['1m30s', '1h30m', '14d', '500ms', '0s']);
});

describe('RE2', () => {
  test.each([
    '',
    '.*',
    '5..',
    '(?i)a',
    '(?P<n>a)',
    '(?<n>a)',
    '[]a-]',
    '[^]]',
    '[[:alpha:]]',
    '\\pL',
    '\\p{Greek}',
    '\\x41',
    '\\/',
    'a{2,3}?',
    '{',
    'a{b}',
    '\\Q*\\E',
    '(|a)',
    '[\\w-]',
    '\\.',
  ])('takes %s', (pattern) => {
    expect(re2Problem(pattern)).toBe(undefined);
  });
  test.each([
    '*',
    '*.x',
    'a|*',
    'a**',
    'a++',
    '(',
    ')',
    '[',
    '[a',
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '\\1',
    '\\y',
    'a\\',
    '[z-a]',
    'a{2,1}',
    'a{1001}',
    '(?z)',
  ])('refuses %s', (pattern) => {
    expect(re2Problem(pattern)).toBeDefined();
  });
});
