import { contentSpan } from '../../../syntaxes/compose/environment.ts';
import { type SecretUse, secretsOf } from '../../../syntaxes/compose/secrets.ts';
import type { ComposeService } from '../../../syntaxes/compose/tree.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';
import { inNotationOf, type WrittenMode, writtenMode } from '../../core/file-mode.ts';
import type { Edit } from '../../core/rule.ts';
import { setScalar } from '../../core/yaml-edits.ts';

/** The mode that a service gives a secret, as far as the file tells. */
export interface SecretMode {
  readonly use: SecretUse;
  readonly scalar: YamlScalar;
  readonly mode: WrittenMode;
  /** The digits of a variable's default (`${MODE:-0444}`); absent where the mode is written out. */
  readonly default?: string;
}

/** Modes that someone may well mean when a decimal number says them. */
const SENSIBLE: ReadonlySet<number> = new Set([
  0o400, 0o440, 0o444, 0o600, 0o640, 0o644, 0o660, 0o666, 0o500, 0o550, 0o700, 0o750, 0o755, 0o777,
]);

export function secretModesOf(service: ComposeService): readonly SecretMode[] {
  return secretsOf(service).flatMap((use) => modeOf(use) ?? []);
}

/** Undefined where there is no mode, or none that is known. */
export function modeOf(use: SecretUse): SecretMode | undefined {
  const scalar = use.mode?.value?.type === 'scalar' ? use.mode.value.node : undefined;
  if (!scalar) return undefined;
  // What a variable gives is a text to Compose, and so in base 8.
  const digits = /^\$\{\w+:?-([0-7]+)\}$/.exec(scalar.value)?.[1];
  const mode = writtenMode(digits === undefined ? scalar : { ...scalar, style: 'double', value: digits });
  return mode && { use, scalar, mode, ...(digits !== undefined && { default: digits }) };
}

/** Whether the leading zero was forgotten: `444` as a number gives 0674, which nobody means. */
export function lacksZero({ scalar, mode }: SecretMode): boolean {
  return mode.notation === 'number' && /^[0-7]{3}$/.test(scalar.value) && !SENSIBLE.has(mode.bits);
}

/** Whether others have any right, or the group may write. */
export function isOpenMode(mode: SecretMode): boolean {
  return !lacksZero(mode) && (mode.mode.bits & 0o027) !== 0;
}

/** The mode as it will be written, and the edit that writes it: notation, quotes and a variable around it stay. */
export function changeMode(
  text: string,
  { scalar, mode, default: digits }: SecretMode,
  bits: number,
): { readonly written: string; readonly edit: Edit | undefined } {
  const written = inNotationOf(mode, bits);
  if (digits === undefined) return { written, edit: setScalar(scalar, written) };
  const span = contentSpan(scalar, text);
  const start = text.lastIndexOf(digits, span.end);
  return { written, edit: { span: { start, end: start + digits.length }, text: written } };
}
