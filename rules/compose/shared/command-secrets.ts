import type { EnvironmentVariable } from '../../../syntaxes/compose/environment.ts';
import { interpolate } from '../../../syntaxes/compose/interpolate.ts';
import type { Span } from '../../../syntaxes/document.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';
import { isCredentialName } from '../../core/credential-names.ts';
import { isLiteralCredential } from './credentials.ts';
import type { CommandLine, PlacedWord } from './words.ts';

/** A credential that stands in a command or in a label. */
export interface CommandSecret {
  /** What it is the value of, as it is written: `--requirepass`, `-p`, `PGPASSWORD`. */
  readonly option: string;
  /** The value with the defaults of variables put in. */
  readonly value: string;
  readonly span: Span;
  readonly scalar: YamlScalar;
}

/** Options of programs that take a password, which their names do not tell, by the program's name. */
const SHORT_OPTIONS: readonly {
  readonly program: RegExp;
  /** `attached`: the value stands behind the letter without a space only. `user`: the value is `user:password`. */
  readonly options: Readonly<Record<string, 'any' | 'attached' | 'user'>>;
}[] = [
  {
    program: /^(?:mysql|mariadb)(?:-?(?:admin|dump|check|show|import|slap))?$/,
    options: { '-p': 'attached' },
  },
  { program: /^mongo(?:sh|dump|restore|import|export|stat|top)?$/, options: { '-p': 'any' } },
  { program: /^(?:redis|valkey|keydb)-cli$/, options: { '-a': 'any' } },
  { program: /^sshpass$/, options: { '-p': 'any' } },
  { program: /^sqlcmd$/, options: { '-P': 'any' } },
  { program: /^ldap(?:search|add|modify|whoami)$/, options: { '-w': 'any' } },
  { program: /^curl$/, options: { '-u': 'user', '--user': 'user' } },
  { program: /^etcdctl$/, options: { '--user': 'user' } },
];

/** Long options with a password whose names do not end like one. */
const LONG_OPTION = /^--(?:requirepass|masterauth)$/;

/** Programs whose `--password` takes no value. */
const ASKING = /^(?:psql|pg_\w+|createdb|createuser|dropdb|vacuumdb|reindexdb)$/;

/** The credentials that stand in the words of a program. */
export function commandSecretsIn(line: CommandLine): readonly CommandSecret[] {
  const programs = line.map(({ text }) => text.slice(text.lastIndexOf('/') + 1));
  const short = SHORT_OPTIONS.find(({ program }) => programs.some((name) => program.test(name)))?.options;
  const asks = programs.some((name) => ASKING.test(name));
  return line.flatMap((word, index) => {
    const next = line[index + 1];
    return (
      inAssignment(word) ??
      inHeader(word) ??
      (asks ? undefined : inLongOption(word, next)) ??
      (short && inShortOption(word, next, short)) ??
      []
    );
  });
}

/** `PGPASSWORD=x`, `-Dspring.datasource.password=x`. */
function inAssignment(word: PlacedWord): CommandSecret | undefined {
  const [whole, name = ''] = /^(?:-D)?([A-Za-z_][\w.-]*)=/.exec(word.text) ?? [];
  return whole !== undefined && isCredentialName(name) ? secretAt(word, whole.length, name) : undefined;
}

function inHeader(word: PlacedWord): CommandSecret | undefined {
  const header =
    /^(?:-H)?((?:Proxy-)?Authorization:\s*(?:Bearer|Basic|Token)|X-[\w-]*(?:Key|Token):)\s+/i.exec(word.text);
  const name = header?.[1]?.split(':')[0];
  return header && name !== undefined ? secretAt(word, header[0].length, name) : undefined;
}

function inLongOption(word: PlacedWord, next: PlacedWord | undefined): CommandSecret | undefined {
  const [whole, name = '', equals] = /^(--?[A-Za-z][\w.-]*)(=)?/.exec(word.text) ?? [];
  if (whole === undefined || (name.startsWith('--') ? false : name.length < 4)) return undefined;
  if (!LONG_OPTION.test(name) && !isCredentialName(name.replace(/^--?/, ''))) return undefined;
  if (equals !== undefined) return secretAt(word, whole.length, name);
  return word.text === name && next && !next.text.startsWith('-') ? secretAt(next, 0, name) : undefined;
}

