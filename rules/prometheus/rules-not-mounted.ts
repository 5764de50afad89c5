import { type Mount, mountSourceUri, mountsOf } from '../../syntaxes/compose/mounts.ts';
import { scalarAt } from '../../syntaxes/compose/tree.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { basename, dirname } from '../../syntaxes/uri.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { prometheusConfigFacts } from '../facts/prometheus-config.ts';
import {
  alertsIn,
  besideConfig,
  type Container,
  containersOf,
  isComputed,
  seenIn,
} from './shared/loading.ts';
import { mountFix } from './shared/mount-fix.ts';

const CONFIG = `global:
  scrape_interval: 15s

rule_files:
  - "alerts/*.yml"

scrape_configs:
  - job_name: app
    static_configs:
      - targets: ["app:8000"]
`;

const ALERTS = `groups:
  - name: app
    rules:
      - alert: AppDown
        expr: up{job="app"} == 0
        for: 2m
        labels:
          severity: critical
`;

export const rule = defineRule({
  id: 'prometheus/rules-not-mounted',
  title: 'Rule files are not mounted into the Prometheus container',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Prometheus looks for \`rule_files\` inside its container, relative to the configuration there. A pattern that matches
nothing is no error: Prometheus starts, reports success and evaluates no rule, so no alert ever fires.
\`promtool check config\` on the host cannot see it, since there the files are where the pattern says.`,
    fix: `Mount the folder with the rules next to the configuration, read-only. Mounting the whole folder of the configuration
instead of the one file does it too.`,
    falsePositives: `Services that build their own image, use \`configs\` or have a part in a file that is not read are left
alone, as are patterns below a named volume. Mounts of the same service in other Compose files of the folder count.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/configuration/',
      'https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#configuring-rules',
    ],
  },
  bad: [
    {
      name: "the path of the configuration begins with the shell's folder",
      files: {
        'docker-compose.yml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - «\${PWD}/prometheus/prometheus.yml:/etc/prometheus/prometheus.yml»
`,
        'prometheus/prometheus.yml': CONFIG,
        'prometheus/alerts/app.yml': ALERTS,
      },
      fixed: `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - \${PWD}/prometheus/prometheus.yml:/etc/prometheus/prometheus.yml
      - ./prometheus/alerts:/etc/prometheus/alerts:ro
`,
    },
    {
      name: "mounts in one line, and where Bitnami's image looks",
      files: {
        'docker-compose.yml': `services:
  prometheus:
    image: bitnami/prometheus:2.53.0
    volumes: [«"./prometheus/prometheus.yml:/opt/bitnami/prometheus/conf/prometheus.yml:ro"»]
`,
        'prometheus/prometheus.yml': CONFIG,
        'prometheus/alerts/app.yml': ALERTS,
      },
      fixed: `services:
  prometheus:
    image: bitnami/prometheus:2.53.0
    volumes: ["./prometheus/prometheus.yml:/opt/bitnami/prometheus/conf/prometheus.yml:ro", "./prometheus/alerts:/opt/bitnami/prometheus/conf/alerts:ro"]
`,
    },
    {
      name: 'only the configuration is mounted',
      files: {
        'docker-compose.yml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command:
      - --config.file=/etc/prometheus/prometheus.yml
      - --storage.tsdb.retention.time=\${RETENTION}
    volumes:
      - «./prometheus/prometheus.yml:/etc/prometheus/prometheus.yml:ro»
      - prometheus-data:/prometheus

volumes:
  prometheus-data:
`,
        'prometheus/prometheus.yml': CONFIG,
        'prometheus/alerts/app.yml': ALERTS,
      },
      fixed: `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command:
      - --config.file=/etc/prometheus/prometheus.yml
      - --storage.tsdb.retention.time=\${RETENTION}
    volumes:
      - ./prometheus/prometheus.yml:/etc/prometheus/prometheus.yml:ro
      - ./prometheus/alerts:/etc/prometheus/alerts:ro
      - prometheus-data:/prometheus

volumes:
  prometheus-data:
`,
    },
    {
      name: 'one rule file beside the configuration',
      files: {
        'monitoring/compose.yaml': `services:
  prom:
    image: "prom/prometheus"
    volumes:
      - «"./prometheus.yml:/etc/prometheus/prometheus.yml"»
`,
        'monitoring/prometheus.yml': `rule_files: [alert_rules.yml]
scrape_configs: []
`,
        'monitoring/alert_rules.yml': ALERTS,
      },
      fixed: `services:
  prom:
    image: "prom/prometheus"
    volumes:
      - "./prometheus.yml:/etc/prometheus/prometheus.yml"
      - "./alert_rules.yml:/etc/prometheus/alert_rules.yml:ro"
`,
    },
    {
      name: 'the long form, an absolute pattern and another path in the container',
      files: {
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus
    command: ["--config.file=/config/prom.yml"]
    volumes:
      - type: bind
        source: «./prom/prom.yml»
        target: /config/prom.yml
        read_only: true
`,
        'prom/prom.yml': `rule_files:
  - /config/rules/*.yaml
scrape_configs: []
`,
        'prom/rules/a.yaml': ALERTS,
      },
      fixed: `services:
  prometheus:
    image: prom/prometheus
    command: ["--config.file=/config/prom.yml"]
    volumes:
      - type: bind
        source: ./prom/prom.yml
        target: /config/prom.yml
        read_only: true
      - type: bind
        source: ./prom/rules
        target: /config/rules
        read_only: true
`,
    },
  ],
  good: [
    {
      name: 'the folder is mounted',
      files: {
        'docker-compose.yml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./prometheus/prometheus.yml:/etc/prometheus/prometheus.yml
      - ./prometheus/alerts:/etc/prometheus/alerts
`,
        'prometheus/prometheus.yml': CONFIG,
        'prometheus/alerts/app.yml': ALERTS,
      },
    },
    {
      name: 'the whole folder of the configuration is mounted',
      files: {
        'docker-compose.yml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./prometheus:/etc/prometheus/:ro
`,
        'prometheus/prometheus.yml': CONFIG,
        'prometheus/alerts/app.yml': ALERTS,
      },
    },
    {
      name: 'an override file adds the mount',
      files: {
        'docker-compose.yml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./prometheus/prometheus.yml:/etc/prometheus/prometheus.yml
`,
        'docker-compose.prod.yml': `services:
  prometheus:
    volumes:
      - ./prometheus/alerts:/etc/prometheus/alerts
`,
        'prometheus/prometheus.yml': CONFIG,
        'prometheus/alerts/app.yml': ALERTS,
      },
    },
    {
      name: 'the image is built with the rules in it',
      files: {
        'docker-compose.yml': `services:
  prometheus:
    build: ./prometheus
    image: acme/prometheus
    volumes:
      - ./prometheus/prometheus.yml:/etc/prometheus/prometheus.yml
`,
        'prometheus/prometheus.yml': CONFIG,
        'prometheus/alerts/app.yml': ALERTS,
      },
    },
    {
      name: 'rules come from a volume, or from a folder outside of the workspace',
      files: {
        'docker-compose.yml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./prometheus/prometheus.yml:/etc/prometheus/prometheus.yml
      - rules:/etc/prometheus/alerts
  other:
    image: prom/prometheus
    volumes:
      - ./prometheus/prometheus.yml:/etc/prometheus/prometheus.yml
      - /srv/rules:/etc/prometheus/alerts
`,
        'prometheus/prometheus.yml': CONFIG,
        'prometheus/alerts/app.yml': ALERTS,
      },
    },
    {
      name: 'there are no rule files on disk either',
      files: {
        'docker-compose.yml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./prometheus/prometheus.yml:/etc/prometheus/prometheus.yml
`,
        'prometheus/prometheus.yml': CONFIG,
      },
    },
    {
      name: 'another program with the same format, which reads no rules',
      files: {
        'docker-compose.yml': `services:
  vmagent:
    image: victoriametrics/vmagent
    command: ["--promscrape.config=/etc/prometheus/prometheus.yml"]
    volumes:
      - ./prometheus/prometheus.yml:/etc/prometheus/prometheus.yml
`,
        'prometheus/prometheus.yml': CONFIG,
        'prometheus/alerts/app.yml': ALERTS,
      },
    },
  ],
  check(document, context) {
    for (const container of containersOf(context.facts)) {
      const { configUri, service } = container;
      const mount = configUri === undefined ? undefined : configMount(document, container);
      const config =
        configUri === undefined ? undefined : context.facts.of(prometheusConfigFacts, configUri)[0];
      if (configUri === undefined || !mount || !config) continue;
      for (const { pattern, span } of config.ruleFiles) {
        const unseen = unseenFiles(context, container, configUri, pattern);
        if (unseen.length === 0) continue;
        context.report({
          span: spanOf(mount),
          message: messageFor(context, pattern, unseen),
          place: `services.${service.fact.name}.volumes[rules:${pattern}]`,
          related: [
            { uri: configUri, span, message: 'The pattern that Prometheus looks for in its container' },
          ],
          fixes: () => [mountFix({ document, context, container, configUri, pattern, mount, unseen })],
        });
      }
    }
  },
});

/** Files that a pattern means and that the container does not have. */
function unseenFiles(
  context: Context,
  container: Container,
  configUri: string,
  pattern: string,
): readonly string[] {
  if (isComputed(pattern)) return [];
  const seen = seenIn(context.facts, container, pattern);
  if (seen === undefined || seen.length > 0) return [];
  return besideConfig(context.facts, configUri, pattern, container.configFolder) ?? [];
}

/** The mount of the configuration file, where this document holds it. */
function configMount(document: Document<'compose'>, { service, configUri }: Container): Mount | undefined {
  const own = document.tree.services.find((candidate) => candidate.name === service.fact.name);
  if (!own || dirname(document.uri) !== dirname(service.uri)) return undefined;
  return mountsOf(own).find((mount) => mountSourceUri(mount, document.uri) === configUri);
}

function spanOf(mount: Mount): Span {
  return mount.short?.span ?? scalarAt(mount.long, 'source')?.span ?? mount.item.node.span;
}

function messageFor(context: Context, pattern: string, unseen: readonly string[]): string {
  const alerts = alertsIn(context.facts, unseen);
  const what =
    alerts === 0
      ? 'its rules never run'
      : alerts === 1
        ? 'its alert never fires'
        : `its ${alerts} alerts never fire`;
  const shown = pattern.length > 50 ? basename(pattern) : pattern;
  return `\`${shown}\` matches nothing in the container: the rule files are not mounted, so ${what}.`;
}
