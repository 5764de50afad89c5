import { mountsOf } from '../../syntaxes/compose/mounts.ts';
import { imageOf, wordsOf } from '../../syntaxes/compose/service.ts';
import { type ComposeService, lookup } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { isNull, pairOf } from '../../syntaxes/yaml/tree.ts';
import { judgedServices, reportAbsence } from '../compose/shared/absence.ts';
import { addServiceKey, fixOf } from '../compose/shared/fixes.ts';
import { parseImage } from '../core/image-reference.ts';
import type { Edit, Fix } from '../core/rule.ts';
import { defineRule } from '../core/rule.ts';
import { addKey, appendItem, setBlock } from '../core/yaml-edits.ts';

export const rule = defineRule({
  id: 'alertmanager/storage-ephemeral',
  title: 'Silences of Alertmanager are not kept',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /alertmanager/i,
  docs: {
    why: `Alertmanager keeps silences and what it has sent already below \`/alertmanager\`. Without a volume they are gone with
\`docker compose down\`: what was silenced pages again, and every open alert is sent anew.`,
    fix: 'Mount a named volume on `/alertmanager`.',
    falsePositives: 'Judged only for the image of the project itself with its own folder for data.',
    references: [
      'https://github.com/prometheus/alertmanager/blob/main/Dockerfile',
      'https://docs.docker.com/engine/storage/volumes/',
    ],
  },
  bad: [
    {
      name: 'the configuration alone is mounted',
      files: {
        'compose.yaml': `services:
  «alertmanager»:
    image: prom/alertmanager:v0.28.1
    volumes:
      - ./alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro
volumes:
  data:
`,
      },
      fixed: `services:
  alertmanager:
    image: prom/alertmanager:v0.28.1
    volumes:
      - ./alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro
      - alertmanager-data:/alertmanager
volumes:
  data:
  alertmanager-data:
`,
    },
    {
      name: 'no mounts at all, and options',
      files: {
        'compose.yaml': `services:
  «am»:
    image: quay.io/prometheus/alertmanager
    command: --config.file=/etc/alertmanager/alertmanager.yml --storage.path=/alertmanager
`,
      },
      fixed: `services:
  am:
    image: quay.io/prometheus/alertmanager
    volumes:
      - alertmanager-data:/alertmanager
    command: --config.file=/etc/alertmanager/alertmanager.yml --storage.path=/alertmanager
volumes:
  alertmanager-data:
`,
    },
  ],
  good: [
    {
      name: 'volumes of both forms, above the folder, and another folder',
      files: {
        'compose.yaml': `services:
  a:
    image: prom/alertmanager
    volumes: [am:/alertmanager]
  b:
    image: prom/alertmanager
    volumes:
      - type: volume
        source: am
        target: /alertmanager/
  c:
    image: prom/alertmanager
    command: ["--storage.path=/data/am"]
    volumes: [am:/data]
  d:
    image: prom/alertmanager
    volumes: ["\${AM_DATA}:\${TARGET}"]
  e:
    image: acme/alertmanager
  f:
    image: prom/alertmanager
    volumes_from: [a]
volumes: {am: {}}
`,
      },
    },
    {
      name: 'an addition to a service of another file, and a file for development',
      files: {
        'compose.dev.yaml': `services:
  alertmanager:
    image: prom/alertmanager
`,
      },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, ['volumes', 'volumes_from', 'tmpfs'])) {
      const folder = dataFolder(service);
      if (folder === undefined || keeps(service, folder)) continue;
      reportAbsence(context, service, {
        item: 'Alertmanager volume',
        message: `\`${service.name}\` keeps its silences in no volume, so they are gone when the container is replaced.`,
        fixes: () => [volumeFix(document, service, folder)],
      });
    }
  },
});

const IMAGES: ReadonlySet<string> = new Set(['prom/alertmanager', 'quay.io/prometheus/alertmanager']);

/** Where the container has its data; undefined for other images and a path that is not known. */
function dataFolder(service: ComposeService): string | undefined {
  const image = parseImage(imageOf(service) ?? '');
  if (
    !image ||
    !IMAGES.has(image.name) ||
    lookup(service.effective, 'build') ||
    lookup(service.effective, 'entrypoint')
  )
    return undefined;
  const words = (wordsOf(service, 'command') ?? []).map(({ text }) => text);
  const at = words.findIndex((word) => /^--?storage\.path(?:=|$)/.test(word));
  if (at < 0) return '/alertmanager';
  const path = /=(.*)$/.exec(words[at] ?? '')?.[1] ?? words[at + 1] ?? '';
  return /^\/[\w./-]+$/.test(path) ? path.replace(/\/$/, '') : undefined;
}

function keeps(service: ComposeService, folder: string): boolean {
  if (lookup(service.effective, 'volumes_from')) return true;
  return mountsOf(service).some(({ target }) => {
    if (target === null) return true;
    const path = target.replace(/(?<=.)\/$/, '');
    return folder === path || folder.startsWith(`${path}/`) || path.startsWith(`${folder}/`);
  });
}

function volumeFix(document: Document<'compose'>, service: ComposeService, folder: string): Fix | undefined {
  const name = 'alertmanager-data';
  const edits = [mountEdit(document.text, service, `${name}:${folder}`), declaration(document, name)];
  return fixOf(edits, {
    title: `Mount the volume \`${name}\` on \`${folder}\``,
    safety: 'review',
    risk: 'The container is made anew, so silences that it has now are lost once more.',
  });
}

function mountEdit(text: string, service: ComposeService, mount: string): Edit | undefined {
  const own = service.body && pairOf(service.body, 'volumes');
  if (!own)
    return lookup(service.effective, 'volumes')
      ? undefined
      : addServiceKey(text, service, { key: 'volumes', block: [`- ${mount}`], flow: `[${mount}]` });
  return own.value?.type === 'seq' && !service.aliased ? appendItem(text, own.value, mount) : undefined;
}

function declaration({ text, tree: { root } }: Document<'compose'>, name: string): Edit | undefined {
  const pair = pairOf(root, 'volumes');
  if (!root) return undefined;
  if (!pair) return addKey(text, root, { key: 'volumes', block: [`${name}:`], flow: `{${name}: {}}` });
  if (isNull(pair.value)) return setBlock(text, root, pair, [`${name}:`]);
  return pair.value?.type === 'map'
    ? addKey(text, pair.value, pair.value.flow ? { key: name, flow: '{}' } : { key: name })
    : undefined;
}
