import type { EnvRead } from './tree.ts';

/** The environment by its names in Node, Bun, Deno and bundlers. */
const ENVIRONMENT = /\b(?:process\.env|Bun\.env|Deno\.env|import\.meta\.env)\b/g;
const MEMBER =
  /(?:\?\.|\.)\s{0,8}([A-Za-z_$][\w$]{0,200})|(?:\?\.)?\[\s{0,8}(?:'([^'\n]{0,200})'|"([^"\n]{0,200})")\s{0,8}\]/y;
const COMPUTED = /(?:\?\.)?\[/y;
const DENO_GET = /\.\s{0,8}(?:get|has|toObject)\(\s{0,8}(?:'([^'\n]{0,200})'|"([^"\n]{0,200})")?/y;
const ASSIGNMENT = /\s{0,8}(?:\?\?|\|\|)?=(?![=>])/y;

/** Where a text reads the environment. An assignment to a variable is no read. */
export function envReadsIn(text: string): readonly EnvRead[] {
  const reads: EnvRead[] = [];
  if (!text.includes('env')) return reads;
  for (const match of text.matchAll(ENVIRONMENT)) {
    const end = match.index + match[0].length;
    const read = readAt(text, match.index, end, match[0] === 'Deno.env');
    if (read) reads.push(read);
  }
  return reads;
}

function readAt(text: string, start: number, end: number, isDeno: boolean): EnvRead | undefined {
  if (isDeno) {
    const get = execAt(DENO_GET, text, end);
    return get && named(get[1] ?? get[2], start, end + get[0].length);
  }
  const member = execAt(MEMBER, text, end);
  if (member) {
    const after = end + member[0].length;
    return execAt(ASSIGNMENT, text, after)
      ? undefined
      : named(member[1] ?? member[2] ?? member[3], start, after);
  }
  return execAt(COMPUTED, text, end) && isComputedAssignment(text, end)
    ? undefined
    : { span: { start, end } };
}

/** `process.env[key] = value` */
function isComputedAssignment(text: string, bracket: number): boolean {
  const close = text.slice(bracket, bracket + 200).indexOf(']');
  return close >= 0 && execAt(ASSIGNMENT, text, bracket + close + 1) !== undefined;
}

function named(name: string | undefined, start: number, end: number): EnvRead {
  return { ...(name !== undefined && { name }), span: { start, end } };
}

function execAt(sticky: RegExp, text: string, at: number): RegExpExecArray | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text) ?? undefined;
}
