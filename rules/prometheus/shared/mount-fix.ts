import type { Mount } from '../../../syntaxes/compose/mounts.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { indentAt, lineEndAt, lineEndingOf } from '../../../syntaxes/lines.ts';
import { basename, dirname, relativePath } from '../../../syntaxes/uri.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';
import type { Context, Edit, Fix } from '../../core/rule.ts';
import { endOfNode } from '../../core/yaml-edits.ts';
import { prometheusRuleFileFacts } from '../../facts/prometheus-rule-file.ts';
import { type Container, literalFolder, relativePattern } from './loading.ts';

/** Rule files that a container lacks, and the mount of the configuration that asks for them. */
export interface MissingMount {
  readonly document: Document<'compose'>;
  readonly context: Context;
  readonly container: Container;
  readonly configUri: string;
  readonly pattern: string;
  readonly mount: Mount;
  /** The files that the pattern means. */
  readonly unseen: readonly string[];
}

/** Mounts what is missing next to the configuration. */
export function mountFix(missing: MissingMount): Fix | undefined {
  const { container, pattern, unseen, configUri, document, mount, context } = missing;
  const relative = relativePattern(pattern, container.configFolder);
  if (relative === undefined || relative.startsWith('../') || mount.item.via !== 'own') return undefined;
  const folder = literalFolder(relative);
  const files = unseen.flatMap((uri) => relativePath(dirname(configUri), uri) ?? []);
  // Rules beside the configuration are mounted one by one: a mount of the folder would hide the configuration's own.
  const paths = folder === '' ? files : [folder];
  if (paths.length === 0 || paths.length > 5) return undefined;
  const edit = mountEdit(document, mount, container, paths);
  if (!edit) return undefined;
  const broken = unseen.find((uri) => context.facts.of(prometheusRuleFileFacts, uri)[0]?.loads === false);
  return {
    title: `Mount ${paths.map((path) => `\`${path}\``).join(', ')} into the container`,
    safety: broken === undefined ? 'safe' : 'review',
    edits: [edit],
    ...(broken !== undefined && {
      risk: `Prometheus does not start with a rule file that it cannot read, and \`${basename(broken)}\` is one.`,
    }),
    verify: 'docker compose config -q',
  };
}

/** New mounts behind that of the configuration, written as it is. */
function mountEdit(
  { text }: Document<'compose'>,
  mount: Mount,
  { configFolder }: Container,
  paths: readonly string[],
): Edit | undefined {
  const source = sourceFolder(mount);
  const start = mount.item.node.span.start;
  const prefix = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  if (source === undefined) return undefined;
  if (mount.item.seq.flow) return flowEdit(text, mount, source, configFolder, paths);
  if (!/^ *- *$/.test(prefix)) return undefined;
  const eol = lineEndingOf(text);
  const dash = indentAt(text, start);
  const inner = ' '.repeat(prefix.length);
  const lines = paths.flatMap((path) => {
    if (mount.short) return [prefix + shortMount(mount.short, source, configFolder, path)];
    const target = `${configFolder === '/' ? '' : configFolder}/${path}`;
    const from = `${source}/${path}`;
    return [
      `${dash}- type: bind`,
      ...[`source: ${from}`, `target: ${target}`, 'read_only: true'].map((line) => inner + line),
    ];
  });
  if (!mount.short && mount.long?.node.flow) return undefined;
  const at = lineEndAt(text, endOfNode(text, mount.item.node));
  return { span: { start: at, end: at }, text: lines.map((line) => eol + line).join('') };
}

/** In `volumes: [a, b]` behind the mount of the configuration. */
function flowEdit(
  text: string,
  { short, item }: Mount,
  source: string,
  configFolder: string,
  paths: readonly string[],
): Edit | undefined {
  if (!short) return undefined;
  const at = endOfNode(text, item.node);
  const added = paths.map((path) => `, ${shortMount(short, source, configFolder, path)}`);
  return { span: { start: at, end: at }, text: added.join('') };
}

/** `./rules:/etc/prometheus/rules:ro`, with the quotes and options of its neighbour. */
function shortMount(neighbour: YamlScalar, source: string, configFolder: string, path: string): string {
  const target = `${configFolder === '/' ? '' : configFolder}/${path}`;
  return requoted(neighbour, `${source}/${path}:${target}${optionsOf(neighbour)}`);
}

/** The folder of the configuration as the mount writes it. */
function sourceFolder({ short, source }: Mount): string | undefined {
  // `${PWD}` alone has been read as the project's folder.
  if (!source || short?.value.replace(/^\$(?:PWD|\{PWD\})\//, '').includes('$')) return undefined;
  const slash = source.lastIndexOf('/');
  return slash <= 0 ? undefined : source.slice(0, slash);
}

/** `:ro`, or the options of the neighbour where it is read-only and has more (`ro,z`). */
function optionsOf(short: YamlScalar): string {
  const options = short.value.split(':')[2];
  if (options === undefined) return ':ro';
  return options.split(',').includes('ro') ? `:${options}` : ':ro';
}

function requoted(scalar: YamlScalar, value: string): string {
  if (scalar.style === 'double') return `"${value}"`;
  return scalar.style === 'single' ? `'${value}'` : value;
}
