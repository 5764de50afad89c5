import type * as z from 'zod';
import type { Environment, Rule, Severity, Versions } from '../../rules/core/rule.ts';
import type { Span } from '../../syntaxes/document.ts';
import { basename, dirname, joinUri, relativePath } from '../../syntaxes/uri.ts';
import { parseYaml } from '../../syntaxes/yaml/parse.ts';
import { asMap, asScalar, asSeq, deref, isNull, valueAt, type YamlNode } from '../../syntaxes/yaml/tree.ts';
import { CONFIG_NAMES, type ConfigFile, type RuleSetting } from './config-schema.ts';
import { environmentOf, workspacePath } from './environment.ts';
import { globMatcher } from './glob.ts';

export type Profile = 'recommended' | 'strict';

/** What a rule is for one file. */
export interface EnabledRule {
  readonly rule: Rule;
  readonly severity: Severity;
  readonly options: unknown;
}

/** Everything that the configuration says of one file. Equal settings are the same object. */
export interface FileSettings {
  readonly ignored: boolean;
  readonly environment: Environment;
  readonly versions: Versions;
  readonly rules: readonly EnabledRule[];
  /** The configuration files in use, the most distant first. */
  readonly sources: readonly string[];
}

/** Something wrong in a configuration file. The last good version of that file stays in use. */
export interface ConfigProblem {
  readonly span: Span;
  readonly message: string;
}

export interface ConfigOptions {
  readonly rules: readonly Rule[];
  /** Called when the first configuration file is read; most workspaces have none. */
  readonly schema: () => z.ZodType<ConfigFile>;
  /** Folders of the workspace, as normalised URIs. */
  readonly roots: readonly string[];
  /** The profile where no configuration names one. */
  readonly profile: Profile;
  /** A configuration file that holds for every file, before those that are found beside the files. */
  readonly explicit?: string;
  /** Only these rules, whatever the configuration says; their options still hold. */
  readonly only?: readonly string[];
}

interface Loaded {
  readonly good: ConfigFile;
  readonly problems: readonly ConfigProblem[];
}

/** All configuration files of a workspace, and what they come to for each file. */
export class Configuration {
  readonly #options: ConfigOptions;
  readonly #files = new Map<string, Loaded>();
  readonly #settings = new Map<string, FileSettings>();
  readonly #settingsOfFiles = new Map<string, FileSettings>();
  #extended: readonly string[] = [];
  #schema: z.ZodType<ConfigFile> | undefined;

  constructor(options: ConfigOptions) {
    this.#options = options;
  }

  /** Whether a file is configuration: by its name, or since another one extends it. */
  isConfig(uri: string): boolean {
    return (
      CONFIG_NAMES.includes(basename(uri)) || uri === this.#options.explicit || this.#extended.includes(uri)
    );
  }

  /** Takes a configuration file's text; undefined when the file is gone. Keeps the last good version where the new one is wrong. */
  set(uri: string, text: string | undefined): void {
    this.#settings.clear();
    this.#settingsOfFiles.clear();
    this.#setFile(uri, text);
    this.#extended = [...this.#files].flatMap(([file, { good }]) => extendedFiles(file, good));
  }

  #setFile(uri: string, text: string | undefined): void {
    if (text === undefined) {
      this.#files.delete(uri);
      return;
    }
    const { value, problems } = readConfig(this.#readSchema(), text);
    this.#files.set(uri, { good: value ?? this.#files.get(uri)?.good ?? {}, problems });
  }

