import type { TSESTree } from '@typescript-eslint/types';
import type { Document } from '../../syntaxes/document.ts';
import { lineEndAt, lineStartAt } from '../../syntaxes/lines.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { placeOf } from './shared/places.ts';
import { Program, propertyName, spanOf, stringOf } from './shared/program.ts';

const VARIABLE = 'NODE_TLS_REJECT_UNAUTHORIZED';

export const rule = defineRule({
  id: 'script/node-tls-env',
  title: 'Code switches certificate verification off for the whole process',
  kinds: ['script'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: 'With `NODE_TLS_REJECT_UNAUTHORIZED` at `0` no TLS connection of the process is verified, whichever library makes it: the database, the payment provider, the identity provider. Whoever is in between reads and changes all of it.',
    fix: 'Remove the line. For a private authority set `NODE_EXTRA_CA_CERTS` where the process is started, or give `ca` to the one client that needs it.',
    falsePositives: 'Tests and files of development environments are not reported.',
    cwe: [295],
    references: [
      'https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue',
      'https://nodejs.org/api/cli.html#node_extra_ca_certsfile',
    ],
  },
  bad: [
    {
      name: 'at the start of a server',
      files: {
        'src/server.ts': `import http from 'node:http';

«process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'»;

http.createServer(handler).listen(8080);
`,
      },
      fixed: `import http from 'node:http';


http.createServer(handler).listen(8080);
`,
    },
    {
      name: 'in brackets, as a number, in a branch',
      files: {
        'lib/client.js': `if (insecure) {
  «process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = 0»
}
`,
      },
      fixed: `if (insecure) {
}
`,
    },
    {
      name: 'a branch without braces is left to a person',
      files: { 'lib/client.js': `if (insecure) «process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'»;\n` },
    },
  ],
  good: [
    {
      name: 'verification on',
      files: { 'src/server.ts': `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '1';\n` },
    },
    {
      name: 'a check',
      files: {
        'src/server.ts': `if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') throw new Error('unsafe');\n`,
      },
    },
    {
      name: 'in a comment or a text',
      files: {
        'src/server.ts': `// process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'\nlog("NODE_TLS_REJECT_UNAUTHORIZED = '0'");\n`,
      },
    },
    { name: 'a test', files: { 'test/server.ts': `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';\n` } },
  ],
  check(document, context) {
    if (
      !document.text.includes(VARIABLE) ||
      /(?:\.|_)(?:test|spec)\.[cm]?[jt]sx?$/.test(context.path) ||
      !document.tree.ast
    )
      return;
    const program = new Program(document.text, document.tree.ast);
    for (const node of program.nodes)
      if (node.type === 'AssignmentExpression' && switchesOff(node)) report(document, context, program, node);
  },
});

function switchesOff({ left, right, operator }: TSESTree.AssignmentExpression): boolean {
  if (operator !== '=' || left.type !== 'MemberExpression' || propertyName(left) !== VARIABLE) return false;
  return stringOf(right) === '0' || (right.type === 'Literal' && right.value === 0);
}

function report(
  { text, tree }: Document<'script'>,
  context: Context,
  program: Program,
  node: TSESTree.AssignmentExpression,
): void {
  context.report({
    span: spanOf(node),
    message:
      'No TLS connection of this process is verified any more, so whoever is in between can read and change all of them.',
    place: placeOf(program, node) || VARIABLE,
    fixes: () => {
      const fix = removal(text, program, node);
      return fix && tree.parses(text.slice(0, fix.edits[0]?.span.start) + text.slice(fix.edits[0]?.span.end))
        ? [fix]
        : [];
    },
  });
}

/** Only a statement that has its lines for itself can go without leaving something behind. */
function removal(text: string, program: Program, node: TSESTree.AssignmentExpression): Fix | undefined {
  const statement = program.parent(node);
  const holder = statement && program.parent(statement);
  if (
    statement?.type !== 'ExpressionStatement' ||
    (holder?.type !== 'Program' && holder?.type !== 'BlockStatement')
  )
    return undefined;
  const start = lineStartAt(text, statement.range[0]);
  const end = lineEndAt(text, statement.range[1]);
  if (
    text.slice(start, statement.range[0]).trim() !== '' ||
    text.slice(statement.range[1], end).trim() !== ''
  )
    return undefined;
  const next = text.indexOf('\n', end);
  return {
    title: `Remove the assignment to ${VARIABLE}`,
    safety: 'review',
    edits: [{ span: { start, end: next < 0 ? text.length : next + 1 }, text: '' }],
    risk: 'Connections to servers whose certificates are self-signed or expired fail from then on.',
  };
}
