import type { Span } from '../../syntaxes/document.ts';
import type { PromqlExpr } from '../../syntaxes/promql/tree.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { EXPERIMENTAL, EXPERIMENTAL_FUNCTIONS, RENAMED, SINCE } from '../data/promql-features.ts';
import { FLAG } from '../facts/prometheus-image.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';
import { type Server, serversFor } from './shared/servers.ts';

export const rule = defineRule({
  id: 'promql/feature-disabled',
  title: 'Function that this Prometheus does not have',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions:
    /holt_winters|double_exponential|(?:first|mad|last|max|min|present)_over_time|histogram_quantiles|\binfo\b|limit_ratio|limitk|sort_by_label|\b(?:a?(?:cos|sin|tan)h?|deg|rad|pi)\b/i,
  docs: {
    why: `Prometheus refuses a rule file with a function that it does not know, and with it the whole configuration: at a reload it goes on with the old
rules, at a start it does not come up. Experimental functions are unknown until \`--enable-feature=${EXPERIMENTAL}\` is set.`,
    fix: 'Set the flag, run a newer version, or write the expression without the function.',
    falsePositives: `The flags and the image's tag are those of the Compose service that loads the file; silent where one of them is not known in
full, and for rules that no configuration of the workspace loads.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/feature_flags/#experimental-promql-functions',
      'https://prometheus.io/docs/prometheus/latest/migration/',
    ],
  },
  bad: [
    {
      name: 'an experimental function',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Unsteady
        expr: «mad_over_time»(queue_length[1h]) > 50
        labels: {severity: warning}
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command:
      - "--config.file=/etc/prometheus/prometheus.yml"
    volumes: [".:/etc/prometheus"]
`,
      },
      fixed: {
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command:
      - "--config.file=/etc/prometheus/prometheus.yml"
      - "--enable-feature=promql-experimental-functions"
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'another feature is on, the list is in one line',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: 'sum(«limitk»(3, x)) + sum(«sort_by_label»(y, "job"))'
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus
    command: [--config.file=/etc/prometheus/prometheus.yml, --enable-feature=native-histograms]
    volumes: [".:/etc/prometheus"]
`,
      },
      fixed: {
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus
    command: [--config.file=/etc/prometheus/prometheus.yml, --enable-feature=native-histograms, --enable-feature=promql-experimental-functions]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'a version that does not know it yet, or no longer',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: «present_over_time»(up[1h])
      - record: b
        expr: «holt_winters»(x[1h], 0.5, 0.5)
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  old:
    image: prom/prometheus:v2.28.1
    volumes: [".:/etc/prometheus"]
  new:
    image: quay.io/prometheus/prometheus:v3.5.0
    volumes: [".:/etc/prometheus"]
`,
      },
    },
  ],
  good: [
    {
      name: 'the feature is on',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: mad_over_time(x[1h]) + double_exponential_smoothing(x[1h], 0.5, 0.5) + present_over_time(x[1h])
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: --config.file=/etc/prometheus/prometheus.yml --enable-feature=exemplar-storage,promql-experimental-functions
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'features that are switched on one by one',
      files: {
        'rules.yml': `groups: [{ name: app, rules: [{ record: a, expr: "mad_over_time(x[1h])" }] }]
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: [--config.file=/etc/prometheus/prometheus.yml, --enable-feature=promql-experimental-functions, --enable-feature=native-histograms]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'versions and flags that are not known, a metric of that name',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: holt_winters(x[1h], 0.5, 0.5) + present_over_time(x[1h])
      - record: b
        expr: info > 1 or pi > 2
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:latest
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'more flags come from elsewhere',
      files: {
        'rules.yml': `groups: [{ name: app, rules: [{ record: a, expr: "mad_over_time(x[1h])" }] }]
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: ["--config.file=/etc/prometheus/prometheus.yml", "\${MORE}"]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'nothing loads the file',
      files: {
        'rules.yml': `groups: [{ name: app, rules: [{ record: a, expr: "mad_over_time(x[1h])" }] }]
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      for (const { name, span } of functionsIn(root)) {
        const missing = missingIn(context, document.uri, name);
        if (!missing) continue;
        context.report({
          span,
          message: missing.message,
          place: `${rule.place}.expr.${name}`,
          fixes: () => [missing.server && flagFix(missing.server)],
        });
      }
    }
  },
});

/** The functions and aggregations that not every server has. */
function functionsIn(root: PromqlExpr): readonly { readonly name: string; readonly span: Span }[] {
  return [
    ...findAll(root, 'call').map(({ node }) => ({ name: node.name, span: node.nameSpan })),
    ...findAll(root, 'aggregation').map(({ node }) => ({ name: node.op, span: node.opSpan })),
  ].filter(({ name }) => EXPERIMENTAL_FUNCTIONS.has(name) || name in SINCE || name in RENAMED);
}

interface Missing {
  readonly message: string;
  /** The server that lacks nothing but the flag. */
  readonly server?: Server;
}

function missingIn({ facts }: Context, ruleFile: string, name: string): Missing | undefined {
  const shown = `\`${name}\``;
  const renamed = RENAMED[name];
  const since = SINCE[name];
  for (const server of serversFor(facts, ruleFile) ?? []) {
    const version = server.image?.version;
    const label = version && `Prometheus ${version.join('.')}`;
    if (version && since && isBefore(version, since))
      return {
        message: `${label} does not know ${shown} yet, which came with ${since.join('.')}, and refuses the file.`,
      };
    if (version && renamed && !isBefore(version, renamed.from))
      return {
        message: `${label} no longer knows ${shown}, which is \`${renamed.name}\` there, and refuses the file.`,
      };
    const features = (server.flags['enable-feature'] ?? '').split(',');
    if (EXPERIMENTAL_FUNCTIONS.has(name) && !features.includes(EXPERIMENTAL)) {
      const message = `${shown} is experimental, and without \`--enable-feature=${EXPERIMENTAL}\` Prometheus refuses the file.`;
      return { message, server };
    }
  }
  return undefined;
}

function isBefore(version: readonly [number, number], other: readonly [number, number]): boolean {
  return version[0] < other[0] || (version[0] === other[0] && version[1] < other[1]);
}

function flagFix({ image, composeUri, service }: Server): Fix | undefined {
  const add = image?.addFlag;
  if (!add) return undefined;
  const text = add.text.replace(FLAG, `--enable-feature=${EXPERIMENTAL}`);
  return {
    title: `Enable experimental functions in \`${service}\``,
    safety: 'review',
    edits: [{ uri: composeUri, span: add.span, text }],
    risk: 'Experimental functions may change or go with any version.',
    verify: 'docker compose config -q',
  };
}
