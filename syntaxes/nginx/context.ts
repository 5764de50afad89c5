import { pathOf } from '../uri.ts';
import { HTTP_NAMES, LOCATION_NAMES, MAIN_NAMES, SERVER_NAMES } from './names.ts';
import type { NginxBlock, NginxContext, NginxDirective } from './tree.ts';

interface ContextInput {
  readonly uri: string;
  readonly text: string;
  readonly root: NginxBlock;
}

/**
 * The block that a file is read in, as far as the file itself tells: a comment that says so, else the directives at its top,
 * else its path. A file that only sets headers may be included anywhere.
 */
export function contextOf({ uri, text, root }: ContextInput): NginxContext {
  return statedContext(text) ?? contextOfDirectives(root, uri) ?? contextOfPath(pathOf(uri)) ?? 'unknown';
}

/** `# hardlint:context http`, and what other linters spell the same way. */
function statedContext(text: string): NginxContext | undefined {
  const words = /^[ \t]*#[ \t]*(?:hardlint|nginx-lint):context[ \t]+([a-z, ]+)/m
    .exec(text)?.[1]
    ?.split(/[, ]+/);
  if (!words) return undefined;
  const innermost = words.findLast((word) => word !== '');
  return innermost === 'location' ? 'server' : CONTEXTS.find((context) => context === innermost);
}

const CONTEXTS: readonly NginxContext[] = ['main', 'http', 'server', 'stream', 'mail'];

function contextOfDirectives(root: NginxBlock, uri: string): NginxContext | undefined {
  const names = new Set(root.directives.map((directive) => directive.name));
  const has = (known: ReadonlySet<string>) => [...names].some((name) => known.has(name));
  if (has(MAIN_NAMES)) return 'main';
  const servers = root.directives.filter((directive) => directive.name === 'server' && directive.block);
  if (servers.length > 0) return isStreamPath(uri) || servers.some(isStreamServer) ? 'stream' : 'http';
  if (has(HTTP_NAMES)) return isStreamPath(uri) ? 'stream' : 'http';
  if (has(SERVER_NAMES) || has(LOCATION_NAMES)) return 'server';
  return undefined;
}

/** A server without `location` that forwards to something without a scheme passes on bytes, not requests. */
function isStreamServer(server: NginxDirective): boolean {
  const directives = server.block?.directives ?? [];
  if (directives.some((directive) => directive.name === 'location' || directive.name === 'server_name'))
    return false;
  return directives.some(
    (directive) =>
      (directive.name === 'listen' && directive.args.some((arg) => arg.value === 'udp')) ||
      directive.name === 'ssl_preread' ||
      directive.name === 'proxy_pass',
  );
}

function isStreamPath(uri: string): boolean {
  return /\/(?:streams?(?:\.conf)?\.d|streams?|streams?-(?:enabled|available)|tcp\.d)\//i.test(pathOf(uri));
}

function contextOfPath(path: string): NginxContext | undefined {
  if (/\/nginx\.conf$/.test(path)) return 'main';
  if (/\/(?:snippets|includes?)\//.test(path)) return undefined;
  if (/\/(?:conf\.d|sites-(?:available|enabled)|vhosts?\.d)\/[^/]+$|\.vhost$/.test(path)) return 'http';
  return undefined;
}
