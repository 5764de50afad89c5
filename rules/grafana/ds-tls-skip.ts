import { asMap, asScalar, booleanOf, pairOf, textAt, valueAt } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { isSample } from '../prometheus/shared/loading.ts';

export const rule = defineRule({
  id: 'grafana/ds-tls-skip',
  title: 'Grafana does not check the certificate of a data source',
  kinds: ['grafana'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /tlsSkipVerify/i,
  docs: {
    why: `With \`tlsSkipVerify\` any server that answers is taken for the data source. Whoever is on the way gets the password or the token
with every query, and shows what they like.`,
    fix: 'Set it to `false`; give the authority that signed the certificate in `secureJsonData.tlsCACert`, with `tlsAuthWithCACert: true`.',
    falsePositives: 'Silent for addresses with plain HTTP, where it has no effect.',
    cwe: [295],
    references: ['https://grafana.com/docs/grafana/latest/administration/provisioning/#json-data'],
  },
  bad: [
    {
      name: 'the switch',
      files: {
        'datasources.yml': `apiVersion: 1
datasources:
  - name: Prometheus
    type: prometheus
    url: https://prometheus.acme.io
    jsonData:
      tlsSkipVerify: «true»
`,
      },
      fixed: `apiVersion: 1
datasources:
  - name: Prometheus
    type: prometheus
    url: https://prometheus.acme.io
    jsonData:
      tlsSkipVerify: false
`,
    },
    {
      name: 'quoted, in flow style, at an address that is filled in',
      files: {
        'datasources.yml': `apiVersion: 1
datasources:
  - {name: A, type: elasticsearch, url: "\${ES_URL}", jsonData: {tlsSkipVerify: «"true"»}}
`,
      },
      fixed: `apiVersion: 1
datasources:
  - {name: A, type: elasticsearch, url: "\${ES_URL}", jsonData: {tlsSkipVerify: "false"}}
`,
    },
  ],
  good: [
    {
      name: 'checked, or without TLS',
      files: {
        'datasources.yml': `apiVersion: 1
datasources:
  - name: A
    type: prometheus
    url: https://a.acme.io
    jsonData: {tlsSkipVerify: false}
  - name: B
    type: prometheus
    url: http://prometheus:9090
    jsonData: {tlsSkipVerify: true}
`,
      },
    },
    {
      name: 'a file for development',
      files: {
        'datasources.dev.yml': `apiVersion: 1
datasources:
  - name: A
    type: prometheus
    url: https://localhost:9090
    jsonData: {tlsSkipVerify: true}
`,
      },
    },
  ],
  check({ tree }, context) {
    if (isSample(context.path)) return;
    for (const { map, place } of tree.datasources) {
      const toggle = pairOf(asMap(valueAt(map, 'jsonData')), 'tlsSkipVerify');
      const scalar = asScalar(toggle?.value);
      if (!scalar || booleanOf(scalar) !== true || /^http:/i.test(textAt(map, 'url') ?? '')) continue;
      context.report({
        span: scalar.span,
        message: 'Any server that answers is taken for the data source, and gets its credentials.',
        place: `${place}.jsonData.tlsSkipVerify`,
        fixes: () => {
          const edit = setScalar(scalar, 'false');
          return [
            edit && {
              title: 'Check the certificate',
              safety: 'review',
              edits: [edit],
              risk: 'Queries fail until the certificate is one that Grafana trusts.',
            },
          ];
        },
      });
    }
  },
});
