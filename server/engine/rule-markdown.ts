import type { BadExample, ExampleFiles, Rule, RuleDocs, RuleMeta } from '../../rules/core/rule.ts';
import { defaultSetting } from './config-schema.ts';
import { docsUrl } from './docs-url.ts';

/** How many lines of an example a hover shows. */
const HOVER_LINES = 14;

/** A rule's documentation page: what the docs folder, `--explain` and the editor's "Explain" show. */
export function ruleMarkdown(rule: RuleMeta | Rule): string {
  return joinBlocks([
    `# ${rule.id}`,
    `**${rule.title}.**`,
    factsOf(rule),
    '## Why',
    rule.docs.why,
    '## How to mend it',
    rule.docs.fix,
    ...section('## Where it does not apply', rule.docs.falsePositives),
    ...('bad' in rule ? exampleBlocks(rule) : []),
    ...section('## References', bulletList(referencesOf(rule.docs))),
  ]);
}

/** The same in short, for a hover: what, why, fix, false positives and, unless it is left out, one example. */
export function ruleHoverMarkdown(
  rule: RuleMeta | Rule,
  example: 'example' | 'no example' = 'example',
): string {
  const [cwe] = cweLinks(rule.docs);
  const links = [...(cwe ? [cwe] : []), `[${rule.id}](${docsUrl(rule.id)})`];
  return joinBlocks([
    `**${rule.title}** (${rule.severity}, confidence ${rule.confidence})`,
    rule.docs.why,
    `**Fix:** ${rule.docs.fix}`,
    ...section('**Where it does not apply:**', rule.docs.falsePositives, ' '),
    ...('bad' in rule && example === 'example' ? hoverExample(rule) : []),
    links.join(' · '),
  ]);
}

function factsOf(rule: RuleMeta | Rule): string {
  const facts: readonly (readonly [string, string])[] = [
    ['Severity', 'bad' in rule ? defaultSetting(rule) : rule.severity],
    ['Confidence', rule.confidence],
    ...('bad' in rule ? ([['Files', rule.kinds.map((kind) => KIND_NAMES[kind]).join(', ')]] as const) : []),
    ...('bad' in rule && rule.dev === 'off' ? ([['Development files', 'not reported']] as const) : []),
    ...('bad' in rule ? ([['Fix', fixFact(rule)]] as const) : []),
    ['Since', rule.since],
  ];
  return ['| | |', '| --- | --- |', ...facts.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}

const KIND_NAMES: Readonly<Record<Rule['kinds'][number], string>> = {
  compose: 'Compose',
  dockerfile: 'Dockerfile',
  nginx: 'nginx',
  'prometheus-config': 'Prometheus configuration',
  'prometheus-rules': 'Prometheus rules',
  alertmanager: 'Alertmanager configuration',
  grafana: 'Grafana provisioning',
  appconfig: 'Application configuration',
  script: 'TypeScript and JavaScript',
  dotenv: 'environment files',
  ignore: 'ignore files',
  shell: 'shell scripts',
};

function fixFact(rule: Rule): string {
  return rule.bad.some((example) => example.fixed !== undefined) ? 'offered' : 'by hand';
}

function exampleBlocks(rule: Rule): string[] {
  const reported = rule.bad.flatMap((example) => [
    `### ${capitalised(example.name)}`,
    ...fileBlocks(example.files, 'first'),
    ...mendedBlocks(example),
  ]);
  return [
    ...(reported.length > 0 ? ['## Reported', ...reported] : []),
    ...section('## Not reported', bulletList(rule.good.map((example) => capitalised(example.name)))),
  ];
}

function mendedBlocks(example: BadExample): string[] {
  const { fixed } = example;
  if (fixed === undefined) return [];
  if (typeof fixed !== 'string') return ['Mended:', ...fileBlocks(fixed, 'all')];
  const [path = ''] = Object.keys(example.files);
  return ['Mended:', fence(path, fixed)];
}

/** Files of an example; the name of the first says nothing when it is the only one. */
function fileBlocks(files: ExampleFiles, named: 'first' | 'all'): string[] {
  const entries = Object.entries(files);
  return entries.flatMap(([path, text], index) => [
    ...(entries.length > 1 || (named === 'all' && index > 0) ? [`\`${path}\`:`] : []),
    fence(path, unmarked(text)),
  ]);
}

function hoverExample(rule: Rule): string[] {
  const example = rule.bad[0];
  const [path = '', text = ''] = Object.entries(example?.files ?? {})[0] ?? [];
  if (!example || text === '') return [];
  const line = Math.max(text.slice(0, text.indexOf('«')).split('\n').length - 1, 0);
  const before = excerpt(unmarked(text), line);
  const after = typeof example.fixed === 'string' ? excerpt(example.fixed, line) : undefined;
  return ['Before:', fence(path, before), ...(after === undefined ? [] : ['After:', fence(path, after)])];
}

/** Some lines around one line, 0-based; the whole text where it is short. */
function excerpt(text: string, line: number): string {
  const lines = text.replace(/\s+$/, '').split(/\r?\n/);
  if (lines.length <= HOVER_LINES) return lines.join('\n');
  const start = Math.max(Math.min(line - Math.floor(HOVER_LINES / 2), lines.length - HOVER_LINES), 0);
  return lines.slice(start, start + HOVER_LINES).join('\n');
}

/** A text without the marks around what is reported. */
function unmarked(text: string): string {
  return text.replace(/[«»]/g, '');
}

function fence(path: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}${languageOf(path)}\n${text.replace(/\n+$/, '')}\n${ticks}`;
}

function languageOf(path: string): string {
  if (/\.ya?ml$/i.test(path)) return 'yaml';
  if (/(?:dockerfile|containerfile)/i.test(path)) return 'dockerfile';
  if (/\.[cm]?[jt]sx?$/i.test(path)) return 'typescript';
  return /\.conf|nginx|\.template$/i.test(path) ? 'nginx' : '';
}

function referencesOf(docs: RuleDocs): string[] {
  return [...cweLinks(docs), ...(docs.controls ?? []), ...docs.references.map((url) => `<${url}>`)];
}

function cweLinks(docs: RuleDocs): string[] {
  return (docs.cwe ?? []).map((id) => `[CWE-${id}](https://cwe.mitre.org/data/definitions/${id}.html)`);
}

function bulletList(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : items.map((item) => `- ${item}`).join('\n');
}

function section(heading: string, body: string | undefined, between = '\n\n'): string[] {
  return body === undefined ? [] : [heading + between + body];
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function joinBlocks(blocks: readonly string[]): string {
  return `${blocks.map((block) => block.trim()).join('\n\n')}\n`;
}
