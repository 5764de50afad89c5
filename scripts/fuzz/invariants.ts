import { contains, type Document, type Span } from '../../syntaxes/document.ts';
import { Lexer } from '../../syntaxes/nginx/lexer.ts';
import { nginxSyntax } from '../../syntaxes/nginx/syntax.ts';
import { maskTemplate } from '../../syntaxes/nginx/template.ts';
import type { NginxBlock, NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { referenceStatements } from './reference.ts';

/** What is wrong with how a text is read, as sentences; empty where nothing is. Whatever is thrown is the caller's. */
export function flawsOf(uri: string, text: string): readonly string[] {
  nginxSyntax.detect(uri, text);
  const document = nginxSyntax.parse(uri, text);
  if (document.notAnalysed) return [];
  return [
    ...flawsOfTokens(uri, text),
    ...flawsOfBlock(document.tree.root, document),
    ...flawsOfCover(document, maskTemplate(uri, text).text),
    ...flawsOfProblems(document),
    ...flawsByReference(document),
  ];
}

/** Tokens and the gaps between them make up the text, and there is nothing in the gaps that nginx would read. */
function flawsOfTokens(uri: string, text: string): readonly string[] {
  const masked = maskTemplate(uri, text);
  if (masked.text.length !== text.length) return ['masking changes the length'];
  const lexer = new Lexer(masked.text, masked.masks, []);
  let rebuilt = '';
  for (let token = lexer.next(), seen = 0; ; token = lexer.next(), seen++) {
    const start = token.type === 'word' ? token.span.start : token.start;
    const end = token.type === 'word' ? token.span.end : start + (token.type === 'end' ? 0 : 1);
    if (start < rebuilt.length || end > text.length || (end === start && token.type !== 'end'))
      return [`a token at ${start}-${end} stands before ${rebuilt.length} or is empty`];
    const gap = masked.text.slice(rebuilt.length, start);
    if (!/^\uFEFF?(?:[ \t\r\n]|#[^\n]*(?:\n|$))*$/.test(gap)) return [`a gap holds ${JSON.stringify(gap)}`];
    if (token.type !== 'word' && token.type !== 'end' && masked.text.charAt(start) !== token.type)
      return [`no ${token.type} stands at ${start}`];
    rebuilt += text.slice(rebuilt.length, start) + text.slice(start, end);
    if (token.type === 'end') return rebuilt === text ? [] : ['the tokens do not make up the text'];
    if (seen > text.length) return ['the tokens do not end'];
  }
}

/** Spans lie in each other and in order. */
function flawsOfBlock(block: NginxBlock, { text }: Document<'nginx'>): readonly string[] {
  const flaws: string[] = [];
  const whole = { start: 0, end: text.length };
  const visit = (at: NginxBlock): void => {
    let end = at.inner.start;
    for (const directive of at.directives) {
      if (directive.parent !== at) flaws.push(`${directive.name} has another parent`);
      if (!contains(at.inner, directive.span) || directive.span.start < end)
        flaws.push(`${where(directive)} does not lie in its block, behind ${end}`);
      end = directive.span.end;
      flaws.push(...flawsOfDirective(directive));
      if (directive.block) visit(directive.block);
    }
  };
  if (!contains(whole, block.span)) flaws.push('the root is larger than the text');
  visit(block);
  return flaws;
}

function flawsOfDirective(directive: NginxDirective): readonly string[] {
  const { nameSpan, args, span, block } = directive;
  const flaws: string[] = [];
  let end = span.start;
  for (const word of [nameSpan, ...args.map((arg) => arg.span)]) {
    if (!contains(span, word) || word.start < end || word.end < word.start)
      flaws.push(`a word of ${where(directive)} lies at ${word.start}-${word.end}`);
    end = word.end;
  }
  if (block && (!contains(span, block.span) || !contains(block.span, block.inner) || block.span.start < end))
    flaws.push(`the block of ${where(directive)} lies at ${block.span.start}-${block.span.end}`);
  if (block && block.owner !== directive) flaws.push(`the block of ${where(directive)} has another owner`);
  return flaws;
}

function where({ name, span }: NginxDirective): string {
  return `${JSON.stringify(name.slice(0, 30))} at ${span.start}-${span.end}`;
}

/** Every character is in a word of the tree, in a comment or in Lua, or it is white space, `;` or a brace. */
function flawsOfCover({ tree, text }: Document<'nginx'>, masked: string): readonly string[] {
  const leaves: Span[] = [...tree.comments];
  const visit = (block: NginxBlock): void => {
    if (block.lua) leaves.push(block.inner);
    for (const directive of block.directives) {
      leaves.push(directive.nameSpan, ...directive.args.map((arg) => arg.span));
      if (directive.block) visit(directive.block);
    }
  };
  visit(tree.root);
  leaves.sort((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  let rebuilt = '';
  for (const { start, end } of [...leaves, { start: text.length, end: text.length }]) {
    if (start < at) return [`two leaves overlap at ${start}`];
    if (/[^\s;{}\uFEFF]/.test(masked.slice(at, start)))
      return [`nothing has ${JSON.stringify(text.slice(at, start))}`];
    rebuilt += text.slice(at, start) + text.slice(start, end);
    at = end;
  }
  return rebuilt === text ? [] : ['the leaves do not make up the text'];
}

function flawsOfProblems({ problems, text }: Document<'nginx'>): readonly string[] {
  const whole = { start: 0, end: text.length };
  return problems
    .filter(({ span, message }) => !contains(whole, span) || span.end < span.start || message.length > 200)
    .map(({ span, message }) => `a problem at ${span.start}-${span.end}: ${message}`);
}

/** What nginx can read is read as nginx reads it, and has no problem. */
function flawsByReference({ text, tree, problems }: Document<'nginx'>): readonly string[] {
  // These are read in a better way than nginx does: Lua, templates, quantifiers without quotes, placeholders for lines.
  if (tree.template || /_by_lua_block|\{\d|^\uFEFF/.test(text)) return [];
  if (problems.some(({ message }) => /is not ended by|is not closed before/.test(message))) return [];
  const expected = referenceStatements(text);
  if (!expected) return [];
  const found: string[] = [];
  let hasPlaceholder = false;
  const visit = (block: NginxBlock): void => {
    for (const { name, args, block: inner, opaque } of block.directives) {
      if (opaque) hasPlaceholder = true;
      found.push(JSON.stringify([name, ...args.map((arg) => arg.value), inner ? '{' : ';']));
      if (!inner) continue;
      visit(inner);
      found.push('}');
    }
  };
  visit(tree.root);
  if (hasPlaceholder) return [];
  if (problems.length > 0) return [`nginx reads it, but: ${problems[0]?.message}`];
  const index = expected.findIndex((statement, i) => statement !== found[i]);
  if (index < 0 && expected.length === found.length) return [];
  return [`nginx reads ${expected[index]}, the parser ${found[index]}`];
}
