/*
 * What counts as good TLS, read on 2026-11-24. Sources: Mozilla's server-side TLS guidelines 5.8
 * (https://ssl-config.mozilla.org/guidelines/5.8.json), RFC 8996 (TLS 1.0 and 1.1), RFC 7568 (SSL 3.0), RFC 7465 (RC4).
 */

/** Words of `ssl_protocols` that nobody should accept any more, in lower case: nginx does not mind the case. */
export const WEAK_PROTOCOLS: ReadonlySet<string> = new Set(['sslv2', 'sslv3', 'tlsv1', 'tlsv1.1']);

/** Mozilla's intermediate profile for TLS 1.2: forward secrecy and authenticated encryption only. */
export const GOOD_CIPHERS =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305';

/** Seconds of HSTS: two years is Mozilla's and OWASP's value, half a year the least that benchmarks accept. */
export const HSTS_SECONDS = 63_072_000;
export const HSTS_LEAST_SECONDS = 15_768_000;
/** What https://hstspreload.org asks for. */
export const HSTS_PRELOAD_SECONDS = 31_536_000;

/**
 * Parts of an OpenSSL cipher name, or whole keywords, that mean a broken cipher, with the exclusions (`!X`) that switch them off.
 * https://docs.openssl.org/master/man1/openssl-ciphers/
 */
export const WEAK_CIPHER_PARTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['RC4', ['RC4', 'MEDIUM', 'COMPLEMENTOFDEFAULT']],
  ['RC2', ['RC2', 'LOW', 'EXP', 'EXPORT']],
  ['DES', ['DES', 'LOW']],
  ['3DES', ['3DES']],
  ['CBC3', ['3DES']],
  ['MD5', ['MD5']],
  ['EXP', ['EXP', 'EXPORT']],
  ['EXPORT', ['EXP', 'EXPORT']],
  ['EXPORT40', ['EXP', 'EXPORT']],
  ['EXPORT56', ['EXP', 'EXPORT']],
  ['NULL', ['NULL', 'eNULL']],
  ['eNULL', ['NULL', 'eNULL']],
  ['aNULL', ['aNULL']],
  ['ADH', ['ADH', 'aNULL']],
  ['AECDH', ['AECDH', 'aNULL']],
  ['LOW', ['LOW']],
  ['MEDIUM', ['MEDIUM']],
  ['SEED', ['SEED', 'MEDIUM']],
  ['IDEA', ['IDEA', 'MEDIUM']],
]);
