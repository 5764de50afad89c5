import type { Span } from '../document.ts';
import type { YamlScalar } from '../yaml/tree.ts';

/** What a setting is before anything is filled in. */
export type Setting =
  /** Written out; also the default of a reference that is the whole value: `${POOL_SIZE:10}`, `${POOL_SIZE:-10}`. */
  | { readonly type: 'literal'; readonly value: string; readonly span: Span; readonly variable?: string }
  /** Filled in from elsewhere, so nobody can say from here. */
  | { readonly type: 'unknown' };

/** `${NAME}`, `${NAME:default}` (Spring) and `${NAME:-default}` (shell, Compose) as the whole of a value. */
const REFERENCE = /^\$\{\s*([A-Za-z_][\w.-]*?)\s*(?:(:-?|-)([^{}]*))?\}$/;

/** Any sort of reference inside a value: `${X}`, `$X`, `$(x)`, `#{x}`, `{{ x }}`, `<%= x %>`, `%X%`, `@x@`. */
const FILLED_IN = /\$\{|\$\(|^\$[A-Za-z_]|#\{|\{\{|<%|%\w+%|^@[\w.-]+@$/;

/** What a scalar says, with the exact span of the part that says it. Tags (`!env X`) and blocks are unknown. */
export function settingOf(text: string, scalar: YamlScalar): Setting {
  if (scalar.tag !== undefined || scalar.style === 'literal' || scalar.style === 'folded')
    return { type: 'unknown' };
  const raw = rawValue(text, scalar);
  const reference = REFERENCE.exec(raw.value);
  if (reference) return defaultOf(reference, raw.span.start);
  if (FILLED_IN.test(raw.value)) return { type: 'unknown' };
  return { type: 'literal', value: scalar.value, span: raw.span };
}

/** The source of a scalar between its quotes. */
function rawValue(text: string, scalar: YamlScalar): { readonly value: string; readonly span: Span } {
  const quote = scalar.style === 'plain' ? 0 : 1;
  const span = {
    start: scalar.span.start + quote,
    end: Math.max(scalar.span.start + quote, scalar.span.end - quote),
  };
  return { value: text.slice(span.start, span.end), span };
}

function defaultOf(reference: RegExpExecArray, start: number): Setting {
  const [whole, variable = '', , value] = reference;
  if (value === undefined || value.trim() === '') return { type: 'unknown' };
  const end = start + whole.length - 1;
  return {
    type: 'literal',
    value: value.trim(),
    span: { start: end - value.trimStart().length, end: end - trailing(value) },
    variable,
  };
}

function trailing(value: string): number {
  return value.length - value.trimEnd().length;
}