function inShortOption(
  word: PlacedWord,
  next: PlacedWord | undefined,
  options: Readonly<Record<string, 'any' | 'attached' | 'user'>>,
): CommandSecret | undefined {
  // `-fsu user:password`: of several letters in one word the last one takes the value.
  const cluster = options['-u'] === 'user' && /^-[a-zA-Z]+u$/.test(word.text) ? '-u' : word.text;
  const exact = options[cluster];
  if (exact === 'any' || exact === 'user')
    return next && !next.text.startsWith('-') ? secretAt(next, userLength(next, exact), cluster) : undefined;
  if (exact === 'attached') return undefined;
  const option = Object.keys(options).find((each) => each.length === 2 && word.text.startsWith(each));
  const form = option === undefined ? undefined : options[option];
  return option === undefined || !form
    ? undefined
    : secretAt(word, form === 'user' ? userLength(word, form) : option.length, option);
}

/** How long the name of the user before the password is, with its colon; past the end where there is no password. */
function userLength({ text }: PlacedWord, form: 'any' | 'user'): number {
  if (form === 'any') return 0;
  const colon = text.replaceAll(/\$\{[^}]*\}/g, (variable) => '_'.repeat(variable.length)).indexOf(':');
  return colon < 0 ? text.length : colon + 1;
}

function secretAt(word: PlacedWord, from: number, option: string): CommandSecret | undefined {
  const value = literalIn(word.text.slice(from));
  if (value === undefined || (word.inShell && /\$[A-Za-z_{(]|`/.test(value))) return undefined;
  return { option, value, span: word.span(from), scalar: word.scalar };
}

function literalIn(text: string): string | undefined {
  const value = interpolate(text).text;
  if (value === undefined || !isLiteralCredential(value)) return undefined;
  // Files, identifiers of build secrets, what a shell puts in, and what a documentation would write.
  return /^\$*$|^`|^id=|^<[^>]*>$|\.(?:json|ya?ml|txt|pem|key|conf|crt|env|ini|toml)$/i.test(value)
    ? undefined
    : value;
}

/** Hashes that Apache's and Traefik's lists of users hold. */
const PASSWORD_HASH = /^(?:\$(?:apr1|1|2[abxy]?|5|6|argon2\w+|y|7)\$|\{(?:SHA|SSHA|PLAIN-MD5)\})/;

/** Whether a list of users, `name:hash,name:hash`, begins with the hash of a password. */
export function passwordHashAt(users: string): boolean {
  const colon = users.indexOf(':');
  return PASSWORD_HASH.test(users.slice(colon + 1)) && /^[\w.@-]*$/.test(users.slice(0, Math.max(colon, 0)));
}

/** A label of a proxy with `user:password` pairs. */
const USERS = /\.(?:basicauth|digestauth)\.users$/i;

/** The credential in a label; undefined where there is none or where it is a hash. */
export function labelSecretIn(fileText: string, label: EnvironmentVariable): CommandSecret | undefined {
  const { value, valueSpan, scalar, name } = label;
  if (value === undefined || !valueSpan || !scalar) return undefined;
  const written = fileText.slice(valueSpan.start, valueSpan.end);
  const from = credentialStart(name, written);
  if (from === undefined || written.includes('\n')) return undefined;
  const text = literalIn(written.slice(from));
  if (text === undefined || PASSWORD_HASH.test(text)) return undefined;
  return {
    option: name,
    value: text,
    span: { start: valueSpan.start + from, end: valueSpan.end },
    scalar,
  };
}

function credentialStart(name: string, written: string): number | undefined {
  if (USERS.test(name)) {
    const pair = /^[^:,${}\s]+:(?=[^,]+$)/.exec(written);
    return pair?.[0].length;
  }
  const scheme = /^(?:Bearer|Basic|Token)\s+(?=\S{8})/i.exec(written);
  if (scheme && /authorization$/i.test(name)) return scheme[0].length;
  const last = name.slice(name.lastIndexOf('.') + 1);
  return isCredentialName(last) || /\bwidgets?(?:\[\d+\])?\.key$/i.test(name) ? 0 : undefined;
}
