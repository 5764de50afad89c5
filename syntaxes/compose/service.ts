import { dirname, joinUri } from '../uri.ts';
import { booleanOf, type YamlScalar } from '../yaml/tree.ts';
import { interpolate, UNKNOWN } from './interpolate.ts';
import {
  type ComposeService,
  type EffectiveMap,
  itemsAt,
  lookup,
  mapAt,
  remembered,
  scalarAt,
} from './tree.ts';

/** How a service's image is built. */
export interface Build {
  /** The folder, null where it is not known or not on this machine. */
  readonly contextUri: string | null;
  /** Null where it is not known; a name of our own for a Dockerfile in the Compose file itself (see `inlineUri`). */
  readonly dockerfileUri: string | null;
  /** The stage that is built; undefined for the last one, null where it is not known. */
  readonly target: string | null | undefined;
  readonly inline: boolean;
  /** The Dockerfile in the Compose file itself. */
  readonly inlineText?: YamlScalar;
  /** Values for the Dockerfile's `ARG`s, null where they are not known; absent where there are none. */
  readonly args?: ReadonlyMap<string, string | null>;
}

/** The user that the Compose file gives a service. */
export interface ServiceUser {
  readonly state: 'unset' | 'root' | 'non-root' | 'unknown';
  readonly scalar?: YamlScalar;
  /** The numeric user id, where the file tells it. */
  readonly uid?: string;
}

/** The image's name with variables put in, and `UNKNOWN` in place of unknown parts; undefined where there is none. */
export function imageOf(service: ComposeService): string | undefined {
  return remembered(service, 'image', () => {
    const scalar = scalarAt(service.effective, 'image');
    if (!scalar) return service.effective.entries.get('image')?.value ? UNKNOWN : undefined;
    return interpolate(scalar.value).pattern.trim() || undefined;
  });
}

export function userOf(service: ComposeService): ServiceUser {
  const entry = service.effective.entries.get('user');
  if (!entry?.value) return { state: service.complete ? 'unset' : 'unknown' };
  if (entry.value.type !== 'scalar') return { state: 'unknown' };
  const scalar = entry.value.node;
  const user = interpolate(scalar.value).pattern.split(':')[0]?.trim() ?? '';
  if (user === '') return { state: 'unset', scalar };
  if (user.includes(UNKNOWN)) return { state: 'unknown', scalar };
  if (user === 'root' || /^0+$/.test(user)) return { state: 'root', scalar, uid: '0' };
  return { state: 'non-root', scalar, ...(/^\d+$/.test(user) && { uid: user }) };
}

/** A switch of a service: undefined where it is not given or not known. */
export function flagOf(service: ComposeService, ...keys: readonly string[]): boolean | undefined {
  const scalar = scalarAt(service.effective, ...keys);
  const text = scalar && interpolate(scalar.value).text;
  return scalar && text !== undefined ? booleanOf({ ...scalar, value: text }) : undefined;
}

export function buildOf(service: ComposeService, composeUri: string): Build | undefined {
  return remembered(service, 'build', () => readBuild(service, composeUri));
}

function readBuild(service: ComposeService, composeUri: string): Build | undefined {
  // An extending service may write the long form where the other has the short one, so each layer is asked.
  const layers = service.layers.filter((layer) => layer.entries.get('build')?.value);
  if (layers.length === 0) return undefined;
  const text = (key: string): string | null | undefined => {
    for (const layer of [...layers].reverse()) {
      const build = layer.entries.get('build')?.value;
      const scalar =
        build?.type === 'scalar' && key === 'context'
          ? build.node
          : build?.type === 'map'
            ? scalarAt(build, key)
            : undefined;
      if (scalar) return interpolate(scalar.value).text ?? null;
    }
    return undefined;
  };
  const context = text('context') ?? (text('context') === null ? null : '.');
  const inline = text('dockerfile_inline') !== undefined;
  const inlineText = layers.map((layer) => scalarAt(layer, 'build', 'dockerfile_inline')).findLast(Boolean);
  const args = buildArguments(layers);
  const dockerfile = text('dockerfile');
  const remote = context !== null && /^(?:[a-z][a-z0-9+.-]*:|git@|github\.com\/)/i.test(context);
  const contextUri =
    context === null || remote || context.startsWith('~') ? null : joinUri(dirname(composeUri), context);
  const dockerfileUri = inline
    ? inlineUri(contextUri ?? dirname(composeUri), composeUri, service.name)
    : contextUri === null || dockerfile === null
      ? null
      : joinUri(contextUri, dockerfile ?? 'Dockerfile');
  return {
    contextUri,
    dockerfileUri,
    target: text('target'),
    inline,
    ...(inlineText && { inlineText }),
    ...(args.size > 0 && { args }),
  };
}

