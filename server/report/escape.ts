const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // So that no text of a workspace can pass for one of the page's placeholders.
  '{': '&#123;',
  '}': '&#125;',
};

/** Text for an element or a quoted attribute, without control characters. */
export function escapeHtml(text: string): string {
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '\ufffd').replace(/[&<>"'{}]/g, (c) => ENTITIES[c] ?? c);
}

/** The same for a message: what stands in backticks becomes code. */
export function richText(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}
