import { mountSourceUri, mountsOf } from '../../syntaxes/compose/mounts.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { defineRule } from '../core/rule.ts';
import { nginxNamesFacts } from '../facts/nginx-names.ts';
import { type CommandLine, commandLinesOf, type PlacedWord } from './shared/words.ts';

export const rule = defineRule({
  id: 'compose/envsubst-clobber',
  title: 'envsubst empties the variables of nginx',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /command|entrypoint/,
  docs: {
    why: 'Without a list `envsubst` replaces every `$name`, and those that the environment lacks by nothing: `$host`, `$uri` and `$remote_addr` of nginx are gone. nginx then does not start, or passes on empty headers: no client address, redirects without a host.',
    fix: "Name the variables: `envsubst '$$BACKEND $$PORT' < …` (Compose needs `$$`). The official image does that by itself for files in `/etc/nginx/templates/` and leaves all others alone.",
    falsePositives:
      'Reported only where the template is a file of the workspace that Compose mounts, and uses variables of nginx.',
    references: [
      'https://www.gnu.org/software/gettext/manual/html_node/envsubst-Invocation.html',
      'https://hub.docker.com/_/nginx',
    ],
  },
  bad: [
    {
      name: 'a template of nginx',
      files: {
        'compose.yaml': `services:
  web:
    image: nginx:1.27
    volumes:
      - ./nginx.template:/etc/nginx/conf.d/site.template:ro
    command: /bin/sh -c "«envsubst» < /etc/nginx/conf.d/site.template > /etc/nginx/conf.d/default.conf && exec nginx -g 'daemon off;'"
`,
        'nginx.template':
          'server {\n    listen ${PORT};\n    location / { proxy_set_header Host $host; proxy_pass http://app; }\n}\n',
      },
    },
    {
      name: 'through a pipe, as a list, from a folder',
      files: {
        'compose.yaml': `services:
  web:
    image: nginx:1.27
    volumes:
      - type: bind
        source: ./nginx
        target: /tpl
    entrypoint: ["sh", "-c", "cat /tpl/site.conf.template | «envsubst» > /etc/nginx/conf.d/default.conf; nginx -g 'daemon off;'"]
`,
        'nginx/site.conf.template':
          'server {\n    listen 80;\n    location / { proxy_pass http://${BACKEND}$request_uri; }\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'with a list, and a template without variables of nginx',
      files: {
        'compose.yaml': `services:
  web:
    image: nginx:1.27
    volumes:
      - ./nginx.template:/etc/nginx/conf.d/site.template:ro
      - ./plain.nginx.template:/etc/nginx/conf.d/plain.template:ro
    command: /bin/sh -c "envsubst '$$PORT' < /etc/nginx/conf.d/site.template > /etc/nginx/conf.d/default.conf && nginx -g 'daemon off;'"
  plain:
    image: nginx:1.27
    volumes:
      - ./plain.nginx.template:/etc/nginx/conf.d/plain.template:ro
    command: /bin/sh -c "envsubst < /etc/nginx/conf.d/plain.template > /etc/nginx/conf.d/default.conf"
`,
        'nginx.template': 'server {\n    listen ${PORT};\n    return 301 https://$host;\n}\n',
        'plain.nginx.template': 'server {\n    listen ${PORT};\n    root /srv;\n}\n',
      },
    },
    {
      name: 'a template that is not in the workspace',
      files: {
        'compose.yaml': `services:
  web:
    image: my/nginx
    command: /bin/sh -c "envsubst < /etc/nginx/site.template > /etc/nginx/conf.d/default.conf"
`,
      },
    },
  ],
  check(document, { facts, report }) {
    const seen = new Set<number>();
    for (const service of document.tree.services) {
      for (const key of ['entrypoint', 'command'] as const) {
        for (const { word, template } of callsIn(commandLinesOf(document.text, service, key))) {
          const uri = mountedAt(service, document.uri, template);
          const variable = uri && facts.of(nginxNamesFacts, uri)[0]?.variable;
          const span = word.span();
          if (!uri || !variable || seen.has(span.start)) continue;
          seen.add(span.start);
          report({
            span,
            message: `envsubst without a list of names replaces \`$${variable}\` of nginx by nothing, and all others like it.`,
            place: `services.${service.name}.${key}.envsubst[${template}]`,
            related: [{ uri, span: { start: 0, end: 0 }, message: `The template uses \`$${variable}\`.` }],
          });
        }
      }
    }
  },
});

interface Call {
  readonly word: PlacedWord;
  /** The path of what it reads. */
  readonly template: string;
}

/** Calls of `envsubst` without a list, with what they read. */
function callsIn(lines: readonly CommandLine[]): readonly Call[] {
  return lines.flatMap((line, index): Call[] => {
    const at = line.findIndex(({ text }) => /^(?:.*\/)?envsubst$/.test(text));
    const word = line[at];
    if (!word?.inShell) return [];
    const rest = line.slice(at + 1).map(({ text }) => text);
    if (rest[0] !== undefined && !/^[<>]/.test(rest[0])) return [];
    const template = inputOf(rest) ?? catOf(lines[index - 1]);
    return template === undefined ? [] : [{ word, template }];
  });
}

function inputOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word.startsWith('<'));
  const word = words[at];
  return word === '<' ? words[at + 1] : word?.slice(1);
}

function catOf(line: CommandLine | undefined): string | undefined {
  return line?.[0]?.text === 'cat' && line.length === 2 ? line[1]?.text : undefined;
}

/** The file of the workspace that a container has at a path. */
function mountedAt(service: ComposeService, composeUri: string, path: string): string | undefined {
  for (const mount of mountsOf(service)) {
    const source = mountSourceUri(mount, composeUri);
    const target = mount.target?.replace(/\/+$/, '');
    if (source === undefined || !target) continue;
    if (target === path) return source;
    if (path.startsWith(`${target}/`)) return joinUri(source, path.slice(target.length + 1));
  }
  return undefined;
}
