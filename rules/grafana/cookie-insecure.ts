import { defineRule } from '../core/rule.ts';
import { isOff, reportSetting } from './shared/settings.ts';

export const rule = defineRule({
  id: 'grafana/cookie-insecure',
  title: 'Session cookie of Grafana goes over plain HTTP',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /GF_SECURITY_COOKIE_SECURE/i,
  docs: {
    why: `Without \`Secure\` browsers send the session cookie over plain HTTP too, where everybody on the way can take it and be that user.`,
    fix: `Set it to \`true\` where Grafana is reached over HTTPS.`,
    falsePositives: `Silent where the root URL is plain HTTP: then the cookie would not come back at all.`,
    cwe: [614],
    references: ['https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/'],
  },
  bad: [
    {
      name: 'off',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_SERVER_ROOT_URL: https://g.acme.io
      GF_SECURITY_COOKIE_SECURE: "«false»"
`,
      },
      fixed: `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_SERVER_ROOT_URL: https://g.acme.io
      GF_SECURITY_COOKIE_SECURE: "true"
`,
    },
    {
      name: 'the list form',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      - GF_SECURITY_COOKIE_SECURE=«false»
      - GF_SERVER_ROOT_URL=https://g.acme.io
`,
      },
      fixed: `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      - GF_SECURITY_COOKIE_SECURE=true
      - GF_SERVER_ROOT_URL=https://g.acme.io
`,
    },
  ],
  good: [
    {
      name: 'on',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_SERVER_ROOT_URL: https://g.acme.io
      GF_SECURITY_COOKIE_SECURE: "true"
`,
      },
    },
    {
      name: 'no HTTPS',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_SERVER_ROOT_URL: http://g.acme.io:3000
      GF_SECURITY_COOKIE_SECURE: "false"
`,
      },
    },
    {
      name: 'no root URL',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_SECURITY_COOKIE_SECURE: "false"
`,
      },
    },
  ],
  check(document, context) {
    reportSetting(document, context, {
      name: 'GF_SECURITY_COOKIE_SECURE',
      isBad: (value, all) => isOff(value) && /^https:/i.test(all.get('GF_SERVER_ROOT_URL')?.value ?? ''),
      consequence: 'lets the session cookie go over plain HTTP, though Grafana is reached by HTTPS',
      better: 'true',
      risk: 'Logins over plain HTTP do not work any more.',
    });
  },
});
