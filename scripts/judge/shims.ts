import { join } from 'node:path';
import { complaintOf, type Prefix } from './binary.ts';

/** What nginx says of a configuration that is given what it lacks. */
export interface Verdict {
  /** Undefined where nginx accepts it. */
  readonly complaint: string | undefined;
  /** Directives that it lacked. */
  readonly shims: readonly string[];
}

const MAX_SHIMS = 24;

/**
 * Lets nginx judge a configuration that may be a part of a larger one: variables, zones and certificates that it takes from files
 * which are not there are made up. `allowed` limits that to what another version of it lacked.
 */
export function judgeWithShims(
  prefix: Prefix,
  configWith: (shims: readonly string[]) => string,
  allowed?: readonly string[],
): Verdict {
  let shims = allowed ?? [];
  let complaint = complaintOf(prefix, configWith(shims));
  if (complaint !== undefined && shims.length > 0) {
    // What was made up may be what a fix has added.
    shims = [];
    complaint = complaintOf(prefix, configWith(shims));
  }
  while (complaint !== undefined && shims.length < MAX_SHIMS) {
    const config = configWith(shims);
    const shim = shimFor(prefix, complaint, config);
    if (shim === undefined || shims.includes(shim) || allowed?.includes(shim) === false) break;
    shims = [...shims, shim];
    complaint = complaintOf(prefix, configWith(shims));
  }
  return { complaint, shims };
}

function shimFor(prefix: Prefix, complaint: string, config: string): string | undefined {
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
