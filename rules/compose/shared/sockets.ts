import type { Mount } from '../../../syntaxes/compose/mounts.ts';
import type { ComposeTree } from '../../../syntaxes/compose/tree.ts';
import { hostPathOf } from './host-paths.ts';

/** The sockets of the daemons that start containers, wherever they lie, and Docker's pipe on Windows. */
const SOCKET =
  /\/(?:docker|podman|containerd|crio|cri-dockerd|dockershim|buildkitd)\.sock(?:\.raw)?$|^\/run\/systemd\/private$|pipe[\\/]docker_engine(?:_linux)?$/;
/** Folders of the host that hold one, with `/run` for `/var/run`. A user's `/run/user/1000` is mounted for sound and windows. */
const HOLDERS: ReadonlySet<string> = new Set([
  '/',
  '/var',
  '/run',
  '/run/podman',
  '/run/containerd',
  '/run/crio',
  '/run/k3s',
  '/run/k3s/containerd',
  '/run/systemd',
  '/run/buildkit',
]);
/** Where the daemon of a user other than root has its socket. */
const ROOTLESS = /^\/run\/user\/|^~\/|^\/(?:home|Users)\/[^/]+\//;

/** A daemon's socket in a container. */
export interface DaemonSocket {
  /** The path on the host, with `…` for an unknown beginning. */
  readonly path: string;
  /** Whether the mount is a folder that holds the socket, not the socket alone. */
  readonly folder: boolean;
  /** Whether the daemon runs as a user other than root. */
  readonly rootless: boolean;
}

/** The socket that a mount brings into the container; undefined where it brings none. */
export function daemonSocketOf(tree: ComposeTree, mount: Mount): DaemonSocket | undefined {
  const path = hostPathOf(tree, mount) ?? unknownSocket(mount);
  if (path === undefined) return undefined;
  const real = path.replace(/^\/var\/run(?=\/|$)/, '/run');
  const folder = HOLDERS.has(real);
  return folder || SOCKET.test(real) ? { path, folder, rootless: ROOTLESS.test(real) } : undefined;
}

/** `${DOCKER_SOCK}:/var/run/docker.sock`: whatever the variable says, the other half names the socket. */
function unknownSocket({ short, source, target, type }: Mount): string | undefined {
  // A named pipe of Windows is a type of its own in the long form.
  if (type === 'other' && source && SOCKET.test(source)) return source;
  if (source !== null) return undefined;
  if (target !== null && SOCKET.test(target)) return target;
  const name = short && /^[^:]*(\/(?:docker|podman|containerd|crio)\.sock):/.exec(short.value)?.[1];
  return name && `…${name}`;
}
