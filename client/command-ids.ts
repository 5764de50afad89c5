/** Ids of the commands, as the manifest, the code and the server's code actions name them. */
export const COMMANDS = {
  showReport: 'hardlint.showReport',
  refreshReport: 'hardlint.refreshReport',
  copyReportAsMarkdown: 'hardlint.copyReportAsMarkdown',
  saveReportAsHtml: 'hardlint.saveReportAsHtml',
  explainRule: 'hardlint.explainRule',
  fixAllInFile: 'hardlint.fixAllInFile',
  restartServer: 'hardlint.restartServer',
  showOutput: 'hardlint.showOutput',
} as const;

/** The type of the report's panel, which menus ask for. */
export const REPORT_VIEW_TYPE = 'hardlint.report';

/** The kind of the code action that applies all safe fixes of a file. */
export const FIX_ALL_KIND = 'source.fixAll.hardlint';
