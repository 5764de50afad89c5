import type { Span } from '../../syntaxes/document.ts';
import type { DotenvVariable } from '../../syntaxes/dotenv/tree.ts';
import { canBeCredential, isCredentialName } from '../core/credential-names.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** A variable of an environment file. */
export interface EnvVariableFact {
  readonly name: string;
  /** Of the name. */
  readonly span: Span;
  /** Null where it may be a credential, which no other file needs to know, and for a name without a value. */
  readonly value: string | null;
  /** Whether the value is a credential in the open: no placeholder, no reference. */
  readonly secret: boolean;
}

/** In the order of the file; of two variables of one name the last one counts. */
export const envFileFacts: FactKey<EnvVariableFact> = factKey('env-files');

export const extractor = defineExtractor({
  kind: 'dotenv',
  key: envFileFacts,
  extract: (document) => document.tree.variables.map(factOf),
});

function factOf({ name, nameSpan, value, quote }: DotenvVariable): EnvVariableFact {
  const credential = isCredentialName(name);
  // `scheme://user:password@host`: whatever its name, the value holds a credential.
  const inUrl = /\/\/[^/\s:@]*:[^/\s:@$]+@/.test(value ?? '');
  const reference = quote !== 'single' && /^\$(?:\{|[A-Za-z_])/.test(value ?? '');
  return {
    name,
    span: nameSpan,
    value: credential || inUrl ? (value === '' ? '' : null) : (value ?? null),
    secret: inUrl || (credential && value !== undefined && !reference && canBeCredential(value)),
  };
}
