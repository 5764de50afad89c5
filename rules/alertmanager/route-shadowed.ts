import { type Matcher, type Route, routesOf, spanOfRoute } from '../../syntaxes/alertmanager/tree.ts';
import { lineEndAt, lineStartAt } from '../../syntaxes/lines.ts';
import { fieldOf } from '../../syntaxes/prometheus/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { endOfNode } from '../core/yaml-edits.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import { literalsOf, takes } from './shared/severities.ts';
import { CHECK_CONFIG } from './shared/values.ts';

export const rule = defineRule({
  id: 'alertmanager/route-shadowed',
  title: 'An earlier route takes all of its alerts',
  kinds: ['alertmanager'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Of the routes beside each other the first that matches takes the alert, unless it says \`continue: true\`. This route asks for
more than one before it does, so it never gets an alert, and its receiver hears nothing.`,
    fix: 'Put the more special route first, or let the earlier one go on with `continue: true`.',
    falsePositives:
      'What a later route asks for by a regular expression is compared only where that is a list of words.',
    references: ['https://prometheus.io/docs/alerting/latest/configuration/#route'],
  },
  bad: [
    {
      name: 'the general route first',
      files: {
        'alertmanager.yml': `route:
  receiver: chat
  routes:
    - matchers:
        - severity="critical"
      receiver: pager
    - matchers:
        - «severity="critical"»
        - team="db"
      receiver: dba
receivers:
  - name: chat
  - name: pager
  - name: dba
`,
      },
      fixed: `route:
  receiver: chat
  routes:
    - matchers:
        - severity="critical"
        - team="db"
      receiver: dba
    - matchers:
        - severity="critical"
      receiver: pager
receivers:
  - name: chat
  - name: pager
  - name: dba
`,
    },
    {
      name: 'a list of words, and a route that takes everything',
      files: {
        'alertmanager.yml': `route:
  receiver: chat
  routes:
    - match_re: {severity: critical|warning}
      receiver: chat
    - match: {severity: «warning»}
      receiver: mail
    - receiver: rest
    - matchers: [«'env=~"dev|test"'»]
      receiver: dev
receivers: [{name: chat}, {name: mail}, {name: rest}, {name: dev}]
`,
      },
      fixed: `route:
  receiver: chat
  routes:
    - match: {severity: warning}
      receiver: mail
    - match_re: {severity: critical|warning}
      receiver: chat
    - receiver: rest
    - matchers: ['env=~"dev|test"']
      receiver: dev
receivers: [{name: chat}, {name: mail}, {name: rest}, {name: dev}]
`,
    },
  ],
  good: [
    {
      name: 'the special route first, others beside it, or one that goes on',
      files: {
        'alertmanager.yml': `route:
  receiver: chat
  routes:
    - matchers: [alertname="Watchdog"]
      receiver: a
      continue: true
    - matchers: [alertname="Watchdog", team="x"]
      receiver: b
    - matchers: [severity="critical", team="db"]
      receiver: b
    - matchers: [severity="critical"]
      receiver: a
    - matchers: ['severity=~"warn.*"']
      receiver: a
    - matchers: ['severity=~"info.*"']
      receiver: b
    - matchers: [team!="db"]
      receiver: a
    - matchers: [team="db"]
      receiver: b
    - matchers: ['env=~"a|b"']
      receiver: a
    - matchers: ['env=~"b|c"']
      receiver: b
receivers: [{name: chat}, {name: a}, {name: b}]
`,
      },
    },
    {
      name: 'a matcher that cannot be read, and a label that may be missing',
      files: {
        'alertmanager.yml': `route:
  receiver: chat
  routes:
    - matchers: [severity]
      receiver: a
    - matchers: [severity="critical"]
      receiver: b
    - matchers: [team=""]
      receiver: a
    - matchers: ['team=~".+"']
      receiver: b
receivers: [{name: chat}, {name: a}, {name: b}]
`,
      },
    },
  ],
  check({ uri, text, tree }, context) {
    if (isSample(context.path)) return;
    for (const parent of routesOf(tree.route)) {
      for (const route of parent.routes) {
        const earlier = parent.routes
          .slice(0, route.index)
          .find((other) => other.continues === false && other.complete && takesAllOf(other, route));
        if (!earlier || !route.complete) continue;
        context.report({
          span: spanOfRoute(route),
          message: 'A route before it takes every alert that this one asks for, so it never gets one.',
          place: route.place,
          related: [{ uri, span: spanOfRoute(earlier), message: 'Takes them' }],
          fixes: () => [moveFix(text, earlier, route)],
        });
      }
    }
  },
});

function takesAllOf(earlier: Route, later: Route): boolean {
  return earlier.matchers.every((matcher) =>
    later.matchers.some((other) => other.label === matcher.label && implies(other, matcher)),
  );
}

/** Whether everything that `narrow` takes `wide` takes too. */
function implies(narrow: Matcher, wide: Matcher): boolean {
  if (narrow.operator === wide.operator && narrow.value === wide.value) return true;
  const values = literalsOf(narrow);
  return values?.every((value) => takes(wide, value) === true) ?? false;
}

/** Puts the lines of a route before those of an earlier one. */
function moveFix(text: string, earlier: Route, route: Route): Fix | undefined {
  const list = earlier.parent && fieldOf(earlier.parent.map, 'routes')?.value;
  if (
    list?.type !== 'seq' ||
    list.flow ||
    !list.items.includes(earlier.map) ||
    !list.items.includes(route.map)
  )
    return undefined;
  const target = linesOf(text, earlier);
  const own = linesOf(text, route);
  if (
    !target ||
    !own ||
    text.charAt(own.end - 1) !== '\n' ||
    route.map.anchor ||
    /[&*]\w/.test(text.slice(own.start, own.end))
  )
    return undefined;
  return {
    title: 'Put it before the route that takes its alerts',
    safety: 'review',
    edits: [
      { span: { start: target.start, end: target.start }, text: text.slice(own.start, own.end) },
      { span: own, text: '' },
    ],
    risk: 'Alerts go to another receiver than before.',
    verify: CHECK_CONFIG,
  };
}

/** From the dash of an item to the end of its last line. */
function linesOf(text: string, { map }: Route): { readonly start: number; readonly end: number } | undefined {
  const first = map.pairs[0]?.key.span.start;
  if (first === undefined) return undefined;
  const start = lineStartAt(text, first);
  if (!/^ *- +$/.test(text.slice(start, first))) return undefined;
  const end = lineEndAt(text, endOfNode(text, map));
  const newline = text.indexOf('\n', end);
  return { start, end: newline < 0 ? text.length : newline + 1 };
}
