import { type Context, defineRule } from '../core/rule.ts';
import { besideConfig, isSample, seenIn } from '../prometheus/shared/loading.ts';
import { alertmanagersOf } from './shared/containers.ts';
import { isFilledIn } from './shared/values.ts';

export const rule = defineRule({
  id: 'alertmanager/templates-missing',
  title: 'Pattern of templates matches no file',
  kinds: ['alertmanager'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /templates/,
  docs: {
    why: `Alertmanager goes on without templates that it does not find and says nothing. A notification that uses one of them then fails
when it is sent, and the alert reaches nobody.`,
    fix: 'Write the path that the templates have in the container, mount them, or take the entry out.',
    falsePositives: `Judged only where no part of it is unknown: in a Compose project by what the container sees, else by the files beside the
configuration for a relative pattern. Silent where no receiver uses a template of its own.`,
    references: ['https://prometheus.io/docs/alerting/latest/notifications/'],
  },
  bad: [
    {
      name: 'templates that are not mounted',
      files: {
        'alertmanager/alertmanager.yml': `templates:
  - «'/etc/alertmanager/templates/*.tmpl'»
route: {receiver: a}
receivers:
  - name: a
    slack_configs:
      - api_url_file: /run/secrets/slack
        text: '{{ template "slack.acme.text" . }}'
`,
        'alertmanager/templates/slack.tmpl': '',
        'compose.yaml': `services:
  alertmanager:
    image: prom/alertmanager:v0.28.1
    volumes:
      - ./alertmanager/alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro
`,
      },
    },
    {
      name: 'a folder that is not there',
      files: {
        'alertmanager.yml': `templates: [«tmpl/*.tmpl»]
route: {receiver: a}
receivers:
  - name: a
    slack_configs:
      - api_url_file: /run/secrets/slack
        text: '{{template "acme.text" .}}'
`,
      },
    },
  ],
  good: [
    {
      name: 'they are there, in the container and beside the file',
      files: {
        'alertmanager/alertmanager.yml': `templates:
  - /etc/alertmanager/templates/*.tmpl
  - templates/*.tmpl
route: {receiver: a}
receivers:
  - name: a
    slack_configs: [{api_url_file: /run/secrets/slack, text: '{{ template "acme.text" . }}'}]
`,
        'alertmanager/templates/slack.tmpl': '',
        'compose.yaml': `services:
  alertmanager:
    image: prom/alertmanager:v0.28.1
    volumes:
      - ./alertmanager:/etc/alertmanager:ro
`,
      },
    },
    {
      name: 'nothing uses a template of its own',
      files: {
        'alertmanager.yml': `templates: ['templates/*.tmpl']
route: {receiver: a}
receivers:
  - name: a
    slack_configs: [{api_url_file: /run/secrets/slack, text: '{{ template "slack.default.text" . }}'}]
`,
      },
    },
    {
      name: 'an absolute path, and no container in view',
      files: {
        'alertmanager.yml': `templates: ['/etc/alertmanager/templates/*.tmpl']
route: {receiver: a}
receivers:
  - name: a
    slack_configs: [{api_url_file: /run/secrets/slack, text: '{{ template "acme.text" . }}'}]
`,
      },
    },
    {
      name: 'the container is not known',
      files: {
        'alertmanager.yml': `templates: ['templates/*.tmpl']
route: {receiver: a}
receivers:
  - name: a
    slack_configs: [{api_url_file: /run/secrets/slack, text: '{{ template "acme.text" . }}'}]
`,
        'compose.yaml': `services:
  alertmanager:
    build: ./alertmanager
    volumes: ["./alertmanager.yml:/etc/alertmanager/alertmanager.yml"]
`,
      },
    },
  ],
  check({ uri, text, tree }, context) {
    if (isSample(context.path) || !usesOwnTemplate(text)) return;
    for (const scalar of tree.templates) {
      if (scalar.value === '' || isFilledIn(scalar.value) || !isEmpty(context, uri, scalar.value)) continue;
      context.report({
        span: scalar.span,
        message: 'This pattern matches no file, so notifications that use a template of it are not sent.',
        place: `templates[${scalar.value}]`,
      });
    }
  },
});

/** Templates that Alertmanager brings along have `default` in their name or begin with two underscores. */
function usesOwnTemplate(text: string): boolean {
  return /\{\{-?[ \t]*template[ \t]+\\?["`'](?!__|[\w.]*\.default\.)/.test(text);
}

function isEmpty({ facts }: Context, uri: string, pattern: string): boolean {
  const all = alertmanagersOf(facts);
  const own = all.filter(({ configUri }) => configUri === uri);
  if (own.length === 0)
    return (
      all.length === 0 &&
      (besideConfig(facts, uri, pattern, '/etc/alertmanager') ?? [uri]).length === 0 &&
      !pattern.startsWith('/')
    );
  return own.every((container) => seenIn(facts, container, pattern)?.length === 0);
}
