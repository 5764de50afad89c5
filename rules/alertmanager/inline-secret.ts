import { defineRule } from '../core/rule.ts';
import { knownSecretIn } from '../core/secret-patterns.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import {
  fileFix,
  isFilledIn,
  isSecretSetting,
  isStandIn,
  type Setting,
  settingsOf,
} from './shared/values.ts';

export const rule = defineRule({
  id: 'alertmanager/inline-secret',
  title: 'Secret stands in the Alertmanager configuration',
  kinds: ['alertmanager'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `The configuration is checked in, mounted and read by many. Whoever has the webhook of a chat, the key of a paging service or
the password of a mail account can post, page and send in your name.`,
    fix: 'Put the secret into a file that only Alertmanager reads, name it with the `…_file` key of the same setting, and change the secret.',
    falsePositives: `Placeholders, variables and encrypted values are left alone. The URL of a webhook counts only with a password, a
token or a well-known form in it.`,
    cwe: [798, 312],
    references: ['https://prometheus.io/docs/alerting/latest/configuration/'],
  },
  bad: [
    {
      name: 'a webhook of Slack and a password for mail',
      files: {
        'alertmanager.yml': `global:
  «slack_api_url»: https://hooks.slack.com/services/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
  smtp_smarthost: mail.acme.io:587
  «smtp_auth_password»: "kx81-hQvb"
route:
  receiver: slack
receivers:
  - name: slack
    slack_configs: [{channel: '#alerts'}]
`,
      },
      fixed: `global:
  slack_api_url_file: /run/secrets/alertmanager_slack_api_url
  smtp_smarthost: mail.acme.io:587
  smtp_auth_password: "kx81-hQvb"
route:
  receiver: slack
receivers:
  - name: slack
    slack_configs: [{channel: '#alerts'}]
`,
    },
    {
      name: 'keys and tokens of receivers',
      files: {
        'alertmanager.yml': `route: {receiver: team}
receivers:
- name: team
  pagerduty_configs:
  - «routing_key»: 3f1c9a7e5b2d4860a1b3c5d7e9f00112
  telegram_configs:
  - «bot_token»: 4839574812:qwertzuiop
    chat_id: -100123
  webhook_configs:
  - «url»: https://bot:kx81hQvb@hooks.acme.io/alerts
    http_config:
      basic_auth:
        username: u
        «password»: kx81hQvb
`,
      },
      fixed: `route: {receiver: team}
receivers:
- name: team
  pagerduty_configs:
  - routing_key_file: /run/secrets/alertmanager_routing_key
  telegram_configs:
  - bot_token: 4839574812:qwertzuiop
    chat_id: -100123
  webhook_configs:
  - url: https://bot:kx81hQvb@hooks.acme.io/alerts
    http_config:
      basic_auth:
        username: u
        password: kx81hQvb
`,
    },
  ],
  good: [
    {
      name: 'files, variables and placeholders',
      files: {
        'alertmanager.yml': `global:
  slack_api_url_file: /run/secrets/slack
  smtp_auth_password: \${SMTP_PASSWORD}
  opsgenie_api_key: <your-key>
  victorops_api_key: ""
route: {receiver: a}
receivers:
  - name: a
    pagerduty_configs:
      - routing_key: YOUR_PAGERDUTY_KEY
      - service_key: xxxxxxxx
    slack_configs:
      - api_url: https://hooks.slack.com/services/YOUR/SLACK/WEBHOOK
      - api_url: https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX
`,
      },
    },
    {
      name: 'a webhook without a secret',
      files: {
        'alertmanager.yml': `route: {receiver: a}
receivers:
  - name: a
    webhook_configs:
      - url: http://alert-bot:8080/alerts
      - url: https://alerts.acme.io/hook?room=ops
    slack_configs:
      - api_url_file: /run/secrets/slack
        title: 'password: {{ .Status }}'
`,
      },
    },
    {
      name: 'an example in the documentation',
      files: {
        'docs/examples/alertmanager.yml': `route: {receiver: a}
receivers:
  - name: a
    pagerduty_configs:
      - service_key: 3f1c9a7e5b2d4860a1b3c5d7e9f00112
`,
      },
    },
  ],
  check({ tree }, context) {
    if (isSample(context.path)) return;
    for (const setting of settingsOf(tree.root)) {
      if (!isInline(setting)) continue;
      context.report({
        span: setting.pair.key.span,
        message: `\`${setting.pair.key.value}\` holds the secret itself, which everyone with the file can read.`,
        place: setting.place,
        fixes: () => [fileFix(setting, true)],
      });
    }
  },
});

function isInline({ path, scalar }: Setting): boolean {
  const text = scalar.value.trim();
  if (!isSecretSetting(path) || text === '' || text === 'null' || /^<secret>$/.test(text)) return false;
  if (isFilledIn(text) || isStandIn(text) || STAND_IN_SECRET.test(text)) return false;
  const key = path.at(-1);
  if (key === 'url') return holdsSecret(text);
  // A neighbour that speaks as Slack does has no secret in its address.
  if (key === 'api_url' || key === 'slack_api_url')
    return /^https:\/\/hooks\.slack\.com\/\S{20,}/.test(text) || holdsSecret(text);
  if (/_url$/.test(key ?? '')) return /^https:\/\/\S+\/\S{20,}$/.test(text);
  return true;
}

/** What people write where a secret is to go, and what nobody keeps secret. */
const STAND_IN_SECRET =
  /^(?:secret|password|token|key|api[-_]?key|changeme|test|dummy|none|example|xxx+)$|^(?:my|some|a)[-_ ]?(?:secret|password|token|key)|example/i;

/** A URL with a password, a token as a parameter, or the form of a well-known webhook. */
function holdsSecret(url: string): boolean {
  return (
    knownSecretIn(url) !== undefined ||
    /^https?:\/\/[^/@\s:]*:[^/@\s]+@/.test(url) ||
    /[?&](?:access_?token|token|api_?key|key|secret|sign|auth)=[\w.%~-]{8,}/i.test(url) ||
    /^https:\/\/(?:discord(?:app)?\.com\/api\/webhooks|[\w.-]*webhook\.office\.com|chat\.googleapis\.com)\/\S{20,}/.test(
      url,
    )
  );
}
