import {
  type Document,
  isMap,
  isScalar,
  type Pair,
  parseDocument,
  Scalar,
  type ToStringOptions,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { byPlace, type Example, type Found, type Variant } from './example.ts';

/** In the failsafe schema every scalar is a text and is written back as it was. */
export function readYaml(text: string): Document | undefined {
  const document = parseDocument(text, { schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' });
  if (document.errors.length > 0) return undefined;
  // `{ key }` has no value to write, and this schema knows no null.
  visit(document, {
    Pair: (_, pair) => {
      pair.value ??= new Scalar('');
    },
  });
  return document;
}

export function writeYaml(document: Document, options: ToStringOptions = {}): string {
  return document.toString({ lineWidth: 0, ...options });
}

/**
 * The example with its first file changed; none where `change` says that it changed nothing. Findings keep their places. A change that
 * alters what the file says is a mistake of the transformation.
 */
export function rewritten(
  example: Example,
  change: (document: Document) => boolean,
  options?: ToStringOptions,
): readonly Variant[] {
  const document = readYaml(example.text);
  if (!document || !change(document)) return [];
  const text = writeYaml(document, options);
  if (meaning(text) !== meaning(example.text))
    throw new Error(`The transformation changed what the file says:\n${example.text}\n---\n${text}`);
  return [samePlaces(example, text)];
}

/** The example with another text in its first file, in which every finding has its place and its text. */
export function samePlaces(
  example: Example,
  text: string,
  show: (found: Found) => string = byPlace,
): Variant {
  return {
    files: { ...example.files, [example.path]: text },
    looks: [{ path: example.path, expected: example.found.map(show), show }],
  };
}

/** The pairs below `services` whose value is a map. */
export function servicesOf(document: Document): readonly Pair<Scalar<string>, YAMLMap>[] {
  const services = document.get('services');
  if (!isMap(services)) return [];
  return services.items.filter(
    (pair): pair is Pair<Scalar<string>, YAMLMap> => isScalar(pair.key) && isMap(pair.value),
  );
}

/** All maps and lists below the services' names, the innermost last. */
export function eachCollection(
  document: Document,
  change: (collection: YAMLMap | YAMLSeq, isMap: boolean) => void,
): void {
  for (const { value } of servicesOf(document)) {
    visit(value, {
      Collection: (_, node) => change(node, isMap(node)),
    });
  }
}

/** All scalars of a file with whether they are keys, aliases and merge keys not among them. */
export function eachScalar(
  document: Document,
  change: (scalar: Scalar<string>, isKey: boolean) => void,
): void {
  visit(document, {
    Scalar: (key, node) => {
      if (typeof node.value === 'string' && node.value !== '<<')
        change(node as Scalar<string>, key === 'key');
    },
  });
}

function meaning(text: string): string {
  const sorted = (_: string, value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : (value ?? '');
  return JSON.stringify(readYaml(text)?.toJS(), sorted) ?? '';
}
