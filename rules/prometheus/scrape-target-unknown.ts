import type { ScrapeJob, ScrapeTarget } from '../../syntaxes/prometheus/tree.ts';
import { dirname } from '../../syntaxes/uri.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { composeHostsFacts } from '../facts/compose-hosts.ts';
import { composeServicesFacts } from '../facts/compose-services.ts';
import { containersFor } from './shared/loading.ts';

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
    const names = knownNames(context, uri);
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

/** The names that resolve where Prometheus runs; undefined where others may. */
function knownNames({ facts }: Context, configUri: string): ReadonlySet<string> | undefined {
  const containers = containersFor(facts, configUri);
  if (containers.length === 0) return undefined;
  const names = new Set<string>();
  for (const { service } of containers) {
    const own = facts.of(composeServicesFacts, service.uri).find(({ name }) => name === service.fact.name);
    if (own?.networkMode !== undefined) return undefined;
    for (const { uri, fact } of facts.all(composeHostsFacts)) {
      const sameFolder = dirname(uri) === dirname(service.uri);
      if (sameFolder && fact.open) return undefined;
      // A file of another folder may be run with this one, `-f`, so its names count as known.
      for (const name of fact.names) names.add(name);
    }
  }
  return names;
}

function isPlainName(host: string): boolean {
  return /^[A-Za-z][\w-]*$/.test(host) && !/^(?:localhost|host|gateway)$/i.test(host);
}

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

/** Whether two names differ in one letter, or in `-` against `_`. */
function isOneSlip(a: string, b: string): boolean {
  if (a.replaceAll('_', '-') === b.replaceAll('_', '-')) return true;
  if (Math.min(a.length, b.length) < 3 || Math.abs(a.length - b.length) > 1) return false;
  let head = 0;
  while (head < a.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail++;
  return Math.max(a.length, b.length) - head - tail <= 1;
}