  #readSchema(): z.ZodType<ConfigFile> {
    this.#schema ??= this.#options.schema();
    return this.#schema;
  }

  problems(uri: string): readonly ConfigProblem[] {
    return this.#files.get(uri)?.problems ?? [];
  }

  /** Files that a configuration extends and that nobody has given yet. */
  missing(): readonly string[] {
    const wanted = [...this.#extended, ...(this.#options.explicit ? [this.#options.explicit] : [])];
    return wanted.filter((uri) => !this.#files.has(uri));
  }

  /** The settings for one file. */
  settingsFor(uri: string): FileSettings {
    const known = this.#settingsOfFiles.get(uri) ?? this.#findSettings(uri);
    this.#settingsOfFiles.set(uri, known);
    return known;
  }

  #findSettings(uri: string): FileSettings {
    const chain = this.#chainFor(uri);
    const path = workspacePath(this.#options.roots, uri);
    const matched = chain.map(({ uri: source, config }) => matchesOf(source, config, uri));
    const key = JSON.stringify([chain.map((link) => link.uri), matched, environmentOf(path)]);
    const known = this.#settings.get(key);
    if (known) return known;
    const settings = this.#resolve(chain, matched, environmentOf(path));
    this.#settings.set(key, settings);
    return settings;
  }

  /** The configuration files for one file with what they extend, the weakest first. */
  #chainFor(uri: string): { readonly uri: string; readonly config: ConfigFile }[] {
    const nearest = this.#nearest(uri);
    const start = [
      ...(this.#options.explicit ? [this.#options.explicit] : []),
      ...(nearest ? [nearest] : []),
    ];
    return start.flatMap((source) => this.#withExtended(source, new Set()));
  }

  #withExtended(uri: string, seen: Set<string>): { readonly uri: string; readonly config: ConfigFile }[] {
    const config = this.#files.get(uri)?.good;
    if (!config || seen.has(uri)) return [];
    seen.add(uri);
    return [...extendedFiles(uri, config).flatMap((base) => this.#withExtended(base, seen)), { uri, config }];
  }

  /** The nearest configuration file that is known; whoever knows one above the workspace folders may give it. */
  #nearest(uri: string): string | undefined {
    if (this.#files.size === 0) return undefined;
    for (let folder = dirname(uri); ; folder = dirname(folder)) {
      const found = CONFIG_NAMES.map((name) => joinUri(folder, name)).find((candidate) =>
        this.#files.has(candidate),
      );
      if (found) return found;
      if (dirname(folder) === folder) return undefined;
    }
  }

  #resolve(
    chain: readonly { readonly uri: string; readonly config: ConfigFile }[],
    matched: readonly FileMatches[],
    byName: Environment,
  ): FileSettings {
    const overrides = chain.flatMap(
      ({ config }, i) => matched[i]?.overrides.map((index) => config.overrides?.[index]) ?? [],
    );
    const environment = overrides.findLast((override) => override?.environment)?.environment ?? byName;
    const profile =
      chain.flatMap(({ config }) => config.extends ?? []).findLast(isProfile) ?? this.#options.profile;
    const settings = new Map<string, RuleSetting>();
    for (const source of [
      ...chain.map(({ config }) => config.rules),
      ...overrides.map((override) => override?.rules),
    ]) {
      for (const [id, setting] of Object.entries(source ?? {})) settings.set(id, setting);
    }
    return {
      ignored: matched.some((match) => match.ignored),
      environment,
      versions: versionsOf(chain.map(({ config }) => config)),
      rules: this.#options.rules.flatMap(
        (rule) => this.#enable(rule, settings.get(rule.id), profile, environment) ?? [],
      ),
      sources: chain.map((link) => link.uri),
    };
  }

  #enable(
    rule: Rule,
    setting: RuleSetting | undefined,
    profile: Profile,
    environment: Environment,
  ): EnabledRule | undefined {
    const { only } = this.#options;
    if (only && !only.includes(rule.id)) return undefined;
    const [level, options] = Array.isArray(setting) ? setting : [setting, undefined];
    if (level === 'off' && !only) return undefined;
    const asked = only !== undefined || level !== undefined;
    if (!asked && profile === 'recommended' && (rule.profile === 'strict' || rule.confidence === 'low'))
      return undefined;
    if (!asked && environment === 'dev' && rule.dev === 'off') return undefined;
    const severity = level === undefined || level === 'on' || level === 'off' ? rule.severity : level;
    return {
      rule,
      severity,
      options: options === undefined ? rule.options?.defaults : rule.options?.schema().parse(options),
    };
  }
}

interface FileMatches {
  readonly ignored: boolean;
  readonly overrides: readonly number[];
}

function matchesOf(source: string, config: ConfigFile, uri: string): FileMatches {
  const path = relativePath(dirname(source), uri);
  const matches = (globs: readonly string[]) =>
    path !== undefined && globs.some((glob) => matchesGlob(glob, path));
  const overrides = (config.overrides ?? []).flatMap((override, index) =>
    matches(override.files) ? [index] : [],
  );
  return { ignored: matches(config.ignore ?? []), overrides };
}

