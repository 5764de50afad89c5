/*
 * Secrets that tell by their form what they are: tokens with a prefix of their issuer, private keys. Compiled by hand on 2026-11-25
 * from what the issuers document. To check an entry, compare the form with a token that was just made and is revoked again:
 * - https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
 * - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 * - https://docs.gitlab.com/security/tokens/#token-prefixes
 * - https://docs.slack.dev/authentication/tokens, https://docs.stripe.com/keys
 * - https://docs.npmjs.com/about-access-tokens, https://docs.docker.com/security/access-tokens/
 */

/** A secret in a text. What it says is nowhere in it, only where it is. */
export interface FoundSecret {
  /** What it is, with its article: "a GitHub token". */
  readonly what: string;
  readonly start: number;
  readonly end: number;
}

/**
 * A part of every form below, whatever stands around it: texts without it hold no secret of these forms. It saves most of the time
 * that a search takes.
 */
export const SECRET_HINT =
  /A[KS]IA|gh[pousr]_|github_pat_|gl(?:pat|dt|rt|ptt|cbt|ft|soat|agent|oas)-|xox[abeprs]|xapp-|hooks\.slack|[rs]k_live_|whsec_|AIza|GOCSPX-|SG\.|npm_|sk-|pypi-AgEI|do[opr]_v1_|hv[sb]\.|dckr_|hf_|shp(?:at|ca|pa|ss)_|PRIVATE KEY|secret_?(?:access_?)?key|twilio|SK[0-9a-f]|AccountKey=|api\/webhooks|:AA|dapi|glsa_|tskey-|AGE-SECRET/i;

interface SecretForm {
  readonly what: string;
  /** The whole match is the secret, or what its first group holds. */
  readonly form: RegExp;
  /** What must not stand before it on its line. */
  readonly unlessBehind?: RegExp;
}

/** Keys that every visitor of a website gets to see. */
const PUBLIC_NAME = /public|firebase|vite_|react_app|vue_app|expo|gatsby|browser/i;

const FORMS: readonly SecretForm[] = [
  { what: 'an AWS access key', form: /(?<![\w+/])(?:AKIA|ASIA)[0-9A-Z]{16}(?![\w+/])/ },
  {
    what: 'an AWS secret key',
    form: /(?:aws_?|iam_?)?secret_?(?:access_?)?key["']?[ \t]*(?:=>|[=:]|[ \t])[ \t]*["']?([A-Za-z0-9/+]{40})(?![\w+/=])/i,
  },
  { what: 'a GitHub token', form: /\bgh[pousr]_[0-9A-Za-z]{36,251}(?!\w)|\bgithub_pat_\w{60,}/ },
  {
    what: 'a GitLab token',
    form: /\bgl(?:pat|dt|rt|ptt|cbt|ft|soat|agent|oas)-[\w.-]{20,}/,
  },
  {
    what: 'a Slack token',
    form: /\bxox[abeprs]-(?:\d-)?[\w-]{6,}-[\w-]{10,}|\bxapp-\d-[A-Z0-9]+-\d+-[0-9a-f]{32,}/,
  },
  { what: 'a Slack webhook', form: /\bhooks\.slack\.com\/services\/T\w{6,}\/B\w{6,}\/\w{20,}/ },
  { what: 'a Stripe key', form: /\b[rs]k_live_[0-9A-Za-z]{20,}|\bwhsec_[0-9A-Za-z+/]{32,}/ },
  { what: 'a Google API key', form: /\bAIza[\w-]{35}(?![\w-])/, unlessBehind: PUBLIC_NAME },
  { what: 'a Google client secret', form: /\bGOCSPX-[\w-]{28}(?![\w-])/ },
  { what: 'a SendGrid key', form: /\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])/ },
  { what: 'an npm token', form: /\bnpm_[0-9A-Za-z]{36}(?!\w)/ },
  { what: 'an OpenAI key', form: /\bsk-(?:proj-|svcacct-)?[\w-]{20,}T3BlbkFJ[\w-]{20,}/ },
  { what: 'an Anthropic key', form: /\bsk-ant-(?:api|admin)\d\d-[\w-]{40,}/ },
  { what: 'a PyPI token', form: /\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}/ },
  { what: 'a DigitalOcean token', form: /\bdo[opr]_v1_[0-9a-f]{64}(?!\w)/ },
  { what: 'a Vault token', form: /\bhv[sb]\.[\w-]{24,}/ },
  { what: 'a Docker Hub token', form: /\bdckr_(?:pat|oat)_[\w-]{27,}/ },
  { what: 'a Hugging Face token', form: /\bhf_[A-Za-z0-9]{34}(?!\w)/ },
  { what: 'a Shopify token', form: /\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}(?!\w)/ },
  { what: 'a Twilio key', form: /\bSK[0-9a-f]{32}(?!\w)/ },
  {
    what: 'a Twilio token',
    form: /twilio_?(?:auth_?token|api_?(?:key_?)?secret)["']?[ \t]*(?:[=:]|[ \t])[ \t]*["']?([0-9A-Za-z]{32})(?!\w)/i,
  },
  { what: 'the key of an Azure storage account', form: /\bAccountKey=([A-Za-z0-9+/]{86}==)/ },
  { what: 'a Discord webhook', form: /\bdiscord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[\w-]{60,}/ },
  { what: 'the token of a Telegram bot', form: /(?<![\w:])\d{8,10}:AA[\w-]{33}(?![\w-])/ },
  { what: 'a Databricks token', form: /\bdapi[0-9a-f]{32}(?![0-9a-f])/ },
  { what: 'a Grafana token', form: /\bglsa_[0-9A-Za-z]{32}_[0-9a-f]{8}\b/ },
  { what: 'a Tailscale key', form: /\btskey-(?:auth|api|client|scim|webhook)-\w{6,}-\w{20,}/ },
  { what: 'an age key', form: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/ },
];

