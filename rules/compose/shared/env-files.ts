import { interpolate } from '../../../syntaxes/compose/interpolate.ts';
import { type ComposeService, type Effective, scalarAt } from '../../../syntaxes/compose/tree.ts';
import { dirname, joinUri } from '../../../syntaxes/uri.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';

/** A file that a service takes variables from. https://docs.docker.com/reference/compose-file/services/#env_file */
export interface EnvFile {
  readonly uri: string;
  /** The path as it is written. */
  readonly scalar: YamlScalar;
}

/** The environment files of a service, in each form; those whose place is not known are left out. */
export function envFilesOf(service: ComposeService, composeUri: string): readonly EnvFile[] {
  const value = service.effective.entries.get('env_file')?.value;
  const entries = value?.type === 'seq' ? value.items.map((item) => item.value) : [value];
  return entries.flatMap((entry) => {
    const scalar = pathOf(entry);
    const path = scalar && interpolate(scalar.value).text?.trim().replaceAll('\\', '/');
    if (!scalar || !path || /^(?:~|[A-Za-z]:)/.test(path)) return [];
    return [{ uri: joinUri(dirname(composeUri), path), scalar }];
  });
}

function pathOf(entry: Effective | undefined): YamlScalar | undefined {
  if (entry?.type === 'scalar') return entry.node;
  return entry?.type === 'map' ? scalarAt(entry, 'path') : undefined;
}
