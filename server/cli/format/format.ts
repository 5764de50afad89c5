import type { Report } from '../../engine/report.ts';
import { renderStandaloneHtml } from '../../report/html.ts';
import { renderMarkdown } from '../../report/markdown.ts';
import { formatGithub } from './github.ts';
import { formatJson } from './json.ts';
import type { FormatName } from './names.ts';
import { formatPretty, type PrettyOptions } from './pretty.ts';
import { formatSarif } from './sarif.ts';

export interface FormatOptions extends PrettyOptions {
  /** Gives something random, for the page's own style and script. */
  readonly nonce: () => string;
}

/** The report in one of the output formats. */
export function formatReport(report: Report, name: FormatName, options: FormatOptions): string {
  return FORMATS[name](report, options);
}

const FORMATS: Readonly<Record<FormatName, (report: Report, options: FormatOptions) => string>> = {
  pretty: formatPretty,
  json: formatJson,
  sarif: formatSarif,
  github: formatGithub,
  markdown: renderMarkdown,
  html: (report, { nonce }) => renderStandaloneHtml(report, nonce()),
};
