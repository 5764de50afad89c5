import type { Document } from '../../syntaxes/document.ts';
import type { PromqlMatcher } from '../../syntaxes/promql/tree.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import {
  isLiteral,
  literalEdit,
  matchesEverything,
  patternMatchers,
  withoutAnchors,
} from './shared/matchers.ts';

export const rule = defineRule({
  id: 'promql/regex-anchors',
  title: 'Pattern with anchors that are there anyway',
  kinds: ['prometheus-rules'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  mentions: /[=!]~/,
  docs: {
    why: `Prometheus matches patterns against the whole value, as if \`^\` and \`$\` stood around them. Written out they suggest that patterns without
them would search in the text, and the next one is written that way.`,
    fix: 'Leave `^` and `$` at the ends out.',
    falsePositives: 'Anchors inside of a pattern are left alone.',
    references: ['https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors'],
  },
  bad: [
    {
      name: 'both ends',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum(up{job=~«"^(api|web)$"»})
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: sum(up{job=~"(api|web)"})
`,
    },
    {
      name: 'what is left is a plain text',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: "sum(up{job!~«\\"^api$\\"»})"
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: "sum(up{job!=\\"api\\"})"
`,
    },
    {
      name: 'one end',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: 'sum(up{instance=~«\`.+:9100$\`», path=~«"^/api/.*"»})'
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: 'sum(up{instance=~\`.+:9100\`, path=~"^/api/.*"})'
`,
    },
  ],
  good: [
    {
      name: 'without anchors, a dollar that is a character',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: x{a=~"b.*", c=~"d\\\\$", e=~"f[$]", g=~"[^h]+", i="^j$"}
`,
      },
    },
    {
      name: 'inside of a pattern, and what matches everything',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: x{a=~"(^b|c$)", d=~"^.*$"}
`,
      },
    },
  ],
  check(document, context) {
    for (const { expression, matcher } of patternMatchers(document)) {
      const { value } = matcher;
      if (withoutAnchors(value) === value || matchesEverything(value)) continue;
      context.report({
        span: matcher.valueSpan,
        message: 'Prometheus matches the whole value, as if these anchors were there.',
        place: `${expression.rule.place}.expr.${matcher.label}`,
        fixes: () => [anchorsFix(document, matcher)],
      });
    }
  },
});

function anchorsFix(document: Document, matcher: PromqlMatcher): Fix | undefined {
  const { value, valueSpan } = matcher;
  const written = document.text.slice(valueSpan.start, valueSpan.end);
  const start = /^\\?["'`](?=\^)/.exec(written)?.[0].length;
  const end = /\$(?=\\?["'`]$)/.exec(written)?.index;
  const rest = withoutAnchors(value);
  const edits: Edit[] = [];
  const remove = (at: number | undefined) => {
    if (at === undefined) return;
    edits.push({ span: { start: valueSpan.start + at, end: valueSpan.start + at + 1 }, text: '' });
  };
  if (value.startsWith('^')) remove(start);
  if (rest.length + (value.startsWith('^') ? 1 : 0) < value.length) remove(end);
  if (edits.length !== value.length - rest.length) return undefined;
  const literal = isLiteral(rest) ? literalEdit(document, matcher) : undefined;
  if (isLiteral(rest) && !literal) return undefined;
  return {
    title: literal ? 'Compare with the plain text' : 'Remove the anchors',
    safety: 'safe',
    edits: literal ? [literal, ...edits] : edits,
    verify: 'promtool check rules',
  };
}