/** The secrets in a text that are certain by their form, in order. */
export function secretsIn(text: string): readonly FoundSecret[] {
  if (!SECRET_HINT.test(text)) return [];
  const found = FORMS.flatMap(({ what, form, unlessBehind }) =>
    [...text.matchAll(new RegExp(form, `${form.flags}g`))].flatMap((match): FoundSecret[] => {
      const secret = match[1] ?? match[0];
      const start = match.index + match[0].lastIndexOf(secret);
      if (isStandIn(secret)) return [];
      const line = text.slice(Math.max(text.lastIndexOf('\n', start) + 1, start - 80), start);
      return unlessBehind?.test(line) ? [] : [{ what, start, end: start + secret.length }];
    }),
  );
  return [...found, ...privateKeysIn(text)].sort((a, b) => a.start - b.start);
}

/** What a value certainly is by its form: "an AWS access key"; undefined for everything else. */
export function knownSecretIn(value: string): string | undefined {
  return secretsIn(value)[0]?.what;
}

/** How much text behind a PEM header is looked at. */
const PEM_LENGTH = 8000;

/** Private keys in PEM whose body is there, unless it is encrypted with a passphrase. The header is what is found. */
function privateKeysIn(text: string): readonly FoundSecret[] {
  const headers = text.matchAll(/-----BEGIN (?!ENCRYPTED)(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/g);
  return [...headers].flatMap((match): FoundSecret[] => {
    const from = match.index + match[0].length;
    const rest = text.slice(from, from + PEM_LENGTH);
    const end = rest.indexOf('-----');
    const body = end < 0 ? rest : rest.slice(0, end);
    if (/ENCRYPTED/.test(body) || !isKeyBody(body)) return [];
    return [{ what: 'a private key', start: match.index, end: from }];
  });
}

/** A line of a key, or more of them: 40 characters of base 64 at least, mixed as only random bytes are. */
function isKeyBody(body: string): boolean {
  const runs = body.replace(/\\[nr]/g, ' ').match(/[A-Za-z0-9+/]{40,}/g) ?? [];
  return runs.some(
    (run) => new Set(run).size >= 16 && /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run),
  );
}

/** Tokens that their issuers print in manuals, apart from those that call themselves examples. */
const DOCUMENTED = /16C7e42F292c6912E7710c838347Ae178B4a/i;

const FILLER =
  /example|sample|x{4}|\*{3}|0{6}|1234567|abcdefg|your|fake|dummy|placeholder|redacted|change_?me|replace|(.)\1{5}/i;

/** Whether a text of the right form only holds the place of a secret. */
function isStandIn(secret: string): boolean {
  const body = secret.replace(/^\w{2,12}?[_-]/, '');
  return FILLER.test(secret) || DOCUMENTED.test(secret) || new Set(body).size < 9 || isAscending(body);
}

/** `abcdef…`, `QRSTUV…`: typed by hand to have something. */
function isAscending(text: string): boolean {
  let steps = 0;
  for (let i = 1; i < text.length; i++) if (text.charCodeAt(i) - text.charCodeAt(i - 1) === 1) steps++;
  return steps > text.length / 2;
}
