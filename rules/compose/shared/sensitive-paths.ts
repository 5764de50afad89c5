import type { Mount } from '../../../syntaxes/compose/mounts.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { dirname, joinUri } from '../../../syntaxes/uri.ts';
import { hostPathOf } from './host-paths.ts';

/** Folders whose content decides what the host runs, or holds the data of all containers. Not what lies below them. */
const WRITE_FOLDERS: ReadonlySet<string> = new Set([
  '/',
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/home',
  '/lib',
  '/lib64',
  '/lib/modules',
  '/proc',
  '/root',
  '/sbin',
  '/sys',
  '/usr',
  '/usr/bin',
  '/usr/lib',
  '/usr/lib/modules',
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/var',
  '/var/lib',
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/lib/kubelet',
  '/var/spool/cron',
  '/opt/containerd',
]);
/** Files and folders below them that do so by themselves. */
const WRITE_BELOW =
  /^\/etc\/(?:passwd|shadow|group|sudoers(?:\.d)?|ssh|cron[\w.]*|systemd|pam\.d|ld\.so\.preload|docker|kubernetes|profile(?:\.d)?|init\.d)(?:\/|$)|^\/root\/\.(?:ssh|kube|docker|aws)(?:\/|$)|^\/(?:usr\/)?lib\/systemd(?:\/|$)|^\/var\/lib\/docker\/(?:volumes|overlay2|containers)$/;

/** Folders that hold secrets, or tell how to get further. Programs and libraries, `/usr`, are no secret. */
const READ_FOLDERS: ReadonlySet<string> = new Set([
  '/',
  '/boot',
  '/dev',
  '/etc',
  '/home',
  '/Users',
  '/proc',
  '/root',
  '/sys',
  '/var',
  '/var/lib',
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/lib/kubelet',
  '/var/spool/cron',
  '~',
]);
const READ_BELOW =
  /^\/etc\/(?:g?shadow-?|sudoers(?:\.d)?|ssh|kubernetes|ssl\/private)$|^\/etc\/ssh\/ssh_host_\w+_key$|^\/etc\/kubernetes\/|^\/var\/lib\/docker\/(?:volumes|overlay2|containers)$/;

/** A drive of Windows, and the folders of its system and users. */
const WINDOWS = /^[a-z]:(?:[\\/]+(?:windows|users|programdata)?)?[\\/]*$/i;

/** Whether who can write a path of the host decides what the host runs. */
export function decidesWhatRuns(path: string): boolean {
  return WRITE_FOLDERS.has(path) || WRITE_BELOW.test(path) || WINDOWS.test(path);
}

/** Whether who can read a path of the host gets secrets of the host or its users. `target` is where the container finds it. */
export function holdsSecrets(path: string, target: string | null): boolean {
  if (READ_FOLDERS.has(path) || READ_BELOW.test(path) || WINDOWS.test(path)) return true;
  // `/home/mysql:/var/lib/mysql` is a folder for data, `/home/alice:/home/alice` is somebody's home.
  return (
    /^\/(?:home|Users)\/[^/]+$/.test(path) && /^\/(?:home|host|root|users?)(?:[/_-]|$)/i.test(target ?? '')
  );
}

/**
 * The path of the host that a mount shows, where it can be one of the system's: also that of a relative path which climbs out of
 * the project (`../../../../etc`).
 */
export function systemPathOf(document: Document<'compose'>, mount: Mount): string | undefined {
  const path = hostPathOf(document.tree, mount);
  if (path === undefined || /^(?:[/~]|[A-Za-z]:)/.test(path)) return path?.replace(/(?<=.)\/+$/, '');
  const [, climb = '', rest = ''] = /^((?:\.\.\/?)+)(.*)$/.exec(path) ?? [];
  // Where `..` alone ends depends on where the project lies; with a name behind it, or this far up, it is meant.
  if (climb === '' || (rest === '' && climb.length < '../../../..'.length)) return undefined;
  const uri = joinUri(dirname(document.uri), path);
  const climbed = decodeURIComponent(uri.replace(/^file:\/\/[^/]*/, '')).replace(/(?<=.)\/+$/, '');
  return rest === '' && climbed !== '/' ? undefined : climbed;
}
