import type { Build } from '../../../syntaxes/compose/service.ts';
import type { FactReader } from '../../core/facts.ts';
import { dockerfileCopyFacts } from '../../facts/dockerfile-copies.ts';
import { dockerfileStagesFacts } from '../../facts/dockerfile-stages.ts';

/** Whether a build takes anything from its context; true where the Dockerfile is not known. */
export function takesContext(facts: FactReader, { dockerfileUri }: Build): boolean {
  if (!dockerfileUri || facts.of(dockerfileStagesFacts, dockerfileUri).length === 0) return true;
  return facts.of(dockerfileCopyFacts, dockerfileUri).length > 0;
}
