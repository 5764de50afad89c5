import type {
  Fix,
  Location,
  Log,
  Notification,
  PhysicalLocation,
  Region,
  ReportingDescriptor,
  Result,
} from 'sarif';
import type { Confidence, RuleMeta, Severity } from '../../../rules/core/rule.ts';
import { docsUrl } from '../../engine/docs-url.ts';
import type {
  Report,
  ReportFinding,
  ReportFix,
  ReportRange,
  ReportRule,
  ReportSuppressed,
} from '../../engine/report.ts';
import { ruleMarkdown } from '../../engine/rule-markdown.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/**
 * The report as SARIF 2.1.0 with what GitHub code scanning reads.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 * https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
export function formatSarif(report: Report): string {
  return `${JSON.stringify(sarifLog(report), null, 2)}\n`;
}

function sarifLog(report: Report): Log {
  const { tool, rules } = report;
  const indexes = new Map(rules.map((rule, index) => [rule.meta.id, index]));
  const secretive = new Set(rules.filter(({ meta }) => isAboutSecrets(meta)).map(({ meta }) => meta.id));
  const result = (finding: ReportFinding) => sarifResult(finding, indexes, secretive);
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: tool.name,
            version: tool.version,
            semanticVersion: tool.version,
            informationUri: tool.url,
            rules: rules.map(sarifRule),
          },
        },
        automationDetails: { id: 'hardlint/' },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: {
          '%SRCROOT%': { uri: report.root.endsWith('/') ? report.root : `${report.root}/` },
        },
        invocations: [
          {
            executionSuccessful: report.muted.length === 0,
            toolExecutionNotifications: notifications(report),
          },
        ],
        results: [
          ...report.findings.map(result),
          ...report.suppressed.map((quiet) => ({
            ...result(quiet.finding),
            suppressions: [{ kind: 'inSource' as const, justification: justification(quiet) }],
          })),
        ],
        properties: { profile: report.profile },
      },
    ],
  };
}

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** GitHub shows above 9.0 as critical, from 7.0 as high, from 4.0 as medium and the rest as low. */
const SECURITY_SEVERITIES: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  info: '0.5',
};

const PROBLEM_SEVERITIES: Readonly<Record<Severity, 'error' | 'warning' | 'recommendation'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'recommendation',
  info: 'recommendation',
};

const PRECISIONS: Readonly<Record<Confidence, string>> = { high: 'very-high', medium: 'high', low: 'medium' };

/** GitHub cuts longer texts and more tags. */
const MAX_DESCRIPTION = 1024;
const MAX_TAGS = 20;

function sarifRule({ meta, severity }: ReportRule): ReportingDescriptor {
  return {
    id: meta.id,
    name: pascalCase(meta.id),
    shortDescription: { text: `${meta.title}.` },
    fullDescription: { text: shortened(plainText(meta.docs.why)) },
    help: { text: plainText(`${meta.docs.why}\n\n${meta.docs.fix}`), markdown: ruleMarkdown(meta) },
    helpUri: docsUrl(meta.id),
    defaultConfiguration: { level: LEVELS[severity] },
    properties: ruleProperties(meta, severity),
  };
}

/** A rule with a CWE is a security rule and gets a score; the others are about operating the system. */
function ruleProperties(meta: RuleMeta, severity: Severity) {
  const cwe = meta.docs.cwe ?? [];
  const family = meta.id.slice(0, meta.id.indexOf('/'));
  const tags = [
    cwe.length > 0 ? 'security' : 'maintainability',
    family,
    ...cwe.map((number) => `external/cwe/cwe-${String(number).padStart(3, '0')}`),
  ];
  return {
    tags: tags.slice(0, MAX_TAGS),
    precision: PRECISIONS[meta.confidence],
    'problem.severity': PROBLEM_SEVERITIES[severity],
    ...(cwe.length > 0 && { 'security-severity': SECURITY_SEVERITIES[severity] }),
  };
}

function sarifResult(
  finding: ReportFinding,
  indexes: ReadonlyMap<string, number>,
  secretive: ReadonlySet<string>,
): Result {
  const related = finding.related.map(
    (other, index): Location => ({
      id: index + 1,
      physicalLocation: physicalLocation(other.file, other.range),
      message: { text: other.message },
    }),
  );
  const fixes = secretive.has(finding.rule) ? [] : finding.fixes.map(sarifFix);
  return {
    ruleId: finding.rule,
    ruleIndex: indexes.get(finding.rule) ?? -1,
    level: LEVELS[finding.severity],
    message: { text: messageText(finding) },
    locations: [
      {
        physicalLocation: physicalLocation(finding.file, finding.range),
        logicalLocations: [{ fullyQualifiedName: finding.place }],
      },
    ],
    ...(related.length > 0 && { relatedLocations: related }),
    partialFingerprints: { primaryLocationLineHash: `${finding.fingerprint}:1` },
    ...(fixes.length > 0 && { fixes }),
    properties: { severity: finding.severity, confidence: finding.confidence },
  };
}

/** Related places are shown only where the message links to them; brackets of its own are escaped then, as 3.11.6 wants. */
function messageText({ message, related }: ReportFinding): string {
  if (related.length === 0) return message;
  const links = related.map((other, index) => `[${linkText(other.message)}](${index + 1})`);
  return `${linkText(message)} ${links.join(' ')}`;
}

function linkText(text: string): string {
  return text.replace(/[\\[\]]/g, '\\$&');
}

function sarifFix(fix: ReportFix): Fix {
  const risk = fix.risk === undefined ? '' : ` (${fix.risk})`;
  return {
    description: { text: fix.title + risk },
    artifactChanges: fix.changes.map(({ file, edits }) => ({
      artifactLocation: artifactLocation(file),
      replacements: edits.map(({ range, text }) => ({
        deletedRegion: region(range),
        insertedContent: { text },
      })),
    })),
  };
}

function justification({ reason, until }: ReportSuppressed): string {
  return until === undefined ? reason : `${reason} (until ${until})`;
}

function notifications(report: Report): Notification[] {
  return [
    ...report.muted.map(
      ({ rule, file }): Notification => ({
        level: 'error',
        message: { text: `The rule ${rule} failed on this file.` },
        locations: [{ physicalLocation: { artifactLocation: artifactLocation(file) } }],
      }),
    ),
    ...report.notAnalysed.map(
      ({ file, reason }): Notification => ({
        level: 'note',
        message: { text: `Not analysed: ${reason}.` },
        locations: [{ physicalLocation: { artifactLocation: artifactLocation(file) } }],
      }),
    ),
  ];
}

function physicalLocation(file: string, range: ReportRange): PhysicalLocation {
  return { artifactLocation: artifactLocation(file), region: region(range) };
}

/** A file outside of the root has an absolute path. */
function artifactLocation(file: string) {
  const uri = file.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: '%SRCROOT%' };
}

function region({ start, end }: ReportRange): Region {
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

/** Weaknesses whose mending moves a secret: what such a fix writes stays out of a log that is uploaded. https://cwe.mitre.org */
const SECRET_CWES: readonly number[] = [256, 257, 259, 260, 312, 313, 321, 522, 526, 532, 538, 540, 547, 798];

function isAboutSecrets(meta: RuleMeta): boolean {
  return (meta.docs.cwe ?? []).some((cwe) => SECRET_CWES.includes(cwe));
}

function pascalCase(id: string): string {
  return id
    .split(/[/-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function plainText(markdown: string): string {
  return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
}

function shortened(text: string): string {
  return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION - 1)}…`;
}
