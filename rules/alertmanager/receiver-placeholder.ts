import { defineRule } from '../core/rule.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import { hostOf, isExampleHost, isFilledIn, isStandIn, type Setting, settingsOf } from './shared/values.ts';

export const rule = defineRule({
  id: 'alertmanager/receiver-placeholder',
  title: 'Receiver still has a placeholder',
  kinds: ['alertmanager'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `The value was taken over from an example and never filled in. Alertmanager sends to an address that is nobody's, or does
not start at all; either way the alert reaches no one.`,
    fix: 'Fill in the real address or key, or take the receiver out.',
    falsePositives:
      'Variables and templates are left alone, and so are files in folders for examples and documentation.',
    references: [
      'https://prometheus.io/docs/alerting/latest/configuration/#receiver',
      'https://www.rfc-editor.org/rfc/rfc2606',
    ],
  },
  bad: [
    {
      name: 'addresses of examples',
      files: {
        'alertmanager.yml': `global:
  smtp_smarthost: «smtp.example.com:587»
  smtp_from: alerts@acme.io
route: {receiver: team}
receivers:
  - name: team
    email_configs:
      - to: «'team@example.com'»
    webhook_configs:
      - url: «http://127.0.0.1:5001/»
`,
      },
    },
    {
      name: 'keys to be filled in',
      files: {
        'alertmanager.yml': `global:
  slack_api_url: «https://hooks.slack.com/services/YOUR/SLACK/WEBHOOK»
route: {receiver: team}
receivers:
  - name: team
    slack_configs:
      - api_url: «"YOUR_SLACK_WEBHOOK_URL"»
        channel: '#alerts'
    telegram_configs:
      - bot_token: «<bot_token>»
        chat_id: «<chat_id>»
    pagerduty_configs: [{routing_key: «REPLACE_ME»}]
`,
      },
    },
  ],
  good: [
    {
      name: 'real values, neighbours and variables',
      files: {
        'alertmanager.yml': `global:
  smtp_smarthost: mail.acme.io:587
  slack_api_url: \${SLACK_URL}
route: {receiver: team}
receivers:
  - name: team
    email_configs:
      - to: ops@acme.io
        html: '<b>{{ .Status }}</b>'
        headers:
          Subject: '<alert> for example.com'
    webhook_configs:
      - url: http://alert-bot:5001/
      - url: http://127.0.0.1:9087/alert/-100123
    slack_configs:
      - channel: '#your-team'
        title_link: https://runbooks.example.com/x
`,
      },
    },
    {
      name: 'a folder for examples',
      files: {
        'examples/alertmanager.yml': `route: {receiver: team}
receivers:
  - name: team
    webhook_configs:
      - url: http://example.com/hook
`,
      },
    },
  ],
  check({ tree }, context) {
    if (isSample(context.path)) return;
    for (const setting of settingsOf(tree.root)) {
      if (!isDelivery(setting) || !isPlaceholder(setting)) continue;
      context.report({
        span: setting.scalar.span,
        message: `\`${setting.pair.key.value}\` still has a placeholder, so no alert arrives there.`,
        place: setting.place,
      });
    }
  },
});

/** Settings that say where something is sent and with which key. */
const DELIVERY =
  /^(?:url|api_url|webhook_url|to|smarthost|routing_key|service_key|api_key|bot_token|chat_id|user_key|token|room_id|smtp_smarthost|slack_api_url|opsgenie_api_key|victorops_api_key|pagerduty_url|telegram_bot_token|smtp_auth_password|auth_password|topic_arn)$/;

function isDelivery({ path }: Setting): boolean {
  const [top] = path;
  if (top !== 'global' && top !== 'receivers') return false;
  // Headers, fields and the like are texts.
  return DELIVERY.test(path.at(-1) ?? '') && (top === 'global' ? path.length === 2 : path.length === 5);
}

function isPlaceholder({ path, scalar }: Setting): boolean {
  const text = scalar.value.trim();
  if (text === '' || isFilledIn(text)) return false;
  if (isStandIn(text)) return true;
  if (path.at(-1) === 'to')
    return text
      .split(',')
      .every((address) => isExampleHost(address.split('@')[1]?.trim().toLowerCase().replace(/>$/, '') ?? ''));
  if (!/url$|smarthost$/.test(path.at(-1) ?? '')) return false;
  // The address in the configuration that comes with Alertmanager.
  if (/^http:\/\/(?:127\.0\.0\.1|localhost):5001\/?$/.test(text)) return true;
  const host = hostOf(text);
  return host !== undefined && isExampleHost(host);
}
