/**
 * The page's looks. Inside an editor every colour is the theme's own, so that light, dark and high contrast are right by
 * themselves; elsewhere the fallbacks hold, in the colours that the browser asks for.
 */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --bg: var(--vscode-editor-background, light-dark(#ffffff, #16181d));
  --fg: var(--vscode-editor-foreground, light-dark(#1f2328, #d8dbe2));
  --dim: var(--vscode-descriptionForeground, light-dark(#59636e, #9aa3b0));
  --line: var(--vscode-contrastBorder, var(--vscode-panel-border, light-dark(#d8dde3, #2e333c)));
  --soft: var(--vscode-textBlockQuote-background, light-dark(#f6f8fa, #1d2027));
  --hover: var(--vscode-list-hoverBackground, light-dark(#f1f4f8, #22262e));
  --link: var(--vscode-textLink-foreground, light-dark(#0b62c4, #6fb1ff));
  --focus: var(--vscode-focusBorder, light-dark(#0b62c4, #6fb1ff));
  --code: var(--vscode-textPreformat-foreground, var(--fg));
  --code-bg: var(--vscode-textPreformat-background, light-dark(#eef1f4, #262a33));
  --button: var(--vscode-button-background, light-dark(#0b62c4, #2f6fc4));
  --button-fg: var(--vscode-button-foreground, #ffffff);
  --button-hover: var(--vscode-button-hoverBackground, light-dark(#08509f, #3b7dd6));
  --critical: var(--vscode-editorError-foreground, light-dark(#b3123d, #ff6b85));
  --high: var(--vscode-charts-orange, light-dark(#b8500a, #f5975a));
  --medium: var(--vscode-editorWarning-foreground, light-dark(#8a6100, #e0b64a));
  --low: var(--vscode-editorInfo-foreground, light-dark(#0b62c4, #6fb1ff));
  --info: var(--vscode-descriptionForeground, light-dark(#59636e, #9aa3b0));
  --good: var(--vscode-testing-iconPassed, light-dark(#1a7f37, #57c373));
}
* { box-sizing: border-box; }
body { margin: 0; padding: 0; background: var(--bg); color: var(--fg); font: var(--vscode-font-size, 14px)/1.5 var(--vscode-font-family, system-ui, "Segoe UI", sans-serif); }
main, footer { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
main { padding-top: 24px; }
footer { color: var(--dim); padding-top: 16px; padding-bottom: 32px; font-size: .9em; }
h1 { font-size: 1.15em; font-weight: 600; margin: 0 0 4px; color: var(--dim); }
h1 small { font-size: 1em; font-weight: 400; }
h1 small::before { content: "· "; }
h2 { font-size: 1.3em; font-weight: 600; margin: 36px 0 8px; }
h3 { font-size: 1.1em; font-weight: 600; margin: 28px 0 8px; padding-bottom: 4px; border-bottom: 1px solid var(--line); }
h4 { display: inline; font: 600 1em var(--vscode-editor-font-family, ui-monospace, Menlo, Consolas, monospace); }
p { margin: 4px 0; }
code, .at, .places { font-family: var(--vscode-editor-font-family, ui-monospace, Menlo, Consolas, monospace); font-size: .93em; }
code { color: var(--code); background: var(--code-bg); border-radius: 3px; padding: 0 4px; overflow-wrap: anywhere; }
a { color: var(--link); text-decoration: none; }
a[href]:hover { text-decoration: underline; }
.at:not([href]) { color: inherit; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.verdict { border-left: 4px solid var(--tone, var(--good)); background: var(--soft); padding: 16px 20px; border-radius: 0 6px 6px 0; }
.verdict p { font-size: 1.45em; line-height: 1.35; font-weight: 600; margin: 0; }
.critical { --tone: var(--critical); } .high { --tone: var(--high); } .medium { --tone: var(--medium); } .low { --tone: var(--low); } .info { --tone: var(--info); }
.hint, .related { color: var(--dim); }
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.numbers { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 16px 40px; margin-top: 24px; align-items: flex-start; }
.tiles { display: flex; flex-wrap: wrap; gap: 8px 28px; list-style: none; margin: 0 0 12px; padding: 0; }
.tiles li { color: var(--dim); }
.tiles b { display: block; font-size: 2.1em; line-height: 1.15; font-weight: 600; color: var(--tone); font-variant-numeric: tabular-nums; }
.tiles .zero b, .zero { color: var(--dim); opacity: .55; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; }
td, th { padding: 6px 12px 6px 0; vertical-align: top; }
tbody tr { border-top: 1px solid var(--line); }
.matrix { width: auto; }
.matrix caption { text-align: left; color: var(--dim); padding-bottom: 4px; }
.matrix td, .matrix th { padding: 2px 20px 2px 0; text-align: right; font-weight: 400; font-variant-numeric: tabular-nums; }
.matrix th[scope=row] { text-align: left; }
.matrix thead th { color: var(--dim); }
.matrix tbody tr { border: 0; }
.badge { display: inline-block; min-width: 5.9em; color: var(--tone); font-weight: 600; font-size: .93em; white-space: nowrap; }
.badge::before { content: ""; display: inline-block; width: .6em; height: .6em; border-radius: 50%; background: var(--tone); margin-right: .5em; }
.count { color: var(--dim); font-weight: 400; font-size: .9em; }
.top { padding: 0; margin: 12px 0 0; list-style: none; display: grid; gap: 8px; }
.top > li { border: 1px solid var(--line); border-radius: 6px; padding: 10px 14px; }
.top .hint code { white-space: nowrap; }
.places { list-style: none; margin: 4px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 2px 24px; }
.safe { color: var(--good); font-weight: 600; }
.review { color: var(--medium); font-weight: 600; }
.filters:not([hidden]) { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; margin: 8px 0; color: var(--dim); }
.filters input[type=search] { flex: 1 1 220px; max-width: 360px; padding: 4px 8px; font: inherit; color: var(--vscode-input-foreground, var(--fg)); background: var(--vscode-input-background, var(--bg)); border: 1px solid var(--vscode-input-border, var(--line)); border-radius: 4px; }
.filters label { white-space: nowrap; }
details { margin: 8px 0; }
summary { cursor: pointer; padding: 4px 0; overflow-wrap: anywhere; }
.findings { table-layout: fixed; }
col.severity { width: 7.6em; } col.place { width: 5.5em; } col.mend { width: 28%; }
.findings td:last-child { padding-right: 0; }
.findings td { overflow-wrap: break-word; }
.rule { font-size: .93em; }
.fix { color: var(--dim); }
button { display: none; font: inherit; font-size: .9em; color: var(--button-fg); background: var(--button); border: 1px solid var(--vscode-button-border, transparent); border-radius: 3px; padding: 1px 10px; cursor: pointer; }
button:hover { background: var(--button-hover); }
.editor button { display: inline-block; }
.editor [data-uri] { cursor: pointer; }
.editor [data-uri]:hover { background: var(--hover); }
@media (max-width: 640px) { .top .hint code { white-space: normal; } .findings td { display: block; width: auto !important; padding: 0; } .findings tr { display: block; padding: 8px 0; } .findings tr[hidden] { display: none; } }
@media print { .filters, button { display: none !important; } main, footer { max-width: none; } .top > li, tr { break-inside: avoid; } }
`;
