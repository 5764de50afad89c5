import { pairOf } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { removePair } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';

export const rule = defineRule({
  id: 'compose/obsolete-version',
  title: 'Top-level version has no meaning any more',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: 'Docker Compose 2 reads every file by the newest schema, ignores `version` and warns about it at each call.',
    fix: 'Delete the line. Only docker-compose 1.x, which has had no updates since 2023, needs it.',
    references: ['https://docs.docker.com/reference/compose-file/version-and-name/'],
  },
  bad: [
    {
      name: 'version at the top',
      files: { 'docker-compose.yml': `«version»: "3.8"\n\nservices:\n  a:\n    image: acme/a:1\n` },
      fixed: `\nservices:\n  a:\n    image: acme/a:1\n`,
    },
    {
      name: 'version at the end, without a line ending',
      files: { 'docker-compose.yml': `services:\n  a:\n    image: acme/a:1\n«version»: '3'` },
      fixed: `services:\n  a:\n    image: acme/a:1`,
    },
  ],
  good: [
    {
      name: 'the name of a project, and versions of other things',
      files: {
        'compose.yaml': `name: shop
x-version: "3.8"
services:
  web:
    image: ghcr.io/acme/web:1
    environment: {version: "2"}
`,
      },
    },
    {
      name: 'a name, and a version that is something else',
      files: {
        'compose.yaml': `name: acme\nservices:\n  a:\n    image: acme/a:1\n    labels:\n      version: "3"\n`,
      },
    },
  ],
  check(document, context) {
    const { root } = document.tree;
    const pair = pairOf(root, 'version');
    if (!root || !pair) return;
    context.report({
      span: pair.key.span,
      message: 'Docker Compose ignores `version` and warns about it at each call.',
      place: 'version',
      fixes: () => [
        fixOf(removePair(document.text, root, pair), { title: 'Delete version', safety: 'safe' }),
      ],
    });
  },
});
