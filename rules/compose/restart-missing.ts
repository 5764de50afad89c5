import { lookup } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isJob, judgedServices, reportAbsence } from './shared/absence.ts';
import { addServiceKey, fixOf } from './shared/fixes.ts';

export const rule = defineRule({
  id: 'compose/restart-missing',
  title: 'Service is not started again after a crash or a reboot',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  docs: {
    why: 'Without a restart policy a service stays down after a crash, after an update of Docker and after a reboot of the host.',
    fix: 'Add `restart: unless-stopped`.',
    falsePositives:
      'Silent for jobs that another service waits for or whose name or command says so (`migrate`, `seed`), and for services of a profile, which are started by hand.',
    cwe: [703],
    controls: ['CIS Docker 1.6.0 5.15'],
    references: ['https://docs.docker.com/reference/compose-file/services/#restart'],
  },
  bad: [
    {
      name: 'a server that migrates first',
      files: {
        'compose.yaml': `services:\n  «api»:\n    image: ghcr.io/acme/api:1.4.2\n    command: sh -c "migrate && serve"\n`,
      },
      fixed: `services:\n  api:\n    image: ghcr.io/acme/api:1.4.2\n    restart: unless-stopped\n    command: sh -c "migrate && serve"\n`,
    },
    {
      name: 'none',
      files: {
        'compose.yaml': `services:\n  «api»:\n    image: ghcr.io/acme/api:1.4.2\n    command: serve\n`,
      },
      fixed: `services:\n  api:\n    image: ghcr.io/acme/api:1.4.2\n    restart: unless-stopped\n    command: serve\n`,
    },
  ],
  good: [
    {
      name: 'a policy in either form, jobs, profiles',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    restart: always
    depends_on:
      b: { condition: service_completed_successfully }
  b:
    image: ghcr.io/acme/b:1
  c:
    image: ghcr.io/acme/c:1
    deploy: { restart_policy: { condition: any } }
  d:
    image: ghcr.io/acme/d:1
    restart: "no"
  e:
    image: ghcr.io/acme/e:1
    profiles: [tools]
`,
      },
    },
    {
      name: 'what prepares a database and ends',
      files: {
        'compose.yaml': `services:
  db-migrate:
    image: ghcr.io/acme/api:1
  fixtures:
    image: ghcr.io/acme/api:1
    command: ["python", "manage.py", "migrate", "--noinput"]
`,
      },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, ['restart', 'deploy'])) {
      const { entries } = service.effective;
      if (
        entries.has('restart') ||
        entries.has('profiles') ||
        lookup(service.effective, 'deploy', 'restart_policy')
      )
        continue;
      if (isJob(service, document.tree)) continue;
      reportAbsence(context, service, {
        item: 'restart',
        message: `\`${service.name}\` has no restart policy: it stays down after a crash or a reboot of the host.`,
        fixes: () => [
          fixOf(addServiceKey(document.text, service, { key: 'restart', value: 'unless-stopped' }), {
            title: 'Add restart: unless-stopped',
            safety: 'review',
            risk: 'A job that is meant to end would start again and again.',
          }),
        ],
      });
    }
  },
});
