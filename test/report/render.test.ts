import { describe, expect, test } from 'vitest';
import type { Report } from '../../server/engine/report.ts';
import { renderHtml, renderStandaloneHtml } from '../../server/report/html.ts';
import { renderMarkdown } from '../../server/report/markdown.ts';
import { toyReport } from '../support/reports.ts';
import { at } from '../support/toy.ts';

const report = toyReport(
  {
    'a.toy': 'color: red\nfriend: nobody\n',
    'b.toy': 'color: red # hardlint-ignore toy/red until 2027-01-31: it is a rose\n',
  },
  { notAnalysed: [{ uri: at('big.toy'), reason: 'larger than 2 MiB' }] },
);

/** The same report with hostile words in every text that comes from a workspace. */
function hostile(text: string): Report {
  const finding = report.findings[0];
  if (!finding) throw new Error('the report is empty');
  const evil = {
    ...finding,
    file: text,
    message: text,
    place: text,
    title: text,
    related: [{ uri: text, file: text, range: finding.range, message: text }],
    fixes: finding.fixes.map((fix) => ({
      ...fix,
      title: text,
      risk: text,
      verify: text,
      changes: fix.changes.map((change) => ({ ...change, file: text })),
    })),
  };
  return {
    ...report,
    name: text,
    findings: [evil],
    suppressed: [{ finding: evil, reason: text, until: text }],
    muted: [{ rule: text, file: text, error: text }],
    notAnalysed: [{ file: text, reason: text }],
  };
}

describe('the page', () => {
  const html = renderHtml(report);

  test('says the verdict, the findings, what is suppressed and what was not analysed', () => {
    for (const words of [
      report.verdict,
      'The colour',
      'toy/friend',
      'it is a rose',
      '2027-01-31',
      'big.toy',
      '2 MiB',
    ])
      expect(html).toContain(words);
  });

  test('has a row for each finding that tells its place, and a button where a safe fix works', () => {
    const rows = [...html.matchAll(/<tr data-severity[\s\S]*?<\/tr>/g)].map((match) => match[0]);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toContain(
      `data-uri="${at('a.toy')}" data-line="1" data-column="8" data-rule="toy/red" data-place="color"`,
    );
    expect(rows[0]).toContain('data-action="fix"');
    expect(rows[1]).toContain('data-rule="toy/friend"');
    expect(rows[1]).not.toContain('data-action="fix"');
  });

  test('allows only its own style and script, by nonce, and loads nothing', () => {
    expect(html).toContain('http-equiv="Content-Security-Policy" content="{{csp}}"');
    expect([...html.matchAll(/<(?:style|script)\b[^>]*>/g)].map((match) => match[0])).toEqual([
      '<style nonce="{{nonce}}">',
      '<script nonce="{{nonce}}">',
    ]);
    expect(html).not.toMatch(
      /<(?:link|img|iframe|object|embed|base)\b|\bsrc=|url\(|@import|\bon[a-z]+=|\bstyle="/i,
    );
  });

  test('is complete by itself when its placeholders are filled in, and names no path of the machine', () => {
    const page = renderStandaloneHtml(report, 'n0nce');
    expect(page).toContain(`content="default-src 'none'; style-src 'nonce-n0nce'; script-src 'nonce-n0nce'"`);
    expect(page).not.toMatch(/\{\{|\}\}/);
    expect(page).not.toContain('file://');
    expect(page).toContain('data-uri="a.toy"');
  });

  test('takes its colours from the editor and has others where there is none', () => {
    const variables = [...html.matchAll(/var\((--vscode-[\w-]+)(.)/g)];
    expect(variables.length).toBeGreaterThan(15);
    expect(variables.filter((match) => match[2] !== ',')).toEqual([]);
    expect(html).toContain('--vscode-contrastBorder');
    expect(html).toMatch(/color-scheme: light dark/);
  });

  test('is small', () => {
    expect(Buffer.byteLength(renderHtml(toyReport({})))).toBeLessThan(40_000);
    const many = toyReport(
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}.toy`, 'color: red\n'])),
    );
    expect(Buffer.byteLength(renderHtml(many)) / 100).toBeLessThan(1600);
  });

  test('has one heading of the first level, none skipped, and headers for every table', () => {
    const levels = [...html.matchAll(/<h([1-6])/g)].map((match) => Number(match[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.reduce((before, level) => {
      expect(level).toBeLessThanOrEqual(before + 1);
      return level;
    }, 0);
    for (const table of html.match(/<table[\s\S]*?<\/table>/g) ?? []) expect(table).toContain('<th scope=');
  });

  test.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '{{nonce}} {{csp}}',
    '&lt;b&gt; `</code><b>`',
    '\u0000\u0007',
  ])('shows the words %j and does nothing else with them', (text) => {
    const page = renderHtml(hostile(text));
    expect(page).not.toMatch(/<img\b|<b>(?!\d)|<script>|onmouseover='/);
    expect(page.match(/\{\{nonce\}\}/g)).toHaveLength(2);
    expect(page.match(/\{\{csp\}\}/g)).toHaveLength(1);
    expect(page).not.toMatch(/[\0\x07]/);
    expect(page.match(/<script/g)).toHaveLength(1);
  });
});

describe('the Markdown', () => {
  const markdown = renderMarkdown(report);

  test('says the verdict, what to fix first, the findings, what is suppressed and what was not analysed', () => {
    expect(markdown).toContain(`# Hardening report: workspace\n\n${report.verdict}\n`);
    for (const heading of ['## Fix first', '## Toy (2)', '## Suppressed (1)', '## Not analysed (1)'])
      expect(markdown).toContain(`\n${heading}\n`);
    expect(markdown).toContain('| high | Set the colour to green | `toy/red` | `a.toy:1` |');
    expect(markdown).toContain('- larger than 2 MiB: `big.toy`');
  });

  test('keeps every row of its tables in as many cells as the header', () => {
    const page = renderMarkdown(hostile('a | b \\| c\n\n| d |\n`x|y`'));
    const cells = (line: string) => line.split(/(?<!\\)\|/).length;
    let header = 0;
    for (const line of page.split('\n')) {
      if (!line.startsWith('|')) header = 0;
      else if (header === 0) header = cells(line);
      else expect(cells(line)).toBe(header);
    }
  });

  test.each(['<script>alert(1)</script>', '[x](http://evil)', '![x](http://evil)', '<img src=x>'])(
    'does not let %s through as markup',
    (text) => {
      const page = renderMarkdown(hostile(text)).replace(/`[^`]*`/g, '');
      expect(page).not.toMatch(/(?<!\\)<(?:script|img)|(?<!\\)\]\(http:/);
    },
  );

  test('lists the first files where one reason holds for many', () => {
    const notAnalysed = Array.from({ length: 30 }, (_, i) => ({ uri: at(`f${i}`), reason: 'binary' }));
    expect(renderMarkdown(toyReport({}, { notAnalysed }))).toContain('and 10 more');
  });
});
