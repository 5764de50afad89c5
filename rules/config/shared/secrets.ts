import { settingOf } from '../../../syntaxes/appconfig/placeholder.ts';
import type { ConfigEntry } from '../../../syntaxes/appconfig/tree.ts';
import type { Span } from '../../../syntaxes/document.ts';

/** A value under a key that names a secret. The value is here to be judged, never to be shown. */
export interface SecretSetting {
  readonly entry: ConfigEntry;
  readonly value: string;
  readonly span: Span;
  /** The variable whose default the value is. */
  readonly variable?: string;
}

const SECRET_KEY =
  /(?:^|_)(?:passwords?|passwd|pwd|passphrase|pass|secrets?|token|tokens|api_?key|api_?keys|access_?key|private_?key|signing_?key|encryption_?key|secret_?key|auth_?key|account_?key|master_?key|shared_?key|credential|credentials|client_?secret|webhook_?secret|jwt_?key|hmac_?key|salt|pepper)$/;

/** Keys that name something of a secret: where it is, how long it lives, what it is called. */
const ABOUT_A_SECRET =
  /(?:_(?:file|files|path|paths|dir|url|uri|endpoint|name|id|ids|header|algorithm|alg|ttl|expire|expires|expiry|expiration|length|size|type|prefix|suffix|regex|pattern|policy|count|limit|lifetime|duration|seconds|minutes|field|param|parameter|format|hint|label|description|version|issuer|audience|alias|provider|store|location|encoder|encoding|ref|env|var|variable|enabled|required|strategy|mode|scope|claim|cookie|in|command|cmd|source|backend|engine|manager|key_name|rotation|class|message|text|placeholder|method))$|^(?:max|min|num|n|count|total|input|output|prompt|completion|context|stop|pad|eos|bos|unk|special|csrf_header)_tokens?$|^(?:tokens|pass|salt_rounds)$|(?:^|_)(?:public|publishable|publish|site|vapid_public|primary|foreign|sort|partition|routing|cache|anon|csrf_cookie)_?(?:key|token)$|(?:^|_)(?:by|one|all|bi|com|by)_?pass$/;

/** A key that names a secret, and no property of one. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key) && !ABOUT_A_SECRET.test(key);
}

/** The values that stand literally under keys that name secrets. */
export function secretSettings(text: string, entries: readonly ConfigEntry[]): readonly SecretSetting[] {
  return entries.flatMap((entry) => {
    if (!entry.scalar || !isSecretKey(entry.key)) return [];
    const setting = settingOf(text, entry.scalar);
    if (setting.type !== 'literal' || setting.value === '' || isIndirect(setting.value)) return [];
    const { value, span, variable } = setting;
    return [{ entry, value, span, ...(variable !== undefined && { variable }) }];
  });
}

/** Text that says where a secret is, or that holds it encrypted. */
const INDIRECT =
  /^(?:ENC[[(]|vault:|op:\/\/|arn:|file:|env:|secret:|secrets?\/|ref\+|sops|sm:|ssm:|gcp:|aws:|azure:|keyvault:|kms:|k8s:|bws:|pass:|cipher:|\{cipher\}|\{[a-z][\w@-]*\}|\/|~\/|\.{1,2}\/|[A-Za-z]:\\|\$|%|!|<|\{|\[|https?:\/\/|ssh-(?:rsa|ed25519) )/i;

/** Whether a value points somewhere else: a path, a vault, a variable, a hash. */
export function isIndirect(value: string): boolean {
  return (
    INDIRECT.test(value) ||
    /^[\w-]+\([^)]*\)$/.test(value) ||
    /^[\w./-]+\.(?:pem|key|crt|txt|json|ya?ml|jks|p12|pfx|env|conf)$/i.test(value)
  );
}

const PLACEHOLDER_WORD =
  /change[-_ ]?(?:me|it|this|in)|replace[-_ ]?(?:me|this|with)|your[-_ ]|^your|example|placeholder|dummy|sample|^fake|insert[-_ ]|to[-_ ]?do|redacted|not[-_ ]?set|unset|^x{3,}|x{6,}|\*{3,}|\.{3,}|^(?:test|demo|foo|bar|none|null|nil|undefined|empty|string|number|boolean|true|false)$|<[^>]+>|xxxx|here$|_here\b/i;

/** Whether a value only holds the place of a secret. */
export function isPlaceholder(value: string): boolean {
  return PLACEHOLDER_WORD.test(value);
}

/** Shannon entropy in bits for each character: 0 for `aaaa`, near 4 for 16 different ones. */
export function entropyOf(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

/** Whether a value looks like a generated secret: long, mixed, without words, spaces or an order. */
export function looksGenerated(value: string): boolean {
  if (value.length < 16 || value.length > 512 || /\s/.test(value)) return false;
  if (!/[A-Za-z]/.test(value) || !/\d/.test(value)) return false;
  if (isPlaceholder(value) || isIdentifier(value) || isSequence(value)) return false;
  // Sixteen different digits cannot come near the entropy of a larger alphabet.
  return entropyOf(value) >= (/^[0-9a-f]+$/i.test(value) ? 3 : 3.5);
}

/** UUIDs name things; dotted names are classes or hosts; words with hyphens are names (`prod-db-replica-2-password`). */
function isIdentifier(value: string): boolean {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return true;
  if (/^[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*){2,}$/.test(value) && !value.startsWith('ey')) return true;
  if (/^[\w.+-]+@[\w-]+\.[\w.]+$/.test(value)) return true;
  const parts = value.split(/[-_.:/]/);
  return (
    parts.length > 1 &&
    parts.every((part) => /^(?:[a-z]{1,12}|[A-Z][a-z]{0,12}|[A-Z]{1,12}|[vV]?\d{1,4})$/.test(part))
  );
}

/** `abcdef…`, `0123456789…`: typed by hand to have something. */
function isSequence(value: string): boolean {
  let steps = 0;
  for (let i = 1; i < value.length; i++) if (value.charCodeAt(i) - value.charCodeAt(i - 1) === 1) steps++;
  return steps > value.length / 2;
}
