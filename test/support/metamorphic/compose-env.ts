import { isPair, isSeq, type Scalar, visit } from 'yaml';
import { byPlace, type Example, type Found, type Transformation, type Variant } from './example.ts';
import { readYaml } from './yaml-edit.ts';

/* A value that is marked comes from the `.env` file. */

export const composeEnv: readonly Transformation[] = [
  { name: 'a value from .env', atLeast: 120, apply: (example) => moved(example, '${MOVED}') },
  {
    name: 'a value from .env before a default',
    atLeast: 110,
    apply: (example) => moved(example, '${MOVED:-other}'),
  },
  {
    name: 'a value as the default of a variable',
    atLeast: 110,
    apply: (example) => example.found.flatMap((found) => defaulted(example, found) ?? []),
  },
];

/** Rules about credentials in the open: one in `.env` is where it should be, and no file needs to know it. */
const CREDENTIALS =
  /^compose\/(?:credential-in-url|secret-in-command|secret-in-environment|weak-default-credential|password-hash-in-label)$/;

function moved(example: Example, variable: string): readonly Variant[] {
  if ('.env' in example.files || !/^[^/]+$/.test(example.path)) return [];
  // A default that stands in the file is a credential in the open itself.
  if (variable.includes('-') && CREDENTIALS.test(example.rule.id)) return [];
  return example.found.flatMap((found) => movedOne(example, found, variable) ?? []);
}

function movedOne(example: Example, found: Found, variable: string): Variant | undefined {
  const moving = replaced(example, found, () => variable);
  if (!moving) return undefined;
  const others = example.found.filter((each) => each !== found).map(withoutNumber);
  const expected = CREDENTIALS.test(example.rule.id) ? others : [...others, `${placeOf(found)}: moved`];
  return {
    files: {
      ...example.files,
      [example.path]: moving.text,
      '.env': `MOVED=${moving.value}\n`,
    },
    looks: [
      {
        path: example.path,
        expected,
        show: (each) => (each.text.includes('MOVED') ? `${placeOf(each)}: moved` : withoutNumber(each)),
      },
    ],
  };
}

/** `${MOVED:-value}`, with nothing that sets the variable. */
function defaulted(example: Example, found: Found): Variant | undefined {
  const moving = replaced(example, found, (value) => `\${MOVED:-${value}}`);
  if (!moving || isName(moving.keys)) return undefined;
  const expected = example.found.map((each) =>
    each === found ? `${placeOf(each)}: moved` : withoutNumber(each),
  );
  // A place may have the value as it is written.
  const show = (each: Found): string =>
    moving.holds(each)
      ? `${placeOf(each).replace(`\${MOVED:-${moving.value}}`, moving.value)}: moved`
      : withoutNumber(each);
  return {
    files: { ...example.files, [example.path]: moving.text },
    looks: [{ path: example.path, expected, show }],
  };
}

interface Replaced {
  /** The file with a variable in the marked value's place. */
  readonly text: string;
  readonly value: string;
  /** The keys above it. */
  readonly keys: readonly string[];
  /** Whether a finding marks the variable or a part of it. */
  holds(found: Found): boolean;
}

function replaced(example: Example, found: Found, variable: (value: string) => string): Replaced | undefined {
  const { text } = example;
  const scalar = scalarAround(text, found);
  if (!scalar) return undefined;
  const { start, end, node, keys, isItem } = scalar;
  const from = Math.max(found.span.start, start);
  const to = Math.min(found.span.end, end);
  const value = text.slice(from, to);
  if (value === '' || /[$\n"'\\#{}]/.test(value) || text.slice(start, end).includes('$')) return undefined;
  // A variable in a name is not what this is about.
  if (isItem && from === start && keys.some((key) => ASSIGNMENTS.has(key))) return undefined;
  const added = variable(value);
  const rest = text.slice(start, from) + added + text.slice(to, end);
  // Braces cannot stand in a plain scalar in flow style.
  const quote = node.type === 'PLAIN' && !rest.includes('"') ? '"' : '';
  const at = from + quote.length;
  return {
    text: text.slice(0, start) + quote + rest + quote + text.slice(end),
    value,
    keys,
    holds: ({ span }) => span.start < at + added.length && at < span.end,
  };
}

function placeOf({ place }: Found): string {
  return place.replace(/#\d+$/, '');
}

function withoutNumber(found: Found): string {
  return byPlace({ ...found, place: placeOf(found) });
}

interface Around {
  readonly node: Scalar;
  /** Without its quotes. */
  readonly start: number;
  readonly end: number;
  /** The keys above it. */
  readonly keys: readonly string[];
  /** Whether it is an item of a list. */
  readonly isItem: boolean;
}

/** The scalar around a mark; undefined for a key and for several scalars. */
function scalarAround(text: string, { span }: Found): Around | undefined {
  const document = readYaml(text);
  let around: Around | undefined;
  if (!document) return undefined;
  visit(document, {
    Scalar: (key, node, path) => {
      const [start = 0, end = 0] = node.range ?? [];
      if (key === 'key' || span.start < start || end < span.end) return;
      const quote = /^QUOTE/.test(node.type ?? '') ? 1 : 0;
      const keys = path.flatMap((above) => (isPair(above) ? [String(above.key)] : []));
      around = { node, start: start + quote, end: end - quote, keys, isItem: isSeq(path.at(-1)) };
    },
  });
  return around;
}

/** Keys of lists of `NAME=value`. */
const ASSIGNMENTS: ReadonlySet<string> = new Set(['environment', 'labels', 'args']);

/** Whether another part of the project is named below these keys, which rules read as it is written. */
function isName(keys: readonly string[]): boolean {
  const [last = ''] = keys.slice(-1);
  const isGrant = keys.includes('secrets') || keys.includes('configs');
  return NAMES.has(last) || (isGrant && last === 'source');
}

const NAMES: ReadonlySet<string> = new Set([
  'depends_on',
  'networks',
  'secrets',
  'configs',
  'links',
  'volumes_from',
  'extends',
  'service',
]);
