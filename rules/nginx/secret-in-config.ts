import type { Span } from '../../syntaxes/document.ts';
import { allDirectives, type NginxDirective, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { canBeCredential, isCredentialName } from '../core/credential-names.ts';
import { defineRule } from '../core/rule.ts';
import { knownSecretIn } from '../core/secret-patterns.ts';
import { serverLabel } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/secret-in-config',
  title: 'Credential stands in the configuration',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'medium',
  since: '0.1.0',
  mentions:
    /authorization|pass|secret|token|api[-_]?key|-key|_key|credential|A[KS]IA|gh[pousr]_|glpat-|xox|sk-|SG\.|AIza|npm_|hv[sb]\.|\bBasic\b|\bBearer\b/i,
  docs: {
    why: 'The configuration of nginx lies in the repository, in images and in backups, and `nginx -T` prints it. A password, token or key in it is known to everyone who sees one of these, and stays in the history after it was taken out.',
    fix: 'Change the credential, since it is known. Then let it in at start: a template of the official image (`/etc/nginx/templates/*.template`) takes `${API_TOKEN}` from the environment, or `include` a file that is not in the repository.',
    falsePositives:
      'Silent on placeholders, variables of nginx, stand-ins such as `changeme` or `<token>`, and on values that are no credential by their form.',
    cwe: [798],
    references: [
      'https://hub.docker.com/_/nginx',
      'https://nginx.org/en/docs/http/ngx_http_secure_link_module.html#secure_link_md5',
    ],
  },
  bad: [
    {
      name: 'headers for an upstream',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location /es/ {
        proxy_set_header Authorization "Basic «ZWxhc3RpYzpzM2NyM3RQYXNz»";
        proxy_pass http://elastic:9200;
    }
    location /api/ {
        proxy_set_header X-Api-Key «'k9Zq27LmP0xTr4Wb'»;
        proxy_set_header authorization "Bearer «eyJhbGciOiJIUzI1NiJ9.e30.c2ln»";
        proxy_pass http://api;
    }
}
`,
      },
    },
    {
      name: 'links that are signed, a variable, a comparison',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    set $api_token «"k9Zq27LmP0xTr4Wb"»;
    location /files/ {
        secure_link $arg_md5,$arg_expires;
        secure_link_md5 "$secure_link_expires$uri$remote_addr «s3cretS4lt»";
    }
    location /hook {
        if ($http_x_hook_token != «"k9Zq27LmP0xTr4Wb"») { return 403; }
        if ($http_authorization != "Basic «YWRtaW46czNjcjN0»") { return 401; }
        set $auth "Bearer «eyJhbGciOiJIUzI1NiJ9.e30.c2ln»";
        fastcgi_param DB_PASSWORD «hunter2-Xy9»;
        fastcgi_pass app:9000;
    }
}
`,
      },
    },
    {
      name: 'keys of customers in a map',
      files: {
        'nginx/conf.d/keys.conf': `map $http_x_api_key $client {
    default "";
    «k9Zq27LmP0xTr4Wb» acme;
    «"7B5zIqmRGXmrJTFm"» other;
}
server { listen 443 ssl; }
`,
      },
    },
  ],
  good: [
    {
      name: 'placeholders, variables and stand-ins',
      files: {
        'nginx/templates/app.conf.template': `server {
    listen 443 ssl;
    location / {
        proxy_set_header Authorization "Basic \${ES_CREDENTIALS}";
        proxy_set_header Authorization "Bearer $token";
        proxy_set_header Authorization $http_authorization;
        proxy_set_header Authorization "";
        proxy_set_header X-Api-Key "<your key>";
        proxy_set_header X-Api-Key changeme;
        proxy_set_header X-Auth-Token YOUR_TOKEN_HERE;
        secure_link_md5 "$secure_link_expires$uri \${LINK_SECRET}";
        proxy_pass http://app;
    }
}
`,
      },
    },
    {
      name: 'names of headers, files and switches',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    ssl_certificate_key /etc/ssl/app.key;
    ssl_password_file /etc/ssl/pass;
    auth_basic_user_file /etc/nginx/htpasswd;
    add_header Access-Control-Allow-Headers "Authorization, X-Api-Key, X-Auth-Token";
    proxy_pass_header Authorization;
    proxy_hide_header X-Auth-Token;
    set $csrf_token "";
    set $token $arg_token;
    set $auth_token off;
    if ($http_authorization = "") { return 401; }
    set $realm "Basic realm";
    if ($arg_token ~ "^[a-z0-9]+$") { return 403; }
    proxy_cache_key "$scheme$host$request_uri";
    limit_req zone=token_zone burst=5;
    fastcgi_param PASSWORD_RESET_URL https://example.com;
    location /token { proxy_pass http://token-service:8080; }
}
map $http_authorization $has_auth { default 1; "" 0; }
map $http_x_api_key $kind { default none; "~^test_" test; }
`,
      },
    },
    {
      name: 'parameters of a digest',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        proxy_set_header Authorization "Basic";
        add_header WWW-Authenticate 'Basic realm="team"' always;
        add_header WWW-Authenticate 'Bearer error="invalid_token"' always;
        secure_link_md5 "$secure_link_expires$uri$remote_addr";
        proxy_set_header X-Token-Type bearer;
    }
}
`,
      },
    },
  ],
  check(document, context) {
    const counts = new Map<string, number>();
    for (const directive of allDirectives(document.tree.root)) {
      for (const { span, what } of secretsOf(directive, document.text)) {
        const place = placeBeside(directive);
        const nth = (counts.get(place) ?? 0) + 1;
        counts.set(place, nth);
        context.report({
          span,
          message: `${what} stands in the configuration: everyone who sees the repository, the image or a backup has it.`,
          place: `${place}[${nth}]`,
        });
      }
    }
  },
});

