import type { Document } from '../../syntaxes/document.ts';
import { dirname } from '../../syntaxes/uri.ts';
import { embeddedIn } from '../../syntaxes/yaml/embedded.ts';
import type { YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import { alertmanagersOf } from './shared/containers.ts';
import { fileFix, placeOf, scalarsIn, settingsOf } from './shared/values.ts';

export const rule = defineRule({
  id: 'alertmanager/env-not-expanded',
  title: 'Environment variable that Alertmanager does not put in',
  kinds: ['alertmanager'],
  severity: 'high',
  confidence: 'medium',
  since: '0.1.0',
  docs: {
    why: `Alertmanager puts no environment variables into its configuration: \`\${SLACK_WEBHOOK_URL}\` is the address that it calls.
A URL of that form keeps it from starting; a password of that form is sent as it stands, and no alert arrives.`,
    fix: `Put the secret into a file and name it with the \`…_file\` key of the same setting, or fill the file in before Alertmanager
reads it (\`envsubst\`), from a template with a name of its own.`,
    falsePositives: `Silent where the container of the Compose project has a command or entry point of its own that may fill the file in,
is built here, or reads another file, and where a chart, a kustomization, Terraform or a script beside the file may do so.`,
    references: [
      'https://prometheus.io/docs/alerting/latest/configuration/',
      'https://github.com/prometheus/alertmanager/issues/2917',
    ],
  },
  bad: [
    {
      name: 'the address of a webhook',
      files: {
        'alertmanager.yml': `global:
  slack_api_url: '«\${SLACK_WEBHOOK_URL}»'
route:
  receiver: slack
receivers:
  - name: slack
    slack_configs:
      - channel: '#alerts'
`,
      },
      fixed: `global:
  slack_api_url_file: '/run/secrets/alertmanager_slack_api_url'
route:
  receiver: slack
receivers:
  - name: slack
    slack_configs:
      - channel: '#alerts'
`,
    },
    {
      name: 'the stock image of a Compose project, with a default, a bare name and a part of a URL',
      files: {
        'alertmanager/alertmanager.yml': `global:
  smtp_smarthost: «\${SMTP_HOST:-mail}»:587
  smtp_auth_password: «$SMTP_PASSWORD»
route:
  receiver: team
receivers:
  - name: team
    webhook_configs:
      - url: "https://hooks.acme.io/«\${TOKEN}»"
`,
        'compose.yaml': `services:
  alertmanager:
    image: prom/alertmanager:v0.28.1
    command: ["--config.file=/etc/alertmanager/alertmanager.yml"]
    environment:
      SMTP_PASSWORD: \${SMTP_PASSWORD}
    volumes:
      - ./alertmanager:/etc/alertmanager
`,
      },
    },
    {
      name: 'a list in flow style',
      files: {
        'alertmanager.yaml': `route: {receiver: a}
receivers: [{name: a, pagerduty_configs: [{routing_key: "«\${PD_KEY}»"}]}]
`,
      },
      fixed: `route: {receiver: a}
receivers: [{name: a, pagerduty_configs: [{routing_key_file: "/run/secrets/alertmanager_routing_key"}]}]
`,
    },
  ],
  good: [
    {
      name: 'templates of Go, ends of patterns, prices',
      files: {
        'alertmanager.yml': `route:
  receiver: a
  routes:
    - match_re: {service: ^(?:foo|bar)$}
      receiver: a
receivers:
  - name: a
    slack_configs:
      - api_url_file: /run/secrets/slack
        title: '{{ range $i, $alert := .Alerts }}{{ $alert.Labels.alertname }}{{ end }}'
        text: costs $5 or $US
`,
      },
    },
    {
      name: 'a container that fills the file in',
      files: {
        'alertmanager.yml': `route: {receiver: a}
receivers:
  - name: a
    webhook_configs:
      - url: \${URL}
`,
        'compose.yaml': `services:
  alertmanager:
    image: prom/alertmanager
    entrypoint: /bin/sh
    command: ["-c", "sed s/x/y/ /etc/alertmanager/alertmanager.yml > /tmp/a.yml && alertmanager --config.file=/tmp/a.yml"]
    volumes:
      - ./alertmanager.yml:/etc/alertmanager/alertmanager.yml
`,
      },
    },
    {
      name: 'a source from which the file is made that the container reads',
      files: {
        'alertmanager/alertmanager.base.yml': `route: {receiver: a}
receivers:
  - name: a
    webhook_configs:
      - url: \${URL}
`,
        'compose.yaml': `services:
  alertmanager:
    image: prom/alertmanager
    volumes:
      - ./out/alertmanager.yml:/etc/alertmanager/alertmanager.yml
`,
      },
    },
    {
      name: 'something beside it fills it in',
      files: {
        'monitoring/alertmanager.yml': `route: {receiver: a}
receivers:
  - name: a
    webhook_configs:
      - url: \${URL}
`,
        'monitoring/kustomization.yaml': 'resources: []\n',
      },
    },
    {
      name: 'a resource of the operator is another kind',
      files: {
        'config.yml': `apiVersion: monitoring.coreos.com/v1alpha1
kind: AlertmanagerConfig
spec:
  route: {receiver: a}
  receivers:
    - name: a
      webhookConfigs:
        - url: \${URL}
`,
      },
    },
  ],
  check(document, context) {
    if (!document.text.includes('$') || isSample(context.path) || mayBeFilledIn(document, context)) return;
    const settings = settingsOf(document.tree.root);
    scalarsIn(document.tree.root, (scalar, path) => {
      const found = variableIn(document.text, scalar, path);
      if (!found) return;
      context.report({
        span: found.span,
        message: `Alertmanager puts no variables in, so it takes \`${found.text.slice(0, 60)}\` as it stands; this does not work.`,
        place: placeOf(document.tree.root, path),
        fixes: () => {
          const setting = settings.find((each) => each.scalar === scalar);
          return [setting && found.text === scalar.value ? fileFix(setting, false) : undefined];
        },
      });
    });
  },
});

const BRACED = /\$\{[A-Za-z_]\w*(?::?[-?][^}\n]*)?\}/;
/** In capitals, as a whole or as a part of a URL: `$i` in other texts is something else. */
const BARE = /(?:^|[/:@=])(\$[A-Z][A-Z0-9_]{2,})(?=$|[/:@?&])/;

