import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  YAMLMap as Mapping,
  Pair,
  Scalar,
  type YAMLMap,
  YAMLSeq,
} from 'yaml';
import { byPlace, type Example, type Found, type Transformation, type Variant } from './example.ts';
import { readYaml, samePlaces, servicesOf, writeYaml } from './yaml-edit.ts';

/* The short and the long syntax of what a service has. Which part is marked differs, so places alone are compared. */

export const composeSyntaxes: readonly Transformation[] = [
  { name: 'ports in the long syntax', atLeast: 30, apply: (example) => eachItem(example, 'ports', longPort) },
  {
    name: 'volumes in the long syntax',
    atLeast: 30,
    apply: (example) => eachItem(example, 'volumes', longMount),
  },
  {
    name: 'volumes in the short syntax',
    atLeast: 8,
    apply: (example) => eachItem(example, 'volumes', shortMount),
  },
  {
    name: 'secrets in the long syntax',
    atLeast: 10,
    apply: (example) => eachItem(example, 'secrets', longGrant),
  },
  { name: 'commands as lists', atLeast: 20, apply: (example) => changed(example, commandsAsLists) },
  { name: 'commands as strings', atLeast: 10, apply: (example) => changed(example, commandsAsStrings) },
  { name: 'dependencies as a map', atLeast: 7, apply: (example) => changed(example, dependenciesAsMap) },
  { name: 'single values as lists', atLeast: 4, apply: (example) => changed(example, singlesAsLists) },
];

function changed(example: Example, change: (body: YAMLMap) => boolean): readonly Variant[] {
  const document = readYaml(example.text);
  if (!document || !changeAll(document, change)) return [];
  return [samePlaces(example, writeYaml(document), byPlaceAlone)];
}

function changeAll(document: Document, change: (body: YAMLMap) => boolean): boolean {
  return servicesOf(document)
    .map(({ value }) => value !== null && change(value))
    .includes(true);
}

/** Some rules number what a list holds. */
function byPlaceAlone(found: Found): string {
  return byPlace({ ...found, text: '' });
}

function eachItem(example: Example, key: string, convert: (item: unknown) => unknown): readonly Variant[] {
  return changed(example, (body) => {
    const list = body.get(key);
    if (!isSeq(list)) return false;
    const converted = list.items.map(convert);
    list.items = list.items.map((item, index) => converted[index] ?? item);
    return converted.some((item) => item !== undefined);
  });
}

function textOf(node: unknown): string | undefined {
  return isScalar(node) && !node.anchor ? String(node.value) : undefined;
}

function mapping(
  entries: Readonly<Record<string, string | undefined>>,
  quoted: readonly string[] = [],
): YAMLMap {
  const map = new Mapping();
  for (const [key, value] of Object.entries(entries)) {
    if (value === undefined) continue;
    const scalar = new Scalar(value);
    if (quoted.includes(key)) scalar.type = 'QUOTE_DOUBLE';
    map.items.push(new Pair(new Scalar(key), scalar));
  }
  return map;
}

/** Without variables: a lone one may hold an address too. */
function longPort(item: unknown): YAMLMap | undefined {
  const [, address, published, target, protocol] =
    /^(?:(\[[\da-f:.]+\]|\d+(?:\.\d+){3}):)?(?:(\d+):)?(\d+)(?:\/(\w+))?$/.exec(textOf(item) ?? '') ?? [];
  if (target === undefined) return undefined;
  return mapping({ target, published, host_ip: address?.replaceAll(/[[\]]/g, ''), protocol }, [
    'published',
    'host_ip',
  ]);
}

function longMount(item: unknown): YAMLMap | undefined {
  const [, source, target, options] = /^([^:${}]+):([^:${}]+)(?::(ro|rw))?$/.exec(textOf(item) ?? '') ?? [];
  if (source === undefined || /^[A-Za-z]$|\\/.test(source)) return undefined;
  const type = /^[./~]/.test(source) ? 'bind' : 'volume';
  return mapping({ type, source, target, read_only: options === 'ro' ? 'true' : undefined });
}

function shortMount(item: unknown): Scalar | undefined {
  if (!isMap(item)) return undefined;
  const { type, source, target, read_only, ...others } = item.toJSON() as Record<string, string>;
  if (!/^(?:bind|volume)$/.test(type ?? '') || Object.keys(others).length > 0 || !target) return undefined;
  if (!source || /[:$]/.test(source + target) || (type === 'bind') !== /^[./~]/.test(source))
    return undefined;
  return new Scalar(`${source}:${target}${read_only === 'true' ? ':ro' : ''}`);
}

function longGrant(item: unknown): YAMLMap | undefined {
  const source = textOf(item);
  return source === undefined ? undefined : mapping({ source });
}

function commandsAsLists(body: YAMLMap): boolean {
  const text = textOf(body.get('command', true));
  if (text === undefined || !/^[\w./:=@,\s-]+$/.test(text) || !/\S/.test(text)) return false;
  body.set('command', listOf(text.trim().split(/\s+/)));
  return true;
}

function commandsAsStrings(body: YAMLMap): boolean {
  const list = body.get('command');
  const words = isSeq(list) ? list.items.map(textOf) : [];
  if (words.length === 0 || words.some((word) => !/^[\w./:=@,-]+$/.test(word ?? ''))) return false;
  body.set('command', new Scalar(words.join(' ')));
  return true;
}

function dependenciesAsMap(body: YAMLMap): boolean {
  const list = body.get('depends_on');
  const names = isSeq(list) ? list.items.map(textOf) : [];
  if (names.length === 0) return false;
  const map = new Mapping();
  for (const name of names)
    map.items.push(new Pair(new Scalar(String(name)), mapping({ condition: 'service_started' })));
  body.set('depends_on', map);
  return true;
}

/** What may be one value or a list of them. */
function singlesAsLists(body: YAMLMap): boolean {
  const keys = ['env_file', 'tmpfs', 'dns', 'dns_search'].filter((key) => isScalar(body.get(key, true)));
  for (const key of keys) body.set(key, listOf([textOf(body.get(key, true)) ?? '']));
  return keys.length > 0;
}

function listOf(words: readonly string[]): YAMLSeq {
  const list = new YAMLSeq();
  for (const word of words) {
    const scalar = new Scalar(word);
    scalar.type = 'QUOTE_DOUBLE';
    list.add(scalar);
  }
  return list;
}
