import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { deleteUser, rootEntryOf } from './shared/root-user.ts';

export const rule = defineRule({
  id: 'compose/user-overrides-image',
  title: 'Service runs as root although its Dockerfile sets another user',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /user/,
  docs: {
    why: `The Dockerfile ends with a \`USER\` that is not root, and \`user: root\` in the Compose file undoes it. Who reads the Dockerfile
takes the image for safe, but a break-in has root in the container, with all files that are mounted into it.`,
    fix: 'Delete the key. Where the service cannot write a volume, give the volume to the user of the image instead.',
    falsePositives: `Silent for one-shot jobs and for commands that change owners or the user. Only Dockerfiles in the workspace and those
in the Compose file itself are known; images that are pulled are judged by \`compose/root-user\`.`,
    cwe: [250],
    controls: ['CIS Docker 1.6.0 4.1', 'OWASP Docker Security Cheat Sheet, rule 2'],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#user',
      'https://docs.docker.com/reference/dockerfile/#user',
    ],
  },
  bad: [
    {
      name: 'the Dockerfile of the folder',
      files: {
        'compose.yaml': `services:
  app:
    build: .
    user: «root»
    restart: always
`,
        Dockerfile: 'FROM node:24-slim\nWORKDIR /app\nCOPY . .\nUSER node\nCMD ["node", "server.js"]\n',
      },
      fixed: `services:
  app:
    build: .
    restart: always
`,
    },
    {
      name: 'a target, a number, in flow style',
      files: {
        'deploy/compose.yaml': `services:
  api: { build: { context: .., dockerfile: docker/api.Dockerfile, target: prod }, user: «"0:0"» }
`,
        'docker/api.Dockerfile':
          'FROM alpine:3.22 AS base\nRUN adduser -D app\nFROM base AS prod\nUSER 10001\nCMD ["api"]\nFROM base AS dev\n',
      },
      fixed: `services:
  api: { build: { context: .., dockerfile: docker/api.Dockerfile, target: prod } }
`,
    },
  ],
  good: [
    {
      name: 'Dockerfiles that end as root, that are not known, and another target',
      files: {
        'compose.yaml': `services:
  root:
    build: ./root
    user: root
  unknown:
    build: ./unknown
    user: root
  dev:
    build: { context: ., target: dev }
    user: "0"
`,
        Dockerfile: 'FROM alpine:3.22 AS dev\nCMD ["dev"]\nFROM dev AS prod\nUSER nobody\n',
        'root/Dockerfile': 'FROM alpine:3.22\nUSER nobody\nUSER root\nCMD ["app"]\n',
      },
    },
    {
      name: 'users other than root, commands that change owners, jobs, images that are pulled',
      files: {
        'compose.yaml': `services:
  other:
    build: .
    user: "1000"
  unknown:
    build: .
    user: \${APP_USER}
  steps-down:
    build: .
    user: root
    command: sh -c "chown -R app /data && exec su-exec app server"
  migrate:
    build: .
    user: root
    restart: "no"
    command: ./migrate.sh
  grafana:
    image: grafana/grafana:12.0.0
    user: root
`,
        Dockerfile: 'FROM alpine:3.22\nUSER app\nCMD ["server"]\n',
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => {
      const found = rootEntryOf(document, context, service);
      return found?.overrides ? [found] : [];
    };
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      pick,
      ({ entry }) => entry.pair.key.span.start,
    )) {
      const { entry, image } = subject;
      context.report({
        span: entry.pair.value?.span ?? entry.pair.key.span,
        message: withSharers(
          `\`${service.name}\` runs as root, although its Dockerfile sets another user`,
          sharers,
        ),
        place: `services.${service.name}.user`,
        ...(image.related && { related: [image.related] }),
        fixes: () => [atOrigin(deleteUser(document.text, entry), sharers)],
      });
    }
  },
});
