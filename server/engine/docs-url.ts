/** Where the generated documentation pages are published. */
const DOCS_BASE = 'https://github.com/hardlint/hardlint/blob/main/docs/rules/';

/** The page that explains a rule; nothing is ever fetched from it, editors only show the link. */
export function docsUrl(rule: string): string {
  return `${DOCS_BASE}${rule}.md`;
}
