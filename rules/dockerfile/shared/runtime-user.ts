import { isRoot, lastInstruction } from '../../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Stage } from '../../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../../syntaxes/dockerfile/variables.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { codeOf, runCommands } from './stages.ts';
import { namesStepper } from './steppers.ts';

/** Daemons that need root to do their work, or whose workers change the user. */
const ROOT_DAEMONS =
  /^(?:init|systemd|tini-root|sshd|crond?|anacron|dockerd|dockerd-entrypoint\.sh|containerd|dnsmasq|named|vsftpd|proftpd|pure-ftpd|postfix|dovecot|exim4?|rsyslogd|smbd|nmbd|rpcbind|ntpd|chronyd|keepalived|openvpn|wg-quick|strongswan|ipsec|charon|haproxy|slapd|ctdb|udevd|runsvdir|runit|multipathd|iscsid|fluentd?|telegraf|nginx|openresty|apache2|apache2ctl|apachectl|apache2-foreground|httpd|httpd-foreground|php-fpm[\d.]*)$/;

/**
 * Whether the container starts as root only to change to another user: gosu and its kin are named anywhere in the file, or in the
 * script that it starts (`script`, undefined where nobody has read that), else where such a script stands next to a user that was
 * created and is named in no `USER`.
 */
export function changesUser(document: Document<'dockerfile'>, stage: Stage, script?: boolean): boolean {
  const { tree } = document;
  if (namesStepper(codeOf(document))) return true;
  if (script !== undefined) return script;
  return startsScript(tree, stage) && createdUsers(tree, stage).length > 0;
}

/** Whether what the container runs has to be started by root. */
export function needsRoot(tree: DockerfileTree, stage: Stage): boolean {
  return startCommands(tree, stage).some((name) => ROOT_DAEMONS.test(name));
}

/** Shells and interpreters that, started bare, only wait for someone to type. */
const INTERACTIVE =
  /^(?:sh|bash|ash|zsh|python[\d.]*|pypy3?|irb|php|node|jshell|ghci|iex|erl|julia|R|perl|lua|groovysh|scala|swift|cmd)$/;

/**
 * Whether the stage says what its container runs. An image that does not, or that starts a bare interpreter as images of
 * languages do, is meant to be built upon.
 */
export function isApplication(tree: DockerfileTree, stage: Stage): boolean {
  const entrypoint = lastInstruction(tree, stage, 'ENTRYPOINT')?.instruction;
  const command = lastInstruction(tree, stage, 'CMD')?.instruction;
  if (!command) return entrypoint !== undefined;
  const [first, ...others] = command.shell?.commands ?? [];
  if (!first?.name || others.length > 0 || !INTERACTIVE.test(first.name.value.replace(/^.*\//, '')))
    return true;
  return !first.args.every((arg) => /^-{1,2}(?:a|i|l|login|il|li|interactive)$/.test(arg.value));
}

/** The last user other than root that a `USER` of these stages names, where it is written out. */
export function formerUser(tree: DockerfileTree, stage: Stage): string | undefined {
  const users = lineage(tree, stage).flatMap((each) =>
    each.instructions.flatMap(({ keyword, words }) =>
      keyword === 'USER' && words[0] ? [words[0].text] : [],
    ),
  );
  return users.findLast((user) => /^[\w.:-]+$/.test(user) && !isRoot(user));
}

/** Names of users that `useradd` or `adduser` creates in these stages, where they are written out. */
export function createdUsers(tree: DockerfileTree, stage: Stage): readonly string[] {
  const indexes = new Set(lineage(tree, stage).map((each) => each.index));
  return runCommands(tree, /useradd|adduser/).flatMap(({ stage: at, name, args }) => {
    if (!indexes.has(at.index) || (name !== 'useradd' && name !== 'adduser')) return [];
    const created = userArgument(
      name,
      args.map((arg) => arg.value),
    );
    return created === undefined ? [] : [created];
  });
}

/** Options of `useradd` and of both `adduser`s whose value is the next word. */
const VALUED =
  /^(?:-[a-zA-Z]*[bcdefgGkKpsRuZhH]|--(?:base-dir|comment|home|home-dir|expiredate|inactive|gid|groups|key|password|root|shell|uid|selinux-user|ingroup|gecos|skel|firstuid|lastuid|conf))$/;

/** `adduser -D -h /app app` (BusyBox), `useradd -m -u 1000 app`: the first word that is no option and no option's value. */
function userArgument(program: string, args: readonly string[]): string | undefined {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (!arg.startsWith('-')) return /^[a-z_][\w.-]*$/i.test(arg) && !isRoot(arg) ? arg : undefined;
    if (takesValue(program, arg)) i++;
  }
  return undefined;
}

function takesValue(program: string, option: string): boolean {
  // `adduser -H` and `-D` are flags, `useradd -D` too; `-H` has no value in either.
  if (/^-[a-zA-Z]*[HD]$/.test(option)) return false;
  if (program === 'adduser' && /^-[a-zA-Z]*[SDHbr]$/.test(option)) return false;
  return VALUED.test(option);
}

/** Names of the programs that `ENTRYPOINT` and `CMD` start. */
function startCommands(tree: DockerfileTree, stage: Stage): readonly string[] {
  return ['ENTRYPOINT', 'CMD'].flatMap((keyword) => {
    const commands = lastInstruction(tree, stage, keyword)?.instruction.shell?.commands ?? [];
    return commands.flatMap(({ name, args }) =>
      [name, ...args.slice(0, 2)].map((word) => word?.value.replace(/^.*\//, '') ?? ''),
    );
  });
}

/** Whether the container starts with a script. */
function startsScript(tree: DockerfileTree, stage: Stage): boolean {
  return startCommands(tree, stage).some((name) =>
    /\.(?:sh|bash)$|^(?:docker-)?entry(?:point)?$|^(?:start|run|boot)$/.test(name),
  );
}
