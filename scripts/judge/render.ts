import { join } from 'node:path';
import type { Edit } from '../../rules/core/rule.ts';
import { applyEdits } from '../../server/engine/edits.ts';
import { globMatcher } from '../../server/engine/glob.ts';
import type { Document } from '../../syntaxes/document.ts';
import { nginxSyntax } from '../../syntaxes/nginx/syntax.ts';
import { allDirectives, type NginxBlock, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { dirname, joinUri, relativePath } from '../../syntaxes/uri.ts';
import type { Prefix } from './binary.ts';
import type { Shim } from './shims.ts';
import { stubsOf, type World } from './world.ts';

/** The configuration files that belong together. */
export interface Files {
  readonly uris: readonly string[];
  textOf(uri: string): string | undefined;
}

/** The blocks that a file is put in, so that it becomes a whole configuration. */
export type Wrap = 'none' | 'http' | 'server' | 'location';

export interface RenderOptions {
  readonly prefix: Prefix;
  readonly wrap: Wrap;
  /** What this nginx needs besides. */
  readonly shims: readonly Shim[];
  /** For servers that are to run: listen on the loopback device, on these ports. */
  readonly ports?: (port: number) => number;
}

const MAX_INCLUDES = 8;

/** A file with all that it includes as one configuration that nginx can judge on this machine. */
export function render(files: Files, uri: string, options: RenderOptions): string {
  const documents = reachable(files, uri);
  const directives = [...documents.values()].flatMap((document) => [...allDirectives(document.tree.root)]);
  const world: World = {
    prefix: options.prefix,
    port: options.ports ?? ((port) => 20_000 + (port % 40_000)),
    dropped: new Set(options.shims.flatMap(({ drop }) => drop ?? [])),
    loopback: options.ports !== undefined,
    upstreams: new Set(
      directives
        .filter(({ name, block }) => name === 'upstream' && block)
        .map(({ args }) => args[0]?.value ?? ''),
    ),
  };
  const names = new Set(directives.map(({ name }) => name));
  const http = httpDefaults(names, options);
  const text = new Assembly(files, documents, world, http).textOf(uri, []);
  return [...mainDefaults(names, options), wrapped(text, http, options.wrap), ''].join('\n');
}

/** A file and all files that it includes, one by one. */
export function reachable(files: Files, uri: string): ReadonlyMap<string, Document<'nginx'>> {
  const found = new Map<string, Document<'nginx'>>();
  const visit = (at: string): void => {
    const text = files.textOf(at);
    if (text === undefined || found.has(at)) return;
    const document = nginxSyntax.parse(at, text);
    found.set(at, document);
    for (const { name, args } of allDirectives(document.tree.root))
      if (name === 'include') includedFiles(files, at, args[0]?.value ?? '').forEach(visit);
  };
  visit(uri);
  return found;
}

class Assembly {
  readonly #files: Files;
  readonly #documents: ReadonlyMap<string, Document<'nginx'>>;
  readonly #world: World;
  readonly #http: readonly string[];

  constructor(
    files: Files,
    documents: ReadonlyMap<string, Document<'nginx'>>,
    world: World,
    http: readonly string[],
  ) {
    this.#files = files;
    this.#documents = documents;
    this.#world = world;
    this.#http = http;
  }

  /** A file's text with stubs and with what it includes. */
  textOf(uri: string, seen: readonly string[]): string {
    const document = this.#documents.get(uri);
    if (!document || seen.includes(uri) || seen.length > MAX_INCLUDES) return '';
    const edits = this.#editsIn(document.tree.root, uri, [...seen, uri]);
    return (applyEdits(document.text, edits) ?? document.text).replace(/^\uFEFF/, '');
  }

  #editsIn(block: NginxBlock, uri: string, seen: readonly string[]): Edit[] {
    return block.directives.flatMap((directive) => this.#editsOf(directive, uri, seen));
  }

  #editsOf(directive: NginxDirective, uri: string, seen: readonly string[]): readonly Edit[] {
    const { name, args, span, block, opaque } = directive;
    if (this.#world.dropped.has(name) || (opaque && !block)) return [{ span, text: '' }];
    if (name === 'include' && !DATA.has(directive.parent.owner?.name ?? '')) {
      const included = includedFiles(this.#files, uri, args[0]?.value ?? '');
      return [
        {
          span,
          text: included
            .map((file) => this.textOf(file, seen))
            .join('\n')
            .concat('\n'),
        },
      ];
    }
    if (!block) return stubsOf(directive, this.#world);
    if (DATA.has(name)) return [];
    const inner = this.#editsIn(block, uri, seen);
    return name === 'http' ? [...inner, insertedAt(block.inner.start, this.#http)] : inner;
  }
}

const DATA: ReadonlySet<string> = new Set(['map', 'geo', 'types', 'split_clients']);

function insertedAt(start: number, lines: readonly string[]): Edit {
  return { span: { start, end: start }, text: ` ${lines.join(' ')} ` };
}

/** Where packages and images have their configuration. */
const HOME =
  /^\/(?:etc\/(?:nginx|openresty)|usr\/local\/(?:etc\/nginx|openresty\/nginx\/conf|nginx\/conf)|config\/nginx)\//;

/** The files that an `include` names, from the folder of the file or one above it. */
function includedFiles(files: Files, from: string, pattern: string): readonly string[] {
  const relative = pattern.replace(HOME, '');
  if (relative.startsWith('/') || relative.includes('$')) return [];
  for (let folder = dirname(from), climbed = 0; climbed < 4; folder = dirname(folder), climbed++) {
    const exact = joinUri(folder, relative);
    const matches = globMatcher(relative);
    const found = files.uris.filter((uri) => {
      if (uri === exact) return true;
      const path = relativePath(folder, uri);
      return path !== undefined && matches(path);
    });
    if (found.length > 0) return [...found].sort();
  }
  return [];
}

/** What nginx's own defaults would take from outside of the folder. */
function httpDefaults(names: ReadonlySet<string>, { prefix, shims }: RenderOptions): readonly string[] {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path`);
  return [
    'access_log off;',
    ...temp.filter((name) => !names.has(name)).map((name) => `${name} ${join(prefix.folder, 'temp', name)};`),
    ...shims.flatMap(({ add }) => add ?? []),
  ];
}

function mainDefaults(names: ReadonlySet<string>, { prefix, ports }: RenderOptions): readonly string[] {
  return [
    ...(names.has('pid') ? [] : [`pid ${join(prefix.folder, 'nginx.pid')};`]),
    ...(names.has('events') ? [] : ['events { }']),
    // One process in the foreground, so that whoever started it can end it.
    ...(ports && !names.has('daemon') ? ['daemon off;'] : []),
    ...(ports && !names.has('master_process') ? ['master_process off;'] : []),
  ];
}

function wrapped(text: string, http: readonly string[], wrap: Wrap): string {
  if (wrap === 'none') return text;
  const location = wrap === 'location' ? `location /hardlint {\n${text}\n}` : text;
  const server = wrap === 'http' ? text : `server { listen 127.0.0.1:28999;\n${location}\n}`;
  return `http {\n${http.join('\n')}\n${server}\n}`;
}
