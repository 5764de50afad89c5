import type { Instruction, Pair, Stage } from '../../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../../syntaxes/dockerfile/variables.ts';
import type { Document, Span } from '../../../syntaxes/document.ts';
import { canBeCredential, isCredentialName } from '../../core/credential-names.ts';
import { addFlag, removeInstruction } from '../../core/dockerfile-edits.ts';
import type { Context, Fix } from '../../core/rule.ts';
import { secretsIn } from '../../core/secret-patterns.ts';
import { productionStages } from './built-stages.ts';
import { finalLineage, stagePlace } from './stages.ts';

/** Every `ARG` and `ENV` that hands over a secret, tokens that are certain by their form left out: dockerfile/secret-literal has them. */
export function secretDeclarations(document: Document<'dockerfile'>): readonly SecretDeclaration[] {
  return declarations(document).filter(
    ({ instruction, pair }) =>
      ((isCredentialName(pair.name) && isLeak(instruction, pair, document)) || holdsPassword(pair.value)) &&
      !isLiteralToken(document, pair),
  );
}

/** Hosts of URLs that stand in for the true one while the image is built. */
const NO_HOST =
  /^(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1\]|host(?:name)?|(?:[\w.-]+\.)?example(?:\.\w+)?|dummy|placeholder|fake)$/i;

/** Whether a value is a URL with a password, other than one that only repeats the user as stand-ins do. */
function holdsPassword(value: string | undefined): boolean {
  const [, user, password, host] =
    /^[a-z][a-z0-9+.-]*:\/\/([^\s/:@]*):([^\s/@]+)@([^\s/:?#]+)/i.exec(value ?? '') ?? [];
  if (password === undefined || host === undefined || NO_HOST.test(host)) return false;
  return (
    password !== user && !/^(?:[<[{*%]|x+$|pass(?:word)?$)|\$/i.test(password) && canBeCredential(password)
  );
}

/** The stages whose settings and history an image has; of all others only what is copied from them. */
export function shippedStages(document: Document<'dockerfile'>, context: Context): ReadonlySet<Stage> {
  const built = productionStages(document, context).flatMap(({ stage }) => lineage(document.tree, stage));
  return new Set([...built, ...finalLineage(document.tree)]);
}

/** An `ARG` or `ENV` of a variable that is a credential by its name. */
export interface SecretDeclaration {
  readonly stage: Stage | undefined;
  readonly instruction: Instruction;
  readonly pair: Pair;
  readonly place: string;
}

function declarations({ tree }: Document<'dockerfile'>): readonly SecretDeclaration[] {
  const first = tree.stages[0]?.from.span.start ?? Number.POSITIVE_INFINITY;
  const head = tree.instructions.filter(({ span }) => span.start < first);
  const groups = [
    { stage: undefined, instructions: head, place: 'head' },
    ...tree.stages.map((stage) => ({ stage, instructions: stage.instructions, place: stagePlace(stage) })),
  ];
  return groups.flatMap(({ stage, instructions, place }) =>
    instructions
      .map((instruction) => instruction.trigger ?? instruction)
      .filter(({ keyword }) => keyword === 'ARG' || keyword === 'ENV')
      .flatMap((instruction) => instruction.pairs.map((pair) => ({ stage, instruction, pair, place }))),
  );
}

/** Whether the value is certainly a secret by its form: dockerfile/secret-literal says so. */
function isLiteralToken({ text }: Document<'dockerfile'>, { nameSpan, valueSpan }: Pair): boolean {
  return valueSpan !== undefined && secretsIn(text.slice(nameSpan.start, valueSpan.end)).length > 0;
}

/** An `ARG` without a value is there to be given one; an `ENV` leaks what it is set to. */
function isLeak({ keyword }: Instruction, { value, name }: Pair, document: Document<'dockerfile'>): boolean {
  if (keyword === 'ARG') return value === undefined || value === '' || canBeCredential(value);
  if (value === undefined || !canBeCredential(value)) return false;
  const variable = /^\$\{?(\w+)\}?$/.exec(value)?.[1];
  if (variable === undefined) {
    const fallback = /^\$\{\w+:?-(.+)\}$/.exec(value)?.[1];
    return fallback === undefined
      ? !value.startsWith('$')
      : !fallback.startsWith('$') && canBeCredential(fallback);
  }
  return (
    declarations(document).some(
      ({ instruction, pair }) => instruction.keyword === 'ARG' && pair.name === variable,
    ) && name !== ''
  );
}

/** Turns an `ARG` that only `RUN`s of one stage use into a secret mount of those. */
export function asSecretMount(
  { text, tree }: Document<'dockerfile'>,
  stage: Stage,
  instruction: Instruction,
  pair: Pair,
): Fix | undefined {
  if (instruction.keyword !== 'ARG' || instruction.pairs.length !== 1 || pair.value !== undefined)
    return undefined;
  const all = tree.stages.flatMap((each) => each.instructions).filter((each) => each !== instruction);
  const later = stage.instructions.filter(({ span }) => span.start > instruction.span.start);
  const naming = all.filter(({ span }) => mentions(text, span, pair.name));
  if (naming.some((each) => each.keyword !== 'RUN' || each.json || !later.includes(each))) return undefined;
  const users = later.filter((each) => naming.includes(each) || mayReadEnvironment(each));
  const removal = removeInstruction(text, instruction);
  if (users.length === 0 || !removal) return undefined;
  const id = pair.name.toLowerCase();
  const mount = `--mount=type=secret,id=${id},env=${pair.name}`;
  return {
    title: `Mount ${pair.name} as a secret in the steps that need it`,
    safety: 'review',
    edits: [removal, ...users.map((user) => addFlag(user, mount))],
    risk: `The build needs \`--secret id=${id},env=${pair.name}\` instead of \`--build-arg\`, and Dockerfile syntax 1.10 or later.`,
    verify: `docker build --secret id=${id},env=${pair.name} .`,
  };
}

const PACKAGE_MANAGER =
  /^(?:npm|npx|pnpm|yarn|bun|pip[\d.]*|pipenv|poetry|uv|bundle|gem|composer|mvn|mvnw|gradle|gradlew|go|cargo|dotnet|nuget|git|make)$/;

/** Package managers read tokens from the environment without the Dockerfile naming them: `.npmrc` says `${NPM_TOKEN}`. */
function mayReadEnvironment({ keyword, shell }: Instruction): boolean {
  return (
    keyword === 'RUN' && shell?.commands.some((command) => PACKAGE_MANAGER.test(command.program)) === true
  );
}

function mentions(text: string, span: Span, name: string): boolean {
  const code = text.slice(span.start, span.end);
  for (let at = code.indexOf(name); at >= 0; at = code.indexOf(name, at + 1)) {
    if (!/\w/.test(code.charAt(at - 1)) && !/\w/.test(code.charAt(at + name.length))) return true;
  }
  return false;
}
