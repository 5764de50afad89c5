import type { ShellCommand } from '../../syntaxes/dockerfile/shell.ts';
import type { Stage } from '../../syntaxes/dockerfile/tree.ts';
import { basename, joinUri } from '../../syntaxes/uri.ts';
import { defineRule } from '../core/rule.ts';
import { nginxNamesFacts } from '../facts/nginx-names.ts';
import { buildContextsOf } from './shared/build-contexts.ts';
import { copyOf } from './shared/copies.ts';
import { shellsOf, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/envsubst-clobber',
  title: 'envsubst empties the variables of nginx',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /envsubst/,
  docs: {
    why: 'Without a list `envsubst` replaces every `$name`, and those that the environment lacks by nothing: `$host`, `$uri` and `$remote_addr` of nginx are gone. nginx then does not start, or passes on empty headers: no client address, redirects without a host.',
    fix: "Name the variables: `envsubst '$BACKEND $PORT' < …`. The official image does that by itself for files in `/etc/nginx/templates/` and leaves all others alone.",
    falsePositives:
      'Reported only where the template is a file of the workspace that the Dockerfile copies, and uses variables of nginx.',
    references: [
      'https://www.gnu.org/software/gettext/manual/html_node/envsubst-Invocation.html',
      'https://hub.docker.com/_/nginx',
    ],
  },
  bad: [
    {
      name: 'a template of nginx at start',
      files: {
        Dockerfile: `FROM nginx:1.27
COPY nginx/site.template /etc/nginx/conf.d/
CMD ["/bin/sh", "-c", "«envsubst» < /etc/nginx/conf.d/site.template > /etc/nginx/conf.d/default.conf && exec nginx -g 'daemon off;'"]
`,
        'nginx/site.template':
          'server {\n    listen ${PORT};\n    location / { proxy_set_header Host $host; proxy_pass http://app; }\n}\n',
      },
    },
    {
      name: 'in the build, through a pipe',
      files: {
        Dockerfile: `FROM nginx:1.27
ARG BACKEND
COPY nginx.conf.template /tmp/nginx.conf.template
RUN cat /tmp/nginx.conf.template | «envsubst» > /etc/nginx/nginx.conf
`,
        'nginx.conf.template':
          'events {}\nhttp {\n    server { listen 80; location / { proxy_pass http://${BACKEND}$uri; } }\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'with a list, and a template without variables of nginx',
      files: {
        Dockerfile: `FROM nginx:1.27
COPY nginx/site.template /etc/nginx/conf.d/
COPY nginx/plain.template /etc/nginx/conf.d/
RUN envsubst < /etc/nginx/conf.d/plain.template > /etc/nginx/conf.d/plain.conf
CMD envsubst '$PORT' < /etc/nginx/conf.d/site.template > /etc/nginx/conf.d/default.conf && exec nginx -g 'daemon off;'
`,
        'nginx/site.template': 'server {\n    listen ${PORT};\n    return 301 https://$host;\n}\n',
        'nginx/plain.template': 'server {\n    listen ${PORT};\n    root /srv;\n}\n',
      },
    },
    {
      name: 'a template that is not in the workspace, and one of another program',
      files: {
        Dockerfile: `FROM nginx:1.27
COPY app.env.tpl /app/env.tpl
RUN envsubst < /app/env.tpl > /app/env && envsubst < /etc/other.template > /etc/other
`,
        'app.env.tpl': 'HOST=$host\n',
      },
    },
  ],
  check(document, context) {
    const contexts = buildContextsOf(document, context);
    for (const { stage, instruction, shell } of shellsOf(document.tree, /envsubst/, [
      'RUN',
      'CMD',
      'ENTRYPOINT',
    ])) {
      for (const command of shell.commands) {
        const template = command.program === 'envsubst' ? templateOf(command, shell.pipelines) : undefined;
        const name = command.name;
        if (template === undefined || !name) continue;
        const source = sourceOf(stage, template);
        for (const uri of source ? contexts.map((each) => joinUri(each.uri, source)) : []) {
          const variable = context.facts.of(nginxNamesFacts, uri)[0]?.variable;
          if (!variable) continue;
          context.report({
            span: name.span,
            message: `envsubst without a list of names replaces \`$${variable}\` of nginx by nothing, and all others like it.`,
            place: `${stagePlace(stage)}.${instruction.keyword}.envsubst[${template}]`,
            related: [{ uri, span: { start: 0, end: 0 }, message: `The template uses \`$${variable}\`.` }],
          });
          break;
        }
      }
    }
  },
});

/** The path that a call without a list reads; undefined for every other. */
function templateOf(
  command: ShellCommand,
  pipelines: readonly { readonly parts: readonly (readonly ShellCommand[])[] }[],
): string | undefined {
  if (command.operands.length > 0) return undefined;
  const input = command.redirects.find(({ operator }) => operator === '<')?.target?.value;
  if (input !== undefined) return input;
  for (const { parts } of pipelines) {
    const at = parts.findIndex((part) => part.includes(command));
    const before = at > 0 ? parts[at - 1]?.at(-1) : undefined;
    if (before?.program === 'cat' && before.operands.length === 1) return before.operands[0]?.value;
  }
  return undefined;
}

/** The source in the build context of what a stage has at a path. */
function sourceOf(stage: Stage, path: string): string | undefined {
  for (const instruction of stage.instructions) {
    const copy = copyOf(instruction);
    if (!copy || copy.from !== undefined) continue;
    for (const source of copy.sources) {
      const clean = source.path.replace(/^\.?\/+/, '');
      const isFolder = copy.destination.endsWith('/') || copy.sources.length > 1;
      const folder = copy.destination.replace(/\/+$/, '');
      if (path === (isFolder ? `${folder}/${basename(clean)}` : copy.destination)) return clean;
      // A folder is copied with what is in it.
      if (path.startsWith(`${folder}/`) && !/\.\w+$/.test(clean))
        return `${clean.replace(/\/+$/, '')}/${path.slice(folder.length + 1)}`;
    }
  }
  return undefined;
}
