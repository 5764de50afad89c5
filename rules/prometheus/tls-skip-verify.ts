import type { PrometheusConfigTree } from '../../syntaxes/prometheus/tree.ts';
import { booleanOf, isNull, walkPairs } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';

export const rule = defineRule({
  id: 'prometheus/tls-skip-verify',
  title: 'Certificates of a connection are not checked',
  kinds: ['prometheus-config'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /insecure_skip_verify/,
  docs: {
    why: `With \`insecure_skip_verify\` Prometheus speaks TLS with whoever answers. Somebody on the way reads the passwords and
tokens that are sent along, and can put any value into the series.`,
    fix: 'Name the authority that signed the certificate in `ca_file`, and take the setting out.',
    falsePositives: 'Reported for every connection, also for those within one cluster.',
    cwe: [295],
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/configuration/#tls_config'],
  },
  bad: [
    {
      name: 'a job and a remote storage',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: app
    scheme: https
    tls_config:
      insecure_skip_verify: «true»
    static_configs: [{ targets: ["app:443"] }]
remote_write:
  - url: https://mimir.example.com/push
    tls_config: { ca_file: /ca.pem, "insecure_skip_verify": «yes» }
`,
      },
      fixed: `scrape_configs:
  - job_name: app
    scheme: https
    tls_config:
      insecure_skip_verify: false
    static_configs: [{ targets: ["app:443"] }]
remote_write:
  - url: https://mimir.example.com/push
    tls_config: { ca_file: /ca.pem, "insecure_skip_verify": yes }
`,
    },
  ],
  good: [
    {
      name: 'checked, or not set',
      files: {
        'prometheus.yml': `scrape_configs:
  - job_name: app
    tls_config: { insecure_skip_verify: false }
  - job_name: b
    tls_config:
      ca_file: /ca.pem
      insecure_skip_verify:
`,
      },
    },
    {
      name: 'a label of that name, and a value that is filled in',
      files: {
        'prometheus.yml': `global:
  external_labels: { insecure_skip_verify: "true" }
scrape_configs:
  - job_name: app
    tls_config: { insecure_skip_verify: $SKIP }
`,
      },
    },
  ],
  check({ tree }, context) {
    const seen = new Map<string, number>();
    walkPairs(tree.root, ({ key, value }, path) => {
      if (key.value !== 'insecure_skip_verify' || path.at(-1) !== 'tls_config') return;
      if (value?.type !== 'scalar' || isNull(value) || booleanOf(value) !== true) return;
      const at = placeOf(tree, path);
      const before = seen.get(at) ?? 0;
      seen.set(at, before + 1);
      context.report({
        span: value.span,
        message: 'The certificate is not checked, so whoever answers is believed and gets the credentials.',
        place: before === 0 ? at : `${at}#${before + 1}`,
        fixes: () => [
          {
            title: 'Set `insecure_skip_verify` to `false`',
            safety: 'review',
            edits: [{ span: value.span, text: 'false' }],
            risk: 'A certificate of an authority that Prometheus does not know is refused; give it `ca_file`.',
            verify: 'promtool check config',
          },
        ],
      });
    });
  },
});

/** The path with the name of a job in place of its number. */
function placeOf({ jobs }: PrometheusConfigTree, path: readonly string[]): string {
  const [first, index = '', ...rest] = path;
  const name = first === 'scrape_configs' ? jobs[Number(index)]?.name?.value : undefined;
  return [first, name ?? index, ...rest, 'insecure_skip_verify'].join('.');
}
