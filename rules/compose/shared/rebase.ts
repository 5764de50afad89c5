import { joinUri, pathOf } from '../../../syntaxes/uri.ts';
import type { PlainYaml } from '../../../syntaxes/yaml/plain.ts';

/** A service of a file in another folder, with its relative paths made absolute: they are seen from that folder. */
export function rebased(service: PlainYaml, directory: string): PlainYaml {
  const absolute = (path: string): string => (path.startsWith('.') ? pathOf(joinUri(directory, path)) : path);
  const context = (path: string): string =>
    /^(?:[a-z][a-z0-9+.-]*:|git@|[/~$])/i.test(path) ? path : pathOf(joinUri(directory, path));
  return mapEntries(service, (key, value) => {
    if (key === 'build')
      return isMap(value)
        ? mapEntries(value, (name, inner) => (name === 'context' ? mapText(inner, context) : inner))
        : mapText(value, context);
    if (key === 'volumes')
      return mapItems(value, (item) =>
        isMap(item)
          ? mapEntries(item, (name, inner) =>
              // What is bound is a path, also without a dot in front.
              /^(?:source|src)$/.test(name) ? mapText(inner, isBind(item) ? context : absolute) : inner,
            )
          : mapText(item, (text) => text.replace(/^[^:]*/, absolute)),
      );
    return key === 'env_file' && !isMap(value)
      ? mapItems(mapText(value, context), (item) => mapText(item, context))
      : value;
  });
}

function isBind(mount: PlainYaml): boolean {
  return (
    mount !== null &&
    typeof mount === 'object' &&
    'map' in mount &&
    mount.map.some(([key, value]) => key === 'type' && value === 'bind')
  );
}

function isMap(value: PlainYaml): boolean {
  return value !== null && typeof value === 'object' && 'map' in value;
}

function mapText(value: PlainYaml, change: (text: string) => string): PlainYaml {
  if (typeof value === 'string') return change(value);
  return value !== null && 'text' in value ? { ...value, text: change(value.text) } : value;
}

function mapItems(value: PlainYaml, change: (item: PlainYaml) => PlainYaml): PlainYaml {
  return value !== null && typeof value === 'object' && 'items' in value
    ? { ...value, items: value.items.map(change) }
    : value;
}

function mapEntries(value: PlainYaml, change: (key: string, value: PlainYaml) => PlainYaml): PlainYaml {
  return value !== null && typeof value === 'object' && 'map' in value
    ? { ...value, map: value.map.map(([key, inner]) => [key, change(key, inner)]) }
    : value;
}
