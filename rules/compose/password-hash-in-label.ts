import { assignmentsOf, asWritten, type EnvironmentVariable } from '../../syntaxes/compose/environment.ts';
import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { defineRule } from '../core/rule.ts';
import { passwordHashAt } from './shared/command-secrets.ts';
import { eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/password-hash-in-label',
  title: 'Hash of a password stands in a label',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  profile: 'strict',
  mentions: /labels/,
  docs: {
    why: `A hash is no password, but whoever reads the repository or may ask Docker about its containers can guess passwords against
it without a limit. The hashes of \`htpasswd\` (\`$apr1$\`, \`{SHA}\`) are fast to try.`,
    fix: `Keep the list of users in a file that is mounted as a secret (\`basicauth.usersfile\`), with bcrypt hashes
(\`htpasswd -B\`).`,
    falsePositives: 'Silent for variables and in files for development.',
    cwe: [916, 522],
    references: ['https://doc.traefik.io/traefik/middlewares/http/basicauth/#usersfile'],
  },
  bad: [
    {
      name: 'in both forms',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1.4.2
    labels:
      - traefik.enable=true
      - "traefik.http.middlewares.auth.basicauth.users=«admin:$$apr1$$H6uskkkW$$IgXLP6ewTrSuBkTrqE8wj/»"
  api:
    image: ghcr.io/acme/api:1.4.2
    labels:
      traefik.http.middlewares.api.basicauth.users: "«bob:$$2y$$05$$abcdefghijklmnopqrstuv,eve:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=»"
`,
      },
    },
  ],
  good: [
    {
      name: 'a file, a variable, a rule of a router',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1.4.2
    labels:
      - traefik.http.middlewares.a.basicauth.usersfile=/run/secrets/users
      - traefik.http.middlewares.b.basicauth.users=\${BASIC_AUTH_USERS}
      - traefik.http.routers.web.rule=Host(\`web.example.com\`)
`,
      },
    },
    {
      name: 'a file for development',
      files: {
        'compose.dev.yaml': `services:
  web:
    image: ghcr.io/acme/web:1.4.2
    labels: ["traefik.http.middlewares.auth.basicauth.users=admin:$$apr1$$H6uskkkW$$IgXLP6ewTrSuBkTrqE8wj/"]
`,
      },
    },
  ],
  check(document, context) {
    for (const keys of [['labels'], ['deploy', 'labels']]) {
      const origins = eachOrigin(
        document.tree,
        (service) => assignmentsOf(asWritten(service), document.text, ...keys).filter(holdsHash),
        ({ offset }) => offset,
      );
      for (const { service, subject, sharers } of origins) {
        if (!subject.valueSpan) continue;
        context.report({
          span: subject.valueSpan,
          message: withSharers(
            `A label of \`${service.name}\` holds the hash of a password: whoever reads the file can try passwords against it`,
            sharers,
          ),
          place: `services.${service.name}.${keys.join('.')}[${subject.name}]`,
        });
      }
    }
  },
});

function holdsHash({ value }: EnvironmentVariable): boolean {
  const text = value === undefined ? undefined : interpolate(value).text;
  return text !== undefined && passwordHashAt(text);
}
