import type { Instruction } from '../../syntaxes/dockerfile/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { finalLineage, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/sudoers-nopasswd',
  title: 'sudo needs no password',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /nopasswd/i,
  docs: {
    why: `An unprivileged user keeps someone who takes over the application away from root. With \`NOPASSWD\` one word, \`sudo\`, undoes
that: the container has all the risk of one that runs as root.`,
    fix: `Do what needs root in the build, before \`USER\`, and leave sudo out of the image. Where an entrypoint has to start as root,
let it hand over with \`gosu\` or \`setpriv\`.`,
    falsePositives: `Silent in stages that are not part of the last one, where a later step deletes the rule or sudo, and for lists of
commands that lead to nothing else (\`NOPASSWD: /usr/sbin/nginx -s reload\`).`,
    cwe: [250, 269],
    references: ['https://www.sudo.ws/docs/man/sudoers.man/#NOPASSWD'],
  },
  bad: [
    {
      name: 'a line of sudoers',
      files: {
        Dockerfile: `FROM ubuntu:24.04
RUN apt-get update && apt-get install -y sudo \\
    && useradd -m app \\
    && echo 'app ALL=(ALL) «NOPASSWD»:ALL' > /etc/sudoers.d/app
USER app
`,
      },
    },
    {
      name: 'a group, an edit, tee',
      files: {
        Dockerfile: `FROM ubuntu:24.04
RUN sed -i 's/%sudo.*/%sudo ALL=(ALL:ALL) «NOPASSWD»: ALL/' /etc/sudoers
RUN printf '%%wheel ALL=(ALL) «NOPASSWD»: ALL\\n' | tee -a /etc/sudoers
`,
      },
    },
    {
      name: 'heredocs',
      files: {
        Dockerfile: `FROM ubuntu:24.04
COPY <<EOF /etc/sudoers.d/app
Defaults !requiretty
app ALL = «NOPASSWD» : ALL
