import type { Document } from '../../../syntaxes/document.ts';
import { allDirectives, type NginxDirective, type NginxWord } from '../../../syntaxes/nginx/tree.ts';
import { isCopy } from './copies.ts';

/** A content security policy that a line of this file sets, as far as it is about scripts. https://www.w3.org/TR/CSP3/ */
export interface ScriptPolicy {
  readonly line: NginxDirective;
  readonly word: NginxWord;
  /** `script-src`, or `default-src` where that decides. */
  readonly directive: string;
  /** In lower case. */
  readonly sources: readonly string[];
}

/** The policies that are enforced; what a variable or a template fills in is left out, as are copies in inner blocks. */
export function* scriptPolicies({ tree }: Document<'nginx'>): Generator<ScriptPolicy> {
  for (const line of allDirectives(tree.root)) {
    const [header, word] = line.args;
    if (line.name !== 'add_header' || header?.value.toLowerCase() !== 'content-security-policy') continue;
    if (!word || word.opaque || isCopy(line)) continue;
    const policy = scriptPolicyOf(word.value);
    if (policy && !policy.sources.some((source) => source.includes('$') && !source.startsWith("'nonce-")))
      yield { line, word, ...policy };
  }
}

function scriptPolicyOf(policy: string): Pick<ScriptPolicy, 'directive' | 'sources'> | undefined {
  const found = new Map<string, readonly string[]>();
  for (const part of policy.split(';')) {
    const [name = '', ...sources] = part.trim().toLowerCase().split(/\s+/);
    // The first of a name counts.
    if (!found.has(name)) found.set(name, sources);
  }
  const directive = found.has('script-src') ? 'script-src' : 'default-src';
  const sources = found.get(directive);
  return sources && { directive, sources };
}

/** Whether sources by name and `unsafe-inline` are there for old browsers only, since newer ones pass over them. */
export function isStrict({ sources }: ScriptPolicy): boolean {
  return sources.includes("'strict-dynamic'");
}

/** Whether scripts in the page itself need a nonce or a hash; then `unsafe-inline` is passed over. */
export function hasNonce({ sources }: ScriptPolicy): boolean {
  return sources.some((source) => /^'(?:nonce|sha\d+)-/.test(source));
}
