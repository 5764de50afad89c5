import type { ShellCommand, ShellWord } from '../../../syntaxes/dockerfile/shell.ts';

/** What a `curl` or `wget` downloads. */
export interface Download {
  readonly url: ShellWord;
  /** The file that it becomes, as written; undefined where it goes to standard output. */
  readonly file: string | undefined;
}

/** The downloads of a command; empty for every program but `curl` and `wget`. */
export function downloadsOf(command: ShellCommand): readonly Download[] {
  const { program, operands } = command;
  if (program !== 'curl' && program !== 'wget') return [];
  const { urls, files } = program === 'curl' ? curlArguments(operands) : wgetArguments(operands);
  const redirect = command.redirects.find(({ operator }) => operator === '>' || operator === '>|')?.target;
  return urls.map((url, index) => {
    const named = files[index] ?? (program === 'wget' ? files.at(-1) : undefined);
    return { url, file: fileOf(named, url, program) ?? redirect?.value };
  });
}

/** `true` stands for "the name that the URL has". */
type Output = string | true;

interface Arguments {
  readonly urls: readonly ShellWord[];
  readonly files: readonly Output[];
}

function fileOf(named: Output | undefined, url: ShellWord, program: string): string | undefined {
  if (named === '-') return undefined;
  if (named === true || (named === undefined && program === 'wget')) return lastSegment(url.value);
  return named;
}

function lastSegment(url: string): string | undefined {
  const name = url.replace(/[?#].*$/, '').replace(/^.*\//, '');
  return name === '' ? undefined : name;
}

/** Short options of curl that take the rest of the cluster, or the next word, as their value. */
const CURL_VALUED = 'AbcCdDeEFHKmoPQrtTuUwxXyYz';
const CURL_LONG_FLAGS =
  /^--(?:fail|fail-with-body|silent|show-error|location|location-trusted|insecure|compressed|verbose|remote-name|remote-name-all|remote-header-name|remote-time|create-dirs|globoff|head|include|ipv4|ipv6|netrc|progress-bar|no-[\w-]+|retry-connrefused|retry-all-errors|tlsv1[.\d]*|sslv\d|http[\d.]+|http2-prior-knowledge|parallel|styled-output|tcp-fastopen|tr-encoding|anyauth|basic|digest|raw|ssl-no-revoke|ssl-reqd|junk-session-cookies|disable|next|get|path-as-is|proto-default)$/;

function curlArguments(args: readonly ShellWord[]): Arguments {
  const urls: ShellWord[] = [];
  const files: Output[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i];
    if (!word) continue;
    const { value } = word;
    if (value.startsWith('--')) {
      const [name = '', own] = splitOption(value);
      if (/^--remote-name(?:-all)?$/.test(name)) files.push(true);
      if (CURL_LONG_FLAGS.test(name)) continue;
      const given = own ?? args[++i]?.value ?? '';
      if (name === '--output') files.push(given);
      else if (name === '--url' && args[i]) urls.push(args[i] ?? word);
    } else if (/^-./.test(value)) {
      const letters = value.slice(1);
      const valued = [...letters].findIndex((letter) => CURL_VALUED.includes(letter));
      const flags = valued < 0 ? letters : letters.slice(0, valued);
      if (flags.includes('O')) files.push(true);
      if (valued < 0) continue;
      const given = letters.slice(valued + 1) || (args[++i]?.value ?? '');
      if (letters[valued] === 'o') files.push(given);
    } else urls.push(word);
  }
  return { urls, files };
}

const WGET_VALUED = 'OoaeiBtTwQPUlARDIX';
const WGET_LONG_VALUED =
  /^--(?:output-document|output-file|append-output|execute|input-file|base|tries|timeout|dns-timeout|connect-timeout|read-timeout|wait|waitretry|quota|directory-prefix|user-agent|level|accept|reject|domains|header|user|password|http-user|http-password|post-data|post-file|referer|load-cookies|save-cookies|ca-certificate|ca-directory|certificate|private-key|limit-rate|progress|secure-protocol|bind-address|restrict-file-names|cut-dirs|max-redirect|method|body-data|compression)$/;

function wgetArguments(args: readonly ShellWord[]): Arguments {
  const urls: ShellWord[] = [];
  const files: Output[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i];
    if (!word) continue;
    const { value } = word;
    if (value.startsWith('--')) {
      const [name = '', own] = splitOption(value);
      if (!WGET_LONG_VALUED.test(name)) continue;
      const given = own ?? args[++i]?.value ?? '';
      if (name === '--output-document') files.push(given);
    } else if (/^-n[a-zA-Z]$/.test(value)) {
      // `-nv`, `-nc` and their kin are options of two letters.
    } else if (/^-./.test(value)) {
      const letters = value.slice(1);
      const valued = [...letters].findIndex((letter) => WGET_VALUED.includes(letter));
      if (valued < 0) continue;
      const given = letters.slice(valued + 1) || (args[++i]?.value ?? '');
      if (letters[valued] === 'O') files.push(given);
    } else urls.push(word);
  }
  return { urls, files };
}

function splitOption(option: string): readonly [name: string, value: string | undefined] {
  const equals = option.indexOf('=');
  return equals < 0 ? [option, undefined] : [option.slice(0, equals), option.slice(equals + 1)];
}

/** The host of a URL that is not of this machine or network; undefined for all others, and where a variable hides it. */
export function publicHost(url: string): string | undefined {
  const host = /^[a-z][\w+.-]*:\/\/(?:[^/@\s]*@)?([\w.-]+)(?=[:/?#]|$)/i.exec(url)?.[1]?.toLowerCase();
  if (host === undefined || !host.includes('.')) return undefined;
  if (
    /^(?:127|10|0)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^169\.254\.|^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(
      host,
    )
  )
    return undefined;
  return /\.(?:internal|local|localhost|localdomain|lan|intranet|intra|corp|home|private|svc|cluster|docker|test|invalid|arpa)$/.test(
    host,
  )
    ? undefined
    : host;
}
