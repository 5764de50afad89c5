import { fieldOf } from '../prometheus/tree.ts';
import {
  asMap,
  asScalar,
  asSeq,
  booleanOf,
  isNull,
  valueAt,
  type YamlFile,
  type YamlMap,
  type YamlNode,
} from '../yaml/tree.ts';
import { matchersOf } from './matchers.ts';
import type { AlertmanagerTree, Integration, Receiver, Route } from './tree.ts';

/** Deeper routes than this are left out; nobody writes them. */
const MAX_DEPTH = 60;

/** The parts of a configuration that rules ask for. */
export function alertmanagerTree(file: YamlFile): AlertmanagerTree {
  const root = asMap(file.documents.find((document) => document.root)?.root);
  const route = asMap(valueAt(root, 'route'));
  return {
    file,
    root,
    global: asMap(valueAt(root, 'global')),
    templates: itemsOf(valueAt(root, 'templates')).flatMap((item) => asScalar(item) ?? []),
    route: route && routeOf(route, undefined, 0, 'route'),
    receivers: mapsOf(valueAt(root, 'receivers')).map(receiverIn),
    inhibitRules: mapsOf(valueAt(root, 'inhibit_rules')).map((map, index) => ({
      map,
      place: `inhibit_rules.${index}`,
    })),
    timeIntervals: ['time_intervals', 'mute_time_intervals'].flatMap((key) =>
      mapsOf(valueAt(root, key)).flatMap((map) => asScalar(valueAt(map, 'name')) ?? []),
    ),
  };
}

function routeOf(map: YamlMap, parent: Route | undefined, index: number, place: string, depth = 0): Route {
  const routes: Route[] = [];
  const toggle = fieldOf(map, 'continue')?.value;
  const receiver = fieldOf(map, 'receiver')?.value;
  const route: Route = {
    map,
    parent,
    index,
    place,
    receiver: isNull(receiver) ? undefined : asScalar(receiver),
    ...matchersOf(map),
    continues: toggle === undefined ? false : booleanOf(toggle),
    routes,
  };
  if (depth > MAX_DEPTH) return route;
  const names = new Map<string, number>();
  mapsOf(fieldOf(map, 'routes')?.value).forEach((child, at) => {
    const name = nameOf(child);
    const count = names.get(name) ?? 0;
    names.set(name, count + 1);
    const suffix = count > 0 ? `#${count}` : '';
    routes.push(routeOf(child, route, at, `${place}[${name}${suffix}]`, depth + 1));
  });
  return route;
}

/** The labels by which a route matches: they name it better than its position does, and stay when a value is corrected. */
function nameOf(map: YamlMap): string {
  const labels = matchersOf(map).matchers.map(({ label }) => label);
  return [...new Set(labels)].join(',').slice(0, 80) || '*';
}

function receiverIn(map: YamlMap, index: number): Receiver {
  const name = asScalar(fieldOf(map, 'name')?.value);
  const place = `receivers.${name?.value || index}`;
  const groups = map.pairs.filter(({ key }) => key.value.endsWith('_configs'));
  return {
    map,
    name,
    place,
    integrations: groups.flatMap(({ key, value }) =>
      mapsOf(value).map(
        (entry, at): Integration => ({
          kind: key.value,
          key,
          map: entry,
          place: `${place}.${key.value}.${at}`,
        }),
      ),
    ),
    complete:
      map.pairs.every(({ key }) => key.value !== '<<') &&
      groups.every(({ value }) => isNull(value) || asSeq(value) !== undefined),
  };
}

function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  return asSeq(node)?.items ?? [];
}

function mapsOf(node: YamlNode | undefined): readonly YamlMap[] {
  return itemsOf(node).flatMap((item) => asMap(item) ?? []);
}
