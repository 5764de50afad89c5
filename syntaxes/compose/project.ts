import { asMap, pairOf, type YamlFile, type YamlMap, type YamlNode } from '../yaml/tree.ts';
import type { ComposeProject, ComposeService } from './tree.ts';

/** The sections at the top that name what services use. */
export const SECTIONS = ['volumes', 'networks', 'secrets', 'configs'] as const;

export type Section = (typeof SECTIONS)[number];

/** What a file defines by itself. */
export function ownProject(
  file: YamlFile,
  root: YamlMap | undefined,
  services: readonly ComposeService[],
): ComposeProject {
  return {
    complete:
      !pairOf(root, 'include') &&
      !isSplit(file) &&
      services.every((service) => service.complete && service.standalone),
    services: new Map(services.map((service) => [service.name, service])),
    volumes: definitionsOf(root, 'volumes'),
    networks: definitionsOf(root, 'networks'),
    secrets: definitionsOf(root, 'secrets'),
    configs: definitionsOf(root, 'configs'),
  };
}

/** Whether `---` stands between two maps: Compose merges them, while the tree holds the first one only. */
export function isSplit(file: YamlFile): boolean {
  return file.documents.filter((document) => asMap(document.root)).length > 1;
}

/** The names that a section defines, and what stands below them; merge keys are followed one level. */
export function definitionsOf(
  root: YamlMap | undefined,
  section: Section,
): ReadonlyMap<string, YamlNode | undefined> {
  const found = new Map<string, YamlNode | undefined>();
  for (const { key, value } of asMap(pairOf(root, section)?.value)?.pairs ?? []) {
    if (key.value === '<<')
      for (const pair of asMap(value)?.pairs ?? []) found.set(pair.key.value, pair.value);
    else found.set(key.value, value);
  }
  return found;
}
