import type { ShellWord } from '../../../syntaxes/dockerfile/shell.ts';
import type { LocatedCommand } from './stages.ts';

/** What installs. */
export type Tool = 'node' | 'composer' | 'bundler' | 'python';

/** An installation that brings packages for development along. */
export interface Install {
  readonly tool: Tool;
  /** The word that brings the packages for development. */
  readonly word: ShellWord;
  /** The option that leaves them out. */
  readonly option?: string;
}

/** A command as such an installation; undefined where an option leaves them out, and for every other command. */
export function installOf({ name, args }: LocatedCommand): Install | undefined {
  const values = args.map(({ value }) => value);
  const has = (option: RegExp): boolean => values.some((value) => option.test(value));
  const verb = args.find(({ value }) => !value.startsWith('-'));
  const at = verb ? args.indexOf(verb) : -1;
  const rest = args.slice(at + 1).filter(({ value }) => !value.startsWith('-'));
  const whole = rest.length === 0 && !has(/^-(?:g|-global|-help|h|-version)$/);
  switch (name) {
    case 'npm':
      if (!/^(?:ci|install|i|clean-install)$/.test(verb?.value ?? '') || !whole) return undefined;
      return verb && !has(/^--(?:omit|only|production|prod|package-lock-only|prefix)\b/)
        ? { tool: 'node', word: verb, option: '--omit=dev' }
        : undefined;
    case 'yarn':
      return verb?.value === 'install' && whole && !has(/^--(?:prod|production|mode)\b/)
        ? { tool: 'node', word: verb, option: '--production' }
        : undefined;
    case 'pnpm':
      if (!/^(?:install|i)$/.test(verb?.value ?? '') || !whole) return undefined;
      return verb && !has(/^(?:-P|--prod|--production|--lockfile-only|--filter.*|-F)$/)
        ? { tool: 'node', word: verb, option: '--prod' }
        : undefined;
    case 'composer':
      return verb?.value === 'install' && !has(/^--no-dev$|^--dry-run$/)
        ? { tool: 'composer', word: verb, option: '--no-dev' }
        : undefined;
    case 'bundle':
    case 'bundler':
      return verb?.value === 'install' && !has(/^--(?:without|with)\b/)
        ? { tool: 'bundler', word: verb }
        : undefined;
    default:
      return pythonInstall(name, args, verb);
  }
}

function pythonInstall(
  name: string,
  args: readonly ShellWord[],
  verb: ShellWord | undefined,
): Install | undefined {
  const has = (option: RegExp): boolean => args.some(({ value }) => option.test(value));
  if (/^python[\d.]*$/.test(name) && args[0]?.value === '-m' && args[1]?.value === 'pip') {
    const inner = args.slice(2);
    return pythonInstall('pip', inner, inner[0]);
  }
  if (/^pip[\d.]*$/.test(name) && verb?.value === 'install') {
    const word = args.find(({ value }, index) => isDevRequirement(value, args[index - 1]?.value));
    return word && { tool: 'python', word };
  }
  if (name === 'poetry' && verb?.value === 'install')
    return has(/^--(?:only|without|no-dev|only-root|no-directory)\b/)
      ? undefined
      : { tool: 'python', word: verb, option: '--only main' };
  const dev = args.find(({ value }) => value === '--dev' || value === '-d');
  return name === 'pipenv' && dev && /^(?:install|sync)$/.test(verb?.value ?? '')
    ? { tool: 'python', word: dev }
    : undefined;
}

/** `requirements-dev.txt` behind `-r`, and extras: `.[dev]`. */
function isDevRequirement(value: string, previous: string | undefined): boolean {
  if (previous === '-r' || previous === '--requirement')
    return /(?:^|[/_.-])(?:dev|develop|development|tests?|testing|lint)(?:[_.-]|\.?(?:txt|in|pip)$)/i.test(
      value,
    );
  return /^[\w./-]*\[(?:[\w-]+,\s*)*(?:dev|develop|tests?|testing|lint)(?:,\s*[\w-]+)*\]$/.test(value);
}
