import { settingOf } from '../../../syntaxes/appconfig/placeholder.ts';
import type { ConfigEntry } from '../../../syntaxes/appconfig/tree.ts';
import type { Span } from '../../../syntaxes/document.ts';

/** A value that is on or off, as it is written. */
export interface Switch {
  readonly on: boolean;
  readonly written: string;
  readonly span: Span;
}

/** An entry as a switch; undefined for everything else, and for what a variable decides. */
export function switchOf(text: string, entry: ConfigEntry): Switch | undefined {
  const setting = entry.scalar && settingOf(text, entry.scalar);
  if (setting?.type !== 'literal' || setting.variable !== undefined) return undefined;
  if (/^(?:true|yes|on)$/i.test(setting.value))
    return { on: true, written: setting.value, span: setting.span };
  if (/^(?:false|no|off)$/i.test(setting.value))
    return { on: false, written: setting.value, span: setting.span };
  return undefined;
}

/** The other position of a switch in the spelling that it has: `no` gives `yes`, `False` gives `True`. */
export function flipped({ on, written }: Switch): string {
  const pairs = [
    ['true', 'false'],
    ['yes', 'no'],
    ['on', 'off'],
  ] as const;
  const [yes, no] = pairs.find((pair) => pair.some((word) => word === written.toLowerCase())) ?? pairs[0];
  const word = on ? no : yes;
  if (written === written.toUpperCase()) return word.toUpperCase();
  return /^[A-Z]/.test(written) ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}
