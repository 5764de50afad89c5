import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { dirname } from '../../syntaxes/uri.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { isHarmlessInclude, resolveInclude } from './shared/include.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/include-missing',
  title: 'Included file is not in the workspace',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /include/,
  docs: {
    why: 'nginx does not start where an included file is missing. It is also where hardlint stops looking: what the file sets, headers and limits among it, is not known, so several rules keep silent.',
    fix: 'Correct the path. nginx resolves a relative one from the folder of `nginx.conf`, not from that of the file that includes.',
    falsePositives:
      'Only relative paths are looked at, without wildcards, that lead into a folder of the workspace: absolute ones usually lie on the server. Files that come with nginx, its packages and certbot are known.',
    references: ['https://nginx.org/en/docs/ngx_core_module.html#include'],
  },
  bad: [
    {
      name: 'a mistake in the name',
      files: {
        'nginx/nginx.conf': `events {}
http {
    include mime.types;
    include «snippets/securty.conf»;
    server { listen 80; include "«snippets/tls»"; }
}
`.replace('"«snippets/tls»"', '«"snippets/tls"»'),
        'nginx/snippets/security.conf': 'add_header X-Frame-Options DENY always;\n',
      },
    },
  ],
  good: [
    {
      name: 'files that are there, from the folder of nginx.conf',
      files: {
        'nginx/conf.d/app.conf': 'server {\n    listen 80;\n    include snippets/security.conf;\n}\n',
        'nginx/nginx.conf': 'events {}\nhttp { include conf.d/*.conf; }\n',
        'nginx/snippets/security.conf': 'add_header X-Frame-Options DENY always;\n',
      },
    },
    {
      name: 'files of the server and of packages, wildcards, variables',
      files: {
        'nginx/nginx.conf': `events {}
http {
    include /etc/nginx/snippets/x.conf;
    include mime.types;
    include fastcgi_params;
    include snippets/fastcgi-php.conf;
    include sites-enabled/*;
    include snippets/\${EXTRA}.conf;
    include other/place.conf;
}
`,
        'nginx/snippets/security.conf': 'add_header X-Frame-Options DENY always;\n',
      },
    },
  ],
  check(document, context) {
    if (document.tree.template) return;
    for (const directive of allDirectives(document.tree.root)) {
      const word = directive.name === 'include' && !directive.block ? directive.args[0] : undefined;
      if (!word || word.opaque || !isLocal(word.value) || isData(directive)) continue;
      if (isHarmlessInclude(word.value) || resolveInclude(context.facts, document.uri, word.value)) continue;
      if (!hasFolder(context, document.uri, word.value)) continue;
      context.report({
        span: word.span,
        message: `\`${word.value.slice(0, 60)}\` is not in the workspace: what it sets is not known, and without it nginx does not start.`,
        place: `${placeOf(directive)}[${word.value}]`,
      });
    }
  },
});

/** A path below the folder of nginx, in a folder: a bare name may lie anywhere. */
function isLocal(pattern: string): boolean {
  return /^[\w.-]+(?:\/[\w.-]+)+$/.test(pattern) && !pattern.startsWith('..');
}

function isData({ parent }: NginxDirective): boolean {
  return /^(?:map|geo|types)$/.test(parent.owner?.name ?? '');
}

/** Whether the folder is in the workspace, so that the file should be too. */
function hasFolder({ facts }: Context, uri: string, pattern: string): boolean {
  const folder = pattern.slice(0, pattern.lastIndexOf('/'));
  let directory = dirname(uri);
  for (let climbed = 0; climbed < 3; climbed++) {
    if (facts.glob(directory, `${folder}/*`).length > 0) return true;
    directory = dirname(directory);
  }
  return false;
}
