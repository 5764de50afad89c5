import type { Span } from '../../../syntaxes/document.ts';
import { embeddedIn } from '../../../syntaxes/yaml/embedded.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';

/** A variable without a default, `$NAME` or `${NAME}`. */
export interface Reference {
  readonly name: string;
  readonly span: Span;
  /** Where it begins and ends in the scalar's value. */
  readonly start: number;
  readonly end: number;
  /** Whether it stands alone: as the whole value, or as all that follows a `=`. */
  readonly isWhole: boolean;
}

/** The variables of a scalar that have neither default nor operator, those within other variables not among them. */
export function bareReferences(fileText: string, scalar: YamlScalar): readonly Reference[] {
  const { text, at } = embeddedIn(fileText, scalar);
  const found: Reference[] = [];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const match = /^\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/.exec(text.slice(i, i + MAX_NAME));
    if (!match) {
      if (text.startsWith('${', i)) depth++;
      else if (text.charAt(i) === '}' && depth > 0) depth--;
      continue;
    }
    const name = match[1] ?? match[2];
    const end = i + match[0].length;
    if (name !== undefined && depth === 0) {
      const isWhole = /(?:^|=)$/.test(text.slice(0, i)) && end === text.length;
      found.push({ name, start: i, end, isWhole, span: { start: at(i), end: at(end - 1) + 1 } });
    }
    i = end - 1;
  }
  return found;
}

/** Longer names of variables are none. */
const MAX_NAME = 200;
