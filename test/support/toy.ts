import * as z from 'zod';
import { defineExtractor, factKey } from '../../rules/core/facts.ts';
import { defineRule, type Rule, type RuleDocs } from '../../rules/core/rule.ts';
import { configSchema } from '../../server/engine/config-schema.ts';
import { Workspace, type WorkspaceOptions } from '../../server/engine/workspace.ts';
import type { Document, Syntax } from '../../syntaxes/document.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { parseYaml } from '../../syntaxes/yaml/parse.ts';
import { pairOf, textAt, type YamlFile } from '../../syntaxes/yaml/tree.ts';
import { ROOT } from './workspace.ts';

/*
 * A toy language and toy rules, so that the engine is tested by itself: files `*.toy` and `*.toy.yaml` hold YAML maps. The toy
 * borrows the kind `appconfig`, since kinds are a closed set.
 */

export const toySyntax: Syntax = {
  kind: 'appconfig',
  detect: (uri) => /\.toy(?:\.yaml)?$/.test(uri),
  parse: (uri, text) => {
    const { file, problems } = parseYaml(text);
    return { uri, kind: 'appconfig', text, tree: { file }, problems } as unknown as Document;
  },
};

const docs: RuleDocs = { why: 'Since it is a toy.', fix: 'Play.', references: [] };

/** What a toy file says under `name:`. */
export const nameFacts = factKey<string>('toy-name');

export const nameExtractor = defineExtractor({
  kind: 'appconfig',
  key: nameFacts,
  extract: (document) => {
    const name = textAt(root(document), 'name');
    return name === undefined ? [] : [name];
  },
});

/** `color: red` is bad; the safe fix makes it green. */
export const redRule = defineRule({
  id: 'toy/red',
  title: 'Colour is red',
  kinds: ['appconfig'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs,
  bad: [],
  good: [],
  check(document, context) {
    const value = pairOf(root(document), 'color')?.value;
    if (!value || textAt(root(document), 'color') !== 'red') return;
    context.report({
      span: value.span,
      message: 'The colour `red` alarms everybody.',
      place: 'color',
      fixes: () => [
        { title: 'Set the colour to green', safety: 'safe', edits: [{ span: value.span, text: 'green' }] },
        { title: 'Break the file', safety: 'safe', edits: [{ span: value.span, text: '"unclosed' }] },
        { title: 'Change nothing', safety: 'safe', edits: [{ span: value.span, text: 'red' }] },
        {
          title: 'Call it crimson',
          safety: 'review',
          risk: 'It is still reddish.',
          edits: [{ span: value.span, text: 'crimson' }],
        },
      ],
    });
  },
});

/** `friend: x` must be the name of another file. Counts its runs, to show what is stale. */
export function friendRule(ran: string[]): Rule {
  return defineRule({
    id: 'toy/friend',
    title: 'Friend is unknown',
    kinds: ['appconfig'],
    severity: 'low',
    confidence: 'high',
    since: '0.1.0',
    docs,
    bad: [],
    good: [],
    check(document, context) {
      ran.push(document.uri);
      const friend = pairOf(root(document), 'friend');
      if (!friend?.value) return;
      const names = context.facts.all(nameFacts);
      if (names.some(({ fact }) => fact === textAt(root(document), 'friend'))) return;
      context.report({ span: friend.value.span, message: 'Nobody has this name.', place: 'friend' });
    },
  });
}

/** `loud: n` above the limit. */
export const loudRule = defineRule({
  id: 'toy/loud',
  title: 'It is loud',
  kinds: ['appconfig'],
  severity: 'low',
  confidence: 'low',
  since: '0.1.0',
  dev: 'off',
  options: { defaults: { limit: 10 }, schema: () => z.strictObject({ limit: z.number().default(10) }) },
  docs,
  bad: [],
  good: [],
  check(document, context) {
    const loud = pairOf(root(document), 'loud');
    if (!loud?.value || Number(textAt(root(document), 'loud')) <= context.options.limit) return;
    context.report({ span: loud.key.span, message: `More than ${context.options.limit}.`, place: 'loud' });
  },
});

/** Throws where a file says `bomb:`. */
export const bombRule = defineRule({
  id: 'toy/bomb',
  title: 'There is a bomb',
  kinds: ['appconfig'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  docs,
  bad: [],
  good: [],
  check(document) {
    if (pairOf(root(document), 'bomb')) throw new Error('boom');
  },
});

/** A workspace of toys, with files by their path below `ROOT`. */
export function toyWorkspace(
  files: Readonly<Record<string, string>>,
  options: Partial<WorkspaceOptions> = {},
): Workspace {
  const rules: readonly Rule[] = options.rules ?? [redRule, friendRule([]), loudRule, bombRule];
  const workspace = new Workspace({
    syntaxes: [toySyntax],
    rules,
    extractors: [nameExtractor],
    schema: () => configSchema(rules),
    roots: [ROOT],
    profile: 'recommended',
    today: () => '2026-11-24',
    ...options,
  });
  workspace.update(Object.entries(files).map(([path, text]) => ({ uri: at(path), text })));
  return workspace;
}

/** The URI of a path below `ROOT`. */
export function at(path: string): string {
  return joinUri(ROOT, path);
}

function root(document: Document) {
  return (document.tree as unknown as { readonly file: YamlFile }).file.documents[0]?.root;
}
