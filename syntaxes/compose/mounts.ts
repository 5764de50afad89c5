import { dirname, joinUri } from '../uri.ts';
import { booleanOf, type YamlScalar } from '../yaml/tree.ts';
import { interpolate, UNKNOWN } from './interpolate.ts';
import {
  type ComposeService,
  type EffectiveItem,
  type EffectiveMap,
  itemsAt,
  remembered,
  scalarAt,
} from './tree.ts';

export type MountType = 'bind' | 'volume' | 'other' | 'unknown';

/** One entry of `volumes`, in either form. https://docs.docker.com/reference/compose-file/services/#volumes */
export interface Mount {
  readonly item: EffectiveItem;
  readonly short: YamlScalar | undefined;
  readonly long: EffectiveMap | undefined;
  readonly type: MountType;
  /** The path on the host or the volume's name; '' for an anonymous volume, null where it is not known. */
  readonly source: string | null;
  /** The path in the container, null where it is not known. */
  readonly target: string | null;
  readonly readOnly: boolean;
  /** What stands behind the target in the short form; `bind.propagation` and the like in the long form. */
  readonly options: readonly string[];
}

export function mountsOf(service: ComposeService): readonly Mount[] {
  return remembered(service, 'mounts', () =>
    itemsAt(service.effective, 'volumes').flatMap((item) => mountOf(item) ?? []),
  );
}

/** The file or folder of a bind mount; undefined for a volume, an unknown path and one in the user's home. */
export function mountSourceUri(mount: Mount, composeUri: string): string | undefined {
  if (mount.type !== 'bind' || !mount.source || /^(?:~|[A-Za-z]:|\\)/.test(mount.source)) return undefined;
  return joinUri(dirname(composeUri), mount.source);
}

/** Compose is run in the project's folder, so that is what the shell's variable holds. */
const WORKING_FOLDER = /^\$(?:PWD\b|\{PWD\})(?=\/)/;
/** And this one holds what `~` stands for. */
const HOME_FOLDER = /^\$(?:(?:HOME|USERPROFILE)\b|\{(?:HOME|USERPROFILE)\})(?=[:/\\]|$)/;

function mountOf(item: EffectiveItem): Mount | undefined {
  const { value } = item;
  if (value?.type === 'map') return longMount(item, value);
  if (value?.type !== 'scalar') return undefined;
  return {
    item,
    short: value.node,
    long: undefined,
    ...parseShortMount(pathPattern(value.node.value)),
  };
}

function pathPattern(text: string): string {
  return interpolate(text.replace(WORKING_FOLDER, '.').replace(HOME_FOLDER, '~')).pattern;
}

function longMount(item: EffectiveItem, long: EffectiveMap): Mount {
  const text = (key: string): string | null => {
    const scalar = scalarAt(long, key);
    return scalar ? known(pathPattern(scalar.value)) : long.entries.has(key) ? null : '';
  };
  const type = text('type');
  return {
    item,
    short: undefined,
    long,
    type: type === 'bind' || type === 'volume' ? type : type === null ? 'unknown' : 'other',
    source: text('source') || text('src'),
    target: text('target') || text('dst') || text('destination'),
    readOnly: isReadOnly(scalarAt(long, 'read_only') ?? scalarAt(long, 'readonly')),
    options: [scalarAt(long, 'bind', 'propagation')?.value ?? ''].filter((option) => option !== ''),
  };
}

function isReadOnly(scalar: YamlScalar | undefined): boolean {
  if (!scalar) return false;
  const value = interpolate(scalar.value).text;
  return value === undefined || booleanOf({ ...scalar, value }) === true;
}

/** `[source:]target[:options]`, with a Windows drive in front of the source. */
export function parseShortMount(
  pattern: string,
): Pick<Mount, 'type' | 'source' | 'target' | 'readOnly' | 'options'> {
  const drive = /^[A-Za-z]:[\\/]/.test(pattern) ? 2 : 0;
  const colon = pattern.indexOf(':', drive);
  if (colon < 0) {
    const whole = known(pattern);
    return {
      type: whole === null ? 'unknown' : 'volume',
      source: whole === null ? null : '',
      target: whole,
      readOnly: false,
      options: [],
    };
  }
  const source = pattern.slice(0, colon);
  const rest = pattern.slice(colon + 1);
  const end = /^[A-Za-z]:[\\/]/.test(rest) ? rest.indexOf(':', 2) : rest.indexOf(':');
  const options = end < 0 ? [] : rest.slice(end + 1).split(',');
  return {
    type: typeOfSource(source),
    source: known(source),
    target: known(end < 0 ? rest : rest.slice(0, end)),
    readOnly: options.some((option) => option === 'ro' || option.includes(UNKNOWN)),
    options,
  };
}

function typeOfSource(source: string): MountType {
  if (/^(?:[.~/\\]|[A-Za-z]:[\\/])/.test(source)) return 'bind';
  return source.startsWith(UNKNOWN) ? 'unknown' : 'volume';
}

function known(text: string): string | null {
  return text.includes(UNKNOWN) ? null : text;
}
