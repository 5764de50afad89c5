/*
 * Images that read a password from the file that `<NAME>_FILE` names, and whose entrypoint does so as root before it changes to
 * another user, so that a file of mode 0400 that belongs to root will do. Compiled by hand on 2026-11-25. To check an entry, look
 * for `file_env` and the change of the user in its `docker-entrypoint.sh`: https://github.com/docker-library/postgres,
 * https://github.com/docker-library/mysql, https://github.com/MariaDB/mariadb-docker.
 */

export interface PasswordFiles {
  /** The first major version whose entrypoint works so. */
  readonly since: number;
  readonly variables: RegExp;
}

/** By name, as `parseImage` gives it. */
export const PASSWORD_FILES: Readonly<Record<string, PasswordFiles>> = {
  postgres: { since: 12, variables: /^POSTGRES_PASSWORD$/ },
  mysql: { since: 8, variables: /^MYSQL_(?:ROOT_)?PASSWORD$/ },
  mariadb: { since: 10, variables: /^(?:MARIADB|MYSQL)_(?:ROOT_)?PASSWORD$/ },
};
