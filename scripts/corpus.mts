// Holds hardlint against a folder of real files: `npm run corpus -- DIR`. Nothing may crash, no rule may be muted, and every
// fix that is offered must work, with both line endings. It ends with 1 where that is not so, and skips a folder that is not there.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as scriptParser from '@typescript-eslint/parser';
import { extractors, rules } from '../rules/registry.generated.ts';
import type { Profile } from '../server/engine/config.ts';
import { configSchema } from '../server/engine/config-schema.ts';
import type { Finding, VerifiedFix } from '../server/engine/finding.ts';
import { fixAll, fixesFor, textsAfter } from '../server/engine/fix.ts';
import { groupFindings } from '../server/engine/rollup.ts';
import { Workspace } from '../server/engine/workspace.ts';
import { createSyntaxes } from '../syntaxes/registry.ts';
import { normaliseUri } from '../syntaxes/uri.ts';
import { subjectsOf } from './corpus/subjects.ts';
import { readTexts, type TextFile } from './files.ts';

const [directory, ...flags] = process.argv.slice(2);
const folder = directory === undefined ? undefined : resolve(directory);
if (!folder || !existsSync(folder)) {
  console.log('No folder of real files here: skipped.');
  process.exit(0);
}

const failures: string[] = [];
const files = readTexts(folder);
for (const { name, convert } of [
  { name: 'LF', convert: (text: string) => text.replaceAll('\r\n', '\n') },
  { name: 'CRLF', convert: (text: string) => text.replaceAll(/\r?\n/g, '\r\n') },
]) {
  check(
    name,
    files.map(({ uri, text }) => ({ uri, text: convert(text) })),
  );
}
density();
for (const failure of failures.slice(0, 50)) console.error(failure);
if (failures.length > 0) {
  console.error(`${failures.length} failures`);
  process.exitCode = 1;
}

/** Opens all files under all rules and tries every fix of every finding. */
function check(name: string, texts: readonly TextFile[]): void {
  const workspace = open(texts, 'strict');
  const probe = open(texts, 'strict');
  const hits = new Map<string, { findings: number; fixes: number }>();
  for (const uri of workspace.uris()) {
    const { findings, muted } = workspace.check(uri);
    failures.push(...muted.map((rule) => `${name}: ${rule.rule} threw on ${uri}: ${rule.error}`));
    for (const finding of findings) {
      const fixes = fixesFor(workspace, finding);
      const count = hits.get(finding.rule) ?? { findings: 0, fixes: 0 };
      hits.set(finding.rule, {
        findings: count.findings + 1,
        fixes: count.fixes + (fixes.length > 0 ? 1 : 0),
      });
      for (const fix of fixes) tryFix(name, workspace, probe, finding, fix);
    }
    tryFixAll(name, workspace, uri);
  }
  console.log(`\n${name}: ${workspace.uris().length} of ${texts.length} files are of a known kind`);
  for (const [rule, count] of [...hits].sort(([, a], [, b]) => b.findings - a.findings)) {
    console.log(
      `  ${rule.padEnd(44)} ${String(count.findings).padStart(6)} findings, ${String(count.fixes).padStart(6)} with a fix`,
    );
  }
}

/** Applies a fix in a second workspace and looks at it from outside: not by the code that offered it. */
function tryFix(
  name: string,
  workspace: Workspace,
  probe: Workspace,
  finding: Finding,
  fix: VerifiedFix,
): void {
  const where = `${name}: "${fix.title}" of ${finding.rule} at ${finding.place} in ${finding.uri}`;
  const after = textsAfter(workspace, finding.uri, fix);
  if (!after) {
    failures.push(`${where}: cannot be applied`);
    return;
  }
  const before = new Map([...after.keys()].map((uri) => [uri, workspace.textOf(uri)]));
  const known = new Set([...after.keys()].flatMap((uri) => workspace.rawFindings(uri).map(keyOf)));
  // What a finding kept quiet may come up in its stead.
  for (const covered of finding.covers ?? []) known.add(covered);
  probe.update([...after].map(([uri, text]) => ({ uri, text })));
  const now = [...after.keys()].flatMap((uri) => probe.rawFindings(uri).map(keyOf));
  if (countLike(probe, finding) >= countLike(workspace, finding)) failures.push(`${where}: does not mend it`);
  const added = now.filter((key) => !known.has(key));
  if (added.length > 0) failures.push(`${where}: brings ${added.join(', ')}`);
  for (const [uri, text] of after) {
    const edits = fix.edits.filter((edit) => (edit.uri ?? finding.uri) === uri);
    const spliced = [...edits].reverse().sort((a, b) => b.span.start - a.span.start);
    const expected = spliced.reduce(
      (old, { span, text: part }) => old.slice(0, span.start) + part + old.slice(span.end),
      before.get(uri) ?? '',
    );
    if (expected !== text) failures.push(`${where}: changes more than its edits`);
    if (name === 'CRLF' && /(^|[^\r])\n/.test(text)) failures.push(`${where}: breaks the line endings`);
  }
  probe.update([...before].map(([uri, text]) => ({ uri, text })));
}

/** How many findings there are of the same rule at the same place; several are numbered, and the numbers move up. */
function countLike(workspace: Workspace, finding: Finding): number {
  const bare = (key: string) => key.replace(/#\d+$/, '');
  return workspace.rawFindings(finding.uri).filter((other) => bare(keyOf(other)) === bare(keyOf(finding)))
    .length;
}

function tryFixAll(name: string, workspace: Workspace, uri: string): void {
  const result = fixAll(workspace, uri);
  if (!result.converged) failures.push(`${name}: fixing ${uri} does not converge`);
}

/** How many diagnostics the recommended profile shows for a Compose service and an nginx server, at the median. */
function density(): void {
  const workspace = open(files, 'recommended');
  const counts: Record<'service' | 'server', number[]> = { service: [], server: [] };
  for (const uri of workspace.uris()) {
    const document = workspace.document(uri);
    if (!document) continue;
    const groups = groupFindings(workspace.check(uri).findings);
    for (const { noun, span } of subjectsOf(document)) {
      counts[noun].push(
        groups.filter((group) => group.span.start >= span.start && group.span.start < span.end).length,
      );
    }
  }
  console.log('\nDiagnostics in the recommended profile');
  for (const [noun, limit] of [
    ['service', 3],
    ['server', 4],
  ] as const) {
    const sorted = counts[noun].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    console.log(
      `  a ${noun}: median ${median} (at most ${limit}), p90 ${sorted[Math.floor(sorted.length * 0.9)] ?? 0}, of ${sorted.length}`,
    );
    if (median > limit) failures.push(`more than ${limit} diagnostics for a ${noun} at the median`);
  }
}

function open(texts: readonly TextFile[], profile: Profile): Workspace {
  const workspace = new Workspace({
    syntaxes: createSyntaxes({ loadScriptParser: () => scriptParser }),
    rules: flags.includes('--rules') ? rules.filter((rule) => flags.includes(rule.id)) : rules,
    extractors,
    schema: () => configSchema(rules),
    roots: [normaliseUri(pathToFileURL(folder ?? '').href)],
    profile,
    today: () => '2026-01-01',
  });
  workspace.update(texts);
  return workspace;
}

function keyOf(finding: Finding): string {
  return `${finding.rule} ${finding.place}`;
}
