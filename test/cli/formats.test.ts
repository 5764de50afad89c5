import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import type { Log } from 'sarif';
import { describe, expect, test } from 'vitest';
import { rules } from '../../rules/registry.generated.ts';
import { formatGithub } from '../../server/cli/format/github.ts';
import { formatJson } from '../../server/cli/format/json.ts';
import { formatSarif } from '../../server/cli/format/sarif.ts';
import { applyEdits } from '../../server/engine/edits.ts';
import { Lines } from '../../syntaxes/lines.ts';
import { runCli, SECRET_0444 } from '../support/cli.ts';
import { toyReport } from '../support/reports.ts';
import { at, bombRule, redRule } from '../support/toy.ts';

/** A stack with a finding in two files, a secret, a suppression, a broken file and one that cannot be read. */
const STACK = {
  'compose.yaml': `services:
  web:
    build: ./web
    environment:
      API_TOKEN: sk-live-7c1d9e4a6053b7d1f00d
    ports:
      - "5432:5432" # hardlint-ignore compose/port-all-interfaces: it is a test
    secrets:
      - source: key
        mode: 0444
secrets:
  key:
    file: ./key
`,
  'web/Dockerfile': 'FROM python:latest\nENV DB_PASSWORD=hunter2-but-longer\nUSER root\nCMD ["python"]\n',
  'config.yaml': 'database:\n  password: Zx9-kQ2-vv71-pLm\n  host: db\n',
  'broken/compose.yaml': 'services: {web: {image: nginx:latest}}\nvolumes: [\n',
  'sp ace/#1/compose.yaml': SECRET_0444,
};
const SECRETS = ['sk-live-7c1d9e4a6053b7d1f00d', 'hunter2-but-longer', 'Zx9-kQ2-vv71-pLm'];
const HOST = { hostOptions: { unreadable: { 'file:///workspace/compose.big.yaml': 'larger than 2 MiB' } } };

