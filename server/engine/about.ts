import { version } from '../../package.json';

/** Who made a report. */
export interface ToolInfo {
  readonly name: string;
  readonly version: string;
  readonly url: string;
}

export const TOOL: ToolInfo = { name: 'hardlint', version, url: 'https://github.com/hardlint/hardlint' };
