import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, itemsAt, mapAt, scalarAt } from '../../syntaxes/compose/tree.ts';
import { asMap, booleanOf, pairOf, valueAt, type YamlMap } from '../../syntaxes/yaml/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** The names by which the containers of one Compose file reach each other. */
export interface ComposeHostsFact {
  /** Of services, containers, aliases and links. */
  readonly names: readonly string[];
  /** Whether there may be others: networks of other projects, included files, names that are not known. */
  readonly open: boolean;
}

export const composeHostsFacts: FactKey<ComposeHostsFact> = factKey('compose-hosts');

export const extractor = defineExtractor({
  kind: 'compose',
  key: composeHostsFacts,
  extract({ tree }): readonly ComposeHostsFact[] {
    const names = tree.services.flatMap(namesOf);
    return [
      {
        names: [...new Set(names.flatMap((name) => name ?? []))],
        open:
          names.includes(undefined) ||
          reachesOthers(tree.root) ||
          tree.services.some((service) => !service.complete),
      },
    ];
  },
});

/** `undefined` stands for a name that is not known. */
function namesOf(service: ComposeService): readonly (string | undefined)[] {
  const given = ['container_name', 'hostname'].flatMap((key) => scalarAt(service.effective, key) ?? []);
  const links = [...itemsAt(service.effective, 'links'), ...itemsAt(service.effective, 'extra_hosts')];
  const networks = [...(mapAt(service.effective, 'networks')?.entries.keys() ?? [])];
  const aliases = networks.flatMap((network) => itemsAt(service.effective, 'networks', network, 'aliases'));
  const listed = [...links, ...aliases].flatMap(({ value }) =>
    value?.type === 'scalar' ? [value.node] : [],
  );
  const written = [...given, ...listed].map((scalar) => interpolate(scalar.value).text);
  const hosts = [...(mapAt(service.effective, 'extra_hosts')?.entries.keys() ?? [])];
  // `db:database` is the service `db` under another name, `name:1.2.3.4` a host.
  return [
    service.name,
    ...hosts,
    ...written.flatMap((text) => (text === undefined ? [undefined] : text.split(/[:=]/))),
  ];
}

function reachesOthers(root: YamlMap | undefined): boolean {
  if (pairOf(root, 'include')) return true;
  return (asMap(valueAt(root, 'networks'))?.pairs ?? []).some(({ value }) => {
    const external = pairOf(value, 'external');
    return external !== undefined && booleanOf(external.value) !== false;
  });
}