function variableIn(text: string, scalar: YamlScalar, path: readonly string[]) {
  // Regular expressions and texts in which Alertmanager runs templates of Go may hold dollars.
  if (!scalar.value.includes('$') || scalar.value.includes('{{') || path.includes('match_re'))
    return undefined;
  if (scalar.style === 'literal' || scalar.style === 'folded') return undefined;
  const embedded = embeddedIn(text, scalar);
  const braced = BRACED.exec(embedded.text);
  const bare = braced ? undefined : BARE.exec(embedded.text);
  const found = braced?.[0] ?? bare?.[1];
  if (found === undefined) return undefined;
  const start = embedded.text.indexOf(found);
  return { text: found, span: { start: embedded.at(start), end: embedded.at(start + found.length) } };
}

/** Files beside the configuration, and in the folder above, of what may write another one from it. */
const FILLERS: readonly string[] = [
  'kustomization.y*ml',
  'Chart.yaml',
  '*.tf',
  'Makefile',
  '*Dockerfile*',
  '*entrypoint*',
  '*{render,envsubst,generate,alertmanager,deploy,start,setup,init,up}*.{sh,py,ps1}',
  'ansible.cfg',
];

function mayBeFilledIn({ uri }: Document, { facts }: Context): boolean {
  const containers = alertmanagersOf(facts);
  const own = containers.filter(({ configUri }) => configUri === uri);
  if (own.length > 0) return own.some(({ opaque }) => opaque);
  if (containers.length > 0) return true;
  const folder = dirname(uri);
  return [folder, dirname(folder)].some((place) =>
    FILLERS.some((pattern) => facts.glob(place, pattern).length > 0),
  );
}
