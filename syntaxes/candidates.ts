import { basename } from './uri.ts';

/**
 * Endings of files that some syntax may claim, and names without an ending. It only saves reading: whether a file is of a kind is
 * decided by its syntax, by path and content.
 */
const ENDINGS =
  /\.(?:ya?ml|conf|template|tmpl|tpl|j2|erb|vhost|nginx|sample|default|dist|rules?|alerts?|[cm]?[jt]sx?|dockerfile|containerfile|env|(?:docker|git)ignore)$/i;
const NAMES = /dockerfile|containerfile|nginx|^\.env\b|\.env[._-]/i;
const FOLDERS = /\/(?:sites-(?:available|enabled)|conf\.d|vhosts?\.d|nginx)\//i;
const NEVER =
  /\.(?:d\.[cm]?ts|min\.[cm]?js|map|lock|png|jpe?g|gif|svg|ico|woff2?|ttf|pdf|zip|gz|tgz|wasm|md|html?|css|json)$/i;

/** Whether a file is worth reading at all, judged by its name. */
export function mayBeAnalysed(uri: string): boolean {
  const name = basename(uri);
  if (NEVER.test(name)) return false;
  return ENDINGS.test(name) || NAMES.test(name) || FOLDERS.test(uri);
}
