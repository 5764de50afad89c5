import { defineRule } from '../core/rule.ts';
import { isOn, reportSetting } from './shared/settings.ts';

export const rule = defineRule({
  id: 'grafana/embedding',
  title: 'Grafana may be shown in frames of other sites',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /GF_SECURITY_ALLOW_EMBEDDING/i,
  docs: {
    why: `Grafana sends no \`X-Frame-Options: deny\` then: another site can show it in a frame and lead the clicks of somebody who is logged in.`,
    fix: `Take the variable out, or set it to \`false\`. Where frames are needed, let the proxy send \`frame-ancestors\` with the sites that may.`,
    falsePositives: `A proxy that sends \`frame-ancestors\` is not seen; suppress the finding there.`,
    cwe: [1021],
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
      GF_SECURITY_ALLOW_EMBEDDING: "«true»"
`,
      },
      fixed: `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_SERVER_DOMAIN: g.acme.io
      GF_SECURITY_ALLOW_EMBEDDING: "false"
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
      - GF_SECURITY_ALLOW_EMBEDDING=«\${X:-true}»
`,
      },
      fixed: `services:
  grafana:
    image: grafana/grafana-oss:12.0.0
    environment:
      - GF_SERVER_DOMAIN=g.acme.io
      - GF_SECURITY_ALLOW_EMBEDDING=\${X:-false}
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
      GF_SECURITY_ALLOW_EMBEDDING: "false"
  other:
    image: grafana/grafana:12.0.0
    environment:
      GF_SECURITY_ALLOW_EMBEDDING: \${X}
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
      GF_SECURITY_ALLOW_EMBEDDING: true
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
      GF_SECURITY_ALLOW_EMBEDDING: true
`,
      },
    },
  ],
  check(document, context) {
    reportSetting(document, context, {
      name: 'GF_SECURITY_ALLOW_EMBEDDING',
      isBad: (value) => isOn(value),
      consequence: 'lets every site show Grafana in a frame and lead the clicks of its users',
      better: 'false',
      risk: 'Pages that show Grafana in a frame stay empty.',
    });
  },
});
