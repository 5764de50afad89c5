import type { Document } from '../../../syntaxes/document.ts';
import { allDirectives, ancestorsOf, type NginxDirective } from '../../../syntaxes/nginx/tree.ts';
import type { FactReader } from '../../core/facts.ts';
import { isAnyName } from './any-name.ts';
import { conditionOf, isRegex, locationOf } from './conditions.ts';
import { groupOf, groupTakes, parseRegex, type Regex, startsWith } from './regex.ts';
import { partsOf, type ValuePart } from './values.ts';

/*
 * Which variables a request decides, and with which characters. What a file does not tell (a variable that another file sets) counts
 * as decided by nobody, so rules say nothing of it.
 */

/** What a client may bring into a value. */
export interface Control {
  /** Whether the value may hold a character that the client chose. */
  may(character: string): boolean;
  /** Whether it starts with `/` in any case, as paths do. */
  readonly path: boolean;
}

/** The variables of one file. */
export interface Variables {
  /** What a client may bring into a variable, as a directive sees it. */
  controlOf(variable: string, at: NginxDirective): Control;
  /** The parts of a value; in the place of a variable that one `set` alone gives its value stand the parts of that value. */
  partsOf(value: string, at: NginxDirective): readonly PlacedPart[];
}

export interface PlacedPart extends ValuePart {
  /** The directive whose value it is a part of. */
  readonly at: NginxDirective;
}

/** The variables of a file, worked out once for all rules. */
export function variablesOf(document: Document<'nginx'>, facts: FactReader): Variables {
  return facts.ofDocument(document, 'nginx-variables', () => new FileVariables(document));
}

const NOTHING: Control = { may: () => false, path: false };
/** Raw bytes of the request, which cannot hold the end of a line. */
const RAW: Control = { may: (character) => !/[\s]/.test(character), path: false };
const HEADER: Control = { may: (character) => character !== '\n' && character !== '\r', path: false };
/** nginx has undone the percent-encoding, so that everything may be in it. */
const DECODED_PATH: Control = { may: () => true, path: true };
const RAW_PATH: Control = { may: RAW.may, path: true };
const HOST: Control = { may: (character) => /^[\w.:[\]-]$/.test(character), path: false };

/** https://nginx.org/en/docs/varindex.html */
const BUILT_IN: ReadonlyMap<string, Control> = new Map([
  ['uri', DECODED_PATH],
  ['document_uri', DECODED_PATH],
  ['fastcgi_script_name', DECODED_PATH],
  ['fastcgi_path_info', DECODED_PATH],
  ['request_filename', DECODED_PATH],
  ['request_uri', RAW_PATH],
  ['args', RAW],
  ['query_string', RAW],
  ['request_body', { may: () => true, path: false }],
  ['ssl_preread_server_name', HOST],
  ['ssl_server_name', HOST],
]);

const MATCHING = /^(?:location|if|rewrite|server_name)$/;

class FileVariables implements Variables {
  readonly #setters = new Map<string, NginxDirective[]>();
  readonly #maps = new Map<string, NginxDirective[]>();
  readonly #named: { readonly directive: NginxDirective; readonly source: string }[] = [];

