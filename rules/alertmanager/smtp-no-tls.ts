import type { AlertmanagerTree } from '../../syntaxes/alertmanager/tree.ts';
import { fieldOf } from '../../syntaxes/prometheus/tree.ts';
import { asScalar, booleanOf, textAt, type YamlMap, type YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import { CHECK_CONFIG, hostOf, isExampleHost, isFilledIn, isNearHost } from './shared/values.ts';

export const rule = defineRule({
  id: 'alertmanager/smtp-no-tls',
  title: 'Mail is sent without TLS',
  kinds: ['alertmanager'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /require_tls/,
  docs: {
    why: `With \`require_tls\` off Alertmanager takes a connection to the mail server that nobody encrypted. Alerts name hosts, versions and
what is broken, and whoever is on the way reads and changes them.`,
    fix: 'Take `smtp_require_tls: false` out, or set it to `true`; the server has to offer STARTTLS.',
    falsePositives:
      'Servers on this machine and in private networks are left alone, and port 465, where TLS comes first.',
    cwe: [319],
    references: ['https://prometheus.io/docs/alerting/latest/configuration/#email_config'],
  },
  bad: [
    {
      name: 'for all mails',
      files: {
        'alertmanager.yml': `global:
  smtp_from: am@acme.io
  smtp_smarthost: 'smtp.acme.io:587'
  smtp_require_tls: «false»
route: {receiver: a}
receivers:
  - name: a
    email_configs: [{to: ops@acme.io}]
`,
      },
      fixed: `global:
  smtp_from: am@acme.io
  smtp_smarthost: 'smtp.acme.io:587'
  smtp_require_tls: true
route: {receiver: a}
receivers:
  - name: a
    email_configs: [{to: ops@acme.io}]
`,
    },
    {
      name: 'for one receiver, whose server is that of all',
      files: {
        'alertmanager.yml': `global: {smtp_from: am@acme.io, smtp_smarthost: smtp.acme.io:25}
route: {receiver: a}
receivers:
  - name: a
    email_configs:
      - to: ops@acme.io
        require_tls: «no»
      - to: ops@acme.io
        smarthost: localhost:25
        require_tls: false
`,
      },
      fixed: `global: {smtp_from: am@acme.io, smtp_smarthost: smtp.acme.io:25}
route: {receiver: a}
receivers:
  - name: a
    email_configs:
      - to: ops@acme.io
        require_tls: true
      - to: ops@acme.io
        smarthost: localhost:25
        require_tls: false
`,
    },
  ],
  good: [
    {
      name: 'a server on this machine, a neighbour, and TLS from the start',
      files: {
        'alertmanager.yml': `global:
  smtp_from: am@acme.io
  smtp_smarthost: mailhog:1025
  smtp_require_tls: false
route: {receiver: a}
receivers:
  - name: a
    email_configs:
      - to: ops@acme.io
      - {to: a@acme.io, smarthost: smtp.acme.io:465, require_tls: false}
      - {to: b@acme.io, smarthost: 10.0.0.5:25, require_tls: false}
      - {to: c@acme.io, smarthost: smtp.acme.io:587, require_tls: true}
`,
      },
    },
    {
      name: 'a server that is not known',
      files: {
        'alertmanager.yml': `global:
  smtp_smarthost: \${SMTP_HOST}
  smtp_require_tls: false
route: {receiver: a}
receivers: [{name: a}]
`,
      },
    },
  ],
  check({ tree }, context) {
    if (isSample(context.path)) return;
    const report = (scalar: YamlScalar, place: string) =>
      context.report({
        span: scalar.span,
        message:
          'Mail goes out without TLS where the server offers none, so others on the way can read and change it.',
        place,
        fixes: () => [tlsFix(scalar)],
      });
    for (const { map, key, host, place } of mailsOf(tree)) {
      const toggle = fieldOf(map, key)?.value;
      const scalar = asScalar(toggle);
      if (!scalar || booleanOf(toggle) !== false || !isFar(host)) continue;
      report(scalar, `${place}.${key}`);
    }
  },
});

interface Mail {
  readonly map: YamlMap;
  readonly key: string;
  readonly host: string | undefined;
  readonly place: string;
}

function mailsOf({ global, receivers }: AlertmanagerTree): readonly Mail[] {
  const shared = textAt(global, 'smtp_smarthost');
  const own = receivers.flatMap(({ integrations }) =>
    integrations
      .filter(({ kind }) => kind === 'email_configs')
      .map(({ map, place }) => ({
        map,
        key: 'require_tls',
        host: textAt(map, 'smarthost') ?? shared,
        place,
      })),
  );
  return global ? [{ map: global, key: 'smtp_require_tls', host: shared, place: 'global' }, ...own] : own;
}

function isFar(smarthost: string | undefined): boolean {
  if (!smarthost || isFilledIn(smarthost) || /:465$/.test(smarthost)) return false;
  const host = hostOf(smarthost);
  return host !== undefined && !isNearHost(host) && !isExampleHost(host);
}

function tlsFix(scalar: YamlScalar): Fix | undefined {
  const edit = setScalar(scalar, 'true');
  return (
    edit && {
      title: 'Require TLS',
      safety: 'review',
      edits: [edit],
      risk: 'No mail is sent where the server offers no STARTTLS or has a certificate that is not trusted.',
      verify: CHECK_CONFIG,
    }
  );
}
