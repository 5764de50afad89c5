import type { ScrapeJob, ScrapeTarget } from '../../syntaxes/prometheus/tree.ts';
import { textAt } from '../../syntaxes/yaml/tree.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { composeServicesFacts } from '../facts/compose-services.ts';

export const rule = defineRule({
  id: 'prometheus/scrape-wire-port',
  title: 'Scrape target speaks a database protocol, not HTTP',
  kinds: ['prometheus-config'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `A database answers on this port in its own protocol. Prometheus asks for \`/metrics\` over HTTP and gets nothing: the job
is down for ever, and alerts on the database never fire.`,
    fix: 'Run the exporter of the database, and scrape that.',
    falsePositives:
      'Jobs of multi-target exporters, which put the address of the exporter in place of the target, are left alone.',
    references: ['https://prometheus.io/docs/instrumenting/exporters/'],
  },
  bad: [
    {
      name: 'databases themselves',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: postgres
    static_configs:
      - targets: ["«postgres:5432»"]
  - job_name: redis
    static_configs:
      - targets:
          - «redis:6379»
`.replaceAll('"«postgres:5432»"', '«"postgres:5432"»'),
      },
    },
    {
      name: 'the exporter runs beside it',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: redis
    static_configs:
      - targets: [«'redis:6379'»]
`,
        'compose.yaml': `services:
  redis:
    image: redis:8
  redis-exporter:
    image: oliver006/redis_exporter:v1.77.0
`,
      },
      fixed: `scrape_configs:
  - job_name: redis
    static_configs:
      - targets: ['redis-exporter:9121']
`,
    },
  ],
  good: [
    {
      name: 'exporters, and other ports',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: redis
    static_configs:
      - targets: [redis-exporter:9121, postgres-exporter:9187, app:8000, app:9092]
`,
      },
    },
    {
      name: 'a multi-target exporter',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: redis
    metrics_path: /scrape
    static_configs:
      - targets: ["redis://redis:6379", redis:6379]
    relabel_configs:
      - source_labels: [__address__]
        target_label: __param_target
      - target_label: __address__
        replacement: redis-exporter:9121
`,
      },
    },
  ],
  check({ tree }, context) {
    for (const [index, job] of tree.jobs.entries()) {
      if (job.relabelsAddress || (textAt(job.map, 'metrics_path') ?? '/metrics') !== '/metrics') continue;
      for (const target of job.targets) {
        const database = databaseOf(target);
        if (!database) continue;
        context.report({
          span: target.scalar.span,
          message: `Port ${target.port} speaks ${database.name}'s own protocol, not HTTP, so this target is always down.`,
          place: placeOf(job, index, target),
          fixes: () => [exporterFix(context, target, database)],
        });
      }
    }
  },
});

interface Database {
  readonly name: string;
  /** What the exporter's image and the service for it are called. */
  readonly exporter: RegExp;
  /** https://github.com/prometheus/prometheus/wiki/Default-port-allocations */
  readonly exporterPort: string;
}

const DATABASES: Readonly<Record<string, Database>> = {
  '5432': { name: 'PostgreSQL', exporter: /postgres(?:ql)?[-_]?exporter/i, exporterPort: '9187' },
  '3306': { name: 'MySQL', exporter: /mysqld?[-_]?exporter/i, exporterPort: '9104' },
  '6379': { name: 'Redis', exporter: /redis[-_]?exporter/i, exporterPort: '9121' },
  '27017': { name: 'MongoDB', exporter: /mongo(?:db)?[-_]?exporter/i, exporterPort: '9216' },
  '5672': { name: 'AMQP', exporter: /rabbitmq[-_]?exporter/i, exporterPort: '9419' },
  '11211': { name: 'Memcached', exporter: /memcached[-_]?exporter/i, exporterPort: '9150' },
};

function databaseOf({ port, scalar }: ScrapeTarget): Database | undefined {
  return port !== undefined && !scalar.value.includes('/') ? DATABASES[port] : undefined;
}

function placeOf(job: ScrapeJob, index: number, target: ScrapeTarget): string {
  return `scrape_configs.${job.name?.value ?? index}.targets[${target.scalar.value}]`;
}

function exporterFix(
  { facts }: Context,
  { scalar }: ScrapeTarget,
  { exporter, exporterPort }: Database,
): Fix | undefined {
  const services = facts
    .all(composeServicesFacts)
    .filter(({ fact }) => exporter.test(fact.image ?? '') || exporter.test(fact.name));
  const names = new Set(services.map(({ fact }) => fact.name));
  const [name] = names;
  const edit =
    names.size === 1 && name !== undefined ? setScalar(scalar, `${name}:${exporterPort}`) : undefined;
  return (
    edit && {
      title: `Scrape \`${name}:${exporterPort}\``,
      safety: 'review',
      risk: 'The port is the one this exporter listens on unless it is told otherwise: see that the service sets no other.',
      edits: [edit],
      verify: 'promtool check config',
    }
  );
}
