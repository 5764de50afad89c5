import { environmentOf } from '../../../syntaxes/compose/environment.ts';
import { UNKNOWN } from '../../../syntaxes/compose/interpolate.ts';
import { mountsOf } from '../../../syntaxes/compose/mounts.ts';
import { imageOf, wordsOf } from '../../../syntaxes/compose/service.ts';
import { type ComposeService, lookup } from '../../../syntaxes/compose/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { parseImage } from '../../core/image-reference.ts';
import type { Fix } from '../../core/rule.ts';
import { addServiceKey, fixOf } from './fixes.ts';
import { openPorts } from './ports.ts';

/** A database that asks for no password unless it is told to, and that the network reaches. */
export interface OpenStore {
  readonly product: 'Redis' | 'Valkey' | 'MongoDB';
  readonly server: string;
}

const STORES: Readonly<Record<string, OpenStore>> = {
  redis: { product: 'Redis', server: 'redis-server' },
  'valkey/valkey': { product: 'Valkey', server: 'valkey-server' },
  mongo: { product: 'MongoDB', server: 'mongod' },
};

/** Options, and files of settings, that switch a login on or may do so. */
const LOGIN = /requirepass|acl|^--?user$|^--auth$|keyfile|^--config$|^-f$|clusterauth|\.(?:conf|ya?ml)$/i;

/** What a service publishes without a login; undefined where it has one or where that cannot be told. */
export function openStore(document: Document<'compose'>, service: ComposeService): OpenStore | undefined {
  const { entries } = service.effective;
  const image = parseImage(imageOf(service) ?? '');
  const store = image && Object.hasOwn(STORES, image.name) ? STORES[image.name] : undefined;
  if (!store || entries.has('build') || entries.has('env_file') || entries.has('configs')) return undefined;
  if (!openPorts(service).some(({ datastore }) => datastore !== undefined)) return undefined;
  const words = [...(wordsOf(service, 'entrypoint') ?? []), ...(wordsOf(service, 'command') ?? [])];
  if (words.some(({ text }) => LOGIN.test(text) || text.includes(UNKNOWN) || /[$`\s]/.test(text)))
    return undefined;
  const tellsUser = environmentOf(service, document.text).some(({ name }) =>
    /PASS|USER|AUTH|ARGS|CONF/i.test(name),
  );
  const mountsSettings = mountsOf(service).some(
    ({ type, target }) => type === 'bind' && (target === null || /\/etc|conf|initdb/i.test(target)),
  );
  return tellsUser || mountsSettings || lookup(service.effective, 'secrets') ? undefined : store;
}

/** Starts the server with a password. Only where the image's own command runs. */
export function withPassword(
  document: Document<'compose'>,
  service: ComposeService,
  store: OpenStore,
): Fix | undefined {
  const { entries } = service.effective;
  if (store.product === 'MongoDB' || entries.has('command') || entries.has('entrypoint')) return undefined;
  const name = `${store.product.toUpperCase()}_PASSWORD`;
  const command = `${store.server} --requirepass \${${name}:?set ${name}}`;
  const edit = addServiceKey(document.text, service, {
    key: 'command',
    value: command,
    flow: `"${command}"`,
  });
  return fixOf(edit, {
    title: `Require a password from \${${name}}`,
    safety: 'review',
    risk: `Compose does not start until \`${name}\` is set, and every client has to log in with it.`,
  });
}
