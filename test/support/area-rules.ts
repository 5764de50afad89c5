import { defineRule, type Fix, type Rule } from '../../rules/core/rule.ts';
import type { Kind, Span } from '../../syntaxes/document.ts';
import { dirname, joinUri } from '../../syntaxes/uri.ts';

/* Toy rules over real kinds of file: what they find are words in capitals, so that a text shows what is found in it. */

const common = {
  kinds: ['compose', 'dockerfile', 'nginx'] as readonly Kind[],
  confidence: 'high',
  since: '0.1.0',
  docs: { why: 'It shows.', fix: 'Mend it.', references: [] },
  bad: [],
  good: [],
} as const;

function wordRule(
  id: string,
  severity: Rule['severity'],
  word: RegExp,
  fix?: (span: Span, word: string) => Fix,
): Rule {
  return defineRule({
    ...common,
    id,
    title: id,
    severity,
    check({ text }, context) {
      for (const match of text.matchAll(word)) {
        const span = { start: match.index, end: match.index + match[0].length };
        context.report({
          span,
          message: `It says ${match[0]}.`,
          place: `${match[0]}`,
          ...(/LACK/.test(match[0]) && {
            rollup: { key: 'server', noun: 'server', subject: 'The server', item: match[0] },
          }),
          ...(fix && { fixes: () => [fix(span, match[0])] }),
        });
      }
    },
  });
}

const safe = (span: Span, word: string): Fix => ({
  title: `Mend ${word}`,
  safety: 'safe',
  edits: [{ span, text: word.toLowerCase() }],
});

/** Turns odd into even, which works once in a file. */
const evenFix = (span: Span, word: string): Fix => ({
  title: `Even ${word}`,
  safety: 'safe',
  edits: [{ span, text: 'even' }],
});

const riskyFix = (span: Span, word: string): Fix => ({
  ...safe(span, word),
  safety: 'review',
  risk: 'It may bite.',
  verify: 'toy check',
});

/** A Dockerfile without a `.dockerignore` beside it. The fix changes the Dockerfile too where it says MARK. */
const noIgnoreRule = defineRule({
  ...common,
  id: 'area/no-ignore',
  title: 'No .dockerignore',
  severity: 'low',
  check({ uri, text }, context) {
    const ignore = joinUri(dirname(uri), '.dockerignore');
    const start = text.indexOf('COPY . .');
    if (start < 0 || context.facts.exists(ignore)) return;
    const mark = text.indexOf('MARK');
    context.report({
      span: { start, end: start + 'COPY . .'.length },
      message: 'Everything is copied.',
      place: 'COPY',
      fixes: () => [
        {
          title: 'Write a .dockerignore',
          safety: 'review',
          risk: 'The build may need what it passes over.',
          verify: 'docker build .',
          edits: [
            { uri: ignore, span: { start: 0, end: 0 }, text: '.git\n' },
            { uri: ignore, span: { start: 0, end: 0 }, text: '.env\n' },
            ...(mark < 0 ? [] : [{ span: { start: mark, end: mark + 4 }, text: 'mark' }]),
          ],
        },
      ],
    });
  },
});

/** The same with a text that nobody reads, asked for by a glob. */
const noNotesRule = defineRule({
  ...common,
  id: 'area/no-notes',
  title: 'No notes',
  severity: 'low',
  check({ uri, text }, context) {
    const start = text.indexOf('NOTES');
    if (start < 0 || context.facts.glob(dirname(uri), 'docs/*.txt').length > 0) return;
    context.report({
      span: { start, end: start + 5 },
      message: 'There are no notes.',
      place: 'notes',
      fixes: () => [
        {
          title: 'Write notes',
          safety: 'safe',
          edits: [
            { uri: joinUri(dirname(uri), 'docs/notes.txt'), span: { start: 0, end: 0 }, text: 'Notes\n' },
          ],
        },
      ],
    });
  },
});

export const areaRules: readonly Rule[] = [
  wordRule('area/bad', 'medium', /\bBAD\d?\b/g, safe),
  wordRule('area/risky', 'high', /\bRISKY\d?\b/g, riskyFix),
  wordRule('area/stuck', 'high', /\bSTUCK\d?\b/g),
  wordRule('area/odd', 'low', /\bODD\d?\b/g, evenFix),
  wordRule('area/twice', 'low', /\beven\b(?=[\s\S]*\beven\b)/g),
  wordRule('area/lack', 'low', /\bLACK\d?\b/g, safe),
  noIgnoreRule,
  noNotesRule,
];
