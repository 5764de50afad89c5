import { defineRule } from '../core/rule.ts';
import { isOn, reportSetting } from './shared/settings.ts';

export const rule = defineRule({
  id: 'grafana/signup-open',
  title: 'Everybody may make an account in Grafana',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /GF_USERS_ALLOW_SIGN_UP/i,
  docs: {
    why: `Whoever reaches the login page makes an account, sees the dashboards and may query the data sources.`,
    fix: `Take the variable out, or set it to \`false\`; it is off by default. Invite users, or let an identity provider decide.`,
    falsePositives: `Silent where the form for logins is off.`,
    cwe: [284],
    references: ['https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/'],
  },
  bad: [
    {
      name: 'the map form',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_SERVER_DOMAIN: g.acme.io
      GF_USERS_ALLOW_SIGN_UP: "«true»"
`,
      },
      fixed: `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_SERVER_DOMAIN: g.acme.io
      GF_USERS_ALLOW_SIGN_UP: "false"
`,
    },
    {
      name: 'the list form, and the default of a variable',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana-oss:12.0.0
    environment:
      - GF_SERVER_DOMAIN=g.acme.io
      - GF_USERS_ALLOW_SIGN_UP=«\${X:-true}»
`,
      },
      fixed: `services:
  grafana:
    image: grafana/grafana-oss:12.0.0
    environment:
      - GF_SERVER_DOMAIN=g.acme.io
      - GF_USERS_ALLOW_SIGN_UP=\${X:-false}
`,
    },
  ],
  good: [
    {
      name: 'the other value, and a variable',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_USERS_ALLOW_SIGN_UP: "false"
  other:
    image: grafana/grafana:12.0.0
    environment:
      GF_USERS_ALLOW_SIGN_UP: \${X}
`,
      },
    },
    {
      name: 'another image, and a file for development',
      files: {
        'compose.dev.yaml': `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_USERS_ALLOW_SIGN_UP: true
`,
      },
    },
    {
      name: 'another image',
      files: {
        'compose.yaml': `services:
  grafana:
    image: acme/app
    environment:
      GF_USERS_ALLOW_SIGN_UP: true
`,
      },
    },
  ],
  check(document, context) {
    reportSetting(document, context, {
      name: 'GF_USERS_ALLOW_SIGN_UP',
      isBad: (value, all) => isOn(value) && !isOn(all.get('GF_AUTH_DISABLE_LOGIN_FORM')?.value),
      consequence: 'lets everybody who reaches Grafana make an account',
      better: 'false',
      risk: 'New users have to be invited.',
    });
  },
});
