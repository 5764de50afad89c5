import type { YamlMap, YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { asMap, asScalar, asSeq, pairOf, textAt, valueAt } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { isOneSlip, isPlainName, knownNames } from './shared/hosts.ts';

const COMPOSE = `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./prometheus.yml:/etc/prometheus/prometheus.yml
  alertmanager:
    image: prom/alertmanager:v0.28.1
`;

function alerting(targets: string): string {
  return `alerting:
  alertmanagers:
    - static_configs:
        - targets: [${targets}]
scrape_configs: []
`;
}

export const rule = defineRule({
  id: 'prometheus/alertmanager-target-unknown',
  title: 'Alertmanager target is no service of the Compose project',
  kinds: ['prometheus-config'],
  severity: 'high',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /alertmanagers/,
  docs: {
    why: `Prometheus runs in this Compose project, and no service, container or alias there has the name of the Alertmanager that
it sends to. The name does not resolve: alerts fire and nobody is told.`,
    fix: 'Correct the name, or add the Alertmanager as a service.',
    falsePositives: `Names with a dot, addresses and \`localhost\` are left alone, and so is everything where the project joins
networks of others, includes files, or relabelling puts another address in place of the target.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/configuration/#alertmanager_config',
      'https://docs.docker.com/compose/how-tos/networking/',
    ],
  },
  bad: [
    {
      name: 'a slip of the pen',
      files: { 'prometheus.yml': alerting("«'alert-manager:9093'»"), 'compose.yaml': COMPOSE },
      fixed: alerting("'alertmanager:9093'"),
    },
    {
      name: 'no Alertmanager runs here',
      files: {
        'prometheus.yml': `alerting:
  alertmanagers:
    - scheme: http
      static_configs:
        - targets:
            - «alerts:9093»
            - 10.0.0.4:9093
scrape_configs: []
`,
        'compose.yaml': COMPOSE,
      },
    },
  ],
  good: [
    {
      name: 'the service, hosts outside, a name that is filled in',
      files: {
        'prometheus.yml': alerting(
          '"alertmanager:9093", localhost:9093, alerts.example.com:9093, host.docker.internal:9093, "${AM}:9093"',
        ),
        'compose.yaml': COMPOSE,
      },
    },
    {
      name: 'an Alertmanager in another Compose file of the folder',
      files: {
        'prometheus.yml': alerting('alerts:9093'),
        'compose.yaml': COMPOSE,
        'compose.alerts.yaml': `services:
  alerts:
    image: prom/alertmanager
`,
      },
    },
    {
      name: 'the network belongs to another project too',
      files: {
        'prometheus.yml': alerting('alerts:9093'),
        'compose.yaml': `${COMPOSE}networks:
  default:
    external: true
    name: shared
`,
      },
    },
    {
      name: 'relabelling puts another address in place',
      files: {
        'prometheus.yml': `alerting:
  alertmanagers:
    - static_configs: [{ targets: [alerts] }]
      relabel_configs:
        - target_label: __address__
          replacement: alertmanager:9093
scrape_configs: []
`,
        'compose.yaml': COMPOSE,
      },
    },
    {
      name: 'Prometheus does not run in Compose',
      files: {
        'prometheus.yml': alerting('alerts:9093'),
        'compose.yaml': `services:
  api:
    image: acme/api
`,
      },
    },
  ],
  check({ uri, tree }, context) {
    const managers = tree.alertmanagers.filter((manager) => !relabelsAddress(manager));
    const targets = managers.flatMap(targetsOf);
    if (targets.length === 0) return;
    const names = knownNames(context.facts, uri);
    if (!names) return;
    const seen = new Set<string>();
    for (const scalar of targets) {
      const host = /^(?:https?:\/\/)?([^:/]+)/.exec(scalar.value)?.[1];
      if (host === undefined || !isPlainName(host) || names.has(host) || seen.has(scalar.value)) continue;
      seen.add(scalar.value);
      context.report({
        span: scalar.span,
        message: `No service, container or alias is called \`${host.slice(0, 60)}\`, so alerts reach nobody.`,
        place: `alerting.alertmanagers.targets[${scalar.value}]`,
        fixes: () => [renameFix(scalar, host, names)],
      });
    }
  },
});

function targetsOf(manager: YamlMap): readonly YamlScalar[] {
  const entries = asSeq(valueAt(manager, 'static_configs'))?.items ?? [];
  return entries.flatMap((entry) =>
    (asSeq(valueAt(entry, 'targets'))?.items ?? []).flatMap((item) => asScalar(item) ?? []),
  );
}

function relabelsAddress(manager: YamlMap): boolean {
  const pair = pairOf(manager, 'relabel_configs');
  return (asSeq(pair?.value)?.items ?? []).some((item) => {
    const map = asMap(item);
    const target = textAt(map, 'target_label');
    return !map || target === '__address__' || /^labelmap$/i.test(textAt(map, 'action') ?? '');
  });
}

/** The one name that differs in a letter. */
function renameFix(scalar: YamlScalar, host: string, names: ReadonlySet<string>): Fix | undefined {
  const [name, ...others] = [...names].filter((candidate) => isOneSlip(host, candidate));
  if (name === undefined || others.length > 0) return undefined;
  const edit = setScalar(scalar, scalar.value.replace(host, name));
  return (
    edit && {
      title: `Send alerts to \`${name}\``,
      safety: 'review',
      edits: [edit],
      risk: 'The name was guessed from its likeness, and alerts begin to reach its receivers.',
      verify: 'promtool check config',
    }
  );
}
