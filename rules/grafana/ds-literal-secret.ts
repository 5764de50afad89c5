import { asMap, asScalar, valueAt, type YamlPair } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import { isOpenSecret, secretFixes } from './shared/provisioning.ts';

export const rule = defineRule({
  id: 'grafana/ds-literal-secret',
  title: 'Secret of a data source stands in the provisioning file',
  kinds: ['grafana'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /secureJsonData|password/i,
  docs: {
    why: `The file is checked in and mounted; whoever reads it has the password of the database or the token of the service that Grafana
queries.`,
    fix: 'Grafana puts variables and files into provisioning: write `$__file{/run/secrets/…}`, or `${NAME}` and give the container the variable.',
    falsePositives:
      'Variables, files, placeholders and certificates are left alone, and so are files for development.',
    cwe: [798, 312],
    references: [
      'https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources',
      'https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#variable-expansion',
    ],
  },
  bad: [
    {
      name: 'a password',
      files: {
        'provisioning/datasources/db.yml': `apiVersion: 1
datasources:
  - name: DB
    type: postgres
    url: db:5432
    secureJsonData:
      «password»: kx81hQvb
`,
      },
      fixed: `apiVersion: 1
datasources:
  - name: DB
    type: postgres
    url: db:5432
    secureJsonData:
      password: "$__file{/run/secrets/grafana_password}"
`,
      offers: [
        'Read it from `/run/secrets/grafana_password`',
        'Take it from the variable `GRAFANA_DS_PASSWORD`',
      ],
    },
    {
      name: 'the old places, and a token',
      files: {
        'datasources.yaml': `apiVersion: 1
datasources:
  - name: DB
    type: mysql
    «password»: 'kx81hQvb'
    «basicAuthPassword»: "hQvb-kx81"
  - name: API
    type: prometheus
    secureJsonData:
      «accessToken»: "kx81hQvb"
`,
      },
      fixed: `apiVersion: 1
datasources:
  - name: DB
    type: mysql
    password: '$__file{/run/secrets/grafana_password}'
    basicAuthPassword: "hQvb-kx81"
  - name: API
    type: prometheus
    secureJsonData:
      accessToken: "kx81hQvb"
`,
      offers: [
        'Read it from `/run/secrets/grafana_password`',
        'Take it from the variable `GRAFANA_DS_PASSWORD`',
      ],
    },
  ],
  good: [
    {
      name: 'variables, files, certificates, placeholders',
      files: {
        'datasources.yml': `apiVersion: 1
datasources:
  - name: DB
    type: postgres
    secureJsonData:
      password: $DB_PASSWORD
      token: "\${TOKEN}"
      secretKey: $__file{/run/secrets/key}
      accessKey: '$__env{ACCESS}'
      tlsCACert: |
        -----BEGIN CERTIFICATE-----
      tlsClientCert: abc
      apiToken: <token>
      other: ""
      httpHeaderValue1: tenant-1
`,
      },
    },
    {
      name: 'a template, a resource of Kubernetes, a file for development',
      files: {
        'datasources.dev.yml': `apiVersion: 1
datasources:
  - name: DB
    secureJsonData: {password: postgres}
`,
      },
    },
  ],
  check({ tree }, context) {
    if (isSample(context.path)) return;
    for (const { map, place } of tree.datasources) {
      const own = map.pairs.filter(({ key }) => /^(?:password|basicAuthPassword)$/.test(key.value));
      const secure = asMap(valueAt(map, 'secureJsonData'))?.pairs ?? [];
      const found = [
        ...own.map((pair) => ({ pair, under: '' })),
        ...secure.map((pair) => ({ pair, under: 'secureJsonData.' })),
      ];
      for (const { pair, under } of found) {
        const scalar = asScalar(pair.value);
        if (!scalar || !isSecretKey(pair) || !isOpenSecret(scalar.value)) continue;
        context.report({
          span: pair.key.span,
          message: `\`${pair.key.value.slice(0, 60)}\` holds the secret itself, which everyone with the file can read.`,
          place: `${place}.${under}${pair.key.value}`,
          fixes: () => secretFixes(scalar, pair.key.value),
        });
      }
    }
  },
});

/** Certificates are public, and so are headers that only name a tenant. */
function isSecretKey({ key, value }: YamlPair): boolean {
  if (/cert$/i.test(key.value)) return false;
  return (
    !/^httpHeaderValue\d+$/.test(key.value) ||
    /^(?:Bearer|Basic|Token|ApiKey)\s+\S{6,}/i.test(asScalar(value)?.value ?? '')
  );
}
