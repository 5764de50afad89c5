import { defineRule } from '../core/rule.ts';
import { isOn, reportSetting } from './shared/settings.ts';

export const rule = defineRule({
  id: 'grafana/anonymous-enabled',
  title: 'Grafana lets everybody in without a login',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /GF_AUTH_ANONYMOUS_ENABLED/i,
  docs: {
    why: `Whoever reaches Grafana sees its dashboards, and may ask its data sources anything, not only what the dashboards show.`,
    fix: `Take the variable out, or set it to \`false\`. For a wall screen use a service account or a public dashboard.`,
    falsePositives: `Where visitors may edit, \`compose/auth-disabled\` reports the role instead. A dashboard that is meant for everybody is reported too; suppress the finding there.`,
    cwe: [306],
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
      GF_AUTH_ANONYMOUS_ENABLED: "«true»"
`,
      },
      fixed: `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_SERVER_DOMAIN: g.acme.io
      GF_AUTH_ANONYMOUS_ENABLED: "false"
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
      - GF_AUTH_ANONYMOUS_ENABLED=«\${X:-true}»
`,
      },
      fixed: `services:
  grafana:
    image: grafana/grafana-oss:12.0.0
    environment:
      - GF_SERVER_DOMAIN=g.acme.io
      - GF_AUTH_ANONYMOUS_ENABLED=\${X:-false}
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
      GF_AUTH_ANONYMOUS_ENABLED: "false"
  other:
    image: grafana/grafana:12.0.0
    environment:
      GF_AUTH_ANONYMOUS_ENABLED: \${X}
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
      GF_AUTH_ANONYMOUS_ENABLED: true
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
      GF_AUTH_ANONYMOUS_ENABLED: true
`,
      },
    },
    {
      name: 'a role that may edit, which compose/auth-disabled reports',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_AUTH_ANONYMOUS_ENABLED: "true"
      GF_AUTH_ANONYMOUS_ORG_ROLE: Admin
`,
      },
    },
  ],
  check(document, context) {
    reportSetting(document, context, {
      name: 'GF_AUTH_ANONYMOUS_ENABLED',
      isBad: (value, all) =>
        isOn(value) && !/^(?:admin|editor)$/i.test(all.get('GF_AUTH_ANONYMOUS_ORG_ROLE')?.value ?? ''),
      consequence: 'lets everybody who reaches Grafana read its dashboards and query its data sources',
      better: 'false',
      risk: 'Visitors have to log in, and so do frames in other pages.',
    });
  },
});
