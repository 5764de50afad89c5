import {
  contentSpan,
  type EnvironmentVariable,
  environmentOf,
} from '../../../syntaxes/compose/environment.ts';
import { interpolate, UNKNOWN } from '../../../syntaxes/compose/interpolate.ts';
import { isEveryAddress, type Port, portsOf } from '../../../syntaxes/compose/ports.ts';
import { imageOf, wordsOf } from '../../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../../syntaxes/compose/tree.ts';
import type { Span } from '../../../syntaxes/document.ts';
import { parseImage } from '../../core/image-reference.ts';
import { networkMode } from './network-mode.ts';
import { commandLinesOf } from './words.ts';

/** The port of Docker's API without TLS. https://www.iana.org/assignments/service-names-port-numbers */
const PLAIN_PORT = '2375';

/** What makes a service's Docker daemon answer on TCP without asking who is there. */
export interface OpenDaemon {
  readonly span: Span;
  /** Where that stands below the service: `command[--host]`. */
  readonly place: string;
  /** As written, for a message: `--host=tcp://0.0.0.0:2375`. */
  readonly written: string;
  readonly port: string;
  /** The variable that switches TLS off, where it is one. */
  readonly variable?: EnvironmentVariable;
}

/** The TCP sockets of the service's Docker daemon, where it certainly does not check certificates. */
export function openDaemon(fileText: string, service: ComposeService): readonly OpenDaemon[] {
  const words = daemonWords(fileText, service);
  if (!words && runsUnknown(service)) return [];
  if (words?.some(({ text }) => /^--tlsverify(?:=true)?$|\$/.test(text))) return [];
  const image = parseImage(imageOf(service) ?? '');
  const isDind = image !== undefined && /dind/.test(`${image.name}:${image.tag ?? ''}`);
  const variable = isDind ? emptyCertificates(fileText, service) : undefined;
  // With flags alone the entrypoint of dind adds its own, TLS among them, as long as it has a folder for certificates.
  const flagsOnly = isDind && (words === undefined || words[0]?.text.startsWith('-') === true);
  const sockets = flagsOnly && !variable ? [] : socketsIn(words ?? []);
  if (sockets.length > 0 || !variable) return sockets;
  return [
    {
      span: variableSpan(fileText, variable),
      place: 'environment.DOCKER_TLS_CERTDIR',
      written: 'DOCKER_TLS_CERTDIR',
      port: PLAIN_PORT,
      variable,
    },
  ];
}

/** The ports that show an API without TLS to more than the host itself. */
export function publishedApi(fileText: string, service: ComposeService): readonly Port[] {
  if (networkMode(service) !== undefined) return [];
  const ports = portsOf(service).filter(({ protocol, hostIp }) => protocol === 'tcp' && isOffHost(hostIp));
  if (ports.length === 0) return [];
  const verifies = daemonWords(fileText, service)?.some(({ text }) => /^--tlsverify(?:=true)?$/.test(text));
  if (verifies) return [];
  const open = new Set([PLAIN_PORT, ...openDaemon(fileText, service).map(({ port }) => port)]);
  return ports.filter((port) => [...open].some((each) => covers(port, each)));
}

/** What a finding about a variable as such marks: its name, or the item that it stands in. */
export function variableSpan(fileText: string, { entry, scalar, offset }: EnvironmentVariable): Span {
  if (entry) return entry.pair.key.span;
  return scalar ? contentSpan(scalar, fileText) : { start: offset, end: offset };
}

/** An address that other machines reach; not for an unknown one. */
function isOffHost(ip: string | null): boolean {
  return ip !== null && (isEveryAddress(ip) || !/^\[?(?:127\.|::1\]?$|localhost$)/.test(ip));
}

/** Whether a port of the container is published, alone or in a short range. */
function covers({ target }: Port, wanted: string): boolean {
  const [first = '', last = first] = target?.split('-') ?? [];
  const [from, to, port] = [Number(first), Number(last), Number(wanted)];
  return target !== null && first !== '' && from <= port && port <= to && to - from < 50;
}

interface FlagWord {
  readonly text: string;
  span(): Span;
}

/** The words of the command that starts the daemon; undefined where none does, or the image's own command does. */
function daemonWords(fileText: string, service: ComposeService): readonly FlagWord[] | undefined {
  const entrypoint = commandLinesOf(fileText, service, 'entrypoint');
  const command = commandLinesOf(fileText, service, 'command');
  for (const line of [...entrypoint, ...command]) {
    const at = line.findIndex(
      ({ text }, index) =>
        /^(?:\S*\/)?dockerd(?:-entrypoint\.sh)?$/.test(text) ||
        (text === 'docker' && line[index + 1]?.text === 'daemon'),
    );
    if (at < 0) continue;
    const rest = entrypoint.includes(line) ? command.flat() : [];
    return /entrypoint\.sh$/.test(line[at]?.text ?? '')
      ? [...line.slice(at + 1), ...rest]
      : [...line.slice(at), ...rest];
  }
  const image = imageOf(service) ?? '';
  const flags = entrypoint.length === 0 && /dind/.test(image) ? command.flat() : [];
  return flags[0]?.text.startsWith('-') ? flags : undefined;
}

function socketsIn(words: readonly FlagWord[]): readonly OpenDaemon[] {
  return words.flatMap((word, index) => socketAt(words, word, index));
}

function socketAt(words: readonly FlagWord[], word: FlagWord, index: number): readonly OpenDaemon[] {
  const joined = /^(?:-H=?|--host=)(\S+)$/.exec(word.text)?.[1];
  const next = word.text === '-H' || word.text === '--host' ? words[index + 1] : undefined;
  const address = joined ?? next?.text;
  const [, host, port = PLAIN_PORT] = /^tcp:\/\/(\[[^\]]*\]|[^:/]*)(?::(\d+))?\/?$/.exec(address ?? '') ?? [];
  if (address === undefined || host === undefined || /^(?:127\.|localhost$|\[::1\]$)/.test(host)) return [];
  const span = { start: word.span().start, end: (next ?? word).span().end };
  // In a list the address is an item of its own.
  const whole = next && next.span().start - word.span().end === 1 ? span : (next ?? word).span();
  const written = next ? `${word.text} ${address}` : word.text;
  return [{ span: whole, place: `command[${address}]`, written, port }];
}

/** Whether a variable alone says what runs. */
function runsUnknown(service: ComposeService): boolean {
  return (['entrypoint', 'command'] as const).some((key) =>
    wordsOf(service, key)?.some(({ text, scalar }) => text.startsWith(UNKNOWN) || /^\$\{/.test(scalar.value)),
  );
}

function emptyCertificates(fileText: string, service: ComposeService): EnvironmentVariable | undefined {
  return environmentOf(service, fileText).find(
    ({ name, value }) =>
      name === 'DOCKER_TLS_CERTDIR' && value !== undefined && interpolate(value).text === '',
  );
}
