import { environmentOf } from '../../syntaxes/compose/environment.ts';
import { mountsOf } from '../../syntaxes/compose/mounts.ts';
import { type ComposeService, lookup } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { pairOf } from '../../syntaxes/yaml/tree.ts';
import { judgedServices, reportAbsence } from '../compose/shared/absence.ts';
import { addServiceKey, fixOf } from '../compose/shared/fixes.ts';
import { defineRule, type Edit } from '../core/rule.ts';
import { addKey, appendItem } from '../core/yaml-edits.ts';
import { isOff, isOn, runsGrafana, settingsOf } from './shared/settings.ts';

export const rule = defineRule({
  id: 'grafana/default-password',
  title: 'Grafana starts with the password admin',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /grafana/i,
  docs: {
    why: `Nothing sets the password of the first administrator, so it is \`admin\` until somebody logs in and changes it. Whoever is first
owns Grafana and all of its data sources.`,
    fix: 'Set `GF_SECURITY_ADMIN_PASSWORD` from a variable, or `GF_SECURITY_ADMIN_PASSWORD__FILE` with a secret.',
    falsePositives: `Silent where \`env_file\`, a mounted \`grafana.ini\`, a config, a command of its own or a build may set it, and where the
form for logins is off or no administrator is made.`,
    cwe: [1392],
    references: ['https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#admin_password'],
  },
  bad: [
    {
      name: 'no variables at all',
      files: {
        'compose.yaml': `services:
  «grafana»:
    image: grafana/grafana:12.0.0
    ports: ["127.0.0.1:3000:3000"]
`,
      },
      fixed: `services:
  grafana:
    image: grafana/grafana:12.0.0
    environment:
      GF_SECURITY_ADMIN_PASSWORD: \${GF_SECURITY_ADMIN_PASSWORD:?set GF_SECURITY_ADMIN_PASSWORD}
    ports: ["127.0.0.1:3000:3000"]
`,
    },
    {
      name: 'other variables in a list',
      files: {
        'compose.yaml': `services:
  «dashboards»:
    image: grafana/grafana-oss
    environment:
      - GF_USERS_ALLOW_SIGN_UP=false
    volumes:
      - grafana:/var/lib/grafana
      - ./provisioning:/etc/grafana/provisioning
volumes:
  grafana:
`,
      },
      fixed: `services:
  dashboards:
    image: grafana/grafana-oss
    environment:
      - GF_USERS_ALLOW_SIGN_UP=false
      - GF_SECURITY_ADMIN_PASSWORD=\${GF_SECURITY_ADMIN_PASSWORD:?set GF_SECURITY_ADMIN_PASSWORD}
    volumes:
      - grafana:/var/lib/grafana
      - ./provisioning:/etc/grafana/provisioning
volumes:
  grafana:
`,
    },
  ],
  good: [
    {
      name: 'set in one of the ways',
      files: {
        'compose.yaml': `services:
  a:
    image: grafana/grafana
    environment: {GF_SECURITY_ADMIN_PASSWORD: "\${PW}"}
  b:
    image: grafana/grafana
    environment: [GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/pw]
  c:
    image: grafana/grafana
    env_file: grafana.env
  d:
    image: grafana/grafana
    volumes: ["./grafana.ini:/etc/grafana/grafana.ini:ro"]
  e:
    image: grafana/grafana
    volumes: ["./conf:/etc/grafana"]
  f:
    image: grafana/grafana
    environment: [GF_SECURITY_ADMIN_PASSWORD]
  g:
    image: grafana/grafana
    environment: {GF_AUTH_DISABLE_LOGIN_FORM: "true"}
  h:
    image: bitnami/grafana
    environment: {GF_SECURITY_ADMIN_PASSWORD: "\${PW}"}
`,
      },
    },
    {
      name: 'another image, and what may bring settings along',
      files: {
        'compose.yaml': `services:
  a:
    image: grafana/loki
  b:
    image: grafana/grafana
    build: ./grafana
  c:
    image: grafana/grafana
    entrypoint: [sh, -c, ". /secrets && /run.sh"]
`,
      },
    },
    {
      name: 'a file for development',
      files: {
        'docker-compose.dev.yml': `services:
  grafana:
    image: grafana/grafana
`,
      },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, [
      'environment',
      'env_file',
      'command',
      'entrypoint',
    ])) {
      if (!runsGrafana(service) || isSet(document, service)) continue;
      reportAbsence(context, service, {
        item: 'Grafana password',
        message: `Nothing sets the password of \`${service.name}\`, so it is \`admin\` until somebody changes it.`,
        fixes: () => [
          fixOf(passwordEdit(document.text, service), {
            title: `Take the password from \${${NAME}}`,
            safety: 'review',
            risk: 'Compose does not start until the variable is set; a Grafana that has run before keeps its password.',
          }),
        ],
      });
    }
  },
});

const NAME = 'GF_SECURITY_ADMIN_PASSWORD';
const REFERENCE = `\${${NAME}:?set ${NAME}}`;

function isSet(document: Document<'compose'>, service: ComposeService): boolean {
  const mayBring = ['env_file', 'build', 'configs', 'command', 'entrypoint', 'volumes_from'];
  if (mayBring.some((key) => lookup(service.effective, key))) return true;
  const settings = settingsOf(document, service);
  const value = (name: string) => settings.get(name)?.value;
  return (
    environmentOf(service, document.text).some(({ name }) =>
      /ADMIN_PASSWORD|PATHS_CONFIG|_ADMIN_PASS/.test(name),
    ) ||
    isOn(value('GF_AUTH_DISABLE_LOGIN_FORM')) ||
    isOn(value('GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION')) ||
    isOff(value('GF_AUTH_BASIC_ENABLED')) ||
    mountsOf(service).some(({ target }) => target === null || /^\/etc\/grafana\/?$|\.ini$/.test(target))
  );
}

function passwordEdit(text: string, service: ComposeService): Edit | undefined {
  const own = service.body && pairOf(service.body, 'environment');
  if (!own) {
    if (lookup(service.effective, 'environment')) return undefined;
    return addServiceKey(text, service, {
      key: 'environment',
      block: [`${NAME}: ${REFERENCE}`],
      flow: `{${NAME}: "${REFERENCE}"}`,
    });
  }
  if (service.aliased || !own.value) return undefined;
  const { value } = own;
  if (value.type === 'map')
    return addKey(text, value, { key: NAME, value: value.flow ? `"${REFERENCE}"` : REFERENCE });
  if (value.type === 'seq')
    return appendItem(text, value, value.flow ? `"${NAME}=${REFERENCE}"` : `${NAME}=${REFERENCE}`);
  return undefined;
}
