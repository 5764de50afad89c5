/** What makes a command a development server, by its words. */
export interface DevServer {
  /** Which word says so, counted in the words that were given. */
  readonly at: number;
  /** What to write in its place; an empty text removes the word. */
  readonly instead?: string;
}

/**
 * Looks for a development server in the words of a command: what restarts on changes, shows stack traces, or calls itself unfit
 * for production. Programs that only run another one are looked through.
 */
export function devServerOf(words: readonly string[]): DevServer | undefined {
  const at = programAt(words);
  const program = basename(words[at] ?? '');
  const args = words.slice(at + 1);
  const found = findServer(program, args);
  return found && { ...found, at: found.at + at + 1 };
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Programs whose first word, or what stands behind `--`, is the program that is meant. */
const RUNNERS =
  /^(?:exec|env|sudo|nohup|time|npx|bunx|pnpx|tini|dumb-init|catatonit|cross-env|dotenv|docker-entrypoint\.sh|entrypoint\.sh|docker-php-entrypoint|ddtrace-run|newrelic-admin|opentelemetry-instrument)$/;
/** Programs with a word of their own before it: `poetry run`, `gosu app`. */
const TWO_WORDS: readonly (readonly [program: RegExp, second: RegExp])[] = [
  [/^(?:poetry|uv|pipenv|pdm|hatch|rye|conda|micromamba|doppler|infisical)$/, /^run$/],
  [/^(?:pnpm|yarn|npm|bun)$/, /^(?:exec|dlx|x)$/],
  [/^bundle$/, /^exec$/],
  [/^(?:gosu|su-exec|setuidgid)$/, /^[\w.:-]+$/],
  [/^python[\d.]*$/, /^-m$/],
];

function programAt(words: readonly string[]): number {
  let at = 0;
  for (;;) {
    const program = basename(words[at] ?? '');
    const second = words[at + 1] ?? '';
    if (TWO_WORDS.some(([name, word]) => name.test(program) && word.test(second))) at += 2;
    else if (RUNNERS.test(program)) at++;
    else return at;
    while (/^-|^\w+=/.test(words[at] ?? '')) at++;
  }
}

/** Tools that do nothing else. */
const ALWAYS =
  /^(?:nodemon|ts-node-dev|tsnd|webpack-dev-server|watchexec|entr|air|CompileDaemon|reflex|runserver|live-server|browser-sync|http-server-dev)$/;

/** Words behind a program that start a development server. */
const VERBS: readonly (readonly [program: RegExp, verb: RegExp, instead?: string])[] = [
  [/^next$/, /^dev$/, 'start'],
  [/^fastapi$/, /^dev$/, 'run'],
  [/^(?:nuxt|nuxi|astro|remix|svelte-kit|quasar|solid-start|vinxi|sanity)$/, /^dev$/],
  [/^(?:gatsby|strapi)$/, /^develop$/],
  [/^(?:ng|vue-cli-service|webpack)$/, /^serve$/],
  [/^(?:react-scripts|docusaurus|expo)$/, /^start$/],
  [/^flask$/, /^run$/],
  [/^(?:django-admin|django|[\w-]+\.py)$/, /^runserver(?:_plus)?$/],
  [/^artisan$/, /^serve$/],
  [/^symfony$/, /^(?:serve|server:start|local:server:start)$/],
  [/^dotnet$/, /^watch$/],
  [/^cargo$/, /^watch$/],
  [/^(?:mvn|mvnw)$/, /^quarkus:dev$/],
  [/^(?:gradle|gradlew)$/, /^(?:.*:)?quarkusDev$/],
];

/** Options that make a server of it. */
const OPTIONS: readonly (readonly [program: RegExp, option: RegExp, instead?: string])[] = [
  [/^(?:uvicorn|gunicorn|hypercorn|granian|litestar|daphne)$/, /^--reload$/, ''],
  [/^sanic$/, /^(?:--dev|--auto-reload|--debug|-r|-d)$/],
  [/^node$/, /^--watch$/, ''],
  [/^(?:bun|deno)$/, /^--(?:watch|hot|watch-hmr)$/, ''],
  [/^nest$/, /^(?:--watch|-w)$/, ''],
  [/^php$/, /^-S$/],
];

const SCRIPT =
  /^(?:dev|develop|development|watch|hot|serve:dev|start[:-](?:dev|watch|debug)|dev[:-][\w:-]+|[\w-]+:dev)$/;

function findServer(program: string, args: readonly string[]): DevServer | undefined {
  if (ALWAYS.test(program)) return nodemonOf(program, args);
  if (/^(?:npm|pnpm|yarn|bun)$/.test(program)) {
    const script = scriptAt(program, args);
    if (SCRIPT.test(args[script] ?? '')) return { at: script };
    if (program !== 'bun') return undefined;
  }
  if (program === 'vite') return viteOf(args);
  if (program === 'tsx') return args[0] === 'watch' ? { at: 0, instead: '' } : undefined;
  if (/^(?:python[\d.]*|php)$/.test(program) && /\.py$|(?:^|\/)artisan$/.test(args[0] ?? '')) {
    const inner = findServer(basename(args[0] ?? ''), args.slice(1));
    return inner && { ...inner, at: inner.at + 1 };
  }
  for (const [name, verb, instead] of VERBS) {
    const at = name.test(program) ? args.findIndex((arg) => verb.test(arg)) : -1;
    if (at >= 0) return { at, ...(instead !== undefined && { instead }) };
  }
  for (const [name, option, instead] of OPTIONS) {
    const at = name.test(program) ? optionAt(program, args, option) : -1;
    if (at >= 0) return { at, ...(instead !== undefined && { instead }) };
  }
  return undefined;
}

/** What stands behind a script belongs to the script. */
function optionAt(program: string, args: readonly string[], option: RegExp): number {
  const script = /^(?:node|bun|php)$/.test(program) ? args.findIndex((arg) => /^[^-]/.test(arg)) : -1;
  const own = script < 0 || program === 'bun' ? args : args.slice(0, script);
  return own.findIndex((arg) => option.test(arg));
}

/** `npm run dev`, `yarn dev`: where the name of the script stands. */
function scriptAt(program: string, args: readonly string[]): number {
  const words = args.flatMap((arg, index) => (arg.startsWith('-') ? [] : [index]));
  const [first = -1, second = -1] = words;
  if (/^(?:run|run-script)$/.test(args[first] ?? '')) return second;
  return program === 'npm' ? -1 : first;
}

/** `vite` alone serves for development, unless it is told to build or to show what was built. */
function viteOf(args: readonly string[]): DevServer | undefined {
  const verb = args.findIndex((arg) => /^(?:dev|serve|build|preview|optimize)$/.test(arg));
  if (verb < 0) return args.some((arg) => /^--?(?:v|version|h|help)$/.test(arg)) ? undefined : { at: -1 };
  return /^(?:dev|serve)$/.test(args[verb] ?? '') ? { at: verb } : undefined;
}

function nodemonOf(program: string, args: readonly string[]): DevServer {
  const isPlain = program === 'nodemon' && args.length === 1 && /\.[cm]?js$/.test(args[0] ?? '');
  return { at: -1, ...(isPlain && { instead: 'node' }) };
}
