import {
  type AlertmanagerTree,
  type Matcher,
  type Route,
  receiverOf,
  routesOf,
} from '../../syntaxes/alertmanager/tree.ts';
import { dirname } from '../../syntaxes/uri.ts';
import type { Derivation } from '../core/facts.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { prometheusConfigFacts } from '../facts/prometheus-config.ts';
import { prometheusRuleFileFacts } from '../facts/prometheus-rule-file.ts';
import { isSample, pathBeside } from '../prometheus/shared/loading.ts';
import { definitionOf, isUrgent, literalsOf, takes } from './shared/severities.ts';
import { CHECK_CONFIG } from './shared/values.ts';

const RULES = `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels:
          severity: critical
      - alert: Slow
        expr: latency > 1
        labels:
          severity: warning
`;

export const rule = defineRule({
  id: 'alertmanager/severity-unrouted',
  title: 'Urgent alerts have no route of their own',
  kinds: ['alertmanager'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /severity/,
  docs: {
    why: `The rules of the workspace give alerts a severity that no route asks for, while others have routes of their own. These alerts
fall to the default receiver; most often the routes and the rules use different words for the same thing.`,
    fix: 'Use one word for it in rules and routes, or add a route for the severity.',
    falsePositives: `Only severities that wake somebody (\`critical\`, \`page\`, …) are looked at. Silent where a route takes them by other
labels or takes everything, where the default receiver pages, and where labels of alerts are changed by \`alert_relabel_configs\`.`,
    references: [
      'https://prometheus.io/docs/alerting/latest/configuration/#route',
      'https://prometheus.io/docs/practices/alerting/',
    ],
  },
  bad: [
    {
      name: 'routes with another word for it',
      files: {
        'alertmanager/alertmanager.yml': `route:
  receiver: «chat»
  routes:
    - matchers: [severity="page"]
      receiver: pager
    - match_re: {severity: warning|info}
      receiver: chat
receivers:
  - name: chat
    webhook_configs: [{url: 'http://bot:8080/'}]
  - name: pager
    pagerduty_configs: [{routing_key_file: /run/secrets/pd}]
`,
        'prometheus/rules/app.yml': RULES,
      },
    },
    {
      name: 'a slip of the pen',
      files: {
        'alertmanager.yml': `route:
  receiver: chat
  routes:
    - match:
        severity: «critcal»
      receiver: pager
receivers:
  - name: chat
    webhook_configs: [{url: 'http://bot:8080/'}]
  - name: pager
    pagerduty_configs: [{routing_key_file: /run/secrets/pd}]
`,
        'rules.yml': RULES,
      },
      fixed: `route:
  receiver: chat
  routes:
    - match:
        severity: critical
      receiver: pager
receivers:
  - name: chat
    webhook_configs: [{url: 'http://bot:8080/'}]
  - name: pager
    pagerduty_configs: [{routing_key_file: /run/secrets/pd}]
`,
    },
  ],
  good: [
    {
      name: 'routes for what the rules emit',
      files: {
        'alertmanager.yml': `route:
  receiver: chat
  routes:
    - matchers: ['severity=~"crit.*"']
      receiver: pager
    - matchers: [severity="warning"]
      receiver: chat
receivers: [{name: chat}, {name: pager}]
`,
        'rules.yml': RULES,
      },
    },
    {
      name: 'no route asks for a severity, one takes everything, or all but one',
      files: {
        'alertmanager.yml': `route:
  receiver: chat
  routes:
    - matchers: [severity="warning"]
      receiver: chat
    - matchers: [severity!="info"]
      receiver: pager
receivers: [{name: chat}, {name: pager}]
`,
        'rules.yml': RULES,
      },
    },
    {
      name: 'the default receiver is the pager, what is less goes elsewhere',
      files: {
        'alertmanager.yml': `route:
  receiver: oncall
  routes:
    - matchers: [severity="warning"]
      receiver: chat
receivers:
  - name: oncall
    opsgenie_configs: [{api_key_file: /run/secrets/og}]
  - name: chat
    webhook_configs: [{url: 'http://bot:8080/'}]
`,
        'rules.yml': RULES,
      },
    },
    {
      name: 'rules of another system',
      files: {
        'a/alertmanager/alertmanager.yml': `route:
  receiver: chat
  routes:
    - matchers: [severity="page"]
      receiver: pager
receivers: [{name: chat}, {name: pager}]
`,
        'b/rules.yml': RULES,
        'a/examples/rules.yml': RULES,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    if (!tree.route || isSample(context.path) || context.facts.derived(RELABELS)) return;
    const matchers = routesOf(tree.route).flatMap((route) =>
      route.matchers.filter(({ label }) => label === 'severity'),
    );
    if (matchers.length === 0 || pages(tree, tree.route)) return;
    const emitted = emittedNear(document, context);
    for (const severity of emitted) {
      if (!isUrgent(severity) || isTaken(tree.route, severity)) continue;
      const slip = slipFor(matchers, severity, emitted);
      context.report({
        span: (slip ?? tree.route.receiver)?.span ?? tree.route.map.span,
        message: slip
          ? `No rule has this severity, and no route asks for the \`${severity}\` of the rules, which goes to the default receiver.`
          : `No route asks for the \`${severity}\` of the rules, so it goes to the default receiver, unlike what has a route.`,
        place: `route.severity[${severity}]`,
        fixes: () => [slip && slipFix(slip.scalar, slip.value, severity)],
      });
    }
  },
});

/** Whether some Prometheus changes labels of alerts before it sends them. */
const RELABELS: Derivation<boolean> = {
  id: 'alertmanager-relabels',
  derive: (facts) => facts.all(prometheusConfigFacts).some(({ fact }) => fact.relabelsAlerts),
};

/** The severities in rules beside the configuration and in the folders next to its own. */
function emittedNear(document: Parameters<typeof pathBeside>[0], context: Context): readonly string[] {
  const folder = `${dirname(dirname(document.uri))}/`.replace(/\/\/$/, '/');
  const severities = context.facts.all(prometheusRuleFileFacts).flatMap(({ uri, fact }) => {
    if (fact.form !== 'file' || !fact.loads || !uri.startsWith(folder)) return [];
    return isSample(pathBeside(document, context.path, uri) ?? '') ? [] : fact.severities;
  });
  return [...new Set(severities)].filter((severity) => /^[\w-]{1,30}$/.test(severity)).sort();
}

/** Whether a route below takes alerts of a severity, or may: by all of its matchers, or by other labels alone. */
function isTaken({ routes }: Route, severity: string): boolean {
  return routes.some((route) => {
    if (!route.complete) return true;
    const own = route.matchers.filter(({ label }) => label === 'severity');
    if (own.some((matcher) => takes(matcher, severity) === false)) return false;
    if (own.length > 0 || route.matchers.length === 0) return true;
    return isTaken(route, severity);
  });
}

/** Whether what falls to a route reaches somebody at night. */
function pages(tree: AlertmanagerTree, route: Route): boolean {
  const receiver = definitionOf(route, tree.receivers);
  if (/page|oncall|on-call|critical|urgent|emergency/i.test(receiverOf(route)?.value ?? '')) return true;
  return (
    receiver?.integrations.some(({ kind }) =>
      /^(?:pagerduty|opsgenie|victorops|pushover|sns|incidentio)_configs$/.test(kind),
    ) ?? false
  );
}

/** A matcher for a word that no rule has and that is nearly this one. */
function slipFor(matchers: readonly Matcher[], severity: string, emitted: readonly string[]) {
  for (const matcher of matchers) {
    const slip = literalsOf(matcher)?.find(
      (value) => !emitted.includes(value) && nearestWord(value, [severity]) !== undefined,
    );
    if (slip !== undefined) return { span: matcher.scalar.span, scalar: matcher.scalar, value: slip };
  }
  return undefined;
}

function slipFix(scalar: Matcher['scalar'], slip: string, severity: string): Fix | undefined {
  const parts = scalar.value.split(slip);
  const edit = parts.length === 2 ? setScalar(scalar, parts.join(severity)) : undefined;
  if (!edit) return undefined;
  return {
    title: `Ask for \`${severity}\``,
    safety: 'review',
    edits: [edit],
    risk: 'Alerts of this severity go to the receiver of the route from now on.',
    verify: CHECK_CONFIG,
  };
}
