import { UNKNOWN } from '../../syntaxes/compose/interpolate.ts';
import { mountSourceUri, mountsOf } from '../../syntaxes/compose/mounts.ts';
import { imageOf, wordsOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** A service of a Compose file that runs an Alertmanager: what its container sees of the host. */
export interface AlertmanagerServiceFact {
  readonly name: string;
  /** The configuration's path in the container. */
  readonly configPath: string;
  /** The mounts in order; `null` for a volume, a path outside of the workspace's reach or one that is not known. */
  readonly mounts: readonly { readonly sourceUri: string | null; readonly target: string }[];
  /**
   * Whether the configuration may be another one than the file that is mounted: an image built here, a command or an entry point that
   * may fill it in, `configs`, a part in a file that is not read.
   */
  readonly opaque: boolean;
}

export const alertmanagerServiceFacts: FactKey<AlertmanagerServiceFact> = factKey('alertmanager-services');

/** Where the image's own command looks: https://github.com/prometheus/alertmanager/blob/main/Dockerfile. */
const DEFAULT_CONFIG = '/etc/alertmanager/alertmanager.yml';
const CONFIG_FLAG = /^--?config\.file(?:=(.*))?$/;
const IMAGE = /(?:^|\/)(?:[\w.-]*-)?alertmanager(?:[:@]|$)/;

export const extractor = defineExtractor({
  kind: 'compose',
  key: alertmanagerServiceFacts,
  extract: ({ uri, tree }) => tree.services.flatMap((service) => factOf(service, uri) ?? []),
});

function factOf(service: ComposeService, uri: string): AlertmanagerServiceFact | undefined {
  const { entries } = service.effective;
  if (!IMAGE.test(imageOf(service) ?? '') && !(entries.has('build') && /alertmanager/i.test(service.name)))
    return undefined;
  const command = (wordsOf(service, 'command') ?? []).map((word) => word.text);
  const entrypoint = (wordsOf(service, 'entrypoint') ?? []).map((word) => word.text);
  const mounts = mountsOf(service);
  return {
    name: service.name,
    configPath: configFlag([...entrypoint, ...command]) ?? DEFAULT_CONFIG,
    mounts: mounts.flatMap((mount) =>
      mount.target === null
        ? []
        : [
            {
              sourceUri: mountSourceUri(mount, uri) ?? null,
              target: mount.target.replace(/(?<=.)\/$/, ''),
            },
          ],
    ),
    opaque:
      ['build', 'configs', 'volumes_from'].some((key) => entries.has(key)) ||
      !service.complete ||
      mounts.some((mount) => mount.target === null) ||
      !/^(?:\S*\/alertmanager)?$/.test(entrypoint[0] ?? '') ||
      command.some((word) => !word.startsWith('-') && /\s|^(?:sh|bash|\/bin\/.*sh|envsubst)$/.test(word)) ||
      [...entrypoint, ...command].some((word) => word.includes(UNKNOWN) && CONFIG_FLAG.test(word)),
  };
}

function configFlag(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const match = CONFIG_FLAG.exec(word);
    if (match) return match[1] ?? words[index + 1];
  }
  return undefined;
}
