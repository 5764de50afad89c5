const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
]);

/** A size in bytes, `10m`; undefined where it is none. https://nginx.org/en/docs/syntax.html */
export function bytesOf(value: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmg]?)$/i.exec(value ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits) * (SIZE_UNITS.get(unit.toLowerCase()) ?? 1);
}

/** A part of a value that is put together of text and variables. */
export interface ValuePart {
  /** Without `$` and braces; undefined for text. */
  readonly variable: string | undefined;
  readonly text: string;
}

/** The parts of a value: `http://$host` is a text and a variable. */
export function partsOf(value: string): readonly ValuePart[] {
  const parts: ValuePart[] = [];
  let at = 0;
  for (const { 0: text, 1: braced, 2: plain, index } of value.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)) {
    if (index > at) parts.push({ variable: undefined, text: value.slice(at, index) });
    parts.push({ variable: nameOf(braced ?? plain ?? ''), text });
    at = index + text.length;
    // `$1a` is the first group and an `a`.
    const rest = plain && /^\d\w/.test(plain) ? plain.slice(1) : '';
    if (rest) parts.push({ variable: undefined, text: rest });
  }
  if (at < value.length) parts.push({ variable: undefined, text: value.slice(at) });
  return parts;
}

function nameOf(name: string): string {
  return /^\d/.test(name) ? name.slice(0, 1) : name.toLowerCase();
}
