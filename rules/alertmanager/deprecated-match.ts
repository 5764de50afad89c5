import { routesOf } from '../../syntaxes/alertmanager/tree.ts';
import { lineEndingOf, lineStartAt } from '../../syntaxes/lines.ts';
import type { YamlMap, YamlPair } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { endOfPair, indentStep } from '../core/yaml-edits.ts';
import { CHECK_CONFIG } from './shared/values.ts';

export const rule = defineRule({
  id: 'alertmanager/deprecated-match',
  title: 'Deprecated form of matchers',
  kinds: ['alertmanager'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  mentions: /match/,
  docs: {
    why: `\`match\`, \`match_re\` and their forms for inhibitions are deprecated since Alertmanager 0.22 and will be taken away. One list
of \`matchers\` says the same, and can say \`!=\` and \`!~\` too.`,
    fix: 'Write each entry as `label="value"`, those of `match_re` as `label=~"pattern"`, in the list `matchers`.',
    references: ['https://prometheus.io/docs/alerting/latest/configuration/#route'],
  },
  bad: [
    {
      name: 'a route',
      files: {
        'alertmanager.yml': `route:
  receiver: a
  routes:
    - «match»:
        severity: critical
        team: "db"
      receiver: a
receivers:
  - name: a
`,
      },
      fixed: `route:
  receiver: a
  routes:
    - matchers:
        - 'severity="critical"'
        - 'team="db"'
      receiver: a
receivers:
  - name: a
`,
    },
    {
      name: 'a pattern beside it, in flow style',
      files: {
        'alertmanager.yml': `route:
  receiver: a
  routes:
    - receiver: a
      «match_re»: {service: ^(foo|bar\\d+)$, x: "it's"}
receivers:
  - name: a
`,
      },
      fixed: `route:
  receiver: a
  routes:
    - receiver: a
      matchers: ['service=~"^(foo|bar\\\\d+)$"', 'x=~"it''s"']
receivers:
  - name: a
`,
    },
    {
      name: 'both forms of a route, and of an inhibition',
      files: {
        'alertmanager.yml': `route:
  receiver: a
  routes:
    - «match»:
        severity: critical
      match_re:
        team: db|web
      receiver: a
receivers:
  - name: a
inhibit_rules:
  - «source_match»: {severity: critical}
    «target_match»: {severity: warning}
    equal: [alertname]
`,
      },
      fixed: `route:
  receiver: a
  routes:
    - matchers:
        - 'severity="critical"'
        - 'team=~"db|web"'
      receiver: a
receivers:
  - name: a
inhibit_rules:
  - source_match: {severity: critical}
    target_match: {severity: warning}
    equal: [alertname]
`,
    },
    {
      name: 'a comment in it has no place in the list',
      files: {
        'alertmanager.yml': `route:
  receiver: a
  routes:
    - «match»:
        severity: critical # wakes somebody
        team: db
      receiver: a
receivers:
  - name: a
`,
      },
    },
  ],
  good: [
    {
      name: 'matchers',
      files: {
        'alertmanager.yml': `route:
  receiver: a
  routes:
    - matchers: [severity="critical", team=~"db|web"]
      receiver: a
receivers:
  - name: a
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [alertname]
`,
      },
    },
    {
      name: 'a word in other places',
      files: {
        'alertmanager.yml': `route:
  receiver: match
  group_by: [match_re]
receivers:
  - name: match
    webhook_configs:
      - url: http://bot/match
        max_alerts: 5
`,
      },
    },
  ],
  check({ text, tree }, context) {
    const seen = new Set<number>();
    const report = (map: YamlMap, prefix: string, place: string) => {
      const old = oldPairs(map, prefix);
      const [first] = old;
      if (!first || seen.has(first.key.span.start)) return;
      seen.add(first.key.span.start);
      context.report({
        span: first.key.span,
        message: `\`${first.key.value}\` is deprecated; \`${prefix}matchers\` says the same.`,
        place: `${place}.${prefix}match`,
        fixes: () => [matchersFix(text, map, old, prefix)],
      });
    };
    for (const { map, place } of routesOf(tree.route)) report(map, '', place);
    for (const { map, place } of tree.inhibitRules) {
      report(map, 'source_', place);
      report(map, 'target_', place);
    }
  },
});

function oldPairs(map: YamlMap, prefix: string): readonly YamlPair[] {
  return map.pairs.filter(({ key }) => key.value === `${prefix}match` || key.value === `${prefix}match_re`);
}

function matchersFix(text: string, map: YamlMap, old: readonly YamlPair[], prefix: string): Fix | undefined {
  const [first] = old;
  if (!first || map.pairs.some(({ key }) => key.value === `${prefix}matchers`)) return undefined;
  const read = old.map(itemsOf);
  const items = read.flatMap((list) => list ?? []);
  if (read.includes(undefined) || items.length === 0) return undefined;
  const edits = [
    replacement(text, first, `${prefix}matchers`, items),
    ...old.slice(1).map((pair) => removal(text, map, pair)),
  ];
  const complete = edits.flatMap((edit) => edit ?? []);
  if (complete.length !== edits.length) return undefined;
  return {
    title: `Write it as \`${prefix}matchers\``,
    safety: 'safe',
    edits: complete,
    verify: CHECK_CONFIG,
  };
}

/** The entries as matchers in single quotes; undefined where one cannot be written so. */
function itemsOf({ key, value }: YamlPair): readonly string[] | undefined {
  if (value?.type !== 'map' || value.anchor || value.tag) return undefined;
  const operator = key.value.endsWith('_re') ? '=~' : '=';
  const items = value.pairs.flatMap(({ key: label, value: wanted }) => {
    if (wanted?.type !== 'scalar' || wanted.anchor || wanted.tag || !/^[a-zA-Z_]\w*$/.test(label.value))
      return [];
    if (wanted.style === 'literal' || wanted.style === 'folded' || wanted.value.includes('\n')) return [];
    // Null, and what Go prints otherwise than it is written: booleans in other words, numbers in other bases.
    if (
      wanted.style === 'plain' &&
      /^(?:~|null|yes|no|on|off|y|n|true|false|0\d.*|0[xob].*|[\d.+-]*_.*|[+-]?\d.*e.*|)$/i.test(wanted.value)
    )
      return [];
    const escaped = wanted.value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
    return [`'${`${label.value}${operator}"${escaped}"`.replaceAll("'", "''")}'`];
  });
  return items.length === value.pairs.length ? items : undefined;
}

function replacement(text: string, pair: YamlPair, key: string, items: readonly string[]): Edit | undefined {
  const span = { start: pair.key.span.start, end: endOfPair(text, pair) };
  if (/(?:^|\s)#/m.test(text.slice(span.start, span.end)) || pair.value?.type !== 'map') return undefined;
  if (pair.value.flow) return { span, text: `${key}: [${items.join(', ')}]` };
  const first = pair.value.pairs[0]?.key.span.start ?? span.end;
  const indent = first - lineStartAt(text, first);
  const eol = lineEndingOf(text);
  const width = indent > 0 ? indent : indentStep(text);
  return { span, text: `${key}:${items.map((item) => `${eol}${' '.repeat(width)}- ${item}`).join('')}` };
}

/** Takes out a pair with its lines, or with the comma before it. */
function removal(text: string, map: YamlMap, pair: YamlPair): Edit | undefined {
  const before = map.pairs[map.pairs.indexOf(pair) - 1];
  if (!before) return undefined;
  const span = { start: endOfPair(text, before), end: endOfPair(text, pair) };
  return /(?:^|\s)#/m.test(text.slice(span.start, span.end)) ? undefined : { span, text: '' };
}
