/*
 * What the name of a variable says about its value: whether it is a credential. Shared by everything that sets variables.
 */

/** How names of credentials end. A bare `KEY` is none: `GPG_KEY`, `SORT_KEY` and `KMS_KEY` name public or harmless things. */
const CREDENTIAL =
  /(?:^|_)(?:pass|passwd|password|passphrase|passwort|pwd|pw|secret|secrets|token|credential|credentials|apikey|(?:api|access|secret|secret_access|private|signing|encryption|master|auth|account|storage|app|jwt|ssh|deploy|license|service_role)_key|(?:secret_)?key_base|(?:gh|github|gitlab|azure)_pat|auth_json|npm_auth|htpasswd)(?:_value)?(?:_?\d+)?$/;

/** The same without a separator: `PGPASSWORD`, `DBPASS`, `AUTHTOKEN`. */
const GLUED = /(?:password|passwd|dbpass|secretkey|privatekey|apikey|authtoken|accesstoken)\d?$/;

/** Words that make a name speak *about* a credential: how long it is, whether there is one, which public half it has. */
const ABOUT =
  /(?:^|_)(?:allow_empty|random|public|publishable|anonymous|disable|disabled|enable|enabled|require|required|use|with|has|is|no|skip|max|min|limit|count|num|length|size|expire|expires|expiry|expiration|ttl|timeout|duration|header|field|prefix|suffix|csrf_cookie|csrf_header|pad|eos|bos)(?:_|$)/;

/** Whether a variable's name says that its value is a credential. `keyPassword`, `db__password` and `KEY_PASSWORD` are alike. */
export function isCredentialName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
  return (CREDENTIAL.test(words) || GLUED.test(words)) && !ABOUT.test(words);
}

/** Values that say themselves that they only fill the place: `dummy-key-for-build`, `placeholder`. */
const STAND_IN =
  /dummy|placeholder|\bfake\b|not[-_]?used|unused|\bunset\b|(?:for|during|at)[-_ ]?build|build[-_ ]?(?:time|only|key)/i;

/** Whether a text can be a credential at all: not empty, no switch, no path, no stand-in, no reference to another place. */
export function canBeCredential(value: string): boolean {
  const text = value.trim();
  if (STAND_IN.test(text)) return false;
  if (text === '' || /^(?:true|false|yes|no|on|off|null|none|nil|undefined|\d|enabled|disabled)$/i.test(text))
    return false;
  return !/^(?:\.{0,2}\/|~\/|[A-Za-z]:\\|https?:|file:|vault:|op:|arn:|\$\(|<|\{\{|%\w+%)/.test(text);
}
