import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { basename } from '../../syntaxes/uri.ts';
import { defineRule } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/envsubst-default-syntax',
  title: 'Default value of a variable that envsubst does not know',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /\$\{\w+:?[-?=+]/,
  docs: {
    why: `\`envsubst\`, which fills in the templates of the official image, knows \`\${NAME}\` and nothing else. \`\${NAME:-x}\` stays as it is, and nginx then does not start: the closing bracket of the variable is missing.`,
    fix: `Write \`\${NAME}\`, and give the default where the variable is set: \`environment\` in Compose, \`ENV\` in the Dockerfile.`,
    falsePositives:
      'Other programs called `envsubst`, and shells, do know defaults; only `.conf` and `.template` files are looked at.',
    references: [
      'https://www.gnu.org/software/gettext/manual/html_node/envsubst-Invocation.html',
      'https://hub.docker.com/_/nginx',
    ],
  },
  bad: [
    {
      name: 'a port with a default',
      files: {
        'nginx/templates/default.conf.template': `server {
    listen «\${NGINX_PORT:-80}»;
    server_name \${SERVER_NAME};
    location / { proxy_pass http://«\${BACKEND-app}»:8000; }
}
`,
      },
      fixed: `server {
    listen \${NGINX_PORT};
    server_name \${SERVER_NAME};
    location / { proxy_pass http://\${BACKEND-app}:8000; }
}
`,
    },
    {
      name: 'an error message, in quotes',
      files: { 'nginx/conf.d/app.conf': `server {\n    listen 80;\n    root "«\${ROOT:?}»/html";\n}\n` },
      fixed: `server {\n    listen 80;\n    root "\${ROOT}/html";\n}\n`,
    },
  ],
  good: [
    {
      name: 'plain variables of both sorts',
      files: {
        'nginx/templates/default.conf.template': `server {
    listen \${NGINX_PORT};
    set $upstream http://\${host}:80;
    # \${NGINX_PORT:-80}
    location / { proxy_pass $upstream; }
}
`,
      },
    },
    {
      name: 'templates of other programs',
      files: { 'nginx/site.conf.tmpl': `server {\n    listen \${PORT:-80};\n    root /srv;\n}\n` },
    },
  ],
  check(document, context) {
    if (document.tree.template || !/\.(?:conf|template)$/.test(basename(document.uri))) return;
    for (const directive of allDirectives(document.tree.root)) {
      for (const word of [...directive.args, { span: directive.nameSpan }]) {
        for (const match of document.text.slice(word.span.start, word.span.end).matchAll(DEFAULT)) {
          const [whole, name = ''] = match;
          const span = {
            start: word.span.start + match.index,
            end: word.span.start + match.index + whole.length,
          };
          context.report({
            span,
            message: `envsubst leaves \`\${${name}…}\` with a default as it is, and nginx does not start.`,
            place: `${placeOf(directive)}[${name}]`,
            fixes: () => [
              {
                title: `Write \${${name}}`,
                safety: 'review',
                risk: `\`${name}\` must be set in the environment, since its default goes.`,
                edits: [{ span, text: `\${${name}}` }],
              },
            ],
          });
        }
      }
    }
  },
});

/** `${NAME:-x}`, `${NAME-x}`, `${NAME:?x}`, `${NAME:=x}`, `${NAME:+x}`. */
const DEFAULT = /\$\{([A-Za-z_]\w*):?[-?=+][^}]*\}/g;
