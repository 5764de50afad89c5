import type { FactReader } from '../../rules/core/facts.ts';
import type { Context, Fix, Report } from '../../rules/core/rule.ts';
import { type AnyDocument, isElsewhere } from '../../syntaxes/document.ts';
import type { EnabledRule, FileSettings } from './config.ts';
import type { Finding, MutedRule } from './finding.ts';

/** A finding with what builds its fixes; held only while someone asks for fixes. */
export interface LiveFinding {
  readonly finding: Finding;
  readonly fixes: () => readonly Fix[];
}

export interface RuleRun {
  readonly findings: readonly LiveFinding[];
  readonly muted?: MutedRule;
}

/** Whether the text has what the rule looks for at all. */
export function mayHaveSmell({ rule }: EnabledRule, { text }: AnyDocument): boolean {
  return rule.mentions === undefined || rule.mentions.test(text);
}

const NOTHING: RuleRun = { findings: [] };

/**
 * Runs one rule on one document. `facts` is called when the rule asks for them: most never do. A rule that throws is muted for this version of the document: what it reported before it threw
 * counts as nothing.
 */
export function runRule(
  document: AnyDocument,
  enabled: EnabledRule,
  settings: FileSettings,
  facts: () => FactReader,
  path: string,
): RuleRun {
  const { rule } = enabled;
  if (!mayHaveSmell(enabled, document)) return NOTHING;
  const reports: Report[] = [];
  const context: Context = {
    options: enabled.options,
    path,
    environment: settings.environment,
    versions: settings.versions,
    get facts() {
      return facts();
    },
    report: (report) => {
      // What another file gives is reported where it is written.
      if (!isElsewhere(report.span)) reports.push(report);
    },
  };
  try {
    rule.check(document, context);
  } catch (error) {
    return { findings: [], muted: { rule: rule.id, uri: document.uri, error: describe(error) } };
  }
  if (reports.length === 0) return NOTHING;
  const places = new Map<string, number>();
  return {
    findings: reports.map((report) => ({
      finding: {
        rule: rule.id,
        uri: document.uri,
        span: report.span,
        message: report.message,
        place: uniquePlace(places, report.place),
        severity: enabled.severity,
        confidence: rule.confidence,
        related: (report.related ?? []).filter(({ span }) => !isElsewhere(span)),
        ...(report.rollup && { rollup: report.rollup }),
        ...(report.covers && { covers: report.covers }),
      },
      fixes: () => (report.fixes?.() ?? []).filter((fix) => fix !== undefined).filter(isHere),
    })),
  };
}

/** An edit of what another file gives cannot be made here. */
function isHere(fix: Fix): boolean {
  return fix.edits.every(({ span }) => !isElsewhere(span));
}

/** Whether a rule reads documents of this kind. */
export function appliesTo(enabled: EnabledRule, document: AnyDocument): boolean {
  return enabled.rule.kinds.includes(document.kind);
}

/** Two findings of one rule at one place would be one to everyone outside; the second gets a number. */
function uniquePlace(places: Map<string, number>, place: string): string {
  const count = (places.get(place) ?? 0) + 1;
  places.set(place, count);
  return count === 1 ? place : `${place}#${count}`;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
