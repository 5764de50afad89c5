import { TOOL } from '../engine/about.ts';

export const HELP = `hardlint ${TOOL.version}: finds and mends hardening smells in Compose, Dockerfile, nginx,
Prometheus, configuration YAML and the TypeScript and JavaScript that loads it.

Usage
  hardlint [paths]              check files and folders (default: the current folder)
  hardlint --fix [paths]        apply every safe fix
  hardlint --explain <rule>     say why a rule matters and how to mend its findings
  hardlint --list-rules         list all rules
  hardlint lsp --stdio          start the language server for an editor

Output
  --format <name>       pretty (default), json, sarif, github, markdown or html
  -o, --output <file>   write there instead of to standard output; .json, .sarif, .md and
                        .html choose the format where --format does not
  --file-modes          look at the permissions of secret files too; for the machine that runs them
  -q, --quiet           print the findings and nothing else
  --no-color            no colours; so does the variable NO_COLOR

Fixing
  --fix                 write safe fixes to the files, then report what is left
  --dry-run             print the safe fixes as a diff and write nothing

What is checked
  --profile <name>      recommended (default) or strict, where no configuration names one
  --config <file>       a configuration file for all files, before those beside the files
  --rule <id>           only this rule; may be given several times
  --fail-on <severity>  critical, high, medium (default), low, info or none

  -h, --help            this text
  -v, --version         the version

Exit codes
  0  no finding at or above --fail-on
  1  at least one
  2  the command line or a configuration file is wrong
  3  hardlint itself failed, or one of its rules did; all other findings are printed

Nothing of the workspace is run, and no network connection is opened.
`;
