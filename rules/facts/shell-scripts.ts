import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';
import { namesStepper } from '../dockerfile/shared/steppers.ts';

/** What a shell script does, as far as others need to know. */
export interface ShellScriptFact {
  /** Whether it starts something as another user. */
  readonly changesUser: boolean;
}

export const shellScriptFacts: FactKey<ShellScriptFact> = factKey('shell-scripts');

export const extractor = defineExtractor({
  kind: 'shell',
  key: shellScriptFacts,
  extract: ({ tree }) => [{ changesUser: namesStepper(tree.code) }],
});