/**
 * Names the Dockerfile that stands in a Compose file for a service: as if it lay in the build's context. Another Compose file may hold
 * one for a service of the same name and context.
 */
function inlineUri(contextUri: string, composeUri: string, service: string): string {
  return `${joinUri(contextUri, 'Dockerfile')}#${encodeURIComponent(`${composeUri} ${service}`)}`;
}

/** `build.args`, from the map or the list form; a later layer replaces what an earlier one sets. */
function buildArguments(layers: readonly EffectiveMap[]): ReadonlyMap<string, string | null> {
  const args = new Map<string, string | null>();
  for (const layer of layers) {
    for (const [name, { value }] of mapAt(layer, 'build', 'args')?.entries ?? []) {
      args.set(name, value?.type === 'scalar' ? (interpolate(value.node.value).text ?? null) : null);
    }
    for (const { value } of itemsAt(layer, 'build', 'args')) {
      if (value?.type !== 'scalar') continue;
      const [, name = '', given] = /^([^=]*)(?:=(.*))?$/s.exec(value.node.value) ?? [];
      args.set(name, given === undefined ? null : (interpolate(given).text ?? null));
    }
  }
  return args;
}

/** What is known of the healthcheck that the Compose file gives a service. */
export function healthcheckOf(service: ComposeService): 'set' | 'disabled' | 'unset' {
  const check = lookup(service.effective, 'healthcheck');
  if (!check?.value) return 'unset';
  if (flagOf(service, 'healthcheck', 'disable') === true) return 'disabled';
  const test =
    scalarAt(service.effective, 'healthcheck', 'test')?.value ?? scalarOfItem(service, 'healthcheck', 'test');
  if (test?.trim().toUpperCase() === 'NONE') return 'disabled';
  // Without a test the block only changes the times of the image's own check.
  return lookup(service.effective, 'healthcheck', 'test') ? 'set' : 'unset';
}

function scalarOfItem(service: ComposeService, ...keys: readonly string[]): string | undefined {
  const first = itemsAt(service.effective, ...keys)[0]?.value;
  return first?.type === 'scalar' ? first.node.value : undefined;
}

/** A word of a command and the scalar that it stands in. */
export interface Word {
  /** The text with variables put in and `UNKNOWN` for unknown parts. */
  readonly text: string;
  readonly scalar: YamlScalar;
}

/** The words of `command` or `entrypoint`, in either form; undefined where the key is not given. */
export function wordsOf(service: ComposeService, key: 'command' | 'entrypoint'): readonly Word[] | undefined {
  const value = service.effective.entries.get(key)?.value;
  if (value?.type === 'scalar') {
    return splitWords(interpolate(value.node.value).pattern).map((text) => ({ text, scalar: value.node }));
  }
  if (value?.type !== 'seq') return undefined;
  return value.items.flatMap(({ value: item }) =>
    item?.type === 'scalar' ? [{ text: interpolate(item.node.value).pattern, scalar: item.node }] : [],
  );
}

/** Splits a command line at white space outside of quotes, as a shell does. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (quote !== '') {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"') word = (word ?? '') + text.charAt(++i);
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '\\') {
      word = (word ?? '') + text.charAt(++i);
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** The services that this one waits for, with the condition; `service_started` where none is given. */
export function dependenciesOf(
  service: ComposeService,
): readonly { readonly service: string; readonly condition: string }[] {
  const found = new Map<string, string>();
  for (const layer of service.layers) {
    for (const item of itemsAt(layer, 'depends_on')) {
      if (item.value?.type === 'scalar') found.set(knownText(item.value.node), 'service_started');
    }
    for (const [name, entry] of mapAt(layer, 'depends_on')?.entries ?? []) {
      const condition = entry.value?.type === 'map' ? scalarAt(entry.value, 'condition') : undefined;
      found.set(name, condition ? knownText(condition) : 'service_started');
    }
  }
  return [...found].map(([name, condition]) => ({ service: name, condition }));
}

/** The text with the defaults of variables put in; as it is written where a part is unknown. */
function knownText({ value }: YamlScalar): string {
  return interpolate(value).text ?? value;
}

/** Names of the services whose end another one waits for. */
export function awaitedIn(services: readonly ComposeService[]): ReadonlySet<string> {
  return new Set(
    services.flatMap((service) =>
      dependenciesOf(service)
        .filter(({ condition }) => condition === 'service_completed_successfully')
        .map((wait) => wait.service),
    ),
  );
}
