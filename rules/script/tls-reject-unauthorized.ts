import type { TSESTree } from '@typescript-eslint/types';
import type { Document } from '../../syntaxes/document.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { placeOf } from './shared/places.ts';
import { calleeName, Program, spanOf } from './shared/program.ts';

const SWITCH = /^(?:rejectUnauthorized|strictSSL)$/;

/** Options of a side that listens: there the switch is about certificates of clients, which few ask for. */
const LISTENS =
  /^(?:createServer|createSecureServer|Server|listen|setSecureContext|createSecureContext|fastify|Fastify|WebSocketServer|TLSSocket)$/;

export const rule = defineRule({
  id: 'script/tls-reject-unauthorized',
  title: 'Client accepts any certificate',
  kinds: ['script'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: 'TLS without verification encrypts, but to anyone: whoever can put himself between client and server shows a certificate of his own and reads and changes everything, credentials first.',
    fix: 'Remove the option. For a server with a certificate of a private authority give its certificate as `ca`, or set `NODE_EXTRA_CA_CERTS` where the process is started.',
    falsePositives:
      'Options of servers are not reported, nor are tests and clients that talk to the same machine.',
    cwe: [295],
    references: ['https://nodejs.org/api/tls.html#tlsconnectoptions-callback'],
  },
  bad: [
    {
      name: 'several clients in one file',
      files: {
        'src/clients.ts': `export const a = new https.Agent({ «rejectUnauthorized: false» });
export const b = new https.Agent({ «rejectUnauthorized: false» });
`,
      },
      fixed: `export const a = new https.Agent({ rejectUnauthorized: true });
export const b = new https.Agent({ rejectUnauthorized: false });
`,
    },
    {
      name: 'an agent',
      files: {
        'src/api.ts': `import https from 'node:https';

export const agent = new https.Agent({ keepAlive: true, «rejectUnauthorized: false» });
`,
      },
      fixed: `import https from 'node:https';

export const agent = new https.Agent({ keepAlive: true });
`,
    },
    {
      name: 'a database client, the option first and on a line of its own',
      files: {
        'src/db.js': `const { Pool } = require('pg');

module.exports = new Pool({
  ssl: {
    «rejectUnauthorized: false»,
    servername: 'db.example.com',
  },
  'pool': 20,
});
`,
      },
      fixed: `const { Pool } = require('pg');

module.exports = new Pool({
  ssl: {
    servername: 'db.example.com',
  },
  'pool': 20,
});
`,
    },
    {
      name: 'the only option: nothing else asks for TLS, so it is turned round',
      files: {
        'src/db.ts': `export const options = { host: 'db.example.com', ssl: { «rejectUnauthorized: false» } };\n`,
      },
      fixed: `export const options = { host: 'db.example.com', ssl: { rejectUnauthorized: true } };\n`,
    },
  ],
  good: [
    {
      name: 'verification on',
      files: {
        'src/api.ts': `new https.Agent({ rejectUnauthorized: true });\nrequest({ strictSSL: !insecure });\n`,
      },
    },
    {
      name: 'a server that asks no client for a certificate',
      files: {
        'src/server.ts': `https.createServer({ key, cert, rejectUnauthorized: false }, app).listen(443);\nconst options = { key, cert, rejectUnauthorized: false };\n`,
      },
    },
    {
      name: 'the same machine',
      files: {
        'src/api.ts': `https.get({ host: 'localhost', port: 8443, rejectUnauthorized: false });\nhttps.request('https://127.0.0.1:8443/', { rejectUnauthorized: false });\n`,
      },
    },
    {
      name: 'an agent for plain HTTP',
      files: { 'src/api.ts': `new http.Agent({ rejectUnauthorized: false });\n` },
    },
    { name: 'a test', files: { 'src/api.test.ts': `new https.Agent({ rejectUnauthorized: false });\n` } },
    {
      name: 'a type and a default that is taken apart',
      files: {
        'src/api.ts': `type Options = { rejectUnauthorized: false };\nconst { rejectUnauthorized = false } = options;\n`,
      },
    },
  ],
  check(document, context) {
    const { text, tree } = document;
    if (!/rejectUnauthorized|strictSSL/.test(text) || isTest(context.path) || !tree.ast) return;
    const program = new Program(text, tree.ast);
    for (const node of program.nodes) {
      const parent = program.parent(node);
      if (node.type !== 'Property' || parent?.type !== 'ObjectExpression' || !isOff(node)) continue;
      if (!isServer(program, parent) && !isLocal(program, parent))
        report(document, context, program, node, parent);
    }
  },
});

