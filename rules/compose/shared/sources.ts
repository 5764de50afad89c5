import { interpolate } from '../../../syntaxes/compose/interpolate.ts';
import { SECTIONS, type Section } from '../../../syntaxes/compose/project.ts';
import { type ComposeService, scalarAt } from '../../../syntaxes/compose/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { basename, dirname, joinUri } from '../../../syntaxes/uri.ts';
import { type PlainYaml, toPlain } from '../../../syntaxes/yaml/plain.ts';
import { deref, pairOf, type YamlMap, type YamlNode } from '../../../syntaxes/yaml/tree.ts';
import { type FactKey, factKey } from '../../core/facts.ts';

/** What a Compose file gives to others that Compose reads with it. */
export interface ComposeSourceFact {
  /** Each service as it is written, with merge keys and aliases followed; null where they are too large to be told. */
  readonly services: readonly (readonly [name: string, body: PlainYaml])[] | null;
  readonly sections: Readonly<Partial<Record<Section, PlainYaml>>>;
  /** The files that it includes, null for one that is not in this workspace. */
  readonly includes: readonly (string | null)[];
  /** Files that it includes as one, each going over those before it. */
  readonly includedTogether: readonly (readonly string[])[];
  /** Whether it only adds to services of another file, at least in part. */
  readonly adds: boolean;
  readonly names: readonly string[];
}

/** One for each Compose file. By name: the file that it goes over, includes or extends (see `overName` and its like). */
export const composeSourceFacts: FactKey<ComposeSourceFact> = factKey(
  'compose-sources',
  ({ names }) => names,
);

/** Names the file that override files of one stem go over: `compose` for `compose.override.yaml`. */
export function overName(uri: string): string {
  return `over ${dirname(uri)} ${stemOf(uri).stem}`;
}

export function includesName(uri: string): string {
  return `includes ${uri}`;
}

/** Names what files of the same folder add to a service, which they give neither image nor build. */
export function additionName(uri: string, service: string): string {
  return `adds ${dirname(uri)} ${service}`;
}

/** Names files that are included together with others, of which some go over some. */
export function togetherName(uri: string): string {
  return `together ${uri}`;
}

export function extendsName(uri: string, service: string): string {
  return `extends ${uri} ${service}`;
}

/** `compose.prod.yaml` is `compose` with the suffix `prod`. */
export function stemOf(uri: string): { readonly stem: string; readonly suffix: string | undefined } {
  const name = basename(uri).replace(/\.ya?ml$/i, '');
  const dot = name.lastIndexOf('.');
  return dot <= 0
    ? { stem: name, suffix: undefined }
    : { stem: name.slice(0, dot), suffix: name.slice(dot + 1) };
}

/** Where a path in a Compose file leads; null for an address, for a path with variables and for one in the user's home. */
export function pathUri(path: string, from: string): string | null {
  const text = interpolate(path).text;
  if (text === undefined || text === '' || /^(?:[a-z][a-z0-9+.-]+:|git@|~)/i.test(text)) return null;
  return joinUri(dirname(from), text);
}

export function sourceOf({ uri, tree }: Document<'compose'>): ComposeSourceFact {
  const services = toPlain(pairOf(tree.root, 'services')?.value);
  const sections = SECTIONS.flatMap((section) => {
    const plain = toPlain(pairOf(tree.root, section)?.value);
    return plain ? [[section, plain] as const] : [];
  });
  const groups = includesOf(tree.root, uri);
  const includes = groups.flat();
  const includedTogether = groups
    .map((group) => group.filter((path) => path !== null))
    .filter((group) => group.length > 1);
  const adds = tree.services.some((service) => !service.standalone && !extendsFile(service));
  const { suffix } = stemOf(uri);
  return {
    services:
      services === undefined
        ? null
        : services !== null && typeof services === 'object' && 'map' in services
          ? services.map
          : [],
    sections: Object.fromEntries(sections),
    includes,
    includedTogether,
    adds,
    names: [
      ...(suffix !== undefined && (adds || suffix === 'override') ? [overName(uri)] : []),
      ...includes.flatMap((included) => (included === null ? [] : [includesName(included)])),
      ...includedTogether.flatMap((group) => group.map(togetherName)),
      ...tree.services.flatMap((service) => extendsFile(service, uri) ?? []),
      ...tree.services.flatMap(({ standalone, name }) => (standalone ? [] : [additionName(uri, name)])),
    ],
  };
}

/** The name for what a service extends in another file. */
function extendsFile(service: ComposeService, uri = ''): string | undefined {
  const own = service.layers.find((layer) => layer.entries.has('extends'));
  const file = scalarAt(own, 'extends', 'file')?.value;
  const name = scalarAt(own, 'extends', 'service')?.value;
  const target = file === undefined ? null : pathUri(file, uri);
  return target === null || name === undefined ? undefined : extendsName(target, name);
}

/** The files of each item. https://docs.docker.com/reference/compose-file/include/ */
function includesOf(root: YamlMap | undefined, uri: string): readonly (readonly (string | null)[])[] {
  const list = deref(pairOf(root, 'include')?.value);
  const items = list?.type === 'seq' ? list.items : list ? [list] : [];
  return items.map((item) => pathsOf(item).map((path) => (path === null ? null : pathUri(path, uri))));
}

function pathsOf(item: YamlNode): readonly (string | null)[] {
  const node = deref(item);
  if (node?.type === 'scalar') return [node.value];
  const path = deref(pairOf(node, 'path')?.value);
  if (path?.type === 'scalar') return [path.value];
  return path?.type === 'seq' ? path.items.flatMap((each) => pathsOf(each)) : [null];
}
