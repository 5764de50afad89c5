import type { Rollup, Severity } from '../../rules/core/rule.ts';
import type { Span } from '../../syntaxes/document.ts';
import { bySeverity, type Finding } from './finding.ts';

/**
 * What an editor shows as one diagnostic: a finding by itself, or all absence smells of one service or server together. The
 * command line, SARIF and the report know no groups.
 */
export interface FindingGroup {
  readonly span: Span;
  /** That of the worst finding. */
  readonly severity: Severity;
  readonly message: string;
  /** The worst first. Never empty. */
  readonly findings: readonly [Finding, ...Finding[]];
  /** Present where several findings are rolled up. */
  readonly rollup?: Pick<Rollup, 'key' | 'noun' | 'subject'>;
}

/** Long enough to say what is missing, short enough for the end of a line. */
const MAX_MESSAGE = 160;

/** What the missing things are called, by what they are missing from. */
const MISSING: Readonly<Record<Rollup['noun'], string>> = {
  service: 'hardening keys',
  server: 'hardening directives',
};

/** Puts findings with one rollup key on one span together, in the order of their first one; all others stay alone. */
export function groupFindings(findings: readonly Finding[]): readonly FindingGroup[] {
  const groups: [Finding, ...Finding[]][] = [];
  const rolledUp = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    const { rollup, span } = finding;
    const key = rollup && `${rollup.key} ${span.start} ${span.end}`;
    const known = key === undefined ? undefined : rolledUp.get(key);
    if (known) {
      known.push(finding);
      continue;
    }
    const group: [Finding, ...Finding[]] = [finding];
    groups.push(group);
    if (key !== undefined) rolledUp.set(key, group);
  }
  return groups.map(groupOf);
}

function groupOf(members: readonly [Finding, ...Finding[]]): FindingGroup {
  const [first, ...others] = members.length === 1 ? members : [...members].sort(bySeverity);
  const worst = first ?? members[0];
  const { span, severity, rollup, message } = worst;
  if (!rollup || others.length === 0) return { span, severity, message, findings: [worst] };
  const { key, noun, subject } = rollup;
  const items = [worst, ...others].flatMap((finding) => finding.rollup?.item ?? []);
  return {
    span,
    severity,
    message: missingMessage(`${subject} lacks ${items.length} ${MISSING[noun]}: `, items),
    findings: [worst, ...others],
    rollup: { key, noun, subject },
  };
}

/** Names as many items as fit, and counts the rest. */
function missingMessage(start: string, items: readonly string[]): string {
  for (let shown = items.length; shown > 0; shown--) {
    const rest = items.length - shown;
    const message = start + items.slice(0, shown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
    if (message.length <= MAX_MESSAGE) return message;
  }
  return `${start.slice(0, MAX_MESSAGE - 1)}…`;
}
