import { fieldOf } from '../prometheus/tree.ts';
import { asMap, asScalar, asSeq, type YamlMap, type YamlNode, type YamlScalar } from '../yaml/tree.ts';
import type { Matcher, MatchOperator } from './tree.ts';

/** Matchers of a map and whether each of them could be read. */
export interface Matchers {
  readonly matchers: readonly Matcher[];
  readonly complete: boolean;
}

/** What `match`, `match_re` and `matchers` ask for together; with a prefix for `source_match` and its like. */
export function matchersOf(map: YamlMap, prefix = ''): Matchers {
  const parts = [
    fromMap(fieldOf(map, `${prefix}match`)?.value, '='),
    fromMap(fieldOf(map, `${prefix}match_re`)?.value, '=~'),
    fromList(fieldOf(map, `${prefix}matchers`)?.value),
  ];
  return {
    matchers: parts.flatMap((part) => part.matchers),
    complete: parts.every((part) => part.complete) && !hasUnknownMerge(map),
  };
}

/**
 * The matchers in one text: `severity="critical"`, `{team=~"a|b", env!=dev}`. Undefined where it cannot be read.
 * https://prometheus.io/docs/alerting/latest/configuration/#matcher
 */
export function parseMatchers(text: string): readonly Omit<Matcher, 'scalar'>[] | undefined {
  const inner = /^\s*\{([\s\S]*)\}\s*$/.exec(text)?.[1] ?? text;
  const parts = splitAtCommas(inner).filter(
    (part, index, all) => part.trim() !== '' || index < all.length - 1,
  );
  const read = parts.map(parseOne);
  return read.every((part) => part !== undefined) ? read : undefined;
}

function fromMap(node: YamlNode | undefined, operator: MatchOperator): Matchers {
  const map = asMap(node);
  const matchers = (map?.pairs ?? []).flatMap(({ key, value }): Matcher[] => {
    const scalar = asScalar(value);
    return scalar ? [{ label: key.value, operator, value: scalar.value, scalar }] : [];
  });
  return { matchers, complete: map ? matchers.length === map.pairs.length : node === undefined };
}

function fromList(node: YamlNode | undefined): Matchers {
  const seq = asSeq(node);
  if (!seq) return { matchers: [], complete: node === undefined };
  const read = seq.items.map((item) => fromItem(asScalar(item)));
  return {
    matchers: read.flatMap((matchers) => matchers ?? []),
    complete: read.every((matchers) => matchers !== undefined),
  };
}

function fromItem(scalar: YamlScalar | undefined): readonly Matcher[] | undefined {
  return scalar && parseMatchers(scalar.value)?.map((matcher) => ({ ...matcher, scalar }));
}

function parseOne(text: string): Omit<Matcher, 'scalar'> | undefined {
  const match = /^\s*("[^"\n]*"|[^\s"=!~{},]+)\s*(=~|!~|!=|=)\s*([\s\S]*)$/.exec(text);
  if (!match) return undefined;
  const [, label = '', operator, rest = ''] = match;
  const value = unquoted(rest.trim());
  if (value === undefined) return undefined;
  return { label: label.replaceAll('"', ''), operator: operator as MatchOperator, value };
}

function unquoted(text: string): string | undefined {
  if (!text.startsWith('"')) return text.includes('"') ? undefined : text;
  const quoted = /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(text)?.[1];
  return quoted?.replace(/\\([\s\S])/g, (whole, char: string) =>
    char === 'n' ? '\n' : char === '"' || char === '\\' ? char : whole,
  );
}

function splitAtCommas(text: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\' && isQuoted) at++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === ',' && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function hasUnknownMerge(map: YamlMap): boolean {
  return map.pairs.some(({ key, value }) => key.value === '<<' && !asMap(value) && !asSeq(value));
}
