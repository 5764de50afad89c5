import { type Hover, MarkupKind } from 'vscode-languageserver';
import type { Rule, RuleMeta } from '../../rules/core/rule.ts';
import type { Span } from '../../syntaxes/document.ts';
import { lineEndAt, lineStartAt } from '../../syntaxes/lines.ts';
import { normaliseUri } from '../../syntaxes/uri.ts';
import { docsUrl } from '../engine/docs-url.ts';
import { ENGINE_RULES } from '../engine/engine-rules.ts';
import type { Finding } from '../engine/finding.ts';
import { ruleHoverMarkdown } from '../engine/rule-markdown.ts';
import { EXPLAIN_COMMAND } from './client-features.ts';
import { type Context, guarded } from './context.ts';
import type { Session } from './session.ts';
import { toOffset, toRange } from './to-lsp.ts';

/** How many findings at one place are explained in full; the others are named. */
const MAX_EXPLAINED = 3;

/** Explains the findings below the pointer, and rules that a comment or the configuration names. All of it is in the program. */
export function registerHover(context: Context): void {
  const { connection, session, client } = context;
  connection.onHover((params) =>
    guarded<Hover | null>(context, 'Hover', null, () => {
      const uri = normaliseUri(params.textDocument.uri);
      const lines = session.linesOf(uri);
      const found = explain(context, uri, toOffset(lines, params.position));
      if (!found) return null;
      const kind = client.markdownHover ? MarkupKind.Markdown : MarkupKind.PlainText;
      return { contents: { kind, value: found.text }, range: toRange(lines, found.span) };
    }),
  );
}

/** A rule by its id, the engine's own checks among them. */
export function ruleById(session: Session, id: string): Rule | RuleMeta | undefined {
  return [...session.workspace.rules, ...ENGINE_RULES].find((rule) => rule.id === id);
}

interface Explanation {
  readonly span: Span;
  readonly text: string;
}

function explain(context: Context, uri: string, offset: number): Explanation | undefined {
  const { session } = context;
  const findings = session
    .check(uri)
    .findings.filter(({ span }) => span.start <= offset && offset <= Math.max(span.end, span.start + 1));
  const [first] = findings;
  if (first) return { span: first.span, text: findingsText(context, findings) };
  return explainRuleName(session, uri, offset);
}

function findingsText(context: Context, findings: readonly Finding[]): string {
  // One example says enough; several would fill the screen.
  const explained = findings
    .slice(0, MAX_EXPLAINED)
    .map((finding, index) => findingText(context, finding, index === 0 ? 'example' : 'no example'));
  const named = findings
    .slice(MAX_EXPLAINED)
    .map(({ rule, message }) => `- ${message} ([${rule}](${docsUrl(rule)}))`);
  const rest = named.length > 0 ? [`Also here:\n\n${named.join('\n')}`] : [];
  return [...explained, ...rest].join('\n\n---\n\n');
}

function findingText(
  { session, client }: Context,
  { rule, message }: Finding,
  example: 'example' | 'no example',
): string {
  const meta = ruleById(session, rule);
  if (!meta) return message;
  const command = `command:${EXPLAIN_COMMAND}?${encodeURIComponent(JSON.stringify([rule]))}`;
  const more = client.markdownHover && client.commands.has(EXPLAIN_COMMAND) ? ` · [Explain](${command})` : '';
  return `${message}\n\n${ruleHoverMarkdown(meta, example).trim()}${more}`;
}

/** A rule's id in a comment `hardlint-ignore …` or in a configuration file. */
function explainRuleName(session: Session, uri: string, offset: number): Explanation | undefined {
  const text = session.workspace.textOf(uri);
  if (text === undefined) return undefined;
  const start = lineStartAt(text, offset);
  const line = text.slice(start, lineEndAt(text, offset));
  const isConfig = session.workspace.isAnalysed(uri) && session.workspace.document(uri) === undefined;
  if (!isConfig && !line.includes('hardlint-ignore')) return undefined;
  for (const match of line.matchAll(/[a-z][\w-]*\/[\w-]+/g)) {
    const span = { start: start + match.index, end: start + match.index + match[0].length };
    const rule = ruleById(session, match[0]);
    if (rule && span.start <= offset && offset <= span.end)
      return { span, text: ruleHoverMarkdown(rule).trim() };
  }
  return undefined;
}
