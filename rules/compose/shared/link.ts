import { effectiveServices, type Outside, type ServicesOf } from '../../../syntaxes/compose/effective.ts';
import { substitute } from '../../../syntaxes/compose/interpolate.ts';
import { definitionsOf, isSplit, SECTIONS } from '../../../syntaxes/compose/project.ts';
import { awaitedIn } from '../../../syntaxes/compose/service.ts';
import { sharingOf } from '../../../syntaxes/compose/sharing.ts';
import type { ComposeProject, ComposeService, ComposeTree } from '../../../syntaxes/compose/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { dirname, joinUri } from '../../../syntaxes/uri.ts';
import { fromPlain, mapOf } from '../../../syntaxes/yaml/plain.ts';
import { asMap, pairOf, type YamlMap } from '../../../syntaxes/yaml/tree.ts';
import type { FactReader } from '../../core/facts.ts';
import { envFileFacts } from '../../facts/env-files.ts';
import { holdsCredential } from './credentials.ts';
import { rebased } from './rebase.ts';
import {
  type ComposeSourceFact,
  composeSourceFacts,
  includesName,
  overName,
  pathUri,
  stemOf,
  togetherName,
} from './sources.ts';

/** Included files that include files, and files that extend files: deeper than this counts as unknown. */
const MAX_DEPTH = 20;

/**
 * A Compose file as Compose reads it: over its base file (`compose.prod.yaml` over `compose.yaml`) and under its override file, with
 * the services of other files that it extends, what it includes, and the values of the `.env` file beside it.
 */
export function linkCompose(document: Document<'compose'>, facts: FactReader): Document<'compose'> {
  const { tree, uri } = document;
  const services = asMap(pairOf(tree.root, 'services')?.value);
  if (!services) return document;
  const reader = new SourceReader(facts, dirname(uri));
  const others = neighboursOf(document, facts);
  const includes = pairOf(tree.root, 'include') !== undefined;
  const isPart = facts.about(composeSourceFacts, includesName(uri)).length > 0;
  const leavesFile = tree.services.some((service) => !service.complete);
  const variables = variablesFor(document, facts, others.length > 0 || leavesFile);
  if (others.length === 0 && !variables && !includes && !isPart && !leavesFile) return document;
  const outside = outsideOf(reader, others, variables);
  const linked = effectiveServices({ uri, services }, outside);
  const project = projectOf(document, linked, reader, others, isPart);
  const next: ComposeTree = {
    file: tree.file,
    root: tree.root,
    services: linked,
    sharing: sharingOf(linked),
    awaited: new Set([...awaitedIn(linked), ...tree.awaited]),
    project,
  };
  return { ...document, tree: next };
}

/** Another file that Compose reads together with this one. */
interface Neighbour {
  readonly uri: string;
  /** `base`: this file goes over it. `override`: Compose lays it over this file by itself. `variant`: someone may. */
  readonly as: 'base' | 'override' | 'variant';
}

function neighboursOf({ uri, tree }: Document<'compose'>, facts: FactReader): readonly Neighbour[] {
  const [together] = facts
    .about(composeSourceFacts, togetherName(uri))
    .flatMap(({ fact }) => fact.includedTogether.filter((group) => group.includes(uri)));
  if (together) return includedWith(uri, together);
  const { stem, suffix } = stemOf(uri);
  if (suffix !== undefined) {
    const adds = suffix === 'override' || tree.services.some((service) => !service.standalone);
    const base = adds ? baseOf(facts, uri, stem, suffix) : undefined;
    return base === undefined ? [] : [{ uri: base, as: 'base' }];
  }
  const override = overrideOf(facts, uri, stem);
  const over = facts.about(composeSourceFacts, overName(joinUri(dirname(uri), `${stem}.any.yaml`)));
  return [
    ...(override === undefined ? [] : [{ uri: override, as: 'override' as const }]),
    ...over.flatMap((each) => (each.uri === override ? [] : [{ uri: each.uri, as: 'variant' as const }])),
  ];
}

function includedWith(uri: string, group: readonly string[]): readonly Neighbour[] {
  const [first] = group;
  const next = group[group.indexOf(uri) + 1];
  return [
    ...(first === undefined || first === uri ? [] : [{ uri: first, as: 'base' as const }]),
    ...(next === undefined ? [] : [{ uri: next, as: 'override' as const }]),
  ];
}

/** The names that Compose looks for by itself; it takes the override file of either with the file of either. */
const OTHER_STEM: Readonly<Record<string, string>> = {
  compose: 'docker-compose',
  'docker-compose': 'compose',
};

function baseOf(facts: FactReader, uri: string, stem: string, suffix: string): string | undefined {
  const own = firstSource(facts, uri, stem);
  const other = suffix === 'override' ? OTHER_STEM[stem] : undefined;
  return own ?? (other === undefined ? undefined : firstSource(facts, uri, other));
}

function overrideOf(facts: FactReader, uri: string, stem: string): string | undefined {
  const own = firstSource(facts, uri, `${stem}.override`);
  const other = OTHER_STEM[stem];
  // An override file of the other name belongs to the file of that name, where there is one.
  if (own !== undefined || other === undefined || firstSource(facts, uri, other) !== undefined) return own;
  return firstSource(facts, uri, `${other}.override`);
}

