import type { ScrapeJob, ScrapeTarget } from '../../syntaxes/prometheus/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { isOneSlip, isPlainName, knownNames } from './shared/hosts.ts';

const COMPOSE = `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./prometheus.yml:/etc/prometheus/prometheus.yml
  api:
    image: acme/api
    container_name: acme-api
  node-exporter:
    image: prom/node-exporter
    networks:
      default:
        aliases: [node]
`;

export const rule = defineRule({
  id: 'prometheus/scrape-target-unknown',
  title: 'Scrape target is no service of the Compose project',
  kinds: ['prometheus-config'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `Prometheus runs in this Compose project, and no service, container or alias there has the target's name. It does not
resolve, the job stays down, and alerts on its metrics never fire.`,
    fix: 'Correct the name, add the exporter as a service, or take the target out.',
    falsePositives: `Names with a dot, addresses and \`localhost\` are left alone, and so is everything where the project joins
networks of others, includes files, or the job puts another address in place of its targets.`,
    references: ['https://docs.docker.com/compose/how-tos/networking/'],
  },
  bad: [
    {
      name: 'no such service, and one with a slip of the pen',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: app
    static_configs:
      - targets: [«apii:8000», acme-api:8000, node:9100]
  - job_name: redis
    static_configs:
      - targets:
          - «'redis-exporter:9121'»
`,
        'compose.yaml': COMPOSE,
      },
      fixed: `scrape_configs:
  - job_name: app
    static_configs:
      - targets: [api:8000, acme-api:8000, node:9100]
  - job_name: redis
    static_configs:
      - targets:
          - 'redis-exporter:9121'
`,
    },
  ],
  good: [
    {
      name: 'services, containers, aliases, hosts outside',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: app
    static_configs:
      - targets: [api:8000, acme-api:8000, node:9100, localhost:9090, 10.0.0.5:9100, db.example.com:9187, host.docker.internal:9100, "[::1]:9100"]
`,
        'compose.yaml': COMPOSE,
      },
    },
    {
      name: 'a service of another Compose file in the folder',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: app
    static_configs:
      - targets: [worker:8000]
`,
        'compose.yaml': COMPOSE,
        'compose.worker.yaml': `services:
  worker:
    image: acme/worker
`,
      },
    },
    {
      name: 'probes name their targets, not what is scraped',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: probe
    metrics_path: /probe
    static_configs:
      - targets: [website]
    relabel_configs:
      - source_labels: [__address__]
        target_label: __param_target
      - target_label: __address__
        replacement: api:9115
`,
        'compose.yaml': COMPOSE,
      },
    },
    {
      name: 'the network belongs to another project too',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: app
    static_configs:
      - targets: [elsewhere:8000]
`,
        'compose.yaml': `${COMPOSE}networks:
  default:
    external: true
    name: shared
`,
      },
    },
    {
      name: 'Prometheus does not run in Compose',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: app
    static_configs:
      - targets: [elsewhere:8000]
`,
        'compose.yaml': `services:
  api:
    image: acme/api
`,
      },
    },
    {
      name: "the host's network",
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: app
    static_configs:
      - targets: [myhost:8000]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus
    network_mode: host
    volumes:
      - ./prometheus.yml:/etc/prometheus/prometheus.yml
`,
      },
    },
  ],
  check({ uri, tree }, context) {
    const names = knownNames(context.facts, uri);
    if (!names) return;
    for (const [index, job] of tree.jobs.entries()) {
      for (const target of job.relabelsAddress ? [] : job.targets) {
        if (!isPlainName(target.host) || names.has(target.host)) continue;
        context.report({
          span: target.scalar.span,
          message: `No service, container or alias is called \`${target.host.slice(0, 60)}\`, so this target is always down.`,
          place: placeOf(job, index, target),
          fixes: () => [renameFix(target, names)],
        });
      }
    }
  },
});

function placeOf(job: ScrapeJob, index: number, target: ScrapeTarget): string {
  return `scrape_configs.${job.name?.value ?? index}.targets[${target.scalar.value}]`;
}

/** The one name that differs in a letter. */
function renameFix({ scalar, host }: ScrapeTarget, names: ReadonlySet<string>): Fix | undefined {
  const near = [...names].filter((name) => isOneSlip(host, name));
  const [name] = near;
  const edit =
    near.length === 1 && name !== undefined ? setScalar(scalar, scalar.value.replace(host, name)) : undefined;
  if (!edit || name === undefined) return undefined;
  return {
    title: `Scrape \`${name}\``,
    safety: 'review',
    edits: [edit],
    risk: 'The name was guessed from its likeness.',
  };
}
