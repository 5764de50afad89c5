import { matchersOf } from '../../syntaxes/alertmanager/matchers.ts';
import type { Matcher } from '../../syntaxes/alertmanager/tree.ts';
import { fieldOf } from '../../syntaxes/prometheus/tree.ts';
import { asSeq, isNull, type YamlMap } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { addKey } from '../core/yaml-edits.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import { CHECK_CONFIG } from './shared/values.ts';

export const rule = defineRule({
  id: 'alertmanager/inhibit-no-equal',
  title: 'One alert mutes all others',
  kinds: ['alertmanager'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /inhibit_rules/,
  docs: {
    why: `Without \`equal\` an inhibition does not ask whether the two alerts are about the same thing: one critical alert anywhere mutes
every warning everywhere for as long as it fires.`,
    fix: 'Name the labels that both alerts have to share: `equal: [alertname, instance]`, or what your alerts have.',
    falsePositives: `Silent where a side names an alert, or where both ask for the same value of a label: then the inhibition is meant for
something special.`,
    references: ['https://prometheus.io/docs/alerting/latest/configuration/#inhibition-related-settings'],
  },
  bad: [
    {
      name: 'no equal',
      files: {
        'alertmanager.yml': `route: {receiver: a}
receivers: [{name: a}]
inhibit_rules:
  - «source_matchers»: [severity="critical"]
    target_matchers: [severity="warning"]
`,
      },
      fixed: `route: {receiver: a}
receivers: [{name: a}]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [alertname, instance]
`,
    },
    {
      name: 'an empty one, in the old form',
      files: {
        'alertmanager.yml': `route: {receiver: a}
receivers: [{name: a}]
inhibit_rules:
  - source_match:
      severity: critical
    target_match_re:
      severity: warning|info
    «equal»: []
`,
      },
      fixed: `route: {receiver: a}
receivers: [{name: a}]
inhibit_rules:
  - source_match:
      severity: critical
    target_match_re:
      severity: warning|info
    equal: [alertname, instance]
`,
    },
  ],
  good: [
    {
      name: 'labels to share',
      files: {
        'alertmanager.yml': `route: {receiver: a}
receivers: [{name: a}]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: ['alertname']
  - source_match: {severity: critical}
    target_match: {severity: warning}
    equal: &labels
      - instance
`,
      },
    },
    {
      name: 'a special alert mutes the others, and a pair of the same cluster',
      files: {
        'alertmanager.yml': `route: {receiver: a}
receivers: [{name: a}]
inhibit_rules:
  - source_matchers: [alertname="ClusterDown"]
    target_matchers: [severity=~"warning|critical"]
  - source_match: {alertname: NodeDown}
    target_match: {team: infra}
  - source_matchers: [severity="critical", cluster="eu"]
    target_matchers: [severity="warning", cluster="eu"]
  - source_matchers: ['{severity="critical"}', maintenance="on"]
    target_matchers: [severity="warning"]
`,
      },
    },
    {
      name: 'a label to share is given by an anchor',
      files: {
        'alertmanager.yml': `route: {receiver: a}
receivers: [{name: a}]
x: &same
  equal: [alertname]
inhibit_rules:
  - <<: *same
    source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
`,
      },
    },
  ],
  check({ text, tree, problems }, context) {
    if (isSample(context.path) || problems.length > 0) return;
    for (const { map, place } of tree.inhibitRules) {
      const equal = fieldOf(map, 'equal');
      if (equal && !isNull(equal.value) && asSeq(equal.value)?.items.length !== 0) continue;
      if (!isBroad(map)) continue;
      context.report({
        span: (equal ?? map.pairs[0])?.key.span ?? map.span,
        message:
          'Without `equal` one alert of the source mutes all alerts of the target, whatever they are about.',
        place: `${place}.equal`,
        fixes: () => [equalFix(text, map)],
      });
    }
  },
});

/** Whether both sides are told apart by nothing but how bad they are. */
function isBroad(map: YamlMap): boolean {
  const source = matchersOf(map, 'source_');
  const target = matchersOf(map, 'target_');
  if (!source.complete || !target.complete || source.matchers.length === 0 || target.matchers.length === 0)
    return false;
  return source.matchers.every(isLevel) && target.matchers.every((matcher) => matcher.label !== 'alertname');
}

function isLevel({ label }: Matcher): boolean {
  return /^(?:severity|priority|level|urgency)$/.test(label);
}

function equalFix(text: string, map: YamlMap): Fix | undefined {
  const own = map.pairs.find(({ key }) => key.value === 'equal');
  const value = '[alertname, instance]';
  const edit = own
    ? own.value && own.value.type === 'seq' && { span: own.value.span, text: value }
    : addKey(text, map, { key: 'equal', value });
  if (!edit) return undefined;
  return {
    title: `Set \`equal\` to \`${value}\``,
    safety: 'review',
    edits: [edit],
    risk: 'Alerts that were muted are sent; a label that neither side has counts as shared.',
    verify: CHECK_CONFIG,
  };
}