/** As in .gitignore and in most linters, a glob without a slash matches in every folder, and a folder means all below it. */
function matchesGlob(glob: string, path: string): boolean {
  const patterns = glob.includes('/')
    ? [glob, `${glob.replace(/\/$/, '')}/**`]
    : [glob, `**/${glob}`, `**/${glob}/**`];
  return patterns.some((pattern) => globMatcher(pattern)(path));
}

function isProfile(name: string): name is Profile {
  return name === 'recommended' || name === 'strict';
}

function extendedFiles(uri: string, config: ConfigFile): string[] {
  return (config.extends ?? []).filter((name) => !isProfile(name)).map((path) => joinUri(dirname(uri), path));
}

function versionsOf(chain: readonly ConfigFile[]): Versions {
  const nginx = chain.findLast((config) => config.versions?.nginx)?.versions?.nginx;
  return nginx === undefined ? {} : { nginx: nginx.split('.').map(Number) };
}

/** Reads a configuration file; without a value where it is broken, with the place of everything that is wrong. */
export function readConfig(
  schema: z.ZodType<ConfigFile>,
  text: string,
): { readonly value?: ConfigFile; readonly problems: readonly ConfigProblem[] } {
  const { file, problems } = parseYaml(text);
  if (problems.length > 0)
    return {
      problems: problems.map(({ span, message }) => ({ span, message: `Not valid YAML: ${message}` })),
    };
  const root = file.documents[0]?.root;
  if (isNull(root)) return { value: {}, problems: [] };
  const result = schema.safeParse(plainValue(root));
  if (result.success) {
    const bad = (result.data.extends ?? []).filter((name) => !isProfile(name) && !/^\.{1,2}\//.test(name));
    if (bad.length === 0) return { value: result.data, problems: [] };
    return {
      problems: bad.map((name) => ({
        span: spanAt(root, ['extends']),
        message: `\`extends\` knows \`recommended\`, \`strict\` and paths that start with \`./\`, not \`${name}\`.`,
      })),
    };
  }
  return { problems: result.error.issues.flatMap((issue) => problemsOf(root, issue)) };
}

function problemsOf(root: YamlNode | undefined, issue: z.core.$ZodIssue): ConfigProblem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const what = path.at(-1) === 'rules' ? 'Unknown rule' : 'Unknown key';
    return issue.keys.map((key) => ({
      span: keySpanAt(root, [...path, key]),
      message: `${what} \`${key}\`.`,
    }));
  }
  const where = path.length === 0 ? 'The file' : `\`${path.join('.')}\``;
  return [{ span: spanAt(root, path), message: `${where}: ${issue.message}.` }];
}

function spanAt(root: YamlNode | undefined, path: readonly string[]): Span {
  for (let length = path.length; length >= 0; length--) {
    const node = nodeAt(root, path.slice(0, length));
    if (node) return node.span;
  }
  return { start: 0, end: 0 };
}

function keySpanAt(root: YamlNode | undefined, path: readonly string[]): Span {
  const parent = asMap(nodeAt(root, path.slice(0, -1)));
  return parent?.pairs.find((pair) => pair.key.value === path.at(-1))?.key.span ?? spanAt(root, path);
}

function nodeAt(root: YamlNode | undefined, path: readonly string[]): YamlNode | undefined {
  return path.reduce<YamlNode | undefined>(
    (node, key) => asSeq(node)?.items[Number(key)] ?? valueAt(node, key),
    root,
  );
}

/** A node as plain data, scalars by the YAML 1.2 core schema as far as a configuration file needs it. */
function plainValue(node: YamlNode | undefined): unknown {
  const target = deref(node);
  if (!target || isNull(target)) return undefined;
  if (target.type === 'map')
    return Object.fromEntries(target.pairs.map((pair) => [pair.key.value, plainValue(pair.value)]));
  if (target.type === 'seq') return target.items.map(plainValue);
  return plainScalar(asScalar(target)?.value ?? '', target.style === 'plain');
}

function plainScalar(value: string, plain: boolean): unknown {
  // YAML 1.1 would read `off` and `on` as booleans; here they are words of the schema.
  if (!plain) return value;
  if (value === 'true' || value === 'false') return value === 'true';
  // `1.25` is a version, not a number.
  return /^-?\d+$/.test(value) ? Number(value) : value;
}
