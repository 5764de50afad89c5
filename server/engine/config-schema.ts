import * as z from 'zod';
import { type Rule, SEVERITIES, type Severity } from '../../rules/core/rule.ts';

/** Names under which a configuration file is found, nearest to the file that it speaks of. */
export const CONFIG_NAMES: readonly string[] = ['.hardlint.yaml', '.hardlint.yml'];

/** What the configuration may say of one rule. */
export type RuleSetting = 'off' | 'on' | Severity | readonly ['on' | Severity, unknown];

/** A configuration file as written, checked against the schema. */
export interface ConfigFile {
  readonly extends?: readonly string[] | undefined;
  readonly rules?: Readonly<Record<string, RuleSetting>> | undefined;
  readonly overrides?: readonly ConfigOverride[] | undefined;
  readonly ignore?: readonly string[] | undefined;
  readonly versions?: { readonly nginx?: string | undefined } | undefined;
}

export interface ConfigOverride {
  readonly files: readonly string[];
  readonly environment?: 'dev' | 'prod' | undefined;
  readonly rules?: Readonly<Record<string, RuleSetting>> | undefined;
}

/**
 * The schema of `.hardlint.yaml`, the single source of its validation, its documentation and its completion in editors.
 * Rule ids are keys of their own, so that an unknown one is named by its place.
 */
export function configSchema(rules: readonly Rule[]): z.ZodType<ConfigFile> {
  const ruleSettings = z
    .strictObject(Object.fromEntries(rules.map((rule) => [rule.id, ruleSetting(rule).optional()])))
    .describe('Turns rules off or on, or gives them another severity or options.');
  const override = z.strictObject({
    files: z.array(z.string()).describe('Globs, relative to the folder of this configuration file.'),
    environment: z
      .enum(['dev', 'prod'])
      .optional()
      .describe("Judge these files as a developer's machine (dev) or as production (prod)."),
    rules: ruleSettings.optional(),
  });
  const schema = z.strictObject({
    $schema: z.string().optional(),
    extends: z
      .array(z.string())
      .optional()
      .describe(
        '`recommended`, `strict`, or paths of configuration files that start with `./` or `../`. Later ones win.',
      ),
    rules: ruleSettings.optional(),
    overrides: z.array(override).optional().describe('Other settings for some files. Later ones win.'),
    ignore: z
      .array(z.string())
      .optional()
      .describe('Globs of files that are not analysed, relative to the folder of this configuration file.'),
    versions: z
      .strictObject({
        nginx: z
          .string()
          .regex(/^\d+(\.\d+)*$/)
          .optional()
          .describe(
            'The nginx version that reads the files, such as `1.25.1`. Without it, fixes use only what nginx 1.18 knows.',
          ),
      })
      .optional()
      .describe('Versions of the software that reads the files; they gate fixes.'),
  });
  return schema as z.ZodType<ConfigFile>;
}

function ruleSetting(rule: Rule): z.ZodType {
  const plain = z.enum(['off', 'on', ...SEVERITIES]);
  const setting = rule.options
    ? z.union([plain, z.tuple([z.enum(['on', ...SEVERITIES]), rule.options.schema()])])
    : plain;
  return setting.meta({ title: rule.title, description: `${rule.title}. Default: ${defaultSetting(rule)}.` });
}

/** What a rule is without any configuration, in words: "high", "off (strict: low)". */
export function defaultSetting(rule: Rule): string {
  return rule.profile === 'strict' || rule.confidence === 'low'
    ? `off (strict: ${rule.severity})`
    : rule.severity;
}
