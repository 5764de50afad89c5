/*
 * What the names of environment variables say.
 */

/** Variables that choose a file or a mode, or that every process has; reading them overrides no setting. */
const SELECTORS =
  /^(?:NODE_ENV|APP_ENV|ENV|ENVIRONMENT|STAGE|DEBUG|CI|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|PWD|PATH|TMPDIR|TEMP|TMP|TZ|LANG|LC_ALL|LOG_LEVEL|npm_\w+|XDG_\w+|(?:\w+_)?(?:CONFIG|SETTINGS|CONF)(?:_(?:PATH|FILE|DIR|FOLDER|LOCATION|NAME|ROOT|ENV))*|(?:\w+_)?NODE_ENV|(?:HTTPS?|NO|ALL)_PROXY)$/i;

/** Names that a login shell, a container runtime or an operating system sets for purposes of its own. */
const AMBIENT: ReadonlySet<string> = new Set(
  (
    'PATH HOME USER USERNAME LOGNAME HOST HOSTNAME LANG LANGUAGE SHELL TERM EDITOR VISUAL PAGER BROWSER PWD OLDPWD TEMP TMP TMPDIR MAIL ' +
    'DISPLAY TZ OS SHLVL NODE_ENV NODE_OPTIONS NODE_PATH SSH_AUTH_SOCK XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR'
  ).split(' '),
);

/** Whether a variable only selects a file or a mode, so that reading it is no override of a setting. */
export function isSelector(name: string): boolean {
  return SELECTORS.test(name);
}

/** Whether a variable is there for other reasons, so that a setting of its name would be changed by accident. */
export function isAmbient(name: string): boolean {
  return AMBIENT.has(name);
}

/** The variable for a setting: `db.poolSize` gives `DB_POOL_SIZE`. */
export function envNameOf(path: readonly string[]): string {
  return path
    .join('_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}