/** The Compose file with this name beside another one, in the order in which Compose looks for them. */
function firstSource(facts: FactReader, uri: string, name: string): string | undefined {
  return (name === 'compose' ? ['yaml', 'yml'] : ['yml', 'yaml'])
    .map((ending) => joinUri(dirname(uri), `${name}.${ending}`))
    .find((candidate) => facts.of(composeSourceFacts, candidate).length > 0);
}

type Variables = ReadonlyMap<string, string>;

/**
 * The variables of `.env`; undefined where the file uses none, and no other file does whose services it takes over. Credentials are
 * not among them.
 */
function variablesFor(
  { uri, text }: Document<'compose'>,
  facts: FactReader,
  takesOver: boolean,
): Variables | undefined {
  if (!takesOver && !text.includes('$')) return undefined;
  const file = facts.of(envFileFacts, joinUri(dirname(uri), '.env'));
  if (file.length === 0) return undefined;
  const known = new Map<string, string>();
  // A value that holds variables itself is taken for unknown.
  for (const { name, value } of file) {
    if (value === null || value.includes('$')) known.delete(name);
    else known.set(name, value);
  }
  if (takesOver) return known;
  const used = [...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].some(([, name = '']) => known.has(name));
  return used ? known : undefined;
}

function outsideOf(
  reader: SourceReader,
  neighbours: readonly Neighbour[],
  variables: Variables | undefined,
): Outside {
  const base = neighbours.find(({ as }) => as === 'base');
  const override = neighbours.find(({ as }) => as === 'override');
  const below = base && reader.services(base.uri);
  const above = override && reader.services(override.uri);
  return {
    extended: (path, from) => {
      const uri = pathUri(path, from);
      return uri === null ? undefined : reader.services(uri);
    },
    ...(below && { below }),
    ...(above && { above }),
    substitute: (text, key) =>
      !variables || holdsCredential(key === '' ? (/^[^=]*/.exec(text)?.[0] ?? '') : key)
        ? text
        : substitute(text, (name) => variables.get(name)),
  };
}

/** Reads what other files give, each once. */
class SourceReader {
  readonly #facts: FactReader;
  readonly #directory: string;
  readonly #services = new Map<string, ServicesOf | undefined>();

  /** `directory`: that of the file which is linked; relative paths of files elsewhere are made absolute. */
  constructor(facts: FactReader, directory: string) {
    this.#facts = facts;
    this.#directory = directory;
  }

  source(uri: string): ComposeSourceFact | undefined {
    return this.#facts.of(composeSourceFacts, uri)[0];
  }

  services(uri: string): ServicesOf | undefined {
    if (this.#services.has(uri)) return this.#services.get(uri);
    const bodies = this.source(uri)?.services;
    const inOtherFolder = dirname(uri) !== this.#directory;
    const services = bodies && {
      uri,
      services: mapOf(
        bodies.map(([name, body]) => [name, fromPlain(inOtherFolder ? rebased(body, dirname(uri)) : body)]),
      ),
    };
    this.#services.set(uri, services ?? undefined);
    return services ?? undefined;
  }

  /** What a file defines at its top, as YAML that stands elsewhere. */
  root(uri: string): YamlMap {
    const sections = Object.entries(this.source(uri)?.sections ?? {});
    return mapOf(sections.map(([section, plain]) => [section, fromPlain(plain)]));
  }
}

function projectOf(
  document: Document<'compose'>,
  linked: readonly ComposeService[],
  reader: SourceReader,
  neighbours: readonly Neighbour[],
  isPart: boolean,
): ComposeProject {
  const { tree, uri } = document;
  const own = reader.source(uri);
  const { uris: included, complete } = includedBy(reader, [uri, ...neighbours.map((each) => each.uri)]);
  const others = [...new Set([...included, ...neighbours.map((each) => each.uri)])].filter(
    (each) => each !== uri,
  );
  const roots = [tree.root, ...others.map((each) => reader.root(each))];
  const areKnown = others.every((each) => reader.source(each)?.services !== null);
  const hasBase = own?.adds !== true || neighbours.some(({ as }) => as === 'base');
  const merged = SECTIONS.map((section) => [
    section,
    new Map(roots.toReversed().flatMap((root) => [...definitionsOf(root, section)])),
  ]);
  const services = new Map(
    [...others.flatMap((each) => servicesIn(reader, each)), ...linked].map((service) => [
      service.name,
      service,
    ]),
  );
  return {
    complete:
      complete &&
      areKnown &&
      !isPart &&
      hasBase &&
      !isSplit(tree.file) &&
      linked.every((service) => service.complete),
    services,
    ...(Object.fromEntries(merged) as Omit<ComposeProject, 'complete' | 'services'>),
  };
}

function servicesIn(reader: SourceReader, uri: string): readonly ComposeService[] {
  const file = reader.services(uri);
  return file ? effectiveServices(file, outsideOf(reader, [], undefined)) : [];
}

/** All files that some files include, those that the included ones include with them. */
function includedBy(
  reader: SourceReader,
  uris: readonly string[],
): { readonly uris: readonly string[]; readonly complete: boolean } {
  const found = new Set<string>();
  let complete = true;
  const visit = (uri: string, depth: number): void => {
    for (const included of reader.source(uri)?.includes ?? []) {
      if (included === null || depth > MAX_DEPTH || !reader.source(included)) complete = false;
      else if (!found.has(included)) {
        found.add(included);
        visit(included, depth + 1);
      }
    }
  };
  for (const uri of uris) visit(uri, 0);
  return { uris: [...found], complete };
}