describe('JSON', () => {
  test('has exactly the fields of the contract, in every finding', async () => {
    const { stdout } = await runCli(['--format', 'json', '--profile', 'strict'], STACK, HOST);
    const report = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual(['schema', 'tool', 'profile', 'summary', 'findings', 'notAnalysed']);
    expect(report.schema).toBe('hardlint-report/1');
    expect(report.tool).toEqual({ name: 'hardlint', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(report.profile).toBe('strict');
    expect(Object.keys(report.summary)).toEqual(['critical', 'high', 'medium', 'low', 'info']);
    expect(report.findings.length).toBeGreaterThan(5);
    expect(Object.values<number>(report.summary).reduce((a, b) => a + b)).toBe(report.findings.length);
    for (const finding of report.findings) expect(finding).toEqual(FINDING_SHAPE);
    expect(report.findings.some((finding: Finding) => finding.related.length > 0)).toBe(true);
    expect(report.findings.some((finding: Finding) => finding.fixes.length > 0)).toBe(true);
    expect(report.notAnalysed).toEqual([{ file: 'compose.big.yaml', reason: 'larger than 2 MiB' }]);
    const known = new Set(rules.map((rule) => rule.id));
    for (const { rule } of report.findings)
      expect(known.has(rule) || rule.startsWith('hardlint/')).toBe(true);
  });

  test('of one finding, as a whole', () => {
    const report = JSON.parse(formatJson(toyReport({ 'a.toy': '# ü\ncolor: red\n' })));
    expect(report.findings).toEqual([
      {
        rule: 'toy/red',
        title: 'Colour is red',
        severity: 'high',
        confidence: 'high',
        file: 'a.toy',
        range: { start: { line: 2, column: 8 }, end: { line: 2, column: 11 } },
        message: 'The colour `red` alarms everybody.',
        place: 'color',
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        related: [],
        fixes: [
          { title: 'Set the colour to green', safety: 'safe', risk: null, verify: null },
          { title: 'Call it crimson', safety: 'review', risk: 'It is still reddish.', verify: null },
        ],
        docs: 'https://github.com/hardlint/hardlint/blob/main/docs/rules/toy/red.md',
      },
    ]);
  });

  test('names a file on which a rule failed', () => {
    const report = JSON.parse(formatJson(toyReport({ 'a.toy': 'bomb: 1\n' }, { rules: [bombRule] })));
    expect(report.notAnalysed).toEqual([{ file: 'a.toy', reason: 'the rule toy/bomb failed on it' }]);
  });

  test('names only fields that the documentation describes', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/json-report.md'), 'utf8');
    const { stdout } = await runCli(['--format', 'json'], STACK, HOST);
    for (const key of keysIn(JSON.parse(stdout))) expect(page).toContain(`\`${key}\``);
  });

  test('is the same whatever the order in which files are found', async () => {
    const reversed = Object.fromEntries(Object.entries(STACK).reverse());
    const [one, other] = await Promise.all([
      runCli(['--format', 'json'], STACK),
      runCli(['--format', 'json'], reversed),
    ]);
    expect(one.stdout).toBe(other.stdout);
  });
});

describe('SARIF', () => {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats(ajv);
  const schema = readFileSync(join(import.meta.dirname, '../fixtures/sarif/sarif-schema-2.1.0.json'), 'utf8');
  const validate = ajv.compile(JSON.parse(schema));

  const logOf = async (...argv: string[]): Promise<Log> =>
    JSON.parse((await runCli(['--format', 'sarif', ...argv], STACK, HOST)).stdout);
  const runOf = (log: Log) => {
    const run = log.runs[0];
    if (!run) throw new Error('the log has no run');
    return run;
  };

  test('is valid by the schema of OASIS', async () => {
    for (const log of [
      await logOf(),
      await logOf('--profile', 'strict'),
      JSON.parse(formatSarif(toyReport({}))),
      JSON.parse(
        formatSarif(toyReport({ 'a.toy': 'bomb: 1\ncolor: red\n' }, { rules: [bombRule, redRule] })),
      ),
    ]) {
      validate(log);
      expect(validate.errors ?? []).toEqual([]);
    }
  });

  test('is not valid by it when a field is wrong', async () => {
    const log = await logOf();
    expect(validate({ ...log, version: '2.0.0' })).toBe(false);
  });

  test('has for each result what GitHub reads', async () => {
    const run = runOf(await logOf());
    expect(run.results?.length).toBeGreaterThan(5);
    for (const result of run.results ?? []) {
      expect(result.message.text).toBeTruthy();
      const { artifactLocation, region } = result.locations?.[0]?.physicalLocation ?? {};
      expect(artifactLocation).toEqual({ uri: expect.not.stringMatching(/^[/.]/), uriBaseId: '%SRCROOT%' });
      expect(region).toEqual({
        startLine: expect.any(Number),
        startColumn: expect.any(Number),
        endLine: expect.any(Number),
        endColumn: expect.any(Number),
      });
      expect(result.partialFingerprints?.primaryLocationLineHash).toMatch(/^[0-9a-f]{16}:1$/);
      expect(run.tool.driver.rules?.[result.ruleIndex ?? -1]?.id).toBe(result.ruleId);
    }
    const hashes = run.results?.map((result) => result.partialFingerprints?.primaryLocationLineHash);
    expect(new Set(hashes).size).toBe(hashes?.length);
  });

  test('encodes file names', async () => {
    const uris = runOf(await logOf()).results?.map(
      (result) => result.locations?.[0]?.physicalLocation?.artifactLocation?.uri,
    );
    expect(uris).toContain('sp%20ace/%231/compose.yaml');
  });

  test('lists all rules that are on, with precision, tags and severities', async () => {
    const listed = runOf(await logOf('--profile', 'strict')).tool.driver.rules ?? [];
    expect(listed.map((rule) => rule.id)).toEqual(expect.arrayContaining(rules.map((rule) => rule.id)));
    for (const { properties, ...rule } of listed) {
      expect(rule.shortDescription?.text).toBeTruthy();
      expect(rule.fullDescription?.text?.length).toBeLessThanOrEqual(1024);
      expect(rule.help?.text).toBeTruthy();
      expect(rule.help?.markdown).toContain(`# ${rule.id}`);
      expect(rule.helpUri).toMatch(/^https:/);
      expect(properties?.precision).toMatch(/^(?:very-high|high|medium)$/);
      expect(properties?.['problem.severity']).toMatch(/^(?:error|warning|recommendation)$/);
      expect(properties?.tags?.length).toBeLessThanOrEqual(20);
      const cwe = rules.find((known) => known.id === rule.id)?.docs.cwe ?? [];
      expect(properties?.tags?.includes('security')).toBe(cwe.length > 0);
      if (cwe.length > 0) expect(Number(properties?.['security-severity'])).toBeGreaterThan(0);
      for (const number of cwe)
        expect(properties?.tags).toContain(`external/cwe/cwe-${String(number).padStart(3, '0')}`);
    }
  });

  test('carries fixes as replacements that lead to the mended text', async () => {
    const mended = runOf(await logOf()).results?.find(
      (result) =>
        result.ruleId === 'compose/secret-world-readable' &&
        result.locations?.[0]?.physicalLocation?.artifactLocation?.uri === 'sp%20ace/%231/compose.yaml',
    );
    const [change] = mended?.fixes?.[0]?.artifactChanges ?? [];
    const lines = new Lines(SECRET_0444);
    const edits = (change?.replacements ?? []).map(({ deletedRegion: region, insertedContent }) => ({
      span: {
        start: lines.offset({ line: (region.startLine ?? 0) - 1, column: (region.startColumn ?? 0) - 1 }),
        end: lines.offset({ line: (region.endLine ?? 0) - 1, column: (region.endColumn ?? 0) - 1 }),
      },
      text: insertedContent?.text ?? '',
    }));
    expect(applyEdits(SECRET_0444, edits)).toBe(SECRET_0444.replace('0444', '0400'));
  });

  test('keeps suppressed findings, marked as such', async () => {
    const quiet = runOf(await logOf()).results?.filter((result) => result.suppressions);
    const log: Log = JSON.parse(
      formatSarif(toyReport({ 'a.toy': 'color: red # hardlint-ignore toy/red until 2027-01-31: a rose\n' })),
    );
    expect(runOf(log).results).toMatchObject([
      { ruleId: 'toy/red', suppressions: [{ kind: 'inSource', justification: 'a rose (until 2027-01-31)' }] },
    ]);
    expect(quiet?.every((result) => result.suppressions?.[0]?.kind === 'inSource')).toBe(true);
  });

  test('links related places from the message and escapes its own brackets', () => {
    const report = toyReport({ 'a.toy': 'color: red\n' });
    const [finding] = report.findings;
    if (!finding) throw new Error('the report is empty');
    const related = [{ uri: at('b.toy'), file: 'b.toy', range: finding.range, message: 'as here' }];
    const log: Log = JSON.parse(
      formatSarif({ ...report, findings: [{ ...finding, message: 'See [1].', related }] }),
    );
    expect(runOf(log).results?.[0]?.message.text).toBe('See \\[1\\]. [as here](1)');
    expect(runOf(log).results?.[0]?.relatedLocations?.[0]?.id).toBe(1);
  });

  test('says which columns are meant, where the root is, and what was not analysed', async () => {
    const run = runOf(await logOf());
    expect(run.columnKind).toBe('utf16CodeUnits');
    expect(run.originalUriBaseIds).toEqual({ '%SRCROOT%': { uri: 'file:///workspace/' } });
    expect(run.automationDetails?.id).toBe('hardlint/');
    expect(run.invocations?.[0]).toMatchObject({
      executionSuccessful: true,
      toolExecutionNotifications: [{ level: 'note', message: { text: 'Not analysed: larger than 2 MiB.' } }],
    });
  });

  test('says that a rule failed', () => {
    const log: Log = JSON.parse(formatSarif(toyReport({ 'a.toy': 'bomb: 1\n' }, { rules: [bombRule] })));
    expect(runOf(log).invocations?.[0]?.executionSuccessful).toBe(false);
    expect(JSON.stringify(log)).not.toContain('boom');
  });
});

describe('workflow commands of GitHub', () => {
  test('annotate the line, and the columns where there is one line', async () => {
    const { stdout } = await runCli(['--format', 'github', '--rule', 'compose/secret-world-readable'], {
      'compose.yaml': SECRET_0444,
    });
    expect(stdout).toMatch(
      /^::error file=compose\.yaml,line=9,endLine=9,col=15,endColumn=19,title=compose\/secret-world-readable::Secret `key`.*\nNot hardened yet: 1 high in 1 file\.\n$/,
    );
  });

  test('escape what would end them', () => {
    const report = toyReport({ 'a.toy': 'color: red\n' });
    const [finding] = report.findings;
    if (!finding) throw new Error('the report is empty');
    const range = { start: { line: 1, column: 1 }, end: { line: 3, column: 1 } };
    const evil = { ...finding, file: 'a,b:c%\n.toy', message: '100%\r\n::error::x', range };
    expect(formatGithub({ ...report, findings: [evil] }).split('\n')[0]).toBe(
      '::error file=a%2Cb%3Ac%25%0A.toy,line=1,endLine=3,title=toy/red::100%25%0D%0A::error::x',
    );
  });

  test('have three levels', () => {
    const levels = (severity: string) =>
      formatGithub(
        toyReport({ 'a.toy': 'color: red\n', '.hardlint.yaml': `rules: {toy/red: ${severity}}\n` }),
      ).split(' ')[0];
    expect(['critical', 'high', 'medium', 'low', 'info'].map(levels)).toEqual([
      '::error',
      '::error',
      '::warning',
      '::notice',
      '::notice',
    ]);
  });
});

describe('the other formats', () => {
  test('Markdown and HTML are documents', async () => {
    expect((await runCli(['--format', 'markdown'], STACK)).stdout).toMatch(
      /^# Hardening report: workspace\n/,
    );
    const html = (await runCli(['--format', 'html'], STACK)).stdout;
    expect(html).toMatch(/^<!DOCTYPE html>[\s\S]*<\/html>\n$/);
    expect(html).not.toContain('{{');
  });

  test.each(['pretty', 'json', 'sarif', 'github', 'markdown', 'html'])(
    '%s never shows the value of a secret',
    async (format) => {
      const { stdout, stderr } = await runCli(['--format', format, '--profile', 'strict'], STACK, HOST);
      expect(stdout).toMatch(/secret-in-environment|config\/secret-literal/);
      for (const secret of SECRETS) expect(stdout + stderr).not.toContain(secret);
    },
  );
});

interface Finding {
  readonly rule: string;
  readonly related: readonly unknown[];
  readonly fixes: readonly unknown[];
}

const POSITION = { line: expect.toSatisfy(isCount), column: expect.toSatisfy(isCount) };
const RANGE = { start: POSITION, end: POSITION };
const FINDING_SHAPE = {
  rule: expect.stringMatching(/^[a-z]+\/[a-z0-9-]+$/),
  title: expect.any(String),
  severity: expect.stringMatching(/^(?:critical|high|medium|low|info)$/),
  confidence: expect.stringMatching(/^(?:high|medium|low)$/),
  file: expect.stringMatching(/^[^/.]/),
  range: RANGE,
  message: expect.stringMatching(/^.{1,400}$/),
  place: expect.any(String),
  fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
  related: expect.toSatisfy((related: unknown[]) => related.every((entry) => matches(entry, RELATED_SHAPE))),
  fixes: expect.toSatisfy((fixes: unknown[]) => fixes.every((entry) => matches(entry, FIX_SHAPE))),
  docs: expect.stringMatching(/^https:\/\//),
};
const RELATED_SHAPE = { file: expect.any(String), range: RANGE, message: expect.any(String) };
const FIX_SHAPE = {
  title: expect.any(String),
  safety: expect.stringMatching(/^(?:safe|review)$/),
  risk: expect.toSatisfy(isTextOrNull),
  verify: expect.toSatisfy(isTextOrNull),
};

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1;
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

function matches(value: unknown, shape: unknown): boolean {
  expect(value).toEqual(shape);
  return true;
}

function keysIn(value: unknown): Set<string> {
  const keys = new Set<string>();
  JSON.stringify(value, (key, inner) => {
    if (key !== '' && !/^\d+$/.test(key)) keys.add(key);
    return inner;
  });
  return keys;
}
