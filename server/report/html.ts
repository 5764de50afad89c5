import { SEVERITIES } from '../../rules/core/rule.ts';
import { counted, type Report, type ReportFinding } from '../engine/report.ts';
import {
  type AreaSection,
  areasOf,
  CONFIDENCES,
  matrixOf,
  notAnalysedByReason,
  safeFixOf,
  type TopFix,
  topFixes,
} from '../engine/report-views.ts';
import { escapeHtml, richText } from './escape.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

/** How many fixes are named as the first to make. */
const TOP_FIXES = 8;

/** How many findings are listed: a browser becomes slow with many more, and nobody reads them. */
const MAX_ROWS = 3000;

/** Of how many places a fix is shown at once. */
const TOP_PLACES = 5;

/** How files are named in `data-uri`: by their URI, so that an editor opens them, or by their path, which tells nothing of the machine. */
export type RowLinks = 'uri' | 'path';

/**
 * The report as one page that needs nothing else: no file, no font, no network. `{{csp}}` and `{{nonce}}` are left for whoever
 * shows it. Every row of a finding has `data-uri`, `data-line` and `data-column` (from 1), `data-rule` and `data-place`; the
 * button `data-action="fix"` in it stands for its safe fix. Places are links and buttons are shown only inside an editor.
 */
export function renderHtml(report: Report, links: RowLinks = 'uri'): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{csp}}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Hardening report</title>
<style nonce="{{nonce}}">${PAGE_STYLE}</style>
</head>
<body>
<main>
${[
  header(report),
  numbers(report),
  fixFirst(report, links),
  findings(report, links),
  suppressed(report, links),
  muted(report),
  notAnalysed(report),
]
  .filter((part) => part !== '')
  .join('\n')}
</main>
<footer>hardlint ${escapeHtml(report.tool.version)} · profile ${report.profile} · ${escapeHtml(report.date)} · made without a network connection</footer>
<script nonce="{{nonce}}">${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

/** The page with its placeholders filled in, to be opened by a browser. */
export function renderStandaloneHtml(report: Report, nonce: string): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return renderHtml(report, 'path').replaceAll('{{csp}}', policy).replaceAll('{{nonce}}', nonce);
}

function header(report: Report): string {
  const worst = SEVERITIES.find((severity) => report.summary[severity] > 0) ?? 'none';
  return `<header class="verdict ${worst}">
<h1>Hardening report <small>${escapeHtml(report.name)}</small></h1>
<p>${escapeHtml(report.verdict)}</p>
</header>`;
}

function numbers(report: Report): string {
  if (report.findings.length === 0) return '';
  const count = matrixOf(report);
  const head = CONFIDENCES.map((confidence) => `<th scope="col">${confidence}</th>`).join('');
  const rows = SEVERITIES.map((severity) => {
    const cells = CONFIDENCES.map((confidence) => {
      const value = count(severity, confidence);
      return value === 0 ? '<td class="zero">0</td>' : `<td>${value}</td>`;
    });
    return `<tr><th scope="row">${badge(severity)}</th>${cells.join('')}</tr>`;
  });
  const tiles = SEVERITIES.map(
    (severity) =>
      `<li class="${severity}${report.summary[severity] === 0 ? ' zero' : ''}"><b>${report.summary[severity]}</b> ${severity}</li>`,
  );
  const fixable = report.findings.filter((finding) => safeFixOf(finding)).length;
  const facts = [
    `${counted(report.fileCount, 'file')} analysed`,
    ...(fixable > 0 ? [`${fixable} of ${counted(report.findings.length, 'finding')} safely fixable`] : []),
    ...(report.suppressed.length > 0 ? [`${report.suppressed.length} suppressed`] : []),
  ];
  return `<section class="numbers" aria-labelledby="numbers">
<h2 id="numbers" class="quiet">In numbers</h2>
<div>
<ul class="tiles">${tiles.join('')}</ul>
<p>${facts.join(' · ')}</p>
</div>
<table class="matrix"><caption>Severity by confidence</caption>
<thead><tr><td></td>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>
</section>`;
}

