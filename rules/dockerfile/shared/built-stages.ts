import { finalStage, stageNamed } from '../../../syntaxes/dockerfile/effective.ts';
import type { Stage } from '../../../syntaxes/dockerfile/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { basename } from '../../../syntaxes/uri.ts';
import type { Context } from '../../core/rule.ts';
import { type ComposeServiceFact, composeServicesFacts } from '../../facts/compose-services.ts';

/** A stage that becomes an image in production, with the Compose services that are built from it. */
export interface BuiltStage {
  readonly stage: Stage;
  /** Empty where no Compose file builds the Dockerfile. */
  readonly services: readonly ComposeServiceFact[];
}

/**
 * The stages that run in production: those that Compose services are built from, else the last one. Stages whose name says that
 * they are for development or tests are left out, and so is all of a file that only Compose files of developers build.
 */
export function productionStages(
  document: Document<'dockerfile'>,
  context: Context<unknown>,
): readonly BuiltStage[] {
  const { tree } = document;
  const located = context.facts.about(composeServicesFacts, document.uri);
  const services = located.filter(({ uri }) => !DEV_FILE.test(basename(uri))).map(({ fact }) => fact);
  if (located.length > 0 && services.length === 0) return [];
  const final = finalStage(tree);
  const built = (service: ComposeServiceFact): Stage | undefined =>
    service.build?.target ? stageNamed(tree, service.build.target) : final;
  const stages = services.length === 0 ? (final ? [final] : []) : tree.stages;
  return stages
    .map((stage) => ({ stage, services: services.filter((service) => built(service) === stage) }))
    .filter((each) => services.length === 0 || each.services.length > 0)
    .filter(({ stage }) => !isDevStage(stage));
}

const DEV_FILE =
  /(?:^|[._-])(?:override|dev|devel|development|local|tests?|testing|e2e|ci|debug)(?=[._-]|$)/i;

/** Whether a stage's name says that it is for development or tests. */
function isDevStage({ name }: Stage): boolean {
  return (
    name !== undefined &&
    /(?:^|[-_.])(?:dev|devel|develop|development|debug|debugger|tests?|testing|tester|ci|local|watch|hot|devcontainer|e2e|lint|docs?)(?=$|[-_.\d])/.test(
      name,
    )
  );
}
