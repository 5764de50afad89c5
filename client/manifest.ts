import { COMMANDS, REPORT_VIEW_TYPE } from './command-ids.ts';

const CATEGORY = 'Hardlint';

/** Only while the report is the active editor. */
const REPORT_IS_ACTIVE = `activeWebviewPanelId == '${REPORT_VIEW_TYPE}'`;

/** Names of nginx's language in the extensions that bring one. */
const NGINX_LANGUAGES = ['nginx', 'NGINX', 'nginx-conf'];

/** The part of package.json that VS Code reads, but for names and versions. `npm run generate` copies it there. */
export const manifest = {
  categories: ['Linters', 'Programming Languages'],
  extensionKind: ['workspace'],
  // YAML and TypeScript are too common to start for; a file with a telling name is what shows that there is something to do.
  activationEvents: [
    ...['dockerfile', 'dockercompose', ...NGINX_LANGUAGES].map((language) => `onLanguage:${language}`),
    'workspaceContains:**/{compose,docker-compose}*.{yml,yaml}',
    'workspaceContains:**/{Dockerfile,Containerfile}*',
    'workspaceContains:**/nginx*.conf',
    'workspaceContains:**/prometheus*.{yml,yaml}',
    'workspaceContains:**/.hardlint.{yml,yaml}',
  ],
  capabilities: {
    untrustedWorkspaces: {
      supported: true,
      description:
        'Nothing in a workspace is ever run: Hardlint only reads files, and its configuration is data.',
    },
    virtualWorkspaces: {
      supported: 'limited',
      description:
        'Only open files are checked: what a rule would have to know of other files is unknown to it.',
    },
  },
  contributes: {
    commands: [
      command(COMMANDS.showReport, 'Show Hardening Report', { icon: '$(shield)' }),
      command(COMMANDS.refreshReport, 'Refresh Report', { icon: '$(refresh)', enablement: REPORT_IS_ACTIVE }),
      command(COMMANDS.copyReportAsMarkdown, 'Copy Report as Markdown', {
        icon: '$(markdown)',
        enablement: REPORT_IS_ACTIVE,
      }),
      command(COMMANDS.saveReportAsHtml, 'Save Report as HTML…', {
        icon: '$(save-as)',
        enablement: REPORT_IS_ACTIVE,
      }),
      command(COMMANDS.explainRule, 'Explain Rule'),
      command(COMMANDS.fixAllInFile, 'Apply All Safe Fixes in This File', { enablement: 'editorIsOpen' }),
      command(COMMANDS.restartServer, 'Restart Server'),
      command(COMMANDS.showOutput, 'Show Output'),
    ],
    menus: {
      'editor/title': [
        reportAction(COMMANDS.refreshReport, 1),
        reportAction(COMMANDS.copyReportAsMarkdown, 2),
        reportAction(COMMANDS.saveReportAsHtml, 3),
      ],
      commandPalette: [COMMANDS.refreshReport, COMMANDS.copyReportAsMarkdown, COMMANDS.saveReportAsHtml].map(
        (id) => ({
          command: id,
          when: REPORT_IS_ACTIVE,
        }),
      ),
    },
    configuration: {
      title: 'Hardlint',
      properties: {
        'hardlint.enable': setting({
          type: 'boolean',
          default: true,
          markdownDescription: 'Check files for hardening smells.',
        }),
        'hardlint.profile': setting({
          type: 'string',
          enum: ['recommended', 'strict'],
          enumDescriptions: [
            'Rules that are right nearly everywhere.',
            'All rules, also those that are a matter of policy.',
          ],
          default: 'recommended',
          markdownDescription: 'Which rules are on where no `.hardlint.yaml` says so with `extends`.',
        }),
        'hardlint.config': setting({
          type: 'string',
          default: '',
          markdownDescription:
            'Path of a configuration file for all files, relative to the first workspace folder. A `.hardlint.yaml` beside or above a file still wins over it.',
        }),
        'hardlint.diagnostics': setting({
          type: 'string',
          enum: ['workspace', 'open'],
          enumDescriptions: [
            'Show the findings of all files in the workspace.',
            'Show the findings of open files only.',
          ],
          default: 'workspace',
          markdownDescription:
            'Which files have their findings shown among the problems. The report always covers all files.',
        }),
        'hardlint.trace.server': setting({
          type: 'string',
          enum: ['off', 'messages', 'verbose'],
          default: 'off',
          markdownDescription:
            'Log what VS Code and the language server say to each other, in the output *Hardlint*.',
        }),
      },
    },
    // Other files of nginx's have no name of their own: `*.conf` belongs to many programs.
    languages: [
      {
        id: 'nginx',
        aliases: ['nginx', 'nginx configuration'],
        extensions: ['.nginx'],
        filenames: ['nginx.conf'],
        configuration: './syntaxes/nginx.language-configuration.json',
      },
    ],
    grammars: [
      {
        language: 'nginx',
        scopeName: 'source.nginx',
        path: './syntaxes/nginx.tmLanguage.json',
        embeddedLanguages: { 'meta.embedded.block.lua': 'lua' },
      },
    ],
    yamlValidation: [
      { fileMatch: ['.hardlint.yaml', '.hardlint.yml'], url: './schemas/hardlint.schema.json' },
    ],
  },
};

interface CommandDetails {
  readonly icon?: string;
  readonly enablement?: string;
}

function command(id: string, title: string, details: CommandDetails = {}) {
  return { command: id, title, category: CATEGORY, ...details };
}

function reportAction(id: string, position: number) {
  return { command: id, when: REPORT_IS_ACTIVE, group: `navigation@${position}` };
}

/** All settings hold for a window: there is one server for all of its folders. */
function setting<T extends object>(schema: T) {
  return { scope: 'window', ...schema };
}
