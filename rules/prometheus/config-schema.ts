import type { Document } from '../../syntaxes/document.ts';
import type { ScrapeJob } from '../../syntaxes/prometheus/tree.ts';
import { durationSeconds } from '../../syntaxes/promql/durations.ts';
import {
  asScalar,
  pairOf,
  valueAt,
  type YamlMap,
  type YamlPair,
  type YamlScalar,
} from '../../syntaxes/yaml/tree.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { isComputed } from './shared/loading.ts';

export const rule = defineRule({
  id: 'prometheus/config-schema',
  title: 'Prometheus refuses the configuration',
  kinds: ['prometheus-config'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Prometheus checks its configuration as a whole: with two jobs of one name, or a timeout longer than the interval, it
does not start, and a running one keeps the old configuration when it is told to reload.`,
    fix: `Give each job a name of its own, a \`scrape_timeout\` no longer than its \`scrape_interval\`, and put
\`labels\` beside \`targets\` below \`static_configs\`. Settings of the storage and the web server are flags.`,
    falsePositives:
      'Values that something else fills in are left alone. Keys that are not known at all are not judged.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/configuration/'],
  },
  bad: [
    {
      name: 'two jobs of one name',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: app
    static_configs: [{ targets: ["a:80"] }]
  - job_name: «"app"»
    static_configs: [{ targets: ["b:80"] }]
`,
      },
    },
    {
      name: 'timeouts longer than the interval of the job, or of all',
      files: {
        'prometheus.yml': `global:
  scrape_interval: 10s
scrape_configs:
  - job_name: a
    scrape_timeout: «15s»
    static_configs: [{ targets: ["a:80"] }]
  - job_name: b
    scrape_interval: 1m
    scrape_timeout: «'90s'»
    static_configs: [{ targets: ["b:80"] }]
`,
      },
    },
    {
      name: 'a global timeout, and labels and targets out of place',
      files: {
        'prometheus.yml': `global:
  scrape_interval: 5s
  scrape_timeout: «10s»
scrape_configs:
  - job_name: a
    «labels»: { env: prod }
    static_configs: [{ targets: ["a:80"] }]
  - job_name: b
    «targets»: ["b:80"]
`,
      },
    },
  ],
  good: [
    {
      name: 'an interval below the timeout that nobody wrote: Prometheus shortens it',
      files: {
        'prometheus.yml': `global:
  scrape_interval: 5s
scrape_configs:
  - job_name: a
    static_configs: [{ targets: ["a:80"], labels: { env: prod } }]
  - job_name: b
    scrape_interval: 2s
    static_configs: [{ targets: ["b:80"] }]
`,
      },
    },
    {
      name: 'equal, longer and compound durations',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: a
    scrape_timeout: 1m
    static_configs: [{ targets: ["a:80"] }]
  - job_name: b
    scrape_interval: 1m30s
    scrape_timeout: 90s
    static_configs: [{ targets: ["b:80"] }]
`,
      },
    },
    {
      name: 'values that are filled in',
      files: {
        'prometheus.yml': `global:
  scrape_interval: \${INTERVAL}
scrape_configs:
  - job_name: \${JOB}
    scrape_timeout: 90s
    static_configs: [{ targets: ["a:80"] }]
  - job_name: \${JOB}
    scrape_interval: 10s
    scrape_timeout: \${TIMEOUT}
    static_configs: [{ targets: ["b:80"] }]
`,
      },
    },
  ],
  check(document, context) {
    reportDuplicates(document, context);
    const global = pairOf(document.tree.root, 'global');
    const globalMap = global?.value?.type === 'map' ? global.value : undefined;
    const interval = intervalOf(globalMap, MINUTE);
    if (globalMap) reportTimeout(context, globalMap, interval, 'global');
    for (const [index, job] of document.tree.jobs.entries()) {
      const place = `scrape_configs.${job.name?.value ?? index}`;
      // What a merge key brings along is not looked at.
      if (pairOf(job.map, '<<')) continue;
      reportTimeout(context, job.map, intervalOf(job.map, interval), place);
      for (const pair of job.map.pairs) reportMisplaced(context, pair, place);
    }
  },
});

/** What `scrape_interval` is where nobody sets it. */
const MINUTE = 60;

function reportDuplicates({ tree }: Document<'prometheus-config'>, context: Context): void {
  const seen = new Map<string, number>();
  for (const { name } of tree.jobs as readonly ScrapeJob[]) {
    if (!name || isComputed(name.value)) continue;
    const before = seen.get(name.value) ?? 0;
    seen.set(name.value, before + 1);
    if (before === 0) continue;
    context.report({
      span: name.span,
      message: `A second job is called \`${name.value.slice(0, 60)}\`, so Prometheus refuses the configuration.`,
      place: `scrape_configs.${name.value}.job_name[${before + 1}]`,
    });
  }
}

/** In seconds; undefined where it cannot be told. */
function intervalOf(map: YamlMap | undefined, otherwise: number | undefined): number | undefined {
  if (pairOf(map, '<<')) return undefined;
  const pair = pairOf(map, 'scrape_interval');
  if (!pair) return otherwise;
  return secondsOf(asScalar(pair.value));
}

function secondsOf(scalar: YamlScalar | undefined): number | undefined {
  const seconds = scalar && durationSeconds(scalar.value);
  // Zero stands for "not set".
  return seconds === 0 ? undefined : seconds;
}

function reportTimeout(context: Context, map: YamlMap, interval: number | undefined, place: string): void {
  const timeout = asScalar(valueAt(map, 'scrape_timeout'));
  const seconds = secondsOf(timeout);
  if (!timeout || seconds === undefined || interval === undefined || seconds <= interval) return;
  context.report({
    span: timeout.span,
    message: `The timeout of ${timeout.value} is longer than the interval, so Prometheus refuses the configuration.`,
    place: `${place}.scrape_timeout`,
  });
}

function reportMisplaced(context: Context, { key }: YamlPair, place: string): void {
  if (key.value !== 'labels' && key.value !== 'targets') return;
  context.report({
    span: key.span,
    message: `\`${key.value}\` belongs below \`static_configs\`; here Prometheus refuses the configuration.`,
    place: `${place}.${key.value}`,
  });
}
