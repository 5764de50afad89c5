import { contains, type Span } from '../document.ts';
import { basename, pathOf } from '../uri.ts';
import type { YamlFile, YamlNode } from '../yaml/tree.ts';

const COMPOSE_NAME = /^(?:.*[._-])?(?:docker-|podman-)?compose(?:[._-].*)?\.ya?ml$/i;
const YAML_NAME = /\.ya?ml$/i;
/** Files of other tools, by path, which may hold a `services:` map. */
const FOREIGN_PATH =
  /\/\.(?:gitlab|circleci|woodpecker|drone)(?:\/|\.ya?ml$|-ci\.ya?ml$)|\/\.(?:lando|travis|pre-commit-config)[^/]*$/i;
/** Top-level keys that say: not Compose, whatever else is there. */
const FOREIGN_KEYS: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'jobs',
  'on',
  'stages',
  'steps',
  'pipeline',
  'pipelines',
  'workflows',
  'openapi',
  'swagger',
  'applications',
  'recipe',
  'repos',
  'rules_files',
  'scrape_configs',
  'groups',
  'parameters',
  'framework',
]);
/** Keys of a service that no other `services:` map has. */
const SERVICE_KEY = /^(?:image|build)[ \t]*:/;

/** Whether a file is a Compose file: by its name, or by a `services:` map whose entries have an image or a build. */
export function isCompose(uri: string, text: string): boolean {
  const path = pathOf(uri);
  if (!YAML_NAME.test(path) || FOREIGN_PATH.test(path)) return false;
  const named = COMPOSE_NAME.test(basename(uri));
  if (!named && !text.includes('services')) return false;
  const outline = outlineOf(text);
  if (outline.keys.some((key) => FOREIGN_KEYS.has(key))) return false;
  return named || outline.hasServices;
}

/** Why a file that is taken for Compose is a template, which cannot be read as YAML; undefined where it is none. */
export function templateReason(text: string, file: YamlFile): string | undefined {
  const marks = [...text.matchAll(/^[ \t]*(?:-[ \t]+)?(?:[\w.-]+:[ \t]+)?(\{[{%]|<%)/gm)];
  if (marks.length === 0) return undefined;
  // Scripts and configurations inside a block scalar may well be templates; then the file is none.
  const blocks = blockSpans(file);
  const mark = marks.find(
    (match) => !blocks.some((span) => contains(span, { start: match.index, end: match.index })),
  );
  return mark && `The file is a template (\`${mark[1]}\` begins a value or a line), so it is no YAML yet.`;
}

function blockSpans(file: YamlFile): readonly Span[] {
  const spans: Span[] = [];
  const visit = (node: YamlNode | undefined): void => {
    if (node?.type === 'scalar' && node.style !== 'plain') spans.push(node.span);
    if (node?.type === 'map') for (const pair of node.pairs) visit(pair.value);
    if (node?.type === 'seq') for (const item of node.items) visit(item);
  };
  for (const document of file.documents) visit(document.root);
  return spans;
}

interface Outline {
  readonly keys: readonly string[];
  readonly hasServices: boolean;
}

/** The keys of the top level, and whether `services` holds entries with an image or a build. One pass over the lines. */
function outlineOf(text: string): Outline {
  const keys: string[] = [];
  let hasServices = false;
  let inServices = false;
  let nameIndent = -1;
  let bodyIndent = -1;
  for (const line of linesOf(text)) {
    const indent = line.search(/[^ ]/);
    if (indent < 0 || line[indent] === '#') continue;
    if (indent === 0) {
      const key = /^(?:([\w.-]+)|"([^"]*)"|'([^']*)')[ \t]*:(?=\s|$)/.exec(line);
      if (!key) {
        inServices = false; // a list, or a line that continues a value
        continue;
      }
      const name = key[1] ?? key[2] ?? key[3] ?? '';
      keys.push(name);
      inServices = name === 'services';
      nameIndent = -1;
      if (inServices && /^services:[ \t]*\{.*\b(?:image|build)[ \t]*:/.test(line)) hasServices = true;
      continue;
    }
    if (!inServices || hasServices) continue;
    if (line[indent] === '-' && (nameIndent < 0 || indent <= nameIndent)) {
      inServices = false;
      continue;
    }
    if (nameIndent < 0) nameIndent = indent;
    if (indent <= nameIndent) {
      bodyIndent = -1;
      // A service in flow style: `web: {image: nginx}`.
      if (/^[\w.-]+:[ \t]*\{[ \t]*(?:[^{}]*,[ \t]*)?(?:image|build)[ \t]*:/.test(line.slice(indent)))
        hasServices = true;
      continue;
    }
    if (bodyIndent < 0) bodyIndent = indent;
    if (indent === bodyIndent && SERVICE_KEY.test(line.slice(indent))) hasServices = true;
  }
  return { keys, hasServices };
}

function* linesOf(text: string): Generator<string> {
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (start <= text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    yield text.slice(start, end);
    start = end + 1;
  }
}
