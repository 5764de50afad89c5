import type { RuleMeta } from '../../rules/core/rule.ts';

/*
 * What the engine itself reports: broken files, wrong configuration, and comments that keep findings quiet. They have
 * documentation like every rule, but no check and no switch: each of them says that something else was not done.
 */

const since = '0.1.0';

export const syntaxError: RuleMeta = {
  id: 'hardlint/syntax-error',
  title: 'File does not parse',
  severity: 'medium',
  confidence: 'high',
  since,
  docs: {
    why: 'The program that reads this file will refuse it or read something else than what is meant. What hardlint says of the rest of the file holds only for the parts that it could read.',
    fix: 'Mend the syntax at the place that is marked; it is the first place where the text stops making sense, so the cause may be a little above.',
    falsePositives:
      'Templates (Helm, Jinja, Go, ERB) are recognised and not analysed; where one is not, add it to `ignore`.',
    references: [
      'https://yaml.org/spec/1.2.2/',
      'https://nginx.org/en/docs/beginners_guide.html#conf_structure',
    ],
  },
};

export const configInvalid: RuleMeta = {
  id: 'hardlint/config-invalid',
  title: 'Configuration of hardlint is wrong',
  severity: 'high',
  confidence: 'high',
  since,
  docs: {
    why: 'The configuration says something that hardlint does not know. It goes on with the last version of the file that was right, so the change has no effect.',
    fix: 'Mend the key or value that is marked. `hardlint --list-rules` lists all rule ids.',
    references: ['https://json-schema.org/draft-07'],
  },
};

export const suppressionUnused: RuleMeta = {
  id: 'hardlint/suppression-unused',
  title: 'Suppression has nothing to suppress',
  severity: 'low',
  confidence: 'high',
  since,
  docs: {
    why: 'The finding that this comment kept quiet is gone. The comment would hide the next one of its kind, which nobody has looked at.',
    fix: 'Remove the comment.',
    references: [],
  },
};

export const suppressionExpired: RuleMeta = {
  id: 'hardlint/suppression-expired',
  title: 'Suppression has expired',
  severity: 'medium',
  confidence: 'high',
  since,
  docs: {
    why: 'Someone put off the finding until a date, and that date has passed. The finding is shown again.',
    fix: 'Mend the finding, or agree on a new date and say why.',
    references: [],
  },
};

export const suppressionUnknownRule: RuleMeta = {
  id: 'hardlint/suppression-unknown-rule',
  title: 'Suppression names an unknown rule',
  severity: 'low',
  confidence: 'high',
  since,
  docs: {
    why: 'The comment does not keep anything quiet, since no rule has this id.',
    fix: 'Correct the id; `hardlint --list-rules` lists all of them.',
    references: [],
  },
};

export const suppressionWithoutReason: RuleMeta = {
  id: 'hardlint/suppression-without-reason',
  title: 'Suppression gives no reason',
  severity: 'low',
  confidence: 'high',
  since,
  docs: {
    why: 'Whoever reads the file next cannot tell whether the finding was thought about or only in the way. Such a comment has no effect.',
    fix: 'Write the reason behind a colon: `# hardlint-ignore compose/port-all-interfaces until 2027-01-31: behind the VPN`.',
    references: [],
  },
};

/** In the order in which they are listed. */
export const ENGINE_RULES: readonly RuleMeta[] = [
  syntaxError,
  configInvalid,
  suppressionUnused,
  suppressionExpired,
  suppressionUnknownRule,
  suppressionWithoutReason,
];
