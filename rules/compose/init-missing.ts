import { UNKNOWN } from '../../syntaxes/compose/interpolate.ts';
import { imageOf, type Word, wordsOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService, EffectiveEntry } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { parseImage } from '../core/image-reference.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { KNOWN_IMAGES } from '../data/images.ts';
import { isJob } from './shared/absence.ts';
import { addServiceKey, fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

/** Programs that do what an init does. */
const INIT =
  /(?:^|\/)(?:tini(?:-static)?|dumb-init|catatonit|s6-svscan|init|my_init|runit|supervisord|systemd|pid1|multirun)$/;
/** Images whose entrypoint is one, which must be the first process. */
const INIT_IMAGES =
  /(?:^|\/)(?:linuxserver|hotio|s6|s6-overlay|phusion|jlesage|jenkins|airflow|n8n|home-assistant|homeassistant|pihole|supervisord?)(?:[/:@-]|$)/;

export const rule = defineRule({
  id: 'compose/init-missing',
  title: 'Shell is the first process and passes no signals on',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  mentions: /command|entrypoint/,
  docs: {
    why: `With \`sh -c\` the shell is process 1. It passes no \`SIGTERM\` on to what it runs, so each stop takes ten seconds and ends with
\`SIGKILL\`, in the middle of a write; and nobody collects processes that have ended.`,
    fix: 'Add `init: true`, or let the shell end in `exec program`.',
    falsePositives: `Silent for jobs, for a shell that ends in \`exec\` or has a \`trap\`, and for images with an init of their own (s6, tini),
as far as they are known.`,
    cwe: [404],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#init',
      'https://docs.docker.com/compose/support-and-feedback/faq/#why-do-my-services-take-10-seconds-to-recreate-or-stop',
    ],
  },
  bad: [
    {
      name: 'a command',
      files: {
        'compose.yaml': `services:
  web:
    image: node:22
    «command»: sh -c "npm run migrate && npm start"
  worker:
    image: ghcr.io/acme/api:1
    «command»: ["/bin/bash", "-lc", "wait-for db && celery worker"]
`,
      },
      fixed: `services:
  web:
    image: node:22
    init: true
    command: sh -c "npm run migrate && npm start"
  worker:
    image: ghcr.io/acme/api:1
    command: ["/bin/bash", "-lc", "wait-for db && celery worker"]
`,
    },
    {
      name: 'an entrypoint, in flow style and as a list',
      files: {
        'compose.yaml': `services:
  a: { image: "ghcr.io/acme/a:1", «entrypoint»: [sh, -c, "a; b"] }
  b:
    image: ghcr.io/acme/b:1
    «entrypoint»:
      - sh
      - -c
      - |
        setup
        serve
    init: false
`,
      },
      fixed: `services:
  a: { image: "ghcr.io/acme/a:1", entrypoint: [sh, -c, "a; b"], init: true }
  b:
    image: ghcr.io/acme/b:1
    entrypoint:
      - sh
      - -c
      - |
        setup
        serve
    init: false
`,
    },
  ],
  good: [
    {
      name: 'an init, exec, a trap, no shell',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    init: true
    command: sh -c "a && b"
  b:
    image: ghcr.io/acme/b:1
    command: sh -c "a && exec b"
  c:
    image: certbot/certbot:v4
    entrypoint: "/bin/sh -c 'trap exit TERM; while :; do certbot renew; sleep 12h & wait $$!; done;'"
  d:
    image: ghcr.io/acme/d:1
    command: npm start
  e:
    image: ghcr.io/acme/e:1
    entrypoint: ["tini", "--", "sh", "-c", "a && b"]
  f:
    image: ghcr.io/acme/f:1
    entrypoint: [dumb-init]
    command: sh -c "a && b"
`,
      },
    },
    {
      name: 'jobs, an image with its own init, one command only, a script',
      files: {
        'compose.yaml': `services:
  migrate:
    image: ghcr.io/acme/a:1
    restart: "no"
    command: sh -c "a && b"
  b:
    image: lscr.io/linuxserver/code-server:4
    command: sh -c "a && b"
  c:
    image: ghcr.io/acme/c:1
    command: sh -c "serve --port 80"
  d:
    image: ghcr.io/acme/d:1
    command: sh /app/start.sh
  e:
    image: ghcr.io/acme/e:1
    init: \${INIT}
    command: sh -c "a && b"
  f:
    image: ghcr.io/acme/f:1
    command: sh -c "\${COMMAND}"
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => shellOf(document, service);
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      pick,
      ({ pair }) => pair.key.span.start,
    )) {
      context.report({
        span: subject.pair.key.span,
        message: withSharers(
          `A shell is the first process of \`${service.name}\` and passes no signals on: each stop ends with SIGKILL`,
          sharers,
        ),
        place: `services.${service.name}.${subject.key}`,
        fixes: () => [atOrigin(fixFor(document, service, subject), sharers)],
      });
    }
  },
});

/** The key that makes a shell the first process. */
function shellOf(document: Document<'compose'>, service: ComposeService): readonly EffectiveEntry[] {
  const { entries } = service.effective;
  const init = entries.get('init')?.value;
  const isOff = !init || (init.type === 'scalar' && /^(?:false|no|off)$/i.test(init.node.value));
  if (!service.complete || !isOff || isJob(service, document.tree)) return [];
  if (INIT_IMAGES.test(imageOf(service) ?? '')) return [];
  const entrypoint = wordsOf(service, 'entrypoint');
  const key = entrypoint && entrypoint.length > 0 ? 'entrypoint' : 'command';
  const words = key === 'entrypoint' ? entrypoint : wordsOf(service, 'command');
  const entry = entries.get(key);
  return entry && words && isShellLine(words) ? [entry] : [];
}

/** `sh -c` with more than one command: a single one takes the place of the shell in most of them. */
function isShellLine(words: readonly Word[]): boolean {
  const [program, ...rest] = words.map((word) => word.text);
  if (program === undefined || INIT.test(program) || !/^(?:\/(?:usr\/)?bin\/)?(?:ba|da|a)?sh$/.test(program))
    return false;
  const flag = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  const line = flag < 0 ? undefined : rest[flag + 1];
  if (line === undefined || line.includes(UNKNOWN) || /\b(?:exec|trap|tini|dumb-init)\b/.test(line))
    return false;
  return /&&|\|\||[;|]|\n/.test(line.trim());
}

function fixFor(
  document: Document<'compose'>,
  service: ComposeService,
  { key }: EffectiveEntry,
): Fix | undefined {
  const edit = addServiceKey(document.text, service, { key: 'init', value: 'true' });
  const title = 'Add init: true';
  const name = parseImage(imageOf(service) ?? '')?.name ?? '';
  // With an entrypoint of its own, or an image without an init, nothing has to be the first process.
  if (key === 'entrypoint' || KNOWN_IMAGES[name] !== undefined) return fixOf(edit, { title, safety: 'safe' });
  return fixOf(edit, {
    title,
    safety: 'review',
    risk: 'An image whose own entrypoint is an init, such as s6, has to be the first process and does not start.',
  });
}
