import { workspace } from 'vscode';
import type { ClientSettings } from '../server/lsp/protocol.ts';

/** Where all settings are. */
export const SECTION = 'hardlint';

/** The settings as the server wants them. */
export function readSettings(): ClientSettings {
  const settings = workspace.getConfiguration(SECTION);
  const config = settings.get<string>('config');
  return {
    enable: settings.get<boolean>('enable'),
    profile: settings.get<'recommended' | 'strict'>('profile'),
    diagnostics: settings.get<'open' | 'workspace'>('diagnostics'),
    ...(config && { config }),
  };
}
