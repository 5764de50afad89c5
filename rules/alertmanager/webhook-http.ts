import { defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import {
  CHECK_CONFIG,
  hostOf,
  isExampleHost,
  isFilledIn,
  isNearHost,
  type Setting,
  settingsOf,
} from './shared/values.ts';

export const rule = defineRule({
  id: 'alertmanager/webhook-http',
  title: 'Alerts are sent over plain HTTP',
  kinds: ['alertmanager'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /url/,
  docs: {
    why: `Alerts name hosts, versions and what is broken at the moment, and the address often holds a token. Over \`http://\` everybody on
the way can read them, and can hold back or forge the answer.`,
    fix: 'Use `https://`.',
    falsePositives:
      'Names without a dot, this machine, private addresses and names of private networks are left alone.',
    cwe: [319],
    references: ['https://prometheus.io/docs/alerting/latest/configuration/#webhook_config'],
  },
  bad: [
    {
      name: 'a webhook',
      files: {
        'alertmanager.yml': `route: {receiver: a}
receivers:
  - name: a
    webhook_configs:
      - url: «"http://hooks.acme.io/alerts"»
`,
      },
      fixed: `route: {receiver: a}
receivers:
  - name: a
    webhook_configs:
      - url: "https://hooks.acme.io/alerts"
`,
    },
    {
      name: 'other integrations, and an address of the internet',
      files: {
        'alertmanager.yml': `global:
  opsgenie_api_url: «http://api.opsgenie.com/»
route: {receiver: a}
receivers:
  - name: a
    slack_configs: [{api_url: «http://mattermost.acme.io/hooks/x», channel: a}]
    webhook_configs:
      - url: «http://203.0.113.7:9000/hook»
`,
      },
      fixed: `global:
  opsgenie_api_url: https://api.opsgenie.com/
route: {receiver: a}
receivers:
  - name: a
    slack_configs: [{api_url: http://mattermost.acme.io/hooks/x, channel: a}]
    webhook_configs:
      - url: http://203.0.113.7:9000/hook
`,
    },
  ],
  good: [
    {
      name: 'TLS, neighbours, private addresses',
      files: {
        'alertmanager.yml': `route: {receiver: a}
receivers:
  - name: a
    webhook_configs:
      - url: https://hooks.acme.io/alerts
      - url: http://alert-bot:8080/
      - url: http://localhost:9000/
      - url: http://127.0.0.1:5001/
      - url: http://192.168.1.5:8080/
      - url: http://bot.monitoring.svc.cluster.local:8080/
      - url: http://host.docker.internal:8080/
      - url: http://hooks.example.com/
      - url: http://\${HOST}/hook
`,
      },
    },
    {
      name: 'links in a message',
      files: {
        'alertmanager.yml': `route: {receiver: a}
receivers:
  - name: a
    slack_configs:
      - channel: a
        title_link: http://grafana.acme.io/d/x
        icon_url: http://acme.io/icon.png
        actions: [{type: button, text: Open, url: http://grafana.acme.io}]
    pagerduty_configs:
      - client_url: http://grafana.acme.io
`,
      },
    },
  ],
  check({ tree }, context) {
    if (isSample(context.path)) return;
    for (const setting of settingsOf(tree.root)) {
      if (!isAddress(setting) || !goesFar(setting.scalar.value.trim())) continue;
      context.report({
        span: setting.scalar.span,
        message: 'Alerts go over plain HTTP, so everybody on the way can read them.',
        place: setting.place,
        fixes: () => [httpsFix(setting)],
      });
    }
  },
});

/** Where notifications are sent; links in a message stand under other names or deeper. */
function isAddress({ path }: Setting): boolean {
  const key = path.at(-1) ?? '';
  if (path[0] === 'global') return path.length === 2 && /_(?:api_)?url$/.test(key);
  return path[0] === 'receivers' && path.length === 5 && /^(?:url|api_url|webhook_url)$/.test(key);
}

function goesFar(url: string): boolean {
  if (!/^http:\/\//i.test(url) || isFilledIn(url)) return false;
  const host = hostOf(url);
  return host !== undefined && !isNearHost(host) && !isExampleHost(host);
}

function httpsFix({ scalar }: Setting): Fix | undefined {
  const edit = setScalar(scalar, scalar.value.trim().replace(/^http:/i, 'https:'));
  return (
    edit && {
      title: 'Use `https://`',
      safety: 'review',
      edits: [edit],
      risk: 'The server has to speak TLS there, with a certificate that is trusted.',
      verify: CHECK_CONFIG,
    }
  );
}