function report(
  { text, tree }: Document<'script'>,
  context: Context,
  program: Program,
  property: TSESTree.Property,
  options: TSESTree.ObjectExpression,
): void {
  context.report({
    span: spanOf(property),
    message: `\`${text.slice(...property.key.range)}: false\` accepts any certificate, so whoever is in between can read and change the traffic.`,
    place: `${placeOf(program, property)}.${text.slice(...property.key.range)}`,
    fixes: () => {
      const fix = fixOf(text, options, property);
      const [edit] = fix.edits;
      return edit && tree.parses(text.slice(0, edit.span.start) + edit.text + text.slice(edit.span.end))
        ? [fix]
        : [];
    },
  });
}

function isOff({ key, value, computed, shorthand }: TSESTree.Property): boolean {
  const name = key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : '';
  return !computed && !shorthand && SWITCH.test(name) && value.type === 'Literal' && value.value === false;
}

function isServer(program: Program, options: TSESTree.ObjectExpression): boolean {
  const names = options.properties.flatMap((property) =>
    property.type === 'Property' && property.key.type === 'Identifier' ? [property.key.name] : [],
  );
  if (
    names.includes('key') &&
    names.includes('cert') &&
    !names.includes('host') &&
    !names.includes('hostname')
  )
    return true;
  const call = callAround(program, options);
  return (
    call !== undefined &&
    (LISTENS.test(calleeName(call) ?? '') || /^http\.Agent$/.test(program.textOf(call.callee)))
  );
}

/** A host of the same machine beside the option, or in the other arguments of the call. */
function isLocal(program: Program, options: TSESTree.ObjectExpression): boolean {
  const call = callAround(program, options);
  const near = call ? program.textOf(call) : program.textOf(options);
  return (
    near.length < 2_000 &&
    /['"`](?:https?:\/\/|wss?:\/\/)?(?:localhost|127\.0\.0\.1|\[?::1\]?)(?:[:/'"`])/.test(near)
  );
}

function callAround(
  program: Program,
  node: TSESTree.Node,
): TSESTree.CallExpression | TSESTree.NewExpression | undefined {
  for (const ancestor of program.ancestors(node)) {
    if (ancestor.type === 'CallExpression' || ancestor.type === 'NewExpression') return ancestor;
    if (ancestor.type !== 'Property' && ancestor.type !== 'ObjectExpression') return undefined;
  }
  return undefined;
}

function isTest(path: string): boolean {
  return /[._-](?:test|tests|spec|e2e|mock)\.[cm]?[jt]sx?$/.test(path);
}

/** Takes the option out. The only option of an object stays, turned round: the object itself may switch TLS on. */
function fixOf(text: string, options: TSESTree.ObjectExpression, property: TSESTree.Property): Fix {
  const index = options.properties.indexOf(property);
  const next = options.properties[index + 1];
  const previous = options.properties[index - 1];
  const name = text.slice(...property.key.range);
  const common = {
    safety: 'review',
    risk: 'Connections to servers whose certificates are self-signed or expired fail from then on.',
  } as const;
  if (next)
    return {
      ...common,
      title: `Remove ${name}: false`,
      edits: [{ span: { start: property.range[0], end: next.range[0] }, text: '' }],
    };
  if (previous)
    return {
      ...common,
      title: `Remove ${name}: false`,
      edits: [{ span: { start: previous.range[1], end: property.range[1] }, text: '' }],
    };
  return { ...common, title: `Set ${name} to true`, edits: [{ span: spanOf(property.value), text: 'true' }] };
}
