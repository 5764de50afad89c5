import { asMap, asScalar, textAt, valueAt } from '../../syntaxes/yaml/tree.ts';
import { hostOf, isExampleHost, isFilledIn, isNearHost } from '../alertmanager/shared/values.ts';
import { defineRule } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { isSample } from '../prometheus/shared/loading.ts';

export const rule = defineRule({
  id: 'grafana/ds-sslmode-disable',
  title: 'Grafana queries a database far away without TLS',
  kinds: ['grafana'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /sslmode/i,
  docs: {
    why: `The database is not in this network, and with \`sslmode: disable\` queries, results and the login go over the wire as they are.`,
    fix: 'Set `sslmode` to `verify-full` and give the certificate of the authority; `require` encrypts, and does not ask who answers.',
    falsePositives:
      'Names without a dot, this machine, private addresses and names of private networks are left alone.',
    cwe: [319],
    references: ['https://grafana.com/docs/grafana/latest/datasources/postgres/configure/'],
  },
  bad: [
    {
      name: 'a database in a cloud',
      files: {
        'datasources.yml': `apiVersion: 1
datasources:
  - name: DB
    type: postgres
    url: app.cluster-x.eu-central-1.rds.amazonaws.com:5432
    jsonData:
      sslmode: «disable»
`,
      },
      fixed: `apiVersion: 1
datasources:
  - name: DB
    type: postgres
    url: app.cluster-x.eu-central-1.rds.amazonaws.com:5432
    jsonData:
      sslmode: verify-full
`,
      offers: ['Set sslmode to verify-full', 'Set sslmode to require'],
    },
    {
      name: 'quoted, in flow style',
      files: {
        'datasources.yml': `apiVersion: 1
datasources:
  - {name: DB, type: grafana-postgresql-datasource, url: 'db.acme.io:5432', jsonData: {sslmode: «'disable'»}}
`,
      },
      fixed: `apiVersion: 1
datasources:
  - {name: DB, type: grafana-postgresql-datasource, url: 'db.acme.io:5432', jsonData: {sslmode: 'verify-full'}}
`,
      offers: ['Set sslmode to verify-full', 'Set sslmode to require'],
    },
  ],
  good: [
    {
      name: 'neighbours and private addresses',
      files: {
        'datasources.yml': `apiVersion: 1
datasources:
  - {name: A, type: postgres, url: 'db:5432', jsonData: {sslmode: disable}}
  - {name: B, type: postgres, url: 'localhost:5432', jsonData: {sslmode: disable}}
  - {name: C, type: postgres, url: '10.1.2.3:5432', jsonData: {sslmode: disable}}
  - {name: D, type: postgres, url: 'db.prod.svc.cluster.local:5432', jsonData: {sslmode: disable}}
`,
      },
    },
    {
      name: 'TLS, and an address that is filled in',
      files: {
        'datasources.yml': `apiVersion: 1
datasources:
  - {name: A, type: postgres, url: 'db.acme.io:5432', jsonData: {sslmode: require}}
  - {name: B, type: postgres, url: "\${DB_HOST}:5432", jsonData: {sslmode: disable}}
  - {name: C, type: postgres, url: 'db.acme.io:5432', jsonData: {sslmode: $MODE}}
`,
      },
    },
  ],
  check({ tree }, context) {
    if (isSample(context.path)) return;
    for (const { map, place } of tree.datasources) {
      const scalar = asScalar(valueAt(asMap(valueAt(map, 'jsonData')), 'sslmode'));
      const url = textAt(map, 'url') ?? '';
      const host = hostOf(url);
      if (scalar?.value.toLowerCase() !== 'disable' || !host || isFilledIn(url)) continue;
      if (isNearHost(host) || isExampleHost(host)) continue;
      context.report({
        span: scalar.span,
        message: 'The database is not in this network, and its login and data go over the wire without TLS.',
        place: `${place}.jsonData.sslmode`,
        fixes: () =>
          ['verify-full', 'require'].map((mode) => {
            const edit = setScalar(scalar, mode);
            return (
              edit && {
                title: `Set sslmode to ${mode}`,
                safety: 'review' as const,
                edits: [edit],
                risk: 'Queries fail where the server offers no TLS or has a certificate that Grafana does not trust.',
              }
            );
          }),
      });
    }
  },
});
