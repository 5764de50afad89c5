import { interpolate } from '../../../syntaxes/compose/interpolate.ts';
import { wordsOf } from '../../../syntaxes/compose/service.ts';
import { type ComposeService, type ComposeTree, scalarAt } from '../../../syntaxes/compose/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { basename } from '../../../syntaxes/uri.ts';
import type { Context, Fix, Related } from '../../core/rule.ts';
import { composeServicesFacts } from '../../facts/compose-services.ts';
import { atOrigin } from './origin.ts';
import { additionName, composeSourceFacts, extendsName } from './sources.ts';

/** What a service lacks. */
export interface Absence {
  /** In a word or two, for the group's message: "cap_drop". */
  readonly item: string;
  readonly message: string;
  readonly related?: readonly Related[];
  readonly fixes?: () => readonly (Fix | undefined)[];
}

/**
 * The services of which an absence can be said: all of the service is in view, it is no mere addition to a service of another
 * file, and no file beside this one adds one of `keys` to it.
 */
export function* judgedServices(
  document: Document<'compose'>,
  context: Context<unknown>,
  keys: readonly string[],
): Generator<ComposeService> {
  for (const service of document.tree.services) {
    if (!service.complete || !service.standalone || isTemplate(document, context, service)) continue;
    if (!additionsTo(document, context, service).some((uri) => addsTo(context, uri, service.name, keys)))
      yield service;
  }
}

/** Reports on the service's name; in an editor all absences of a service are one diagnostic. */
export function reportAbsence(context: Context<unknown>, service: ComposeService, absence: Absence): void {
  context.report({
    span: service.key.span,
    message: absence.message,
    place: `services.${service.name}.${absence.item}`,
    rollup: {
      key: `services.${service.name}`,
      noun: 'service',
      subject: `\`${service.name}\``,
      item: absence.item,
    },
    ...(absence.related && { related: absence.related }),
    ...(absence.fixes && { fixes: () => sharedFixes(service, absence.fixes?.() ?? []) }),
  });
}

/** What is added to a body that other services merge in is added to them too. */
function sharedFixes(
  { name, mergedBy }: ComposeService,
  fixes: readonly (Fix | undefined)[],
): readonly (Fix | undefined)[] {
  return mergedBy.length === 0 ? fixes : fixes.map((fix) => atOrigin(fix, [name, ...mergedBy]));
}

/** Words in the name or the command of what prepares a system and then ends. */
const PREPARES =
  /(?:^|[\s/:_-])(?:migrat(?:e|es|ion|ions|or)|seed|seeder|seeds|init|setup|bootstrap|installer|createbuckets?|create-buckets?|create-topics?)(?:$|[\s/:_-])/i;

/**
 * Whether the service is a job that ends by itself: another one waits for its end, or it is told not to start again. With
 * `on-failure` servers are run too, so then it must have a command of its own and no port. Without a policy its name or the end
 * of its command says that it prepares something.
 */
export function isJob(service: ComposeService, tree: ComposeTree): boolean {
  if (tree.awaited.has(service.name)) return true;
  const policy =
    scalarAt(service.effective, 'restart') ??
    scalarAt(service.effective, 'deploy', 'restart_policy', 'condition');
  const restart = policy ? (interpolate(policy.value).text ?? policy.value) : '';
  if (/^(?:no|none|false)$/.test(restart)) return true;
  const { entries } = service.effective;
  const serves = entries.has('ports') || entries.has('expose') || !entries.has('command');
  if (restart === '') return !entries.has('ports') && prepares(service);
  return /^on-failure(?::\d+)?$/.test(restart) && !serves;
}

function prepares(service: ComposeService): boolean {
  if (PREPARES.test(service.name)) return true;
  // `sh -c "migrate && serve"` goes on to be a server.
  const words = wordsOf(service, 'command') ?? [];
  const line = words.map(({ text }) => text).join(' ');
  return PREPARES.test(line) && !/[;&|\n]/.test(line);
}

/**
 * Whether the service is only there for other files to extend: then what it lacks is said of those, which may add it. A file with
 * Compose's own name is run itself.
 */
function isTemplate(
  { uri }: Document<'compose'>,
  { facts }: Context<unknown>,
  { name }: ComposeService,
): boolean {
  if (/^(?:docker-)?compose\.ya?ml$/.test(basename(uri))) return false;
  return facts.about(composeSourceFacts, extendsName(uri, name)).some((other) => other.uri !== uri);
}

/** The files beside this one that add something to the service. */
function additionsTo(
  { uri }: Document<'compose'>,
  { facts }: Context<unknown>,
  { name }: ComposeService,
): readonly string[] {
  const found = facts.about(composeSourceFacts, additionName(uri, name));
  return found.map((other) => other.uri).filter((other) => other !== uri);
}

function addsTo(context: Context<unknown>, uri: string, name: string, keys: readonly string[]): boolean {
  return context.facts
    .of(composeServicesFacts, uri)
    .some((fact) => fact.name === name && !fact.standalone && keys.some((key) => fact.keys.includes(key)));
}
