import type { RuleMeta } from '../../rules/core/rule.ts';
import type { AnyDocument, Problem } from '../../syntaxes/document.ts';
import type { ConfigProblem } from './config.ts';
import { configInvalid, syntaxError } from './engine-rules.ts';
import type { Finding } from './finding.ts';

/** How many syntax problems of one file are shown; one mistake often makes many. */
const MAX_SYNTAX_PROBLEMS = 3;

/** What is wrong with a file's syntax, the first mistakes of it. */
export function syntaxFindings({ uri, problems }: Pick<AnyDocument, 'uri' | 'problems'>): Finding[] {
  return problems
    .slice(0, MAX_SYNTAX_PROBLEMS)
    .map((problem, index) => findingOf(syntaxError, uri, problem, `syntax[${index}]`));
}

/** What is wrong in a configuration file. */
export function configFindings(uri: string, problems: readonly ConfigProblem[]): Finding[] {
  return problems.map((problem, index) => findingOf(configInvalid, uri, problem, `config[${index}]`));
}

function findingOf(rule: RuleMeta, uri: string, { span, message }: Problem, place: string): Finding {
  return {
    rule: rule.id,
    uri,
    span,
    message: message.endsWith('.') ? message : `${message}.`,
    place,
    severity: rule.severity,
    confidence: rule.confidence,
    related: [],
  };
}
