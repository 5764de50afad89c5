import { contentSpan } from '../../syntaxes/compose/environment.ts';
import { asMap, asScalar, pairOf } from '../../syntaxes/yaml/tree.ts';
import { octal } from '../core/file-mode.ts';
import { defineRule } from '../core/rule.ts';
import { secretFileUri } from '../facts/compose-secret-files.ts';

/** Reading by everybody; writing by the group or by everybody. */
const TOO_OPEN = 0o026;

export const rule = defineRule({
  id: 'compose/secret-file-permissions',
  title: "Secret's file is open to every user of the host",
  kinds: ['compose'],
  severity: 'high',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /secrets/,
  docs: {
    why: `\`docker compose\` mounts the file itself, so its permissions on the host are those in the container; \`mode\` in the Compose
file changes nothing for such a secret. A file with 0644 is readable by every user of the host and by every process in the container.`,
    fix: 'Run `chmod 600` on the file, or 640 with a group that only the container has. Give it to the user that the process runs as.',
    falsePositives: `Needs the disk, so it works in the editor and, on the command line, with \`--file-modes\`: a fresh checkout has 0644
everywhere and says nothing about the machine that runs the services. Silent on Windows and for files that only their group may read.`,
    cwe: [732],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#secrets',
      'https://docs.docker.com/compose/how-tos/use-secrets/',
    ],
  },
  bad: [
    {
      name: 'readable by everybody, writable by the group',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    secrets: [db, "api", token]
secrets:
  db: {file: «./secrets/db.txt»}
  api:
    file: "«secrets/api.txt»"
  token:
    file: secrets/token.txt
`,
        'secrets/db.txt': 'x\n',
        'secrets/api.txt': 'x\n',
      },
      modes: { 'secrets/db.txt': 0o644, 'secrets/api.txt': 0o660, 'secrets/token.txt': 0o400 },
    },
  ],
  good: [
    {
      name: 'only for the owner, or for a group to read',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    secrets: [db, api]
secrets:
  db: {file: ./secrets/db.txt}
  api: {file: ./secrets/api.txt}
`,
      },
      modes: { 'secrets/db.txt': 0o600, 'secrets/api.txt': 0o440 },
    },
    {
      name: 'nobody has looked: on the command line, in a browser',
      files: { 'compose.yaml': 'services: {}\nsecrets:\n  db: {file: ./secrets/db.txt}\n' },
    },
    {
      name: 'no file',
      files: {
        'compose.yaml':
          'services: {}\nsecrets:\n  a: {environment: A}\n  b: {external: true}\n  c: {file: "${DIR}/c"}\n',
      },
      modes: { c: 0o644 },
    },
  ],
  check({ uri, text, tree }, context) {
    for (const { key, value } of asMap(pairOf(tree.root, 'secrets')?.value)?.pairs ?? []) {
      const scalar = asScalar(pairOf(value, 'file')?.value);
      const file = secretFileUri(scalar?.value, uri);
      const mode = file === undefined ? undefined : context.facts.mode(file);
      if (!scalar || mode === undefined || (mode & TOO_OPEN) === 0) continue;
      const who = mode & 0o006 ? 'every user of the host' : 'its whole group';
      const can = mode & 0o022 ? 'change' : 'read';
      context.report({
        span: contentSpan(scalar, text),
        message: `The file of secret \`${key.value}\` has mode ${octal(mode & 0o777)}: ${who} can ${can} it; \`chmod 600\` closes it.`,
        place: `secrets.${key.value}.file`,
      });
    }
  },
});
