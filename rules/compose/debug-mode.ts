import { type EnvironmentVariable, environmentOf } from '../../syntaxes/compose/environment.ts';
import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, itemsAt } from '../../syntaxes/compose/tree.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { defineRule, type Edit } from '../core/rule.ts';
import { removeItem } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, withSharers } from './shared/origin.ts';
import { isForDevelopers, replaceValue } from './shared/variables.ts';
import { type CommandLine, commandLinesOf, type PlacedWord } from './shared/words.ts';

/** Switches of frameworks that show stack traces, reload code or open a console. */
const SWITCH = /^(?:DEBUG|(?:FLASK|APP|DJANGO|WORDPRESS|WP|SYMFONY|RAILS|NODE|WERKZEUG|UVICORN)_DEBUG)$/;
/** The values that stand for on, and what takes their place. */
const OFF: Readonly<Record<string, string>> = {
  '1': '0',
  true: 'false',
  True: 'False',
  TRUE: 'FALSE',
  yes: 'no',
  on: 'off',
  On: 'Off',
};

/** Variables that choose the mode of a framework. */
const MODE =
  /^(?:NODE_ENV|FLASK_ENV|RAILS_ENV|RACK_ENV|ASPNETCORE_ENVIRONMENT|DOTNET_ENVIRONMENT|APP_ENV|SYMFONY_ENV)$/;
/** The mode for developers, and the one for everybody. Laravel calls the first one `local`, Symfony `dev`. */
const PRODUCTION: Readonly<Record<string, string>> = {
  development: 'production',
  Development: 'Production',
  local: 'production',
  dev: 'prod',
};

/** Servers that reload code on request; for others `--reload` may mean anything. */
const RELOADING = /^(?:uvicorn|gunicorn|hypercorn|granian|fastapi|flask|sanic|litestar|waitress-serve)$/;

export const rule = defineRule({
  id: 'compose/debug-mode',
  title: 'Debug mode is on',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /DEBUG|_ENV|ENVIRONMENT|reload|jdwp|runserver/,
  docs: {
    why: `Frameworks in debug mode answer errors with stack traces, settings and source code; some open a console in which whoever
finds it runs code (Werkzeug). They are slower too, and hold on to memory.`,
    fix: `Flip the value, and keep the mode for developers in \`compose.override.yaml\` or in a file of their own.`,
    falsePositives: `Silent in files for development and tests (\`*.override.*\`, \`*.dev.*\`, \`*.local.*\`), for services that say so by their
name, their profiles or the stage that is built, for values that are not known, and for \`DEBUG\` with a list of names (\`express:*\`).`,
    cwe: [489, 209],
    references: [
      'https://cwe.mitre.org/data/definitions/489.html',
      'https://flask.palletsprojects.com/en/stable/debugging/',
      'https://docs.djangoproject.com/en/stable/ref/settings/#debug',
    ],
  },
  bad: [
    {
      name: 'switches and modes, in both forms',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      FLASK_DEBUG: «1»
      APP_DEBUG: "«true»"
      NODE_ENV: \${NODE_ENV:-«development»}
  web:
    image: ghcr.io/acme/web:1.4.2
    environment:
      - ASPNETCORE_ENVIRONMENT=«Development»
      - "DEBUG=«True»"
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      FLASK_DEBUG: 0
      APP_DEBUG: "true"
      NODE_ENV: \${NODE_ENV:-development}
  web:
    image: ghcr.io/acme/web:1.4.2
    environment:
      - ASPNETCORE_ENVIRONMENT=Development
      - "DEBUG=True"
`,
    },
    {
      name: 'the default of a variable',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment: { NODE_ENV: "\${NODE_ENV:-«development»}" }
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment: { NODE_ENV: "\${NODE_ENV:-production}" }
`,
    },
    {
      name: 'commands that reload code, as a string and as a list',
      files: {
        'compose.yaml': `services:
  api:
    build: .
    command: uvicorn app:app --host 0.0.0.0 «--reload» --port 8000
  web:
    build: .
    command: ["flask", "run", "«--debug»"]
  admin:
    build: .
    command: sh -c "python manage.py migrate && python manage.py «runserver» 0.0.0.0:8000"
`,
      },
      fixed: `services:
  api:
    build: .
    command: uvicorn app:app --host 0.0.0.0 --port 8000
  web:
    build: .
    command: ["flask", "run", "--debug"]
  admin:
    build: .
    command: sh -c "python manage.py migrate && python manage.py runserver 0.0.0.0:8000"
`,
    },
    {
      name: 'a debugger that listens',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      JAVA_TOOL_OPTIONS: -Xmx512m «-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005»
`,
      },
    },
  ],
  good: [
    {
      name: 'other values, and values that are not known',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment:
      DEBUG: "false"
      FLASK_DEBUG: 0
      NODE_ENV: production
      APP_ENV: \${APP_ENV}
      LOG_LEVEL: debug
      ASPNETCORE_ENVIRONMENT: Staging
  web:
    image: ghcr.io/acme/web:1.4.2
    environment: [DEBUG=express:*, XDEBUG_MODE=off, RAILS_ENV=test]
    command: caddy reload
  proxy:
    image: ghcr.io/acme/proxy:1
    command: ["proxy", "--reload", "--debug"]
`,
      },
    },
    {
      name: 'the override file of a developer',
      files: {
        'compose.override.yaml': `services:
  api:
    environment:
      NODE_ENV: development
    command: uvicorn app:app --reload
`,
      },
    },
    {
      name: 'a file for one’s own machine',
      files: {
        'docker-compose.local.yml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    environment: [APP_DEBUG=true]
`,
      },
    },
    {
      name: 'services for developers',
      files: {
        'compose.yaml': `services:
  api-dev:
    build: .
    environment: { NODE_ENV: development }
  web:
    build: .
    profiles: [dev]
    environment: { NODE_ENV: development }
  worker:
    build: { context: ., target: development }
    environment: { NODE_ENV: development }
`,
      },
    },
  ],
  check(document, context) {
    const seen = new Set<number>();
    for (const service of document.tree.services) {
      if (isForDevelopers(service)) continue;
      for (const mode of [...inVariables(document, service), ...inCommands(document, service)]) {
        if (seen.has(mode.span.start)) continue;
        seen.add(mode.span.start);
        const sharers = document.tree.sharing.get(mode.offset) ?? [service.name];
        context.report({
          span: mode.span,
          message: withSharers(`${mode.what} of \`${service.name}\` ${mode.consequence}`, sharers),
          place: `services.${service.name}.${mode.place}`,
          fixes: () => [
            atOrigin(
              fixOf(mode.edit(), {
                title: mode.title,
                safety: 'review',
                risk: 'The program runs in another mode then: what was reloaded, shown or compiled on demand is not any more.',
              }),
              sharers,
            ),
          ],
        });
      }
    }
  },
});