function fixFirst(report: Report, links: RowLinks): string {
  const top = topFixes(report, TOP_FIXES);
  if (top.length === 0) return '';
  return `<section aria-labelledby="fix-first">
<h2 id="fix-first">Fix first</h2>
<p class="hint">By severity and confidence over effort. Each fix was tried in memory: the file parses, the finding is gone and no other came.</p>
<ol class="top">${top.map((fix) => topFix(fix, links)).join('\n')}</ol>
</section>`;
}

function topFix(top: TopFix, links: RowLinks): string {
  const { fix, rule, title, severity, findings } = top;
  const alike = top.isUniform ? '' : ' <span class="hint">and the like</span>';
  const safety =
    fix.safety === 'safe'
      ? '<span class="safe">safe</span>'
      : `<span class="review">review</span> ${richText(fix.risk ?? '')}`;
  const verify = fix.verify ? ` Proof: <code>${escapeHtml(fix.verify)}</code>` : '';
  const places = findings.slice(0, TOP_PLACES).map((finding) => topPlace(finding, links));
  const rest =
    findings.length > TOP_PLACES
      ? `<li class="hint">and ${findings.length - TOP_PLACES} more below</li>`
      : '';
  return `<li>
<p>${badge(severity)} <strong>${richText(fix.title)}</strong>${alike} <span class="hint">· ${richText(title)} · <code>${escapeHtml(rule)}</code></span></p>
<p class="hint">${safety}${verify}</p>
<ul class="places">${places.join('')}${rest}</ul>
</li>`;
}

function topPlace(finding: ReportFinding, links: RowLinks): string {
  return `<li${rowData(finding, links)}>${location(finding, `${finding.file}:${finding.range.start.line}`)}${fixButton(finding)}</li>`;
}

function findings(report: Report, links: RowLinks): string {
  if (report.findings.length === 0) return '';
  const shown = mostSevere(report.findings, MAX_ROWS);
  const left = report.findings.length - shown.length;
  return `<section aria-labelledby="findings">
<h2 id="findings">Findings</h2>
${left > 0 ? `<p>The ${MAX_ROWS} most severe are listed; ${left} more are in the JSON report.</p>` : ''}
${filters(report)}
${areasOf({ ...report, findings: shown })
  .map((area) => areaSection(area, links))
  .join('\n')}
</section>`;
}

/** The worst findings, in the order that they had. */
function mostSevere(all: readonly ReportFinding[], count: number): readonly ReportFinding[] {
  if (all.length <= count) return all;
  const byRank = [...all].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const kept = new Set(byRank.slice(0, count));
  return all.filter((finding) => kept.has(finding));
}

/** Hidden until the script that makes them work shows them. */
function filters(report: Report): string {
  const boxes = SEVERITIES.filter((severity) => report.summary[severity] > 0).map(
    (severity) =>
      `<label><input type="checkbox" value="${severity}" checked> ${severity} ${report.summary[severity]}</label>`,
  );
  return `<form class="filters" hidden role="search" aria-label="Filter findings">
<input type="search" placeholder="Filter by file, rule or words" aria-label="Filter by file, rule or words">
${boxes.join('\n')}
<output aria-live="polite"></output>
</form>`;
}

function areaSection(area: AreaSection, links: RowLinks): string {
  const files = area.files.map(
    ({
      file,
      findings: members,
    }) => `<details open><summary><h4>${escapeHtml(file)}</h4> <span class="count">${members.length}</span></summary>
<table class="findings"><colgroup><col class="severity"><col class="place"><col><col class="mend"></colgroup><thead class="quiet"><tr><th scope="col">Severity</th><th scope="col">Place</th><th scope="col">Finding</th><th scope="col">Fix</th></tr></thead>
<tbody>${members.map((finding) => row(finding, links)).join('\n')}</tbody></table></details>`,
  );
  return `<section class="area"><h3>${escapeHtml(area.title)} <span class="count">${area.findings.length}</span></h3>
${files.join('\n')}
</section>`;
}

