import { finalStage, stageNamed } from '../../../syntaxes/dockerfile/effective.ts';
import type { Stage } from '../../../syntaxes/dockerfile/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import type { Context } from '../../core/rule.ts';
import { type ComposeServiceFact, composeServicesFacts } from '../../facts/compose-services.ts';
import { stageFact, withArguments } from '../../facts/dockerfile-stages.ts';

/**
 * The stages that are run with the user that the Dockerfile gives them: those that Compose services are built from, else the
 * last one. A stage is left out where each of its services sets a user other than root, or gives the build one.
 */
export function stagesRunAsBuilt(document: Document<'dockerfile'>, context: Context): readonly Stage[] {
  const services = context.facts.about(composeServicesFacts, document.uri).map(({ fact }) => fact);
  const { tree } = document;
  const final = finalStage(tree);
  if (services.length === 0) return final ? [final] : [];
  return tree.stages.filter((stage) =>
    services.some(
      (service) => builtStage(document, service) === stage && keepsUser(document, stage, service),
    ),
  );
}

function builtStage({ tree }: Document<'dockerfile'>, { build }: ComposeServiceFact): Stage | undefined {
  return build?.target ? stageNamed(tree, build.target) : finalStage(tree);
}

function keepsUser(document: Document<'dockerfile'>, stage: Stage, service: ComposeServiceFact): boolean {
  if (service.user.state === 'non-root') return false;
  const args = Object.entries(service.build?.args ?? {});
  if (args.length === 0) return true;
  const fact = stageFact(document, stage);
  return withArguments(fact, new Map(args)).user.state === fact.user.state;
}
