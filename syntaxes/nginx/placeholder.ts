/** Variables of nginx are lower case, so a name with a capital letter is filled in by someone else: envsubst, a script. */
const UPPER_VARIABLE = /\$\{[^}]*[A-Z][^}]*\}/;
const OTHER_PLACEHOLDER = /\{\{|<%|%%\w+%%|%\w+%|@[A-Z_]\w*@|__\w+__|#\{|^<[\w -]+>$|\$[A-Z][A-Z0-9_]+/;
/** What stands alone on a line in the place of directives: `PROXY_SSL_CONFIG`, `${EXTRA}`, `__INCLUDES__`. */
const BARE_NAME = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;

/** Whether a word holds something that is filled in before nginx reads the file. */
export function isPlaceholder(value: string): boolean {
  if (value.includes('$') && (UPPER_VARIABLE.test(value) || OTHER_PLACEHOLDER.test(value))) return true;
  return /[{<%@_]/.test(value) && OTHER_PLACEHOLDER.test(value);
}

/** Whether a directive's name is no name but a placeholder for whole directives. */
export function isPlaceholderName(name: string): boolean {
  return BARE_NAME.test(name) || isPlaceholder(name);
}
