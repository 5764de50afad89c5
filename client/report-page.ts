import { randomBytes } from 'node:crypto';

/** The page for a webview: with VS Code's colours, and with a script that tells the extension what is clicked. */
export function webviewPage(html: string): string {
  const nonce = newNonce();
  return fillIn(html, nonce).replace(
    '</body>',
    () => `<script nonce="${nonce}">${PAGE_SCRIPT}</script></body>`,
  );
}

/** The page as a file by itself. */
export function standalonePage(html: string): string {
  return fillIn(html, newNonce());
}

function fillIn(html: string, nonce: string): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return html.replaceAll('{{nonce}}', nonce).replaceAll('{{csp}}', policy);
}

function newNonce(): string {
  return randomBytes(16).toString('base64url');
}

/**
 * A row opens its place on a click or Enter, its button asks for the fix. Where the page was scrolled to survives a refresh, which
 * loads the page anew.
 */
const PAGE_SCRIPT = `
  const vscode = acquireVsCodeApi();
  const state = vscode.getState();
  if (state) scrollTo(0, state.scroll);
  addEventListener('scroll', () => vscode.setState({ scroll: scrollY }), { passive: true });
  addEventListener('click', act);
  addEventListener('keydown', (event) => { if (event.key === 'Enter' && event.target.matches('[data-uri]')) act(event); });

  function act(event) {
    const row = event.target.closest('[data-uri]');
    if (!row || event.target.closest('a[href^="http"]')) return;
    event.preventDefault();
    const { uri, rule, place, line, column } = row.dataset;
    const fix = event.target.closest('[data-action="fix"]');
    vscode.postMessage(fix ? { type: 'fix', uri, rule, place } : { type: 'open', uri, line: Number(line), column: Number(column) });
  }
`;
