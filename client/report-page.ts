import { randomBytes } from 'node:crypto';

/** The page for a webview: with VS Code's colours, and with a script that tells the extension what is clicked. */
export function webviewPage(html: string): string {
  const nonce = newNonce();
  return fillIn(html, nonce).replace(
    '</body>',
    () => `<script nonce="${nonce}">${PAGE_SCRIPT}</script></body>`,
  );
}

/** The page as a file by itself. It names files below the folders, so that it tells nothing of the machine. */
export function standalonePage(html: string, folders: readonly string[]): string {
  const relative = folders.reduce(
    (page, folder) => page.replaceAll(`data-uri="${folder}/`, 'data-uri="'),
    html,
  );
  return fillIn(relative, newNonce());
}

function fillIn(html: string, nonce: string): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return html.replaceAll('{{nonce}}', nonce).replaceAll('{{csp}}', policy);
}

function newNonce(): string {
  return randomBytes(16).toString('base64url');
}

/**
 * A click into a row opens its place, its button asks for the fix, and the rule's name for what is known of it without a network.
 * Where the page was scrolled to survives a refresh, which loads the page anew.
 */
const PAGE_SCRIPT = `
  const vscode = acquireVsCodeApi();
  const state = vscode.getState();
  if (state) scrollTo(0, state.scroll);
  addEventListener('scroll', () => vscode.setState({ scroll: scrollY }), { passive: true });
  addEventListener('click', (event) => {
    const row = event.target.closest('[data-uri]');
    if (!row) return;
    event.preventDefault();
    const { uri, rule, place, line, column } = row.dataset;
    if (event.target.closest('[data-action="fix"]')) vscode.postMessage({ type: 'fix', uri, rule, place });
    else if (event.target.closest('a.rule')) vscode.postMessage({ type: 'explain', rule });
    else if (getSelection().isCollapsed) vscode.postMessage({ type: 'open', uri, line: Number(line), column: Number(column) });
  });
`;
