import type { Environment } from '../../rules/core/rule.ts';
import { pathOf } from '../../syntaxes/uri.ts';

/**
 * Words in a file's name, or names of folders, that say: this is not what runs in production. `compose.override.yaml` is what
 * Compose merges on a developer's machine by default. In `app.example.com.conf` the word is part of a host's name.
 */
const DEV_NAME =
  /(?:^|[._-])(?:override|dev|devel|development|local|tests?|testing|e2e|ci|debug|examples?(?!\.(?:com|org|net|edu)(?=\.|$))|samples?|demo|playground|sandbox)(?=[._-]|$)/i;
const DEV_FOLDER = /^(?:tests?|__tests__|e2e|fixtures?|testdata|\.devcontainer|dev|development)$/i;

/**
 * The environment that a file describes, judged by its path below the workspace folder: `dev` for names such as
 * `compose.override.yaml`, `Dockerfile.dev` or anything below `tests/`, `prod` for all others.
 */
export function environmentOf(path: string): Environment {
  const segments = path.split('/').filter((segment) => segment !== '');
  const name = segments.pop() ?? '';
  return DEV_NAME.test(name) || segments.some((segment) => DEV_FOLDER.test(segment)) ? 'dev' : 'prod';
}

/** The path of a file below the innermost folder of `roots` that holds it; its whole path where none does. */
export function workspacePath(roots: readonly string[], uri: string): string {
  const root = roots
    .filter((folder) => uri.startsWith(`${folder}/`))
    .reduce<string | undefined>(
      (best, folder) => (best === undefined || folder.length > best.length ? folder : best),
      undefined,
    );
  const path = pathOf(uri);
  return root === undefined ? path.replace(/^\/+/, '') : path.slice(pathOf(root).length + 1);
}
