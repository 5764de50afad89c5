import { UNKNOWN } from '../../syntaxes/compose/interpolate.ts';
import { imageOf, wordsOf } from '../../syntaxes/compose/service.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** The flags that a service of a Compose file starts Prometheus with. */
export interface PrometheusFlagsFact {
  readonly service: string;
  /** Flags by name without dashes, `true` for one without a value; those with an unknown value are left out. */
  readonly flags: Readonly<Record<string, string>>;
  /** Whether these are all: every word is known, and the entry point is the image's own. */
  readonly complete: boolean;
}

export const prometheusFlagsFacts: FactKey<PrometheusFlagsFact> = factKey('prometheus-flags');

const IMAGE = /(?:^|\/)(?:[\w.-]*-)?prometheus(?:[:@]|$)/;

export const extractor = defineExtractor({
  kind: 'compose',
  key: prometheusFlagsFacts,
  extract: ({ tree }): readonly PrometheusFlagsFact[] =>
    tree.services.flatMap((service) => {
      const words = wordsOf(service, 'command') ?? [];
      const image = imageOf(service);
      const isPrometheus = words.some((word) => /^--?config\.file\b/.test(word.text));
      if (!isPrometheus && !(image !== undefined && IMAGE.test(image))) return [];
      const texts = words.map((word) => word.text);
      const complete = service.complete && !service.effective.entries.has('entrypoint');
      return [
        {
          service: service.name,
          flags: flagsOf(texts),
          complete: complete && !texts.some((text) => text.includes(UNKNOWN)),
        },
      ];
    }),
});

function flagsOf(words: readonly string[]): Record<string, string> {
  const flags: Record<string, string> = {};
  words.forEach((word, index) => {
    const match = /^--?([\w.-]+)(?:=([\s\S]*))?$/.exec(word);
    const next = words[index + 1];
    if (!match?.[1]) return;
    const value = match[2] ?? (next !== undefined && !next.startsWith('-') ? next : 'true');
    if (value.includes(UNKNOWN)) return;
    // Features may be switched on one by one.
    const before = match[1] === 'enable-feature' ? flags[match[1]] : undefined;
    flags[match[1]] = before === undefined ? value : `${before},${value}`;
  });
  return flags;
}
