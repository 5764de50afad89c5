import { defineExtractor, factKey } from '../../rules/core/facts.ts';
import { defineRule, type Rule, type Safety, type Severity } from '../../rules/core/rule.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { asMap, pairOf, textAt, type YamlFile, type YamlPair } from '../../syntaxes/yaml/tree.ts';
import { nameExtractor, redRule } from './toy.ts';

/* Toy rules that show what an editor is told: findings that other files cause, and findings that are rolled up. */

const docs = { why: 'It shows.', fix: 'Mend it.', falsePositives: 'Toys.', cwe: [732], references: [] };
const common = { kinds: ['appconfig'], confidence: 'high', since: '0.1.0', docs, good: [] } as const;

interface Shared {
  readonly secret: string;
  readonly span: Span;
}

const sharedFacts = factKey<Shared>('toy-shared');

const sharedExtractor = defineExtractor({
  kind: 'appconfig',
  key: sharedFacts,
  extract: (document) => {
    const pair = pairOf(root(document), 'secret');
    return pair?.value ? [{ secret: textAt(root(document), 'secret') ?? '', span: pair.value.span }] : [];
  },
});

/** `secret: x` that stands in another file too; mending it changes both. */
const sharedRule = defineRule({
  ...common,
  id: 'toy/shared',
  title: 'Secret is shared',
  severity: 'critical',
  bad: [],
  check(document, context) {
    const pair = pairOf(root(document), 'secret');
    if (!pair?.value) return;
    const { span } = pair.value;
    const secret = textAt(root(document), 'secret');
    const other = context.facts
      .all(sharedFacts)
      .find(({ uri, fact }) => uri !== document.uri && fact.secret === secret);
    if (!other) return;
    context.report({
      span,
      message: 'The same secret stands in another file.',
      place: 'secret',
      related: [{ uri: other.uri, span: other.fact.span, message: 'Here too.' }],
      fixes: () => [
        {
          title: 'Give both files a secret of their own',
          safety: 'review',
          risk: 'Programs that use the old secret are locked out until they are told. That may take long.',
          verify: 'toy check',
          edits: [
            { span, text: 'mine' },
            { uri: other.uri, span: other.fact.span, text: 'yours' },
          ],
        },
      ],
    });
  },
});

/** `service:` without a key. Adding it is one edit at the end of the map. */
function missingRule(item: string, severity: Severity, safety: Safety): Rule {
  return defineRule({
    ...common,
    id: `toy/no-${item}`,
    title: `Service has no ${item}`,
    severity,
    bad: [],
    check(document, context) {
      const service = pairOf(root(document), 'service');
      const map = asMap(service?.value);
      const last = map?.pairs.at(-1);
      if (!service || !map || !last || pairOf(map, item)) return;
      const at = endOf(last);
      context.report({
        span: service.key.span,
        message: `The service has no \`${item}\`.`,
        place: `service.${item}`,
        rollup: { key: 'service', noun: 'service', subject: '`service`', item },
        fixes: () => [
          {
            title: `Add ${item}`,
            safety,
            ...(safety === 'review' && { risk: `The service may not work with ${item}.` }),
            edits: [{ span: { start: at, end: at }, text: `\n  ${item}: yes` }],
          },
        ],
      });
    },
  });
}

/** The word SHOUT, wherever it stands. */
const shoutRule = defineRule({
  ...common,
  id: 'toy/shout',
  title: 'Somebody shouts',
  severity: 'info',
  bad: [],
  check(document, context) {
    const start = document.text.indexOf('SHOUT');
    if (start < 0) return;
    context.report({ span: { start, end: start + 5 }, message: 'Somebody shouts.', place: 'shout' });
  },
});

/** Each `BAD`, with a safe fix. */
export const manyRule = defineRule({
  ...common,
  id: 'toy/many',
  title: 'Something is bad',
  severity: 'low',
  bad: [],
  check(document, context) {
    for (const match of document.text.matchAll(/(?<=(\w): )BAD/g)) {
      const span = { start: match.index, end: match.index + 3 };
      context.report({
        span,
        message: 'This is bad.',
        place: `${match[1]}`,
        fixes: () => [{ title: 'Say fine', safety: 'safe', edits: [{ span, text: 'fine' }] }],
      });
    }
  },
});

export const lspRules: readonly Rule[] = [
  redRule,
  shoutRule,
  sharedRule,
  missingRule('belt', 'low', 'safe'),
  missingRule('braces', 'medium', 'review'),
  missingRule('helmet', 'low', 'safe'),
];

export const lspExtractors = [nameExtractor, sharedExtractor];

function endOf(pair: YamlPair): number {
  return (pair.value ?? pair.key).span.end;
}

function root(document: Document) {
  return (document.tree as unknown as { readonly file: YamlFile }).file.documents[0]?.root;
}