interface Found {
  readonly span: Span;
  /** What it is, with its article, at the start of a sentence. */
  readonly what: string;
}

function secretsOf(directive: NginxDirective, text: string): readonly Found[] {
  const { name, args, block } = directive;
  const owner = directive.parent.owner;
  if (owner?.name === 'map') return entryOf(directive, owner);
  const [first, value] = args;
  if (block) return name === 'if' ? comparedIn(args, text) : [];
  if (SETS_HEADER.test(name) && first && value) return headerSecret(first.value, value, text);
  if (name === 'set' && first && value) {
    const isNamed = isCredentialName(first.value.replace(/^\$/, ''));
    if (isNamed) return wholeWord(value, 'A credential');
    // A variable may hold other words: `Basic realm`.
    return /\s(?=.{8})(?=.*[A-Z\d=])\S+$/.test(value.value) ? behindScheme(value, text) : [];
  }
  if ((name === 'fastcgi_param' || name === 'uwsgi_param' || name === 'scgi_param') && first && value)
    return isCredentialName(first.value) ? wholeWord(value, 'A credential') : known(value);
  if (name === 'secure_link_secret' && first) return wholeWord(first, 'The key of signed links');
  if (name === 'secure_link_md5' && first) return saltIn(first, text);
  return args.flatMap(known);
}

const SETS_HEADER = /^(?:proxy|grpc)_set_header$|^add_header$/;

function known(word: NginxWord): readonly Found[] {
  const what = word.opaque ? undefined : knownSecretIn(word.value);
  return what === undefined ? [] : [{ span: word.span, what: capital(what) }];
}

function headerSecret(header: string, word: NginxWord, text: string): readonly Found[] {
  if (/^(?:proxy-)?authorization$/i.test(header)) {
    const behind = behindScheme(word, text);
    return behind.length > 0 ? behind : known(word);
  }
  return isCredentialName(header) || /^x-(?:api-key|auth-key|access-key)$/i.test(header)
    ? wholeWord(word, 'A credential')
    : known(word);
}

