import type { ShellWord } from '../../../syntaxes/dockerfile/shell.ts';
import type { DockerfileTree } from '../../../syntaxes/dockerfile/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { type LocatedCommand, runCommands } from './stages.ts';

/** A package manager of a distribution by its family: aptitude speaks as apt does, yum and tdnf as dnf. */
export type Manager = 'apt' | 'apk' | 'dnf' | 'zypper' | 'pacman';

/** A call of a package manager. */
export interface PackageCall extends LocatedCommand {
  readonly manager: Manager;
  /** What it is asked to do: `install`, `add`, `-S`. */
  readonly verb: ShellWord;
  /** All words that start with a dash, before and behind the verb. */
  readonly options: readonly ShellWord[];
  /** The words behind the verb that are no option and no option's value. */
  readonly packages: readonly ShellWord[];
  readonly installs: boolean;
}

/** A part of each manager's name, for prefilters. */
export const PACKAGE_MANAGERS = /apt|apk|yum|dnf|zypper|pacman/;

/** All calls of package managers in `RUN`, in order; `isWorth` may pass over instructions by their text. */
export function packageCalls(
  tree: DockerfileTree,
  isWorth: (code: string) => boolean = () => true,
): readonly PackageCall[] {
  return runCommands(tree, (code) => PACKAGE_MANAGERS.test(code) && isWorth(code)).flatMap((located) => {
    const call = callOf(located);
    return call ? [call] : [];
  });
}

/** A command as a call of a package manager; undefined for every other one. */
export function callOf(located: LocatedCommand): PackageCall | undefined {
  const known = MANAGERS.find(({ program }) => program.test(located.name));
  return known && read(located, known);
}

/** Whether a step keeps the package manager's files in a cache mount, so that they are no part of the image. */
export function mountsCache({ instruction }: Pick<LocatedCommand, 'instruction'>): boolean {
  return instruction.flags.some(
    ({ name, value }) => name === 'mount' && /(?:^|,)type=(?:cache|tmpfs)(?:,|$)/.test(value ?? ''),
  );
}

/** Whether the file writes a setting of apt, which then holds for all calls: `APT::Get::Assume-Yes`. */
export function configuresApt({ text }: Document<'dockerfile'>, setting: RegExp): boolean {
  return /apt\.conf|APT_CONFIG/.test(text) && setting.test(text);
}

interface ManagerSyntax {
  readonly manager: Manager;
  readonly program: RegExp;
  readonly install: RegExp;
  /** Options whose value is the next word. */
  readonly valued: RegExp;
}

const MANAGERS: readonly ManagerSyntax[] = [
  {
    manager: 'apt',
    program: /^(?:apt|apt-get|aptitude)$/,
    install: /^install$/,
    valued: /^(?:-[oct]|--option|--config-file|--target-release|--default-release|--host-architecture)$/,
  },
  {
    manager: 'apk',
    program: /^apk$/,
    install: /^add$/,
    valued:
      /^(?:-[pXt]|--root|--repository|--virtual|--keys-dir|--repositories-file|--arch|--cache-dir|--wait|--cache-max-age)$/,
  },
  {
    manager: 'dnf',
    program: /^(?:yum|dnf|dnf5|microdnf|tdnf)$/,
    install: /^(?:install|localinstall|groupinstall)$/,
    valued:
      /^(?:-[cRd]|--config|--installroot|--releasever|--repo|--repoid|--enablerepo|--disablerepo|--exclude|--setopt|--forcearch|--disableplugin|--enableplugin)$/,
  },
  {
    manager: 'zypper',
    program: /^zypper$/,
    install: /^(?:install|in)$/,
    valued: /^(?:-[cRrt]|--config|--root|--reposd-dir|--repo|--from|--type|--installroot)$/,
  },
  {
    manager: 'pacman',
    program: /^pacman$/,
    install: /^-S/,
    valued: /^(?:-[br]|--root|--dbpath|--config|--cachedir)$/,
  },
];

function read(located: LocatedCommand, syntax: ManagerSyntax): PackageCall | undefined {
  const { manager, install, valued } = syntax;
  const options: ShellWord[] = [];
  const words: ShellWord[] = [];
  for (let i = 0; i < located.args.length; i++) {
    const arg = located.args[i];
    if (!arg) break;
    if (!arg.value.startsWith('-')) words.push(arg);
    else {
      options.push(arg);
      if (valued.test(arg.value)) i++;
    }
  }
  if (manager === 'pacman') {
    const verb = options.find(({ value }) => /^-[A-Z]/.test(value));
    if (!verb) return undefined;
    // `-Sy` alone only reads what there is.
    const installs = install.test(verb.value) && !/^-S[cyu]*$/.test(verb.value) ? true : words.length > 0;
    return { ...located, manager, verb, options, packages: words, installs };
  }
  const [verb, ...packages] = words;
  return verb && { ...located, manager, verb, options, packages, installs: install.test(verb.value) };
}
