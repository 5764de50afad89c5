import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest } from '../../client/manifest.ts';
import type { Span } from '../../syntaxes/document.ts';
import { DATA_BLOCKS } from '../../syntaxes/nginx/names.ts';
import { nginxSyntax } from '../../syntaxes/nginx/syntax.ts';
import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { loadRules } from '../support/all-rules.ts';
import { type Grammar, type Pattern, tokenise } from '../support/textmate.ts';

/* The grammar that colours nginx's files, held against what the parser says of the same text. */

const root = join(import.meta.dirname, '../..');
const grammar: Grammar = JSON.parse(readFileSync(join(root, 'syntaxes/nginx.tmLanguage.json'), 'utf8'));

/** `text scope` for each part of a text that has a scope, whole lines joined. */
function colours(text: string): readonly string[] {
  const scopes = tokenise(grammar, text).map((own) => own.at(-1)?.replace(/\.nginx$/, '') ?? '');
  const parts: string[] = [];
  let start = 0;
  for (let at = 1; at <= text.length; at++) {
    if (at < text.length && scopes[at] === scopes[start]) continue;
    if (scopes[start]) parts.push(`${text.slice(start, at)} ${scopes[start]}`);
    start = at;
  }
  return parts;
}

describe('the grammar', () => {
  test('is whole: every part of it is used, and its expressions are valid', () => {
    const all: Pattern[] = [];
    const visit = (pattern: Pattern): void => {
      all.push(pattern);
      pattern.patterns?.forEach(visit);
      for (const captures of [pattern.captures, pattern.beginCaptures, pattern.endCaptures])
        Object.values(captures ?? {}).forEach(visit);
    };
    [grammar, ...Object.values(grammar.repository)].forEach(visit);
    const included = all.flatMap(({ include }) => (include?.startsWith('#') ? [include.slice(1)] : []));
    expect([...new Set(included)].sort()).toEqual(Object.keys(grammar.repository).sort());
    for (const { match, begin, end } of all)
      for (const source of [match, begin, end]) if (source !== undefined) new RegExp(source);
    for (const { name } of all.slice(1)) if (name !== undefined) expect(name).toMatch(/\.nginx$/);
  });

  test.each([
    [
      'listen 443 ssl; # TLS',
      [
        'listen support.function.directive',
        '443 constant.numeric',
        'ssl constant.language',
        '; punctuation.terminator',
        '# TLS comment.line.number-sign',
      ],
    ],
    [
      'location ~* \\.(?:css|js){1,2}$ {',
      [
        'location keyword.control.block',
        '~* keyword.operator',
        '\\.(?:css|js){1,2}$ string.regexp',
        '{ punctuation.section.block.begin',
      ],
    ],
    [
      'if ($a = "b") { return 204; }',
      [
        'if keyword.control.block',
        '$a variable.other',
        '= keyword.operator',
        '"b" string.quoted.double',
        '{ punctuation.section.block.begin',
        'return support.function.directive',
        '204 constant.numeric',
        '; punctuation.terminator',
        '} punctuation.section.block.end',
      ],
    ],
    ['set x b"c\'d#e;', ['set support.function.directive', '; punctuation.terminator']],
    ['set x ${y}z;', ['set support.function.directive', '${y} variable.other', '; punctuation.terminator']],
    [
      "log_format a 'b\n  $c; {'\n  'd';",
      [
        'log_format support.function.directive',
        "'b string.quoted.single",
        '   string.quoted.single',
        '$c variable.other',
        "; {' string.quoted.single",
        "'d' string.quoted.single",
        '; punctuation.terminator',
      ],
    ],
    [
      'content_by_lua_block {\n  t = { 1 }\n}\nlisten 80;',
      [
        'content_by_lua_block keyword.control.block',
        '{ punctuation.section.block.begin',
        '  t = { 1 } meta.embedded.block.lua',
        '} punctuation.section.block.end',
        'listen support.function.directive',
        '80 constant.numeric',
        '; punctuation.terminator',
      ],
    ],
  ])('%s', (text, expected) => {
    expect(colours(text)).toEqual(expected);
  });

  test('sees names, comments and quotes where the parser does', async () => {
    const texts = (await loadRules('nginx/')).flatMap(({ bad, good }) =>
      [...bad, ...good].flatMap(({ files }) =>
        Object.entries(files).map(([path, text]) => ({ path, text: text.replaceAll(/[«»]/g, '') })),
      ),
    );
    let compared = 0;
    for (const { path, text } of texts) {
      const uri = `file:///repo/${path}`;
      if (!nginxSyntax.detect(uri, text)) continue;
      const { tree, problems } = nginxSyntax.parse(uri, text);
      if (problems.length > 0 || tree.template || text.includes('_by_lua')) continue;
      const scopes = tokenise(grammar, text);
      const has = ({ start }: Span, scope: RegExp, what: string) =>
        expect(scopes[start]?.join(' ') ?? '', `${what} in ${text}`).toMatch(scope);
      for (const span of tree.comments) has(span, /comment/, 'a comment');
      for (const { name, nameSpan, args, parent, opaque } of allDirectives(tree.root)) {
        compared++;
        if (/^[a-z]\w*$/.test(name) && !opaque && !DATA_BLOCKS.has(parent.owner?.name ?? ''))
          has(nameSpan, /support\.function|keyword\.control/, name);
        for (const arg of args) if (arg.quote) has(arg.span, /string\.quoted/, arg.value);
      }
    }
    expect(compared).toBeGreaterThan(1000);
  });
});

test('the language takes no `*.conf` from others', () => {
  const [language] = manifest.contributes.languages;
  expect(manifest.contributes.languages).toHaveLength(1);
  expect([language?.id, language?.filenames, language?.extensions]).toEqual([
    'nginx',
    ['nginx.conf'],
    ['.nginx'],
  ]);
  const [contributed] = manifest.contributes.grammars;
  expect(contributed?.scopeName).toBe(grammar.scopeName);
  for (const path of [contributed?.path, language?.configuration])
    expect(() => JSON.parse(readFileSync(join(root, path ?? ''), 'utf8'))).not.toThrow();
  expect(readFileSync(join(root, '.vscodeignore'), 'utf8')).toContain('!syntaxes/*.json');
});