  constructor({ tree }: Document<'nginx'>) {
    for (const directive of allDirectives(tree.root)) {
      const { name, args } = directive;
      if (name === 'set') listed(this.#setters, nameOf(args[0]?.value)).push(directive);
      else if (name === 'map' || name === 'geo' || name === 'split_clients')
        listed(this.#maps, nameOf(args.at(-1)?.value)).push(directive);
      else if (MATCHING.test(name))
        for (const { source } of regexesOf(directive))
          if (source.includes('(?')) this.#named.push({ directive, source });
    }
  }

  controlOf(variable: string, at: NginxDirective, seen: readonly string[] = []): Control {
    if (seen.includes(variable) || seen.length > 6 || isChecked(variable, at)) return NOTHING;
    const next = [...seen, variable];
    if (/^\d$/.test(variable)) return this.#numbered(variable, at, next);
    const found = [
      ...this.#ofSetters(variable, at, next),
      ...(this.#maps.get(variable) ?? []).map((map) => this.#ofMap(map, at, next)),
      ...this.#ofNamedGroups(variable, at, next),
    ];
    return found.length > 0 ? anyOf(found) : builtIn(variable, at);
  }

  partsOf(value: string, at: NginxDirective, seen: readonly string[] = []): readonly PlacedPart[] {
    return partsOf(value).flatMap((part) => {
      const { variable } = part;
      const set = variable === undefined ? undefined : this.#onlySetter(variable, at);
      const source = set?.args[1];
      if (variable === undefined || !set || !source || seen.includes(variable) || seen.length > 6)
        return [{ ...part, at }];
      return this.partsOf(source.value, set, [...seen, variable]);
    });
  }

  /** The only directive that a variable can have its value from. */
  #onlySetter(variable: string, at: NginxDirective): NginxDirective | undefined {
    if (this.#maps.has(variable) || isChecked(variable, at)) return undefined;
    if (this.#ofNamedGroups(variable, at, [variable]).length > 0) return undefined;
    const [set, ...others] = (this.#setters.get(variable) ?? []).filter((each) => isSameServer(each, at));
    return others.length === 0 && !set?.args[1]?.opaque ? set : undefined;
  }

  #ofValue(value: string, at: NginxDirective, seen: readonly string[]): Control {
    const parts = partsOf(value);
    const controls = parts.map(({ variable }) =>
      variable === undefined ? NOTHING : this.controlOf(variable, at, seen),
    );
    const [first] = parts;
    const path = (first?.variable === undefined ? first?.text.startsWith('/') : controls[0]?.path) ?? false;
    return { may: anyOf(controls).may, path };
  }

  #ofSetters(variable: string, at: NginxDirective, seen: readonly string[]): readonly Control[] {
    return (this.#setters.get(variable) ?? [])
      .filter((set) => isSameServer(set, at))
      .map((set) => (set.args[1]?.opaque ? NOTHING : this.#ofValue(set.args[1]?.value ?? '', set, seen)));
  }

  #ofMap(map: NginxDirective, at: NginxDirective, seen: readonly string[]): Control {
    const path = givesPaths(map);
    if (map.name !== 'map') return { ...NOTHING, path };
    const source = map.args[0]?.value ?? '';
    const { may } = anyOf(
      (map.block?.directives ?? []).map((entry) => {
        const value = entry.args[0];
        if (!value || value.opaque || !value.value.includes('$')) return NOTHING;
        const regex = /^~\*?/.test(entry.name) ? parseRegex(entry.name.replace(/^~\*?/, '')) : undefined;
        const controls = partsOf(value.value).map(({ variable }) => {
          if (variable === undefined) return NOTHING;
          const limit = regex && ofGroup(regex, variable);
          if (limit) return both(limit, this.#ofValue(source, at, seen));
          return this.controlOf(variable, at, seen);
        });
        return anyOf(controls);
      }),
    );
    return { may, path };
  }

  #ofNamedGroups(variable: string, at: NginxDirective, seen: readonly string[]): readonly Control[] {
    return this.#named.flatMap(({ directive, source }) => {
      if (!source.toLowerCase().includes(variable) || !isSameServer(directive, at)) return [];
      const regex = parseRegex(source);
      const limit = regex && ofGroup(regex, variable);
      return limit ? [both(limit, this.#subjectOf(directive, seen))] : [];
    });
  }

  /** `$1`: a group of the expression that was matched last. Where that is not certain, each of them has to allow a character. */
  #numbered(variable: string, at: NginxDirective, seen: readonly string[]): Control {
    const candidates = matchedBefore(at).map(({ directive, source }) => {
      const regex = parseRegex(source);
      const limit = regex && ofGroup(regex, variable);
      return limit ? both(limit, this.#subjectOf(directive, seen)) : NOTHING;
    });
    return candidates.length === 0 ? NOTHING : candidates.reduce(both);
  }

  /** What an expression is matched with: a path, a host name, the variable of an `if`. */
  #subjectOf(directive: NginxDirective, seen: readonly string[]): Control {
    if (directive.name === 'server_name') return HOST;
    if (directive.name !== 'if') return DECODED_PATH;
    return this.controlOf(conditionOf(directive)?.variable ?? '', directive, seen);
  }
}

/** Whether each value of a `map` or a `geo` starts with `/`, that for what no entry matches too. */
function givesPaths({ block }: NginxDirective): boolean {
  const entries = (block?.directives ?? []).filter(
    ({ name, args }) => args.length > 0 && !SETTINGS.test(name),
  );
  return (
    entries.some(({ name }) => name === 'default') &&
    entries.every(({ name, args }) => name !== 'include' && args[0]?.value.startsWith('/') === true)
  );
}

/** What a `geo` may say beside its entries. */
const SETTINGS = /^(?:proxy|delete)$/;

function builtIn(variable: string, at: NginxDirective): Control {
  const known = BUILT_IN.get(variable);
  if (known?.path && variable !== 'request_uri' && hasFixedPath(at)) return NOTHING;
  if (known) return known;
  if (/^(?:http|cookie)_/.test(variable)) return HEADER;
  if (variable.startsWith('arg_')) return RAW;
  if (variable !== 'host') return NOTHING;
  const server = serverAround(at);
  return server && isAnyName(server) ? HOST : NOTHING;
}

/** Inside `location = /x` there is only one path; an expression with both ends allows what it says. */
function hasFixedPath(at: NginxDirective): boolean {
  return ancestorsOf(at).some((owner) => {
    const location = locationOf(owner);
    if (!location) return false;
    if (location.modifier === '=') return true;
    if (!isRegex(location) || !/^\^.*\$$/s.test(location.path)) return false;
    const regex = parseRegex(location.path);
    return regex?.body.every((items) => !items.some((item) => item.takes('\n'))) ?? false;
  });
}

/** Whether an `if` looks at a variable before it is used: one around the directive, or one that turns requests away. */
function isChecked(variable: string, at: NginxDirective): boolean {
  const around = ancestorsOf(at);
  if (around.some((owner) => conditionOn(owner, variable) === 'matches')) return true;
  return [at, ...around].some(({ parent }) =>
    parent.directives.some(
      (other) => conditionOn(other, variable) === 'differs' && other.block?.directives.some(turnsAway),
    ),
  );
}

function conditionOn(directive: NginxDirective, variable: string): 'matches' | 'differs' | undefined {
  const condition = conditionOf(directive);
  if (condition?.variable !== variable) return undefined;
  // An expression that allows everything checks nothing, nor does a comparison with nothing.
  if (/^(?:\^?\(?\.[*+]?\)?\$?|\^?\$?)$/.test(condition.value)) return undefined;
  if (/^!(?:=|~\*?)$/.test(condition.operator)) return 'differs';
  return /^(?:=|~\*?)$/.test(condition.operator) ? 'matches' : undefined;
}

function turnsAway({ name, args }: NginxDirective): boolean {
  return name === 'return' || (name === 'rewrite' && args.length > 1);
}

/** An expression of a directive. */
export interface Matched {
  readonly directive: NginxDirective;
  readonly source: string;
}

/** Expressions that may have been the last to match before a directive: `$1` is a group of one of them. */
export function matchedBefore(at: NginxDirective): readonly Matched[] {
  if (at.name === 'rewrite') return [...regexesOf(at)];
  const found: Matched[] = [];
  for (let inner = at; ; ) {
    for (const other of inner.parent.directives) {
      if (other === inner) break;
      if (other.name === 'if' || (other.name === 'rewrite' && other.args.length < 3))
        found.push(...regexesOf(other));
    }
    const { owner } = inner.parent;
    if (!owner) return found;
    const own = [...regexesOf(owner)];
    if (own.length > 0) return [...found, ...own];
    inner = owner;
  }
}

/** The expressions that a directive matches with something, those of conditions that must not match left out. */
export function* regexesOf(directive: NginxDirective): Generator<Matched> {
  const { name, args } = directive;
  if (name === 'server_name') {
    for (const { value, opaque } of args)
      if (!opaque && value.startsWith('~')) yield { directive, source: value.slice(1) };
    return;
  }
  if (name === 'rewrite') {
    if (args[0] && !args[0].opaque) yield { directive, source: args[0].value };
    return;
  }
  const location = locationOf(directive);
  if (location) {
    if (isRegex(location) && !location.word.opaque) yield { directive, source: location.path };
    return;
  }
  const condition = conditionOf(directive);
  if (condition && /^~\*?$/.test(condition.operator) && !condition.opaque)
    yield { directive, source: condition.value };
}

function ofGroup(regex: Regex, key: string): Control | undefined {
  const group = groupOf(regex, key);
  return group && { may: (character) => groupTakes(group, character), path: startsWith(group, '/') };
}

/** Variables belong to a request, and a request to a server; what stands above servers is for all. */
function isSameServer(a: NginxDirective, b: NginxDirective): boolean {
  const first = serverAround(a);
  const second = serverAround(b);
  return first === undefined || second === undefined || first === second;
}

function serverAround(directive: NginxDirective): NginxDirective | undefined {
  let owner = directive.parent.owner;
  while (owner && owner.name !== 'server') owner = owner.parent.owner;
  return owner;
}

function anyOf(controls: readonly Control[]): Control {
  return {
    may: (character) => controls.some((control) => control.may(character)),
    path: controls.length > 0 && controls.every(({ path }) => path),
  };
}

function both(a: Control, b: Control): Control {
  return { may: (character) => a.may(character) && b.may(character), path: a.path };
}

function nameOf(value: string | undefined): string {
  return (value ?? '')
    .replace(/^\$\{?/, '')
    .replace(/\}$/, '')
    .toLowerCase();
}

function listed(lists: Map<string, NginxDirective[]>, key: string): NginxDirective[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
