import { isScalar, type Scalar, visit } from 'yaml';
import { byPlace, type Example, type Found, type Transformation, type Variant } from './example.ts';
import { readYaml } from './yaml-edit.ts';

/* A value that is marked comes from the `.env` file. */

export const composeEnv: readonly Transformation[] = [
  { name: 'a value from .env', atLeast: 30, apply: (example) => moved(example, '${MOVED}') },
  {
    name: 'a value from .env before a default',
    atLeast: 30,
    apply: (example) => moved(example, '${MOVED:-other}'),
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
  const { text } = example;
  const scalar = scalarAround(text, found);
  if (!scalar) return undefined;
  const { start, end, node } = scalar;
  const from = Math.max(found.span.start, start);
  const to = Math.min(found.span.end, end);
  const value = text.slice(from, to);
  if (value === '' || /[$\n"'\\#{}]/.test(value) || text.slice(start, end).includes('$')) return undefined;
  const rest = text.slice(start, from) + variable + text.slice(to, end);
  // Braces cannot stand in a plain scalar in flow style.
  const written = node.type === 'PLAIN' && !rest.includes('"') ? `"${rest}"` : rest;
  const others = example.found.filter((each) => each !== found).map(withoutNumber);
  const expected = CREDENTIALS.test(example.rule.id) ? others : [...others, `${placeOf(found)}: moved`];
  return {
    files: {
      ...example.files,
      [example.path]: text.slice(0, start) + written + text.slice(end),
      '.env': `MOVED=${value}\n`,
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

function placeOf({ place }: Found): string {
  return place.replace(/#\d+$/, '');
}

function withoutNumber(found: Found): string {
  return byPlace({ ...found, place: placeOf(found) });
}

/** The scalar around a mark, without its quotes; undefined for a key and for several scalars. */
function scalarAround(
  text: string,
  { span }: Found,
): { readonly node: Scalar; readonly start: number; readonly end: number } | undefined {
  const document = readYaml(text);
  const around: Scalar[] = [];
  if (document)
    visit(document, {
      Scalar: (key, node) => {
        const [start = 0, end = 0] = node.range ?? [];
        if (key !== 'key' && start <= span.start && span.end <= end && isScalar(node)) around.push(node);
      },
    });
  const [node] = around;
  if (!node?.range) return undefined;
  const quote = /^QUOTE/.test(node.type ?? '') ? 1 : 0;
  return { node, start: node.range[0] + quote, end: node.range[1] - quote };
}
