/**
 * Where a rule and a transformation do not agree, and why that is right. By transformation, then by rule. An entry that is of no use is
 * a failure, so the table stays short.
 */
export const DOCUMENTED_UNKNOWNS: Readonly<Record<string, Readonly<Record<string, string>>>> = {};
