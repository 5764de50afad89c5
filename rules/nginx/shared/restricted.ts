import { isOn } from './flags.ts';
import { itemsNamed, type Outside, type Scope, scopesAround } from './scope.ts';
import { isReachable, serverOf } from './server.ts';

/** Whether strangers are kept out of a block. `unknown` where something that cannot be seen may do it. */
export type Restriction = 'yes' | 'no' | 'unknown';

/** Whether a password, an address list, a client certificate or the like keeps strangers out of a block. */
export function restrictionOf(scope: Scope): Restriction {
  let answer: Restriction = 'no';
  let hasList = false;
  const off = new Set<string>();
  const isOpen = letsEveryoneIn(scope);
  for (const around of scopesAround(scope)) {
    const list: Restriction | undefined = hasList ? undefined : listOf(around);
    hasList ||= list !== undefined;
    if (list === 'yes' || isInside(around) || asksWhoItIs(around, off, isOpen) || refusesSome(around))
      return 'yes';
    if (list === 'unknown' || isUnread(around) || mayRestrict(around.outside) || decidesInCode(around))
      answer = 'unknown';
  }
  return answer;
}

/** `satisfy any` with `allow all`: who is on the list, everyone here, is not asked for a password any more. */
function letsEveryoneIn(scope: Scope): boolean {
  const around = [...scopesAround(scope)];
  const satisfy = around.flatMap((each) => itemsNamed(each, 'satisfy'))[0];
  const owner = around.find(({ items }) => items.some(({ name }) => name === 'allow' || name === 'deny'));
  const first = owner?.items.find(
    ({ name, args }) => (name === 'allow' || name === 'deny') && args[0] === 'all',
  );
  return satisfy?.args[0]?.toLowerCase() === 'any' && first?.name === 'allow';
}

/** Whether who is not on the list of a block is asked for a password or the like, as far as can be seen. */
export function mayAskWhoItIs(scope: Scope): boolean {
  const off = new Set<string>();
  return [...scopesAround(scope)].some(
    (around) =>
      asksWhoItIs(around, off, false) ||
      isUnread(around) ||
      mayRestrict(around.outside) ||
      decidesInCode(around),
  );
}

/** Whether an include may restrict a block. One of `http` would restrict every server, which nobody does unseen. */
function isUnread({ complete, kind }: Scope): boolean {
  return !complete && kind !== 'http' && kind !== 'main';
}

/** What the `allow` and `deny` of one block come to; they are inherited only where a block has none. */
function listOf({ items }: Scope): Restriction | undefined {
  const list = items.filter(({ name }) => name === 'allow' || name === 'deny');
  if (list.length === 0) return undefined;
  // The first that fits decides.
  const all = list.find(({ args }) => args[0] === 'all' || args[0] === '0.0.0.0/0');
  if (all) return all.name === 'deny' ? 'yes' : 'no';
  // Somebody thought of it, and another rule says that the end of the list is missing.
  return list.some(({ name }) => name === 'allow') || list.some(({ opaque }) => opaque) ? 'unknown' : 'no';
}

function isInside(scope: Scope): boolean {
  return scope.kind === 'server' && !isReachable(serverOf(scope));
}

/** Directives that ask clients who they are, of nginx and of modules for passwords, LDAP, PAM, single sign-on. */
const ASKS =
  /^(?:auth_(?:basic|request|jwt|oidc|require|ldap|pam|digest|gss|spnego|saml|radius|cas|totp|cookie|zone)|oauth2?_\w+|oidc_\w+|internal|ssl_verify_client|access_by_lua(?:_block|_file|_no_postpone)?|js_access|require|perl_access)$/;

function asksWhoItIs({ items }: Scope, off: Set<string>, isOpen: boolean): boolean {
  for (const { name, args } of items) {
    if (!ASKS.test(name) || off.has(name) || (isOpen && name.startsWith('auth_'))) continue;
    const value = args[0]?.toLowerCase();
    if (value === 'off') off.add(name);
    else if (name !== 'ssl_verify_client' || isOn(value)) return true;
  }
  return false;
}

/** `if ($allowed = 0) { return 403; }`: what is asked there is the author's business, unless it is no question of who asks. */
function refusesSome({ children }: Scope): boolean {
  return children.some(
    (child) =>
      child.kind === 'if' &&
      !NOT_WHO.test(child.args.join(' ')) &&
      itemsNamed(child, 'return').some(({ args }) => /^4\d\d$/.test(args[0] ?? '')),
  );
}

const NOT_WHO =
  /\$\{?(?:request_method|http_user_agent|https?_host|host|request_uri|uri|document_uri|args|query_string|request_filename|scheme)\b/;

function decidesInCode({ items }: Scope): boolean {
  return items.some(
    ({ name, args }) =>
      /^(?:content_by_lua|rewrite_by_lua|server_rewrite_by_lua|perl$|js_content)/.test(name) ||
      (name === 'ssl_verify_client' && /^optional/.test(args[0] ?? '')),
  );
}

function mayRestrict(outside: Outside | undefined): boolean {
  if (!outside) return false;
  return outside.mayBeSet === undefined || [...outside.mayBeSet].some((name) => LIMITS.test(name));
}

const LIMITS = /^(?:deny|auth_(?!basic_user_file|delay)\w+|access_by_lua\w*|ssl_verify_client)$/;
