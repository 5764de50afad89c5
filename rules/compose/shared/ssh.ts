import { type Port, portsOf } from '../../../syntaxes/compose/ports.ts';
import { imageOf } from '../../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../../syntaxes/compose/tree.ts';
import { networkMode } from './network-mode.ts';
import { commandLinesOf, type PlacedWord } from './words.ts';

/** Names of images and services that are about Git, about files over SSH, or about being the one way in. */
const PURPOSE =
  /(?:^|[^a-z])git(?:[^a-z]|$)|gitea|gitlab|gitolite|gitness|gitblit|gitbucket|git-?server|forgejo|gogs|soft-?serve|onedev|bitbucket|gerrit|radicle|sftp|rsync|borg|restic|bastion|jump|tunnel|teleport|warpgate|sshportal|honeypot|cowrie/i;

/** Whether the service is there for SSH. */
function isAboutSsh(service: ComposeService): boolean {
  return PURPOSE.test(service.name) || PURPOSE.test(imageOf(service) ?? '');
}

/** The ports that lead to an SSH login in the container. */
export function sshPorts(service: ComposeService): readonly Port[] {
  if (isAboutSsh(service) || networkMode(service) !== undefined) return [];
  return portsOf(service).filter(({ target, protocol }) => target === '22' && protocol === 'tcp');
}

/** The word of the service's command that starts an SSH server. */
export function sshServer(fileText: string, service: ComposeService): PlacedWord | undefined {
  if (isAboutSsh(service)) return undefined;
  for (const key of ['entrypoint', 'command'] as const) {
    for (const line of commandLinesOf(fileText, service, key)) {
      const [program, name, action] = line[0]?.text === 'exec' ? line.slice(1) : line;
      if (program && /^(?:\S*\/)?sshd$/.test(program.text)) return program;
      const isService = /^(?:\S*\/)?service$/.test(program?.text ?? '') && /^sshd?$/.test(name?.text ?? '');
      if (isService && /^(?:re)?start$/.test(action?.text ?? '')) return name;
    }
  }
  return undefined;
}
