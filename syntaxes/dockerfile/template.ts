/** The first words that a Dockerfile's instructions have; anything else at a line's start may be a template's. */
const TEMPLATE_LINE = /^[ \t]*(?:\{\{|\{%|\{#|<%|%%|@@?[A-Z_]+@@?|\$\{[A-Z_]+\}[ \t]*$)/m;

/** Base images that a template fills in: `FROM {{ base }}`, `FROM %%BASE%%`, `FROM @BASE@`. */
const TEMPLATE_FROM = /^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*\S*(?:\{\{|\{%|<%|%%|@[A-Za-z_]+@|#\{)/im;

/**
 * Why a text is a template that becomes a Dockerfile only later, as a sentence; undefined for a Dockerfile.
 * `{{…}}` inside an instruction is no sign: `docker inspect --format '{{.Id}}'` is shell.
 */
export function templateReason(text: string): string | undefined {
  if (!TEMPLATE_FROM.test(text) && !TEMPLATE_LINE.test(withoutContinuedLines(text))) return undefined;
  return 'The file is a template: what it holds is known only after rendering.';
}

/** Only lines that start an instruction count: behind a continuation and inside heredocs anything may stand. */
function withoutContinuedLines(text: string): string {
  if (!/[{<%@]/.test(text)) return '';
  let continued = false;
  let heredoc: string | undefined;
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (heredoc !== undefined) {
      if (trimmed === heredoc) heredoc = undefined;
      continue;
    }
    if (!continued) lines.push(trimmed);
    if (trimmed.startsWith('#') || (continued && trimmed === '')) continue;
    continued = /[\\`]$/.test(trimmed);
    heredoc = /(?:^|\s)<<-?["']?([^\s"'<]+)/.exec(line)?.[1];
  }
  return lines.join('\n');
}
