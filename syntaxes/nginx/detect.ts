import { basename, pathOf } from '../uri.ts';
import { MAIN_NAMES, STARTING_NAMES } from './names.ts';

/** Folders and names that nginx's packages, images and users give. */
const NGINX_PATH =
  /\/(?:[^/]*nginx[^/]*|openresty|sites-(?:available|enabled)|conf\.d|vhosts?\.d)\/|\/[^/]*nginx[^/]*$|\.(?:vhost|nginx)$/i;
/** What nginx configuration is written into besides: names with these endings, and names without any. */
const CONFIG_NAME =
  /\.(?:conf|cfg|template|tmpl|tpl|j2|jinja2?|erb|epp|ejs|sample|default|dist|inc|include|vhost|nginx)$|^[^.]+$|^\.[^.]+$/i;
/** Files of other languages that may hold nginx configuration in a string, or be generated from it. */
const OTHER_NAME =
  /\.(?:ya?ml|json5?|jsonc|toml|md|rst|html?|xml|[cm]?[jt]sx?|py|rb|go|rs|php|lua|sh|bash|zsh|fish|css|sql|dockerfile|containerfile|service|socket|timer|env|ini|properties|log|txt|tf|nix|vim|diff|patch)$|^(?:dockerfile|containerfile|makefile|caddyfile|vagrantfile|jenkinsfile|readme|license|changelog)/i;
/** What nginx never writes: `};`, sections in angle or square brackets, assignments at a line's start. */
const FOREIGN = /^[ \t]*(?:<\/?[A-Z][A-Za-z]+[ >]|\[[\w .:-]+\][ \t]*\r?$|\};)/m;
const BLOCK =
  /^[ \t]*(?:server|events|http|stream|mail|upstream[ \t]+\S+|location[ \t]+[^{};\n]+|map[ \t]+\S+[ \t]+\$\w+)[ \t\r]*(?:\n[ \t]*)?\{/m;
const STATEMENT = /^[ \t]*([a-z][a-z0-9_]*)(?:[ \t]+[^;{}\n]*)?[;{]/gm;

/** Enough to tell; a file whose first part says nothing says nothing. */
const HEAD = 65_536;

/**
 * Whether a text is nginx configuration. A path that names nginx needs one directive of nginx in the text; any other needs a
 * block and two directives, since `*.conf` belongs to everyone.
 */
export function isNginx(uri: string, text: string): boolean {
  const name = basename(uri);
  if (OTHER_NAME.test(name)) return false;
  const path = pathOf(uri);
  const named = NGINX_PATH.test(path);
  if (!named && !CONFIG_NAME.test(name)) return false;
  const head = text.slice(0, HEAD);
  if (FOREIGN.test(head)) return false;
  const found = knownDirectives(head);
  if (named && CONFIG_NAME.test(name)) return found >= 1;
  if (found >= 2 && BLOCK.test(head)) return true;
  return /\.(?:conf|inc|include)$/i.test(name) && isFragment(head);
}

/** What no other program calls a directive. */
const OWN_NAME =
  /^[ \t]*(?:add_header|server_tokens|more_set_headers|ssl_(?:protocols|ciphers|prefer_server_ciphers|session_\w+|certificate(?:_key)?|stapling)|(?:proxy|fastcgi|uwsgi|grpc)_(?:pass|param|set_header|\w+_timeout|hide_header|ssl_\w+)|client_max_body_size|limit_(?:req|conn)(?:_zone)?|gzip_\w+)[ \t](?![ \t]*=)/m;
/** A comment, a directive, or an end of a block. */
const STATEMENT_LINE = /^[ \t]*(?:#.*|[a-z]\w*[ \t](?![ \t]*=)[^;{}]*[;{]|\})?[ \t\r]*(?:#.*)?$/;

/** Whether a text without any block is a file to include: nothing but statements, some of them nginx's own. */
function isFragment(head: string): boolean {
  if (head.length >= HEAD || !OWN_NAME.test(head)) return false;
  return head.split('\n').every((line) => line.length < 1000 && STATEMENT_LINE.test(line));
}

/** How many different directives of nginx start a line; `include`, `set` and such belong to other languages too. */
function knownDirectives(text: string): number {
  const found = new Set<string>();
  for (const [, name = ''] of text.matchAll(STATEMENT)) {
    if (!AMBIGUOUS.has(name) && (STARTING_NAMES.has(name) || MAIN_NAMES.has(name))) found.add(name);
    if (found.size >= 2) break;
  }
  return found.size;
}

const AMBIGUOUS: ReadonlySet<string> = new Set(
  'include set if user index env allow deny resolver charset'.split(' '),
);
