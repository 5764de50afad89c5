import { type PrometheusRulesTree, rulesOf } from '../../../syntaxes/prometheus/tree.ts';
import { pairOf, type YamlMap, type YamlScalar } from '../../../syntaxes/yaml/tree.ts';

/** A label or annotation whose value YAML reads as something other than a string. */
export interface PlainValue {
  readonly key: string;
  readonly scalar: YamlScalar;
  /** What YAML makes of it. */
  readonly type: 'number' | 'boolean';
  readonly place: string;
}

/** YAML 1.1, which the readers in Go follow: https://yaml.org/type/bool.html. */
const BOOLEAN = /^(?:yes|no|true|false|on|off)$/i;
const NUMBER =
  /^[-+]?(?:\d[\d_]*|0x[\da-f_]+|0b[01_]+|0o?[0-7_]+|(?:\d[\d_]*)?\.\d+(?:e[-+]?\d+)?|\d[\d_]*(?:\.\d*)?e[-+]?\d+|\d[\d_]*\.|\.inf|\.nan)$/i;

/** The labels and annotations of all rules and groups that are numbers or booleans to YAML. */
export function plainValues(tree: PrometheusRulesTree): readonly PlainValue[] {
  return [
    ...tree.groups.flatMap(({ map, place }) => valuesIn(map, place, ['labels'])),
    ...rulesOf(tree).flatMap(({ map, place }) => valuesIn(map, place, ['labels', 'annotations'])),
  ];
}

function valuesIn(map: YamlMap | undefined, place: string, fields: readonly string[]): readonly PlainValue[] {
  return fields.flatMap((field) => {
    const values = pairOf(map, field)?.value;
    if (values?.type !== 'map') return [];
    return values.pairs.flatMap(({ key, value }) => {
      if (value?.type !== 'scalar' || value.style !== 'plain' || value.tag) return [];
      const type = BOOLEAN.test(value.value) ? 'boolean' : NUMBER.test(value.value) ? 'number' : undefined;
      return type ? [{ key: key.value, scalar: value, type, place: `${place}.${field}.${key.value}` }] : [];
    });
  });
}
