import { alertmanagerSyntax } from './alertmanager/syntax.ts';
import { appConfigSyntax } from './appconfig/syntax.ts';
import { composeSyntax } from './compose/syntax.ts';
import { dockerfileSyntax } from './dockerfile/syntax.ts';
import type { Kind, Syntax } from './document.ts';
import { dotenvSyntax } from './dotenv/syntax.ts';
import { grafanaSyntax } from './grafana/syntax.ts';
import { ignoreSyntax } from './ignore/syntax.ts';
import { nginxSyntax } from './nginx/syntax.ts';
import { prometheusConfigSyntax, prometheusRulesSyntax } from './prometheus/syntax.ts';
import { createScriptSyntax } from './script/syntax.ts';
import type { ScriptParser } from './script/tree.ts';
import { shellSyntax } from './shell/syntax.ts';

/** What the host brings along: parts that are too heavy for every start or not there in a browser. */
export interface SyntaxParts {
  /** Loads the TypeScript parser at its first use; absent where there is none. */
  readonly loadScriptParser?: () => ScriptParser;
}

/** All syntaxes, the most specific first: the first one that detects a file reads it. */
export function createSyntaxes(parts: SyntaxParts): readonly Syntax[] {
  return [
    ignoreSyntax,
    dockerfileSyntax,
    composeSyntax,
    prometheusConfigSyntax,
    prometheusRulesSyntax,
    alertmanagerSyntax,
    grafanaSyntax,
    dotenvSyntax,
    shellSyntax,
    nginxSyntax,
    createScriptSyntax(parts.loadScriptParser),
    appConfigSyntax,
  ];
}

/** The syntax that reads a file, undefined where none does. */
export function syntaxFor(syntaxes: readonly Syntax[], uri: string, text: string): Syntax<Kind> | undefined {
  return syntaxes.find((syntax) => syntax.detect(uri, text));
}
