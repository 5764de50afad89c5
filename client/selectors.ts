import type { Uri } from 'vscode';

/*
 * Which documents the server hears of. It decides by path and content what each of them is, so this may be wider than what it checks,
 * never narrower. A language id alone is not enough: a Compose file may be `dockercompose` or `yaml`, and nginx's files often have none.
 */

const SCHEMES = ['file', 'vscode-vfs'];
const LANGUAGES = ['dockerfile', 'dockercompose', 'nginx', 'NGINX', 'nginx-conf'];

const CONFIGURATION_ENDINGS = [
  'yml',
  'yaml',
  'conf',
  'nginx',
  'vhost',
  'template',
  'rules',
  'dockerfile',
  'containerfile',
];
const SCRIPT_ENDINGS = ['ts', 'mts', 'cts', 'tsx', 'js', 'mjs', 'cjs', 'jsx'];
const ENDINGS = [...CONFIGURATION_ENDINGS, ...SCRIPT_ENDINGS];
const NAMES = ['Dockerfile', 'Containerfile', 'nginx'];
const FOLDERS = ['conf.d', 'sites-available', 'sites-enabled'];

const PATTERNS = [`**/*.{${ENDINGS.join(',')}}`, `**/{${NAMES.join(',')}}*`, `**/{${FOLDERS.join(',')}}/*`];

type Filter = { readonly scheme: string } & ({ readonly language: string } | { readonly pattern: string });

/** Documents by language and by path. */
export const DOCUMENT_SELECTOR: readonly Filter[] = SCHEMES.flatMap((scheme) => [
  ...LANGUAGES.map((language) => ({ scheme, language })),
  ...PATTERNS.map((pattern) => ({ scheme, pattern })),
]);

/** The same by path alone, for a tab whose document has not been loaded and so has no language yet. */
export function isSelected(uri: Uri): boolean {
  if (!SCHEMES.includes(uri.scheme)) return false;
  const [name = '', folder = ''] = uri.path.split('/').reverse();
  const ending = name.slice(name.lastIndexOf('.') + 1);
  return (
    ENDINGS.includes(ending) || NAMES.some((start) => name.startsWith(start)) || FOLDERS.includes(folder)
  );
}