interface DebugMode {
  readonly what: string;
  readonly consequence: string;
  readonly span: Span;
  /** Where the value is written, by which services share it. */
  readonly offset: number;
  readonly place: string;
  readonly title: string;
  readonly edit: () => Edit | undefined;
}

function inVariables(document: Document<'compose'>, service: ComposeService): readonly DebugMode[] {
  return environmentOf(service, document.text).flatMap((variable): readonly DebugMode[] => {
    const { name, value, valueSpan, offset } = variable;
    const known = value === undefined ? undefined : interpolate(value).text?.trim();
    if (known === undefined || !valueSpan) return [];
    const agent = /(?:^|\s)(-(?:agentlib:|Xrun)jdwp\S*)/.exec(known)?.[1];
    const common = { offset, place: `environment.${name}` };
    if (agent !== undefined) {
      const span = partOf(document.text, valueSpan, agent);
      const what = `\`${name}\``;
      const consequence = 'opens a debugger: whoever reaches its port runs code in the program';
      return [{ ...common, what, consequence, span, title: '', edit: () => undefined }];
    }
    const better = replacement(variable, known);
    if (better === undefined) return [];
    return [
      {
        ...common,
        what: `\`${name}=${known}\``,
        consequence:
          name === 'DEBUG'
            ? 'is for developers: errors and logs tell more than they should'
            : 'is for developers: errors show stack traces, settings and code',
        span: partOf(document.text, valueSpan, known),
        title: `Set ${name} to ${better}`,
        edit: () => replaceValue(document.text, variable, known, better),
      },
    ];
  });
}

function replacement({ name }: EnvironmentVariable, value: string): string | undefined {
  if (SWITCH.test(name)) return Object.hasOwn(OFF, value) ? OFF[value] : undefined;
  if (!MODE.test(name) || !Object.hasOwn(PRODUCTION, value)) return undefined;
  // Elsewhere `local` and `dev` are names of places, not modes.
  if (value === 'local' || value === 'dev')
    return /^(?:APP|SYMFONY)_ENV$/.test(name) ? PRODUCTION[value] : undefined;
  return PRODUCTION[value];
}

/** A part of a value in the file; the whole value where it is written in another way. */
function partOf(text: string, span: Span, part: string): Span {
  const at = text.slice(span.start, span.end).lastIndexOf(part);
  return at < 0 ? span : { start: span.start + at, end: span.start + at + part.length };
}

function inCommands(document: Document<'compose'>, service: ComposeService): readonly DebugMode[] {
  return commandLinesOf(document.text, service, 'command').flatMap((line) => {
    const word = debugWord(line);
    return word ? [commandMode(document, service, word)] : [];
  });
}

/** The word that makes a server one for developers. */
function debugWord(line: CommandLine): PlacedWord | undefined {
  const names = line.map(({ text }) => text.slice(text.lastIndexOf('/') + 1));
  const server = names.findIndex((name) => RELOADING.test(name));
  if (server >= 0) {
    const options = names[server] === 'flask' ? /^--(?:reload|debug|debugger)$/ : /^--reload$/;
    return line.slice(server).find(({ text }) => options.test(text));
  }
  const manage = names.indexOf('manage.py');
  return manage >= 0 && names[manage + 1] === 'runserver' ? line[manage + 1] : undefined;
}

function commandMode(document: Document<'compose'>, service: ComposeService, word: PlacedWord): DebugMode {
  return {
    what: `\`${word.text}\` in the command`,
    consequence: 'is for developers: it reloads code and shows what went wrong',
    span: word.span(),
    offset: word.scalar.span.start,
    place: `command[${word.text}]`,
    title: `Delete ${word.text}`,
    edit: () => (word.text.startsWith('--') ? removal(document.text, service, word) : undefined),
  };
}

/** The option as an item of its own, or with the spaces before it. */
function removal(text: string, service: ComposeService, word: PlacedWord): Edit | undefined {
  const item = itemsAt(service.effective, 'command').find(({ node }) => node === word.scalar);
  const { start, end } = word.span();
  if (item && !word.inShell) return removeItem(text, item.seq, item.index);
  const before = /[ \t]+$/.exec(text.slice(word.scalar.span.start, start))?.[0];
  return before === undefined ? undefined : { span: { start: start - before.length, end }, text: '' };
}
