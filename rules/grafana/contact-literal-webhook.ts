import { asScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { knownSecretIn } from '../core/secret-patterns.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import { isOpenSecret, secretFixes } from './shared/provisioning.ts';

export const rule = defineRule({
  id: 'grafana/contact-literal-webhook',
  title: 'Secret of a contact point stands in the provisioning file',
  kinds: ['grafana'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /contactPoints/,
  docs: {
    why: `Whoever reads the file has the webhook of a chat or the key of a paging service, and can post and page in your name.`,
    fix: 'Grafana puts variables and files into provisioning: write `$__file{/run/secrets/…}` or `${NAME}`. Change the secret.',
    falsePositives:
      'Variables and placeholders are left alone. The address of a webhook counts only with a well-known secret in it.',
    cwe: [798, 312],
    references: [
      'https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/',
    ],
  },
  bad: [
    {
      name: 'a webhook of Slack and a key of PagerDuty',
      files: {
        'provisioning/alerting/contact.yml': `apiVersion: 1
contactPoints:
  - orgId: 1
    name: team
    receivers:
      - uid: a
        type: slack
        settings:
          «url»: https://hooks.slack.com/services/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
      - uid: b
        type: pagerduty
        settings: {«integrationKey»: 3f1c9a7e5b2d4860a1b3c5d7e9f00112}
`,
      },
      fixed: `apiVersion: 1
contactPoints:
  - orgId: 1
    name: team
    receivers:
      - uid: a
        type: slack
        settings:
          url: "$__file{/run/secrets/grafana_url}"
      - uid: b
        type: pagerduty
        settings: {integrationKey: 3f1c9a7e5b2d4860a1b3c5d7e9f00112}
`,
      offers: ['Read it from `/run/secrets/grafana_url`', 'Take it from the variable `GRAFANA_DS_URL`'],
    },
    {
      name: 'the token of a bot',
      files: {
        'contact.yaml': `apiVersion: 1
contactPoints:
- name: team
  receivers:
  - type: telegram
    settings:
      «bottoken»: "4839574812:qwertzuiop"
      chatid: "-100123"
`,
      },
      fixed: `apiVersion: 1
contactPoints:
- name: team
  receivers:
  - type: telegram
    settings:
      bottoken: "$__file{/run/secrets/grafana_bottoken}"
      chatid: "-100123"
`,
      offers: [
        'Read it from `/run/secrets/grafana_bottoken`',
        'Take it from the variable `GRAFANA_DS_BOTTOKEN`',
      ],
    },
  ],
  good: [
    {
      name: 'variables, placeholders, and addresses without a secret',
      files: {
        'contact.yml': `apiVersion: 1
contactPoints:
  - name: team
    receivers:
      - type: slack
        settings: {url: $SLACK_URL, recipient: '#a'}
      - type: slack
        settings: {url: https://hooks.slack.com/services/YOUR/SLACK/WEBHOOK}
      - type: pagerduty
        settings: {integrationKey: "\${PD_KEY}"}
      - type: webhook
        settings: {url: http://alert-bot:8080/hook}
      - type: email
        settings: {addresses: ops@acme.io}
      - type: telegram
        settings: {bottoken: <token>}
`,
      },
    },
    {
      name: 'no contact points',
      files: {
        'policies.yml': `apiVersion: 1
policies:
  - orgId: 1
    receiver: team
`,
      },
    },
  ],
  check({ tree }, context) {
    if (isSample(context.path)) return;
    for (const { settings, type, place } of tree.receivers) {
      for (const { key, value } of settings?.pairs ?? []) {
        const scalar = asScalar(value);
        if (!scalar || !isOpen(type, key.value, scalar.value.trim())) continue;
        context.report({
          span: key.span,
          message: `\`${key.value.slice(0, 60)}\` holds the secret itself, which everyone with the file can read.`,
          place: `${place}.${key.value}`,
          fixes: () => secretFixes(scalar, key.value),
        });
      }
    }
  },
});

/** Settings that hold a secret, whatever the sort of contact point. */
const SECRET_KEYS =
  /^(?:token|apiKey|api_?token|userKey|bottoken|integrationKey|password|secret|authorization_credentials|api_secret|api_key)$/i;

function isOpen(type: string, key: string, value: string): boolean {
  if (SECRET_KEYS.test(key)) return value.length >= 6 && isOpenSecret(value);
  if (key.toLowerCase() !== 'url' || /\byour\b|\$(?!\$)[A-Za-z_{]/i.test(value)) return false;
  if (knownSecretIn(value) !== undefined) return true;
  const hook =
    /^https:\/\/(?:discord(?:app)?\.com\/api\/webhooks|[\w.-]*webhook\.office\.com|chat\.googleapis\.com|alert\.victorops\.com)\/(\S{20,})/.exec(
      value,
    );
  return type !== '' && hook !== null && !/x{4,}|<|0{8,}|placeholder/i.test(hook[1] ?? '');
}
