import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { healthMistakes } from './shared/health-mistakes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/healthcheck-invalid',
  title: 'Healthcheck does not do what it says',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /healthcheck/,
  docs: {
    why: `A list has to begin with \`CMD\`, \`CMD-SHELL\` or \`NONE\`; with anything else Docker runs no check at all. \`CMD\` starts a
program without a shell, so \`||\`, pipes and \`$$VAR\` reach the program as they are written, and a whole command line in one word
is the name of a program that does not exist. \`CMD-SHELL\` runs only the word behind it. The container is then always healthy, or
never, whatever its service does.`,
    fix: 'Write `["CMD", "program", "argument"]` without a shell, or `["CMD-SHELL", "the whole line"]` with one.',
    falsePositives: `A timeout that is as long as the interval is what Docker does by itself, so only a longer one is reported. Silent where
the first word is a variable without a default.`,
    cwe: [703],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#healthcheck',
      'https://docs.docker.com/reference/dockerfile/#healthcheck',
      'https://github.com/moby/moby/blob/master/daemon/health.go',
    ],
  },
  bad: [
    {
      name: 'a list that does not begin with CMD',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: [«"curl"», "-f", "http://localhost/health"]
  b:
    image: ghcr.io/acme/b:1
    healthcheck:
      test:
        - «curl -f http://localhost/health || exit 1»
  c:
    image: ghcr.io/acme/c:1
    healthcheck:
      test: [«"cmd"», "true"]
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost/health"]
  b:
    image: ghcr.io/acme/b:1
    healthcheck:
      test:
        - curl -f http://localhost/health || exit 1
  c:
    image: ghcr.io/acme/c:1
    healthcheck:
      test: ["cmd", "true"]
`,
    },
    {
      name: 'a whole line in a block list gets its CMD-SHELL',
      files: {
        'compose.yaml': `services:
  b:
    image: ghcr.io/acme/b:1
    healthcheck:
      test:
        - «curl -f http://localhost/health || exit 1»
      interval: 10s
`,
      },
      fixed: `services:
  b:
    image: ghcr.io/acme/b:1
    healthcheck:
      test:
        - CMD-SHELL
        - curl -f http://localhost/health || exit 1
      interval: 10s
`,
    },
    {
      name: 'shell operators without a shell',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost/?a=1&b=2", «"||"», "exit", "1"]
  b:
    image: ghcr.io/acme/b:1
    healthcheck:
      test: ["CMD", "pg_isready", "-U", "postgres", «"|| exit 1"»]
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: ["CMD-SHELL", "curl -f 'http://localhost/?a=1&b=2' || exit 1"]
  b:
    image: ghcr.io/acme/b:1
    healthcheck:
      test: ["CMD", "pg_isready", "-U", "postgres", "|| exit 1"]
`,
    },
    {
      name: 'a variable of the container without a shell, in a block list',
      files: {
        'compose.yaml': `services:
  db:
    image: mysql:8.4
    healthcheck:
      test:
        - CMD
        - mysqladmin
        - ping
        - «-p$$MYSQL_ROOT_PASSWORD»
      interval: 10s
`,
      },
      fixed: `services:
  db:
    image: mysql:8.4
    healthcheck:
      test:
        - CMD-SHELL
        - "mysqladmin ping \\"-p$$MYSQL_ROOT_PASSWORD\\""
      interval: 10s
`,
    },
    {
      name: 'a whole command line as the name of a program, and one that CMD-SHELL cuts off',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: ["CMD", «"curl -f http://localhost:8080/"»]
  b:
    image: ghcr.io/acme/b:1
    healthcheck: { test: [«CMD-SHELL», curl, -f, "http://localhost"] }
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: ["CMD-SHELL", "curl -f http://localhost:8080/"]
  b:
    image: ghcr.io/acme/b:1
    healthcheck: { test: [CMD-SHELL, curl, -f, "http://localhost"] }
`,
    },
    {
      name: 'CMD-SHELL with several words',
      files: {
        'compose.yaml': `services:\n  b:\n    image: ghcr.io/acme/b:1\n    healthcheck: { test: [«CMD-SHELL», curl, -f, "http://localhost"] }\n`,
      },
      fixed: `services:\n  b:\n    image: ghcr.io/acme/b:1\n    healthcheck: { test: [CMD-SHELL, "curl -f http://localhost"] }\n`,
    },
    {
      name: 'a text that begins with CMD, one that holds a list',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: «CMD curl -f http://localhost»
  b:
    image: ghcr.io/acme/b:1
    healthcheck:
      test: «'["CMD", "curl", "-f", "http://localhost"]'»
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: curl -f http://localhost
  b:
    image: ghcr.io/acme/b:1
    healthcheck:
      test: '["CMD", "curl", "-f", "http://localhost"]'
`,
    },
    {
      name: 'nothing to run',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck: { test: «""» }
  b:
    image: ghcr.io/acme/b:1
    healthcheck: { test: [«"CMD"»] }
  c:
    image: ghcr.io/acme/c:1
    healthcheck: { test: «[]» }
`,
      },
    },
    {
      name: 'a timeout that is longer than the interval',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: check
      interval: 10s
      timeout: «1m»
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: check
      interval: 10s
      timeout: 10s
`,
    },
  ],
  good: [
    {
      name: 'each form as it should be',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost/?a=b|c"]
      interval: 10s
      timeout: 10s
  b:
    image: ghcr.io/acme/b:1
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U $$POSTGRES_USER || exit 1"]
  c:
    image: ghcr.io/acme/c:1
    healthcheck: { test: ["NONE"] }
  d:
    image: ghcr.io/acme/d:1
    healthcheck: { test: curl -f http://localhost | grep ok }
  e:
    image: ghcr.io/acme/e:1
    healthcheck: { test: true }
`,
      },
    },
    {
      name: 'a shell inside CMD, and code whose dollars are its own',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: ["CMD", "sh", "-c", "curl -f http://localhost || exit 1"]
  b:
    image: mongo:8
    healthcheck:
      test: ["CMD", "mongosh", "--eval", "db.a.find({$$exists: true}) || quit(1)"]
  c:
    image: ghcr.io/acme/c:1
    healthcheck:
      test: ["CMD", "/bin/bash", "-ec", "echo $$HOME > /dev/null"]
  d:
    image: ghcr.io/acme/d:1
    healthcheck:
      test: ["CMD", "php", "-r", "f('localhost') || exit(1);"]
  e:
    image: ghcr.io/acme/e:1
    healthcheck:
      test: ["CMD", "timeout", "5", "bash", "-c", "check || exit 1"]
  f:
    image: ghcr.io/acme/f:1
    healthcheck:
      test: [CMD, perl, -e, "check() || exit 1"]
`,
      },
    },
    {
      name: 'what is not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    healthcheck:
      test: ["\${CHECK}", "a"]
      interval: \${INTERVAL}
      timeout: 60s
  b:
    image: ghcr.io/acme/b:1
    healthcheck:
      test: ["CMD", "check", "\${PORT}"]
      interval: 60s
      timeout: 500ms
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => healthMistakes(document.text, service);
    for (const { service, subject, sharers } of eachOrigin(document.tree, pick, ({ span }) => span.start)) {
      context.report({
        span: subject.span,
        message: withSharers(`The healthcheck of \`${service.name}\` ${subject.message}`, sharers),
        place: `services.${service.name}.healthcheck.${subject.key}`,
        fixes: () => [atOrigin(subject.fix?.(), sharers)],
      });
    }
  },
});
