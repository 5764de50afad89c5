import { describe, expect, test } from 'vitest';
import { readSimpleYaml } from '../../syntaxes/yaml/fast.ts';
import { parseAnyYaml, parseYaml } from '../../syntaxes/yaml/parse.ts';

const SAMPLE = `# A stack.
services:
  web:
    image: "nginx:1.27"  # pinned
    command: ['nginx', "-g", 'daemon off;']
    environment:
    - A=1
    - B=it's
    labels: {traefik.enable: "true", b: [x, y]}
    healthcheck:
      # not too often
      test: >-
        curl -f
        http://localhost

        || exit 1
      script: |
        # no comment
        echo "a: b"

          deeper
    volumes:
      -
      - type: bind
        source: ./a b
      -   type: volume
          target: 'it''s'
      - - nested
        - "tab\\t\\"quoted\\""
  # belongs to nobody
  db:
    image: postgres
volumes:
  data:
  more: |+
    kept

last: 1
`;

/** What only the full parser reads. */
const OTHERS = [
  'a: &x 1\nb: *x\n',
  'a: one\n  two\n',
  'a: "one\n  two"\n',
  'a: [1,\n  2]\n',
  'a:\tb\n',
  '? a\n: b\n',
  'a: !tag b\n',
  'a: |2\n   b\n',
  'a: b: c\n',
  'a: "b\n',
  'a: [b\n',
  ' a: 1\nb: 2\n',
  'a: 1\n---\nb: 2\n',
  'a: 1\r\nb: 2\r\n',
  '- a\nb: 1\n',
  'a: {{ b }}\n',
  'a: @b\n',
  '',
  'word\n',
];

describe('simple YAML', () => {
  test('is read without the full parser', () => {
    expect(readSimpleYaml(SAMPLE)).toBeDefined();
  });

  test('gives the tree of the full parser', () => {
    expect(parseYaml(SAMPLE)).toEqual(parseAnyYaml(SAMPLE));
  });

  test('is told from what is not simple', () => {
    expect(OTHERS.filter((text) => readSimpleYaml(text) !== undefined)).toEqual([]);
  });

  test('gives the tree of the full parser for every prefix', () => {
    for (let end = 0; end <= SAMPLE.length; end++) {
      const text = SAMPLE.slice(0, end);
      expect(parseYaml(text), JSON.stringify(text)).toEqual(parseAnyYaml(text));
    }
  });

  test('gives the tree of the full parser after random changes', () => {
    const next = randomNumbers(11);
    for (let round = 0; round < 3000; round++) {
      const at = next(SAMPLE.length);
      const text = SAMPLE.slice(0, at) + PIECES[next(PIECES.length)] + SAMPLE.slice(at + next(4));
      expect(parseYaml(text), JSON.stringify(text)).toEqual(parseAnyYaml(text));
    }
  });

  test('takes time that grows with its length', () => {
    const time = (entries: number) => {
      const text = Array.from({ length: entries }, (_, i) => `key${i}: [a, 'b', "c"]  # d\n`).join('');
      const start = performance.now();
      readSimpleYaml(text);
      return performance.now() - start;
    };
    time(10_000);
    // Twenty times as much would take four hundred times as long if it were quadratic.
    expect(time(200_000)).toBeLessThan(100 * Math.max(1, time(10_000)));
  });
});

const PIECES = [
  '',
  '\n',
  ' ',
  '# c',
  '\n# c\n',
  '\n    # c\n',
  ':',
  ': ',
  '- ',
  '"',
  "'",
  '|',
  '>',
  '[',
  '}',
  ',',
  '&a',
  '?',
  '\\',
];

/** Numbers that are the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}
