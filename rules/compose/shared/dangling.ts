import { interpolate } from '../../../syntaxes/compose/interpolate.ts';
import { mountsOf } from '../../../syntaxes/compose/mounts.ts';
import { secretsOf } from '../../../syntaxes/compose/secrets.ts';
import { type ComposeService, itemsAt, lookup, mapAt, scalarAt } from '../../../syntaxes/compose/tree.ts';
import { booleanOf, type YamlScalar } from '../../../syntaxes/yaml/tree.ts';

/** Something that a service names and that is defined elsewhere in the project. */
export interface Reference {
  readonly to: 'service' | 'network' | 'volume' | 'secret' | 'config';
  readonly name: string;
  /** The scalar that has the name in it: an item, a key, a value. */
  readonly scalar: YamlScalar;
  /** Below the service: `networks[backend]`. */
  readonly path: string;
}

/** All that a service refers to by a name that is known. */
export function referencesOf(service: ComposeService): readonly Reference[] {
  return [
    ...networks(service),
    ...volumes(service),
    ...granted(service, 'secrets', 'secret'),
    ...granted(service, 'configs', 'config'),
    ...dependencies(service),
    ...links(service),
    ...namespaces(service),
  ].flatMap((reference) => {
    const name = interpolate(reference.name).text?.trim();
    return name ? [{ ...reference, name }] : [];
  });
}

function networks({ effective }: ComposeService): readonly Reference[] {
  return namesAt(effective, 'networks').flatMap(({ name, scalar }): readonly Reference[] =>
    // Every project has this one.
    name === 'default' ? [] : [{ to: 'network', name, scalar, path: `networks[${name}]` }],
  );
}

function volumes(service: ComposeService): readonly Reference[] {
  return mountsOf(service).flatMap(({ type, source, short, long }): readonly Reference[] => {
    const scalar = short ?? scalarAt(long, 'source') ?? scalarAt(long, 'src');
    if (type !== 'volume' || !source || !scalar) return [];
    return [{ to: 'volume', name: source, scalar, path: `volumes[${source}]` }];
  });
}

function granted(
  service: ComposeService,
  section: 'secrets' | 'configs',
  to: 'secret' | 'config',
): readonly Reference[] {
  return secretsOf(service, section).flatMap(({ name, short, long }): readonly Reference[] => {
    const scalar = short ?? scalarAt(long, 'source');
    return scalar ? [{ to, name, scalar, path: `${section}[${name}]` }] : [];
  });
}

function dependencies({ effective }: ComposeService): readonly Reference[] {
  const optional = new Set(
    [...(mapAt(effective, 'depends_on')?.entries ?? [])].flatMap(([name, { value }]) => {
      const required = value?.type === 'map' ? scalarAt(value, 'required') : undefined;
      return required && booleanOf(required) !== true ? [name] : [];
    }),
  );
  return namesAt(effective, 'depends_on').flatMap(({ name, scalar }): readonly Reference[] =>
    optional.has(name) ? [] : [{ to: 'service', name, scalar, path: `depends_on[${name}]` }],
  );
}

/** `links` and `volumes_from`, which have more behind a colon. */
function links({ effective }: ComposeService): readonly Reference[] {
  return (['links', 'volumes_from'] as const).flatMap((key) =>
    itemsAt(effective, key).flatMap(({ value }): readonly Reference[] => {
      if (value?.type !== 'scalar' || /^container:|\$/.test(value.node.value)) return [];
      const name = value.node.value.split(':', 1)[0] ?? '';
      return [{ to: 'service', name, scalar: value.node, path: `${key}[${name}]` }];
    }),
  );
}

/** `network_mode: service:web` and its like. */
function namespaces({ effective }: ComposeService): readonly Reference[] {
  return ['network_mode', 'ipc', 'pid'].flatMap((key): readonly Reference[] => {
    const scalar = scalarAt(effective, key);
    const name = /^service:(.+)$/.exec(scalar?.value.trim() ?? '')?.[1];
    return scalar && name !== undefined ? [{ to: 'service', name, scalar, path: key }] : [];
  });
}

/** The names of a list of texts, or the keys of a map. */
function namesAt(
  map: ComposeService['effective'],
  key: string,
): readonly { readonly name: string; readonly scalar: YamlScalar }[] {
  const value = lookup(map, key)?.value;
  if (value?.type === 'map')
    return [...value.entries].map(([name, { pair }]) => ({ name, scalar: pair.key }));
  return itemsAt(map, key).flatMap((item) =>
    item.value?.type === 'scalar' ? [{ name: item.value.node.value, scalar: item.value.node }] : [],
  );
}
