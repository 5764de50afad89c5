import { describe, expect, test } from 'vitest';
import type { BadExample, ExampleFiles, Rule } from '../rules/core/rule.ts';
import type { Finding } from '../server/engine/finding.ts';
import { fixesFor, textsAfter } from '../server/engine/fix.ts';
import type { Workspace } from '../server/engine/workspace.ts';
import type { Span } from '../syntaxes/document.ts';
import { joinUri, relativePath } from '../syntaxes/uri.ts';
import { loadExtractors, loadRules } from './support/all-rules.ts';
import { ROOT, workspaceOf } from './support/workspace.ts';

/*
 * Every example of every rule is run: bad ones report exactly the marked spans and lead to the fixed text, good ones are silent;
 * all of it with both line endings. `RULES=nginx/` narrows it to the rules whose id starts so.
 */

const rules = await loadRules(process.env.RULES);
const extractors = await loadExtractors();

const LINE_ENDINGS = [
  { name: 'LF', convert: (text: string) => text },
  { name: 'CRLF', convert: (text: string) => text.replaceAll(/\r?\n/g, '\r\n') },
];

test('there are rules to test', () => {
  expect(rules.length).toBeGreaterThan(0);
});

for (const rule of rules) {
  describe(rule.id, () => {
    test('has examples of both sorts and documentation', () => {
      expect(rule.bad.length).toBeGreaterThan(0);
      expect(rule.good.length).toBeGreaterThanOrEqual(2);
      expect(rule.title).not.toMatch(/\.$/);
      expect(rule.docs.why).not.toBe('');
      expect(rule.docs.fix).not.toBe('');
      // A stateful expression would find every second file only.
      expect(rule.mentions?.flags ?? '').not.toMatch(/[gy]/);
    });
    for (const { name, convert } of LINE_ENDINGS) {
      for (const example of rule.bad)
        test(`bad, ${name}: ${example.name}`, () => expectBad(rule, example, convert));
      for (const example of rule.good) {
        test(`good, ${name}: ${example.name}`, () => {
          const { workspace, uri } = open(mapFiles(example.files, convert), example.modes);
          expect(findingsOf(workspace, uri, rule).map((finding) => finding.message)).toEqual([]);
        });
      }
    }
  });
}

function expectBad(rule: Rule, example: BadExample, convert: (text: string) => string): void {
  const files = mapFiles(example.files, convert);
  const [path = ''] = Object.keys(files);
  const marked = unmark(files[path] ?? '');
  const { workspace, uri } = open({ ...files, [path]: marked.text }, example.modes);
  expect(workspace.check(uri).notAnalysed).toBe(undefined);
  expect(rule.kinds).toContain(workspace.check(uri).kind);
  const findings = findingsOf(workspace, uri, rule);
  expect(findings.map((finding) => show(marked.text, finding.span))).toEqual(
    marked.spans.map((span) => show(marked.text, span)),
  );
  expect(marked.spans.length).toBeGreaterThan(0);
  for (const finding of findings) {
    expectSoundFinding(finding);
    expectNoSecret(finding, marked.text);
  }
  expectFixes(example, workspace, findings[0], convert);
}

function expectSoundFinding(finding: Finding): void {
  expect(finding.message.length, finding.message).toBeLessThanOrEqual(160);
  expect(finding.message).toMatch(/^[^\n]+\.$/);
  expect(finding.place).not.toBe('');
  expect(JSON.parse(JSON.stringify(finding))).toEqual(finding);
}

/** A value that may be a secret never leaves its file: not in a message, a place, a related place or a fix's words. */
function expectNoSecret(finding: Finding, text: string): void {
  if (!/secret|credential|password/.test(finding.rule)) return;
  const words = text.slice(finding.span.start, finding.span.end).split(/[^A-Za-z0-9+/_-]+/);
  const secrets = words.filter((word) => word.length >= 8 && /\d/.test(word) && /[A-Za-z]/.test(word));
  const said = JSON.stringify([finding.message, finding.place, finding.related]);
  for (const secret of secrets) expect(said).not.toContain(secret);
}

function expectFixes(
  example: BadExample,
  workspace: Workspace,
  finding: Finding | undefined,
  convert: (text: string) => string,
): void {
  const fixes = finding ? fixesFor(workspace, finding) : [];
  if (example.fixed === undefined) {
    expect(fixes.map((fix) => fix.title)).toEqual([]);
    return;
  }
  if (example.offers) expect(fixes.map((fix) => fix.title)).toEqual(example.offers);
  const [first] = fixes;
  expect(first, 'a verified fix is offered').toBeDefined();
  if (!first || !finding) return;
  for (const fix of fixes)
    expect(fix.safety === 'safe' || fix.risk !== undefined, `risk of "${fix.title}"`).toBe(true);
  const after = Object.fromEntries(
    [...(textsAfter(workspace, finding.uri, first) ?? [])].map(([uri, text]) => [
      relativePath(ROOT, uri) ?? uri,
      text,
    ]),
  );
  const [path = ''] = Object.keys(example.files);
  const expected = typeof example.fixed === 'string' ? { [path]: example.fixed } : example.fixed;
  expect(after).toEqual(mapFiles(expected, convert));
}

function open(
  files: ExampleFiles,
  modes: Readonly<Record<string, number>> = {},
): { workspace: Workspace; uri: string } {
  const [path = ''] = Object.keys(files);
  const workspace = workspaceOf(files, { rules, extractors });
  workspace.setModes(new Map(Object.entries(modes).map(([file, mode]) => [joinUri(ROOT, file), mode])));
  return { workspace, uri: joinUri(ROOT, path) };
}

function findingsOf(workspace: Workspace, uri: string, rule: Rule): readonly Finding[] {
  const result = workspace.check(uri);
  expect(result.muted.map((muted) => muted.error)).toEqual([]);
  return result.findings.filter((finding) => finding.rule === rule.id);
}

/** Takes the marks «…» out of a text and gives the spans that they held, also nested ones, in order. */
function unmark(marked: string): { text: string; spans: Span[] } {
  let text = '';
  const open: number[] = [];
  const spans: Span[] = [];
  for (const character of marked) {
    if (character === '«') open.push(text.length);
    else if (character === '»') spans.push({ start: open.pop() ?? 0, end: text.length });
    else text += character;
  }
  return { text, spans: spans.sort((a, b) => a.start - b.start || a.end - b.end) };
}

function show(text: string, span: Span): string {
  return `${span.start}-${span.end} ${text.slice(span.start, span.end)}`;
}

function mapFiles(files: ExampleFiles, convert: (text: string) => string): ExampleFiles {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, convert(text)]));
}
