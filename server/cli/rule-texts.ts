import type { Rule, RuleMeta } from '../../rules/core/rule.ts';
import { defaultSetting } from '../engine/config-schema.ts';
import { docsUrl } from '../engine/docs-url.ts';
import { ENGINE_RULES } from '../engine/engine-rules.ts';
import { ruleMarkdown } from '../engine/rule-markdown.ts';
import { nearestWord } from './suggest.ts';
import { UsageError } from './usage-error.ts';

/** A rule's documentation. */
export function explain(rules: readonly Rule[], id: string): string {
  const rule = [...rules, ...ENGINE_RULES].find((candidate) => candidate.id === id);
  if (!rule) throw unknownRule(rules, id);
  return `${ruleMarkdown(rule).trimEnd()}\n`;
}

/** All rules as a table, or as JSON. */
export function listRules(rules: readonly Rule[], format: 'table' | 'json'): string {
  const entries = [...rules.map(entryOf), ...ENGINE_RULES.map(engineEntry)];
  if (format === 'json') return `${JSON.stringify(entries, null, 2)}\n`;
  const idWidth = Math.max(...entries.map((entry) => entry.rule.length));
  const settingWidth = Math.max(...entries.map((entry) => entry.default.length));
  const lines = entries.map((entry) =>
    [
      entry.rule.padEnd(idWidth),
      entry.default.padEnd(settingWidth),
      entry.fix ? 'fix' : '   ',
      entry.title,
    ].join('  '),
  );
  return `${lines.join('\n')}\n`;
}

/** Throws where one of the ids is not a rule's. */
export function checkRuleIds(rules: readonly Rule[], ids: readonly string[]): void {
  const known = new Set([...rules, ...ENGINE_RULES].map((rule) => rule.id));
  for (const id of ids) if (!known.has(id)) throw unknownRule(rules, id);
}

interface RuleEntry {
  readonly rule: string;
  readonly title: string;
  readonly severity: string;
  readonly confidence: string;
  /** What the rule is without configuration. */
  readonly default: string;
  readonly fix: boolean;
  readonly docs: string;
}

function entryOf(rule: Rule): RuleEntry {
  return {
    ...engineEntry(rule),
    default: defaultSetting(rule),
    fix: rule.bad.some((example) => example.fixed !== undefined),
  };
}

function engineEntry({ id, title, severity, confidence }: RuleMeta): RuleEntry {
  return { rule: id, title, severity, confidence, default: severity, fix: false, docs: docsUrl(id) };
}

function unknownRule(rules: readonly Rule[], id: string): UsageError {
  const near = nearestWord(
    id,
    [...rules, ...ENGINE_RULES].map((rule) => rule.id),
  );
  return new UsageError(
    `There is no rule \`${id}\`.`,
    near ? `Did you mean \`${near}\`?` : '`hardlint --list-rules` lists all of them.',
  );
}
