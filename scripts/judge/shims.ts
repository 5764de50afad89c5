import { join } from 'node:path';
import { complaintOf, type Prefix } from './binary.ts';

/** What makes a configuration one that this nginx can judge: a directive in `http` for a file that is not there, or one less. */
export interface Shim {
  /** A directive for `http`. */
  readonly add?: string;
  /** The name of directives to leave out: those of a module or a version that is not at hand. */
  readonly drop?: string;
}

/** What nginx says of a configuration that is given what it lacks. */
export interface Verdict {
  /** Undefined where nginx accepts it. */
  readonly complaint: string | undefined;
  /** What it took to get there. */
  readonly shims: readonly Shim[];
}

const MAX_SHIMS = 30;

/**
 * Lets nginx judge a configuration that may be a part of a larger one: variables, zones and certificates that it takes from files
 * which are not there are made up, and directives that this nginx does not know are left out. `allowed` limits that to what another
 * version of the configuration needed.
 */
export function judgeWithShims(
  prefix: Prefix,
  configWith: (shims: readonly Shim[]) => string,
  allowed?: readonly Shim[],
): Verdict {
  let shims = allowed ?? [];
  let complaint = complaintOf(prefix, configWith(shims));
  if (complaint !== undefined && shims.some(({ add }) => add)) {
    // What was made up may be what a fix has added.
    shims = shims.filter(({ drop }) => drop);
    complaint = complaintOf(prefix, configWith(shims));
  }
  while (complaint !== undefined && shims.length < MAX_SHIMS) {
    const shim = shimFor(prefix, complaint, configWith(shims));
    if (shim === undefined || has(shims, shim) || (allowed && !has(allowed, shim))) break;
    shims = [...shims, shim];
    complaint = complaintOf(prefix, configWith(shims));
  }
  return { complaint, shims };
}

function has(shims: readonly Shim[], { add, drop }: Shim): boolean {
  return shims.some((shim) => shim.add === add && shim.drop === drop);
}

function shimFor(prefix: Prefix, complaint: string, config: string): Shim | undefined {
  const drop = lackedBy(complaint);
  if (drop !== undefined) return { drop };
  const add = additionFor(prefix, complaint, config);
  return add === undefined ? undefined : { add };
}

/** Which directive this nginx, or its OpenSSL, does not know. */
function lackedBy(complaint: string): string | undefined {
  if (/SSL_CTX_set1_curves_list/.test(complaint)) return 'ssl_ecdh_curve';
  if (/invalid event type/.test(complaint)) return 'use';
  const name = /unknown directive "([a-z]\w*)"/.exec(complaint)?.[1];
  return name !== undefined && (NEWER_DIRECTIVES.includes(name) || OF_OTHER_MODULES.test(name))
    ? name
    : undefined;
}

/** Directives that came after nginx 1.22. */
export const NEWER_DIRECTIVES: readonly string[] =
  'http2 http3 add_header_inherit add_trailer_inherit ssl_object_cache_inheritable ssl_key_log proxy_pass_trailers'.split(
    ' ',
  );
const OF_OTHER_MODULES =
  /^(?:stream$|mail$|quic_|http3_|more_|brotli|zstd|lua_|geoip|modsecurity|vhost_traffic_|pagespeed|headers_|security_headers|echo|fancyindex|js_|perl|xslt|image_filter|auth_jwt|auth_ldap|auth_pam|dav_ext|upload_|rtmp|passenger|njs|vod|naxsi|opentracing|opentelemetry|otel|subs_filter|set_misc|uthash|upstream_|sticky|status_zone|health_check|cache_purge|proxy_cache_purge|fastcgi_cache_purge|srcache_|redis|drizzle|postgres|memc_|array_|encrypted_|form_input|iconv|init_|access_by_lua|content_by_lua|header_filter_by_lua|body_filter_by_lua|log_by_lua|rewrite_by_lua|set_by_lua|balancer_by_lua|ssl_certificate_by_lua|set_unescape|set_escape|set_quote|set_hashed|acme_)/;

function additionFor(prefix: Prefix, complaint: string, config: string): string | undefined {
  const { certificate, key, folder } = prefix;
  const variable = /unknown "(\w+)" variable/.exec(complaint)?.[1];
  if (variable !== undefined) return `map $request_uri $${variable} { default ""; }`;
  const format = /unknown log format "([^"]+)"/.exec(complaint)?.[1];
  if (format !== undefined) return `log_format ${format} "$request";`;
  const cache = /"(\w+)_cache" zone "([^"]+)" is unknown/.exec(complaint);
  if (cache)
    return `${cache[1]}_cache_path ${join(folder, 'cache', cache[2] ?? '')} keys_zone=${cache[2]}:1m;`;
  const zone = /zero size shared memory zone "([^"]+)"/.exec(complaint)?.[1];
  if (zone !== undefined) return zoneFor(zone, config);
  if (/no "ssl_certificate(?:_key)?" is defined/.test(complaint))
    return `ssl_certificate ${certificate}; ssl_certificate_key ${key};`;
  return /no ssl_client_certificate/.test(complaint) ? `ssl_client_certificate ${certificate};` : undefined;
}

function zoneFor(zone: string, config: string): string {
  const isForConnections = config.split('\n').some((line) => line.trim().startsWith(`limit_conn ${zone} `));
  return `limit_${isForConnections ? 'conn' : 'req'}_zone $binary_remote_addr zone=${zone}:1m${isForConnections ? '' : ' rate=10r/s'};`;
}