/** What stands behind `Basic` or `Bearer`. */
function behindScheme(word: NginxWord, text: string): readonly Found[] {
  const scheme = /^(?:Basic|Bearer|Token|ApiKey|Digest)[ \t]+/i.exec(word.value)?.[0];
  const rest = word.value.slice(scheme?.length ?? 0).replace(/"?\)$/, '');
  if (!scheme || !isSecretText(rest, word)) return [];
  const start = text.indexOf(rest, word.span.start);
  const isFound = start >= 0 && start < word.span.end;
  return [{ span: isFound ? { start, end: start + rest.length } : word.span, what: 'A password or token' }];
}

function wholeWord(word: NginxWord, what: string): readonly Found[] {
  return isSecretText(word.value, word) ? [{ span: word.span, what }] : [];
}

/** `if ($http_x_token != "…")`. */
function comparedIn(args: readonly NginxWord[], text: string): readonly Found[] {
  const [variable, operator, word] = args;
  if (!variable || !word || !/^!?=$/.test(operator?.value ?? '')) return [];
  if (!isCredentialVariable(variable.value.replace(/^\(/, ''))) return [];
  const behind = behindScheme(word, text);
  if (behind.length > 0) return behind;
  const isLast = text.slice(word.span.start, word.span.end).endsWith(')');
  const plain = word.value.replace(/\)$/, '').replaceAll('"', '');
  const span = { start: word.span.start, end: word.span.end - Number(isLast) };
  return isSecretText(plain, word) ? [{ span, what: 'A credential' }] : [];
}

/** Entries of a `map` whose source is a credential of the client. */
function entryOf(entry: NginxDirective, map: NginxDirective): readonly Found[] {
  const source = map.args[0]?.value ?? '';
  if (!isCredentialVariable(source) || /^(?:default|hostnames|volatile|include)$/.test(entry.name)) return [];
  if (entry.name.startsWith('~') || entry.opaque || !isLikeKey(entry.name)) return [];
  return [{ span: entry.nameSpan, what: 'A credential of a client' }];
}

/** `$http_x_api_key`, `$arg_token`, `$cookie_secret`. */
function isCredentialVariable(variable: string): boolean {
  const name = /^\$\{?(?:http|arg|cookie)_(\w+?)\}?$/.exec(variable)?.[1];
  return name !== undefined && (isCredentialName(name) || /^x_api_key$|^authorization$/.test(name));
}

/** What is left of the text that is signed when the variables are gone. */
function saltIn(word: NginxWord, text: string): readonly Found[] {
  const rest = word.value.replaceAll(/\$\{?\w+\}?/g, ' ');
  const salt = /[^\s/:,;?&=|-]{4,}/.exec(rest)?.[0];
  if (!salt || word.opaque || !isSecretText(salt, word)) return [];
  const start = text.indexOf(salt, word.span.start);
  return [{ span: { start, end: start + salt.length }, what: 'The key of signed links' }];
}

/** Words that stand for a credential in examples. */
const STAND_IN =
  /^(?:change[-_ ]?me|secret|password|token|example|x{3,}|\*{3,}|\.{3,}|test|none|null|todo|key|api[-_]?key)$|your[-_ ]|my[-_ ](?:secret|token|key)|replace|example|insert|<|\$|%/i;

function isSecretText(value: string, word: NginxWord): boolean {
  if (word.opaque || value.length < 4 || /\s/.test(value)) return false;
  return canBeCredential(value) && !STAND_IN.test(value);
}

/** Keys of maps may be names as well, so they have to look like one that was made. */
function isLikeKey(text: string): boolean {
  const value = text.replace(/^Bearer\s+|^Basic\s+/i, '');
  return (
    value.length >= 8 &&
    /\d/.test(value) &&
    /[A-Za-z]/.test(value) &&
    !/\s/.test(value) &&
    canBeCredential(value) &&
    !STAND_IN.test(value)
  );
}

/** Where a directive is, without the arguments of any block: a comparison holds the very secret. */
function placeBeside(directive: NginxDirective): string {
  const parts: string[] = [directive.parent.owner?.name === 'map' ? 'entry' : directive.name];
  for (let owner = directive.parent.owner; owner; owner = owner.parent.owner) {
    if (owner.name === 'server') parts.unshift(`server[${serverLabel(owner)}]`);
    else if (owner.name === 'location')
      parts.unshift(`location[${owner.args.map(({ value }) => value).join(' ')}]`);
    else parts.unshift(owner.name);
  }
  return parts.join('.');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
