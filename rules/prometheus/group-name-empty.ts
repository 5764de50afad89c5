import type { Document } from '../../syntaxes/document.ts';
import { lineEndingOf } from '../../syntaxes/lines.ts';
import { groupNameFor } from '../../syntaxes/prometheus/rules.ts';
import { fieldOf, type RuleGroup } from '../../syntaxes/prometheus/tree.ts';
import { asMap, asScalar, isNull, pairOf } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { isPlainSafe, keyIndent, setScalar } from '../core/yaml-edits.ts';
import { CHECK_RULES } from './shared/move-key.ts';

export const rule = defineRule({
  id: 'prometheus/group-name-empty',
  title: 'Group of rules has no name',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /groups/,
  docs: {
    why: `Every group has a name that is unique in its file. Prometheus refuses the file otherwise, and with it the whole
configuration: at a reload it goes on with the old rules, at a start it does not come up.`,
    fix: 'Name the group after what its rules are about.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule_group'],
  },
  bad: [
    {
      name: 'no name',
      files: {
        'prometheus/redis.rules.yml': `groups:
  # Redis
  - «rules»:
      - record: job:redis_up:sum
        expr: sum by (job) (redis_up)
`,
      },
      fixed: `groups:
  # Redis
  - name: redis
    rules:
      - record: job:redis_up:sum
        expr: sum by (job) (redis_up)
`,
    },
    {
      name: 'another group has the name of the file',
      files: {
        'redis.yml': `groups:
- name: redis
  rules: []
- «interval»: 1m
  rules:
  - record: job:redis_up:sum
    expr: sum by (job) (redis_up)
`,
      },
      fixed: `groups:
- name: redis
  rules: []
- name: redis-2
  interval: 1m
  rules:
  - record: job:redis_up:sum
    expr: sum by (job) (redis_up)
`,
    },
    {
      name: 'empty, and in flow style',
      files: {
        'app.yml': `groups:
  - name: «""»
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
  - {«rules»: [{record: 'job:a:sum', expr: sum by (job) (a)}]}
`,
      },
      fixed: `groups:
  - name: "app"
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
  - {rules: [{record: 'job:a:sum', expr: sum by (job) (a)}]}
`,
    },
    {
      name: 'nothing behind the colon',
      files: {
        'app.yml': `groups:
  - rules:
      - record: job:up:sum
        expr: sum by (job) (up)
    «name»: # to do
`,
      },
      fixed: `groups:
  - rules:
      - record: job:up:sum
        expr: sum by (job) (up)
    name: app # to do
`,
    },
  ],
  good: [
    {
      name: 'names, also one from an anchor',
      files: {
        'rules.yml': `groups:
  - &one
    name: app
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
  - <<: *one
  - name: 'other'
    rules: []
  - name: 1
    rules: []
`,
      },
    },
    {
      name: 'a list of rules without groups',
      files: {
        'rules.yml': `- alert: A
  expr: up == 0
  labels: {severity: warning}
`,
      },
    },
  ],
  check(document, context) {
    for (const [index, group] of document.tree.groups.entries()) {
      if (!group.map || group.map.pairs.length === 0 || hasName(group)) continue;
      const own = pairOf(group.map, 'name');
      const first = group.map.pairs[0];
      const span = own?.value?.span ?? own?.key.span ?? first?.key.span ?? group.map.span;
      context.report({
        span: span.end > span.start ? span : (own?.key.span ?? span),
        message: 'A group without a name makes Prometheus refuse the whole file.',
        place: `groups[${index}].name`,
        fixes: () => [nameFix(document, group)],
      });
    }
  },
});

function hasName({ map }: RuleGroup): boolean {
  const pair = fieldOf(map, 'name');
  const isOpen = map?.pairs.some(({ key, value }) => key.value === '<<' && !asMap(value));
  if (isOpen) return true;
  return pair !== undefined && !isNull(pair.value) && asScalar(pair.value)?.value !== '';
}

function nameFix(document: Document<'prometheus-rules'>, group: RuleGroup): Fix | undefined {
  const name = freeName(document);
  const edit = isPlainSafe(name) ? nameEdit(document.text, group, name) : undefined;
  return edit && { title: `Name it \`${name}\``, safety: 'safe', edits: [edit], verify: CHECK_RULES };
}

function nameEdit(text: string, { map }: RuleGroup, name: string): Edit | undefined {
  const own = pairOf(map, 'name');
  if (own) {
    if (own.value?.type === 'scalar' && own.value.span.end > own.value.span.start)
      return setScalar(own.value, name);
    const colon = text.indexOf(':', own.key.span.end) + 1;
    return { span: { start: colon, end: colon }, text: ` ${name}` };
  }
  const first = map?.pairs[0];
  if (!map || !first) return undefined;
  const at = first.key.span.start;
  if (map.flow) return { span: { start: at, end: at }, text: `name: ${name}, ` };
  const indent = keyIndent(text, map);
  if (indent === undefined) return undefined;
  return { span: { start: at, end: at }, text: `name: ${name}${lineEndingOf(text)}${indent}` };
}

/** The file's name, with a number where another group has it. */
function freeName({ tree, uri }: Document<'prometheus-rules'>): string {
  const taken = new Set(tree.groups.map((group) => group.name?.value));
  const base = groupNameFor(uri);
  let name = base;
  for (let number = 2; taken.has(name); number++) name = `${base}-${number}`;
  return name;
}
