/**
 * What names a finding across runs and machines: a hash of its rule, its file's path below the root and its symbolic place. Neither
 * the line nor the message nor anything that the file says takes part, so that edits elsewhere do not change it and no secret
 * leaks into it.
 */
export function fingerprintOf(rule: string, path: string, place: string): string {
  return fnv1a64([rule, path, place].join('\n'));
}

/** FNV-1a with 64 bits over UTF-8, as 16 hexadecimal digits. http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a64(text: string): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of new TextEncoder().encode(text)) {
    low = (low ^ byte) >>> 0;
    // Times the prime 2^40 + 0x1b3, in halves of 32 bits; every product stays below 2^53.
    const product = low * 0x1b3;
    high = (high * 0x1b3 + Math.floor(product / 2 ** 32) + low * 0x100) % 2 ** 32;
    low = product % 2 ** 32;
  }
  return hex(high) + hex(low);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
