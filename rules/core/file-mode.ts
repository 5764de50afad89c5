import type { YamlScalar } from '../../syntaxes/yaml/tree.ts';

/** A file mode as it is written in YAML for a tool in Go. */
export interface WrittenMode {
  /** The permission bits that the tool sets. */
  readonly bits: number;
  /** `octal`: `0444`, `0o444`, and all in quotes. `number`: a plain `444`, which is not 0444 but 0674, or `0x124`. */
  readonly notation: 'octal' | 'number';
  /** What stands before the digits. */
  readonly prefix: string;
}

/**
 * The mode that a scalar's text means. The number that a YAML parser makes of it does not help: YAML 1.1 reads `0444` in base 8
 * and YAML 1.2 in base 10. Compose reads a plain number with a leading 0 or 0o in base 8, another plain number in base 10, and
 * a string in base 8 (https://docs.docker.com/reference/compose-file/services/#secrets).
 */
export function writtenMode(scalar: YamlScalar): WrittenMode | undefined {
  const quoted = scalar.style === 'single' || scalar.style === 'double';
  if (!quoted && /^0x[0-9a-f]+$/i.test(scalar.value))
    return { bits: Number(scalar.value), notation: 'number', prefix: '' };
  const match = /^(0o|0O|0)?([0-9]+)$/.exec(scalar.value);
  if (!match) return undefined;
  const [, prefix = '', digits = ''] = match;
  if (prefix === '' && !quoted) return { bits: Number(digits), notation: 'number', prefix };
  return /^[0-7]+$/.test(digits)
    ? { bits: Number.parseInt(digits, 8), notation: 'octal', prefix }
    : undefined;
}

/** `0400`. */
export function octal(bits: number): string {
  return `0${bits.toString(8).padStart(3, '0')}`;
}

/** The mode in the notation that another one is written in, so that `0o444` becomes `0o400`. */
export function inNotationOf(mode: WrittenMode, bits: number): string {
  return (mode.prefix === '' ? '0' : mode.prefix) + bits.toString(8).padStart(3, '0');
}
