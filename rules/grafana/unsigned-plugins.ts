import { defineRule } from '../core/rule.ts';
import { reportSetting } from './shared/settings.ts';

export const rule = defineRule({
  id: 'grafana/unsigned-plugins',
  title: 'Grafana loads plugins without a signature',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS/i,
  docs: {
    why: `Nobody vouches for the code of an unsigned plugin. Its backend runs as a program beside Grafana, with the credentials of all data sources in reach.`,
    fix: `Sign the plugin (\`npx @grafana/sign-plugin\`), privately for your own root URL, and take the variable out.`,
    falsePositives: `A plugin that is built in the same repository is reported too; suppress the finding there.`,
    cwe: [345],
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
      GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: "«acme-panel»"
`,
      },
    },
    {
      name: 'the list form, and the default of a variable',
      files: {
        'compose.yaml': `services:
  grafana:
    image: grafana/grafana-oss:12.0.0
    environment:
      - GF_SERVER_DOMAIN=g.acme.io
      - GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS=«\${X:-acme-panel}»
`,
      },
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
      GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: ""
  other:
    image: grafana/grafana:12.0.0
    environment:
      GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: \${X}
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
      GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: acme-panel
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
      GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: acme-panel
`,
      },
    },
  ],
  check(document, context) {
    reportSetting(document, context, {
      name: 'GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS',
      isBad: (value) => value !== '',
      consequence: 'lets plugins run that nobody signed',
      risk: 'Plugins without a signature are not loaded any more.',
    });
  },
});
