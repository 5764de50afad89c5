/**
 * The page's own behaviour, small enough to be read in a review. Filters work everywhere; places become links only inside an
 * editor, whose extension listens for clicks on the rows.
 */
export const PAGE_SCRIPT = `
(() => {
  const root = document.documentElement;
  if (typeof acquireVsCodeApi === 'function') {
    root.classList.add('editor');
    for (const place of document.querySelectorAll('a.at')) place.href = '#';
  }
  const form = document.querySelector('.filters');
  if (!form) return;
  const search = form.querySelector('input[type=search]');
  const shown = form.querySelector('output');
  const rows = [...document.querySelectorAll('.findings tbody tr')].map((row) => [row, (row.dataset.uri + ' ' + row.dataset.rule + ' ' + row.textContent).toLowerCase()]);
  const apply = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const severities = new Set([...form.querySelectorAll('input:checked')].map((box) => box.value));
    let count = 0;
    for (const [row, text] of rows) {
      row.hidden = !severities.has(row.dataset.severity) || !words.every((word) => text.includes(word));
      if (!row.hidden) count++;
    }
    for (const group of document.querySelectorAll('.area details')) group.hidden = !group.querySelector('tbody tr:not([hidden])');
    for (const area of document.querySelectorAll('.area')) area.hidden = !area.querySelector('details:not([hidden])');
    shown.textContent = count === rows.length ? '' : count + ' of ' + rows.length;
  };
  form.hidden = false;
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
})();
`;
