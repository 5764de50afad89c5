import type { Report, ReportFinding, ReportMuted, ReportRange } from '../../engine/report.ts';

/** The report as JSON, a contract: `docs/json-report.md` describes it. Fields are added, never changed, under one `schema`. */
export function formatJson(report: Report): string {
  const { tool, profile, summary, findings, notAnalysed, muted } = report;
  const document = {
    schema: 'hardlint-report/1',
    tool: { name: tool.name, version: tool.version },
    profile,
    summary,
    findings: findings.map(jsonFinding),
    notAnalysed: [...notAnalysed.map(({ file, reason }) => ({ file, reason })), ...muted.map(mutedEntry)],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function jsonFinding(finding: ReportFinding) {
  return {
    rule: finding.rule,
    title: finding.title,
    severity: finding.severity,
    confidence: finding.confidence,
    file: finding.file,
    range: jsonRange(finding.range),
    message: finding.message,
    place: finding.place,
    fingerprint: finding.fingerprint,
    related: finding.related.map(({ file, range, message }) => ({ file, range: jsonRange(range), message })),
    fixes: finding.fixes.map(({ title, safety, risk, verify }) => ({
      title,
      safety,
      risk: risk ?? null,
      verify: verify ?? null,
    })),
    docs: finding.docs,
  };
}

function jsonRange({ start, end }: ReportRange): ReportRange {
  return {
    start: { line: start.line, column: start.column },
    end: { line: end.line, column: end.column },
  };
}

/** What a failed rule would have said is missing from the findings, so the file counts as not analysed to that extent. */
function mutedEntry({ rule, file }: ReportMuted) {
  return { file, reason: `the rule ${rule} failed on it` };
}