function row(finding: ReportFinding, links: RowLinks): string {
  const { line, column } = finding.range.start;
  const related = finding.related.map(
    (other) =>
      `<br><span class="related">↳ ${richText(other.message)} <code>${escapeHtml(`${other.file}:${other.range.start.line}`)}</code></span>`,
  );
  return `<tr data-severity="${finding.severity}"${rowData(finding, links)}>
<td>${badge(finding.severity)}</td><td>${location(finding, `${line}:${column}`)}</td>
<td>${richText(finding.message)} <a class="rule" href="${escapeHtml(finding.docs)}" title="${escapeHtml(finding.title)}">${escapeHtml(finding.rule)}</a>${finding.confidence === 'high' ? '' : ` <span class="hint">${finding.confidence} confidence</span>`}${related.join('')}</td>
<td>${fixCell(finding)}</td></tr>`;
}

function fixCell(finding: ReportFinding): string {
  const fix = safeFixOf(finding) ?? finding.fixes[0];
  if (!fix) return '';
  const safety = fix.safety === 'safe' ? '' : ' <span class="review">review</span>';
  return `<span class="fix" title="${escapeHtml(fix.risk ?? '')}">${richText(fix.title)}${safety}</span>${fixButton(finding)}`;
}

function fixButton(finding: ReportFinding): string {
  const fix = safeFixOf(finding);
  if (!fix) return '';
  const label = escapeHtml(`${fix.title}, ${finding.file} line ${finding.range.start.line}`);
  return ` <button type="button" data-action="fix" aria-label="${label}">Fix</button>`;
}

/** A link without a target: text in a browser; the script makes it a link inside an editor. */
function location(finding: ReportFinding, shown: string): string {
  return `<a class="at" title="${escapeHtml(`${finding.file}:${finding.range.start.line}:${finding.range.start.column}`)}">${escapeHtml(shown)}</a>`;
}

function rowData({ uri, file, range, rule, place }: ReportFinding, links: RowLinks): string {
  const { line, column } = range.start;
  return ` data-uri="${escapeHtml(links === 'uri' ? uri : file)}" data-line="${line}" data-column="${column}" data-rule="${escapeHtml(rule)}" data-place="${escapeHtml(place)}"`;
}

function suppressed(report: Report, links: RowLinks): string {
  if (report.suppressed.length === 0) return '';
  const rows = report.suppressed.map(
    ({ finding, reason, until }) =>
      `<tr${rowData(finding, links)}><td>${location(finding, `${finding.file}:${finding.range.start.line}`)}</td><td><code>${escapeHtml(finding.rule)}</code></td><td>${escapeHtml(reason)}</td><td>${escapeHtml(until ?? '')}</td></tr>`,
  );
  return `<section aria-labelledby="suppressed">
<h2 id="suppressed">Suppressed <span class="count">${rows.length}</span></h2>
<table><thead><tr><th scope="col">Place</th><th scope="col">Rule</th><th scope="col">Reason</th><th scope="col">Until</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>
</section>`;
}

function muted(report: Report): string {
  if (report.muted.length === 0) return '';
  const items = report.muted.map(
    ({ rule, file }) => `<li><code>${escapeHtml(rule)}</code> on ${escapeHtml(file)}</li>`,
  );
  return `<section aria-labelledby="muted">
<h2 id="muted">Rules that failed <span class="count">${items.length}</span></h2>
<p class="hint">They stopped with an error of their own; what they would have found is not in this report.</p>
<ul>${items.join('')}</ul>
</section>`;
}

function notAnalysed(report: Report): string {
  if (report.notAnalysed.length === 0) return '';
  const groups = notAnalysedByReason(report).map(
    ({ reason, files }) =>
      `<details><summary>${escapeHtml(reason)} <span class="count">${files.length}</span></summary><ul>${files.map((file) => `<li>${escapeHtml(file)}</li>`).join('')}</ul></details>`,
  );
  return `<section aria-labelledby="not-analysed">
<h2 id="not-analysed">Not analysed <span class="count">${report.notAnalysed.length}</span></h2>
${groups.join('\n')}
</section>`;
}

function badge(severity: string): string {
  return `<span class="badge ${severity}">${severity}</span>`;
}
