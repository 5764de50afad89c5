import { baseImage, effectiveUser, finalStage } from '../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import { parseImage } from '../core/image-reference.ts';
import { defineRule } from '../core/rule.ts';
import { imageUser } from '../data/image-users.ts';
import { stagesRunAsBuilt } from './shared/compose-users.ts';
import { changesUser, createdUsers, isApplication, needsRoot } from './shared/runtime-user.ts';
import { runCommands, stagePlace } from './shared/stages.ts';
import { scriptChangesUser } from './shared/start-scripts.ts';
import { addUser } from './shared/user-fix.ts';

export const rule = defineRule({
  id: 'dockerfile/user-created-not-used',
  title: 'A user is created and the container does not run as it',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /useradd|adduser/,
  docs: {
    why: 'Someone created an unprivileged user, and without `USER` the container runs as the base image says, mostly as root.',
    fix: 'Name the user in `USER` before `ENTRYPOINT` or `CMD`.',
    falsePositives: `Only for base images whose user is not known: where it is known to be root, dockerfile/user-missing says so. Silent
for entrypoints that may change the user, and for a user that files are copied for (\`--chown\`): a server may change to it.`,
    cwe: [250],
    references: ['https://docs.docker.com/reference/dockerfile/#user'],
  },
  bad: [
    {
      name: 'no USER',
      files: {
        Dockerfile: `FROM registry.example.com/base:1
RUN «adduser» -S -u 1001 app
COPY . /srv
CMD ["/srv/server"]
`,
      },
      fixed: `FROM registry.example.com/base:1
RUN adduser -S -u 1001 app
COPY . /srv
USER app
CMD ["/srv/server"]
`,
    },
  ],
  good: [
    {
      name: 'the owner of files',
      files: {
        Dockerfile: `FROM registry.example.com/base:1\nRUN useradd app\nCOPY --chown=app:app . /srv\nCMD ["/srv/server"]\n`,
      },
    },
    {
      name: 'used',
      files: {
        Dockerfile: `FROM registry.example.com/base:1\nRUN useradd app\nUSER app\nCMD ["/srv/server"]\n`,
      },
    },
    {
      name: 'an entrypoint script',
      files: {
        Dockerfile: `FROM registry.example.com/base:1\nRUN useradd app\nENTRYPOINT ["/entrypoint.sh"]\n`,
      },
    },
    {
      name: 'gosu',
      files: {
        Dockerfile: `FROM registry.example.com/base:1\nRUN useradd app\nCMD ["gosu", "app", "/srv/server"]\n`,
      },
    },
    {
      name: 'in a builder',
      files: {
        Dockerfile: `FROM registry.example.com/base:1 AS build\nRUN useradd app\nFROM registry.example.com/run:1\nCMD ["/srv/server"]\n`,
      },
    },
    {
      name: 'named by what runs',
      files: {
        Dockerfile: `FROM registry.example.com/base:1\nRUN useradd worker\nCMD ["gunicorn", "--user", "worker", "app:app"]\n`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    const stage = finalStage(tree);
    if (!stage || effectiveUser(tree, stage).from !== 'image' || stage.shell !== 'posix') return;
    const name = baseImage(tree, stage);
    const image = name === undefined ? undefined : parseImage(name);
    if (!image || imageUser(image) !== undefined || !isApplication(tree, stage)) return;
    const user = createdUsers(tree, stage).at(-1);
    if (user === undefined || startMentions(tree, stage, user)) return;
    const script = scriptChangesUser(document, stage, context.facts);
    if (needsRoot(tree, stage) || changesUser(document, stage, script)) return;
    if (!stagesRunAsBuilt(document, context).includes(stage)) return;
    const stages = new Set(lineage(tree, stage).map(({ index }) => index));
    const creation = runCommands(tree, /useradd|adduser/).findLast(
      (each) => stages.has(each.stage.index) && /^(?:useradd|adduser)$/.test(each.name),
    );
    if (!creation?.command.name) return;
    context.report({
      span: creation.command.name.span,
      message: `The user \`${user}\` is created, but no \`USER\` names it: the container runs as the base image says, mostly as root.`,
      place: `${stagePlace(stage)}.USER[${user}]`,
      covers: [`dockerfile/user-by-name ${stagePlace(stage)}.USER`],
      fixes: () => [addUser(document, stage)],
    });
  },
});

function startMentions(tree: DockerfileTree, stage: Stage, user: string): boolean {
  const words = lineage(tree, stage)
    .flatMap(({ instructions }) => instructions)
    .flatMap(({ keyword, masked, flags }) => [
      ...(/^(?:CMD|ENTRYPOINT|ENV)$/.test(keyword) ? [masked] : []),
      ...flags.flatMap(({ name, value }) => (name === 'chown' ? [value ?? ''] : [])),
    ])
    .flatMap((text) => text.split(/[\s"',=:]+/));
  return words.includes(user);
}
