import type { Document, Syntax } from '../document.ts';
import { parseYaml } from '../yaml/parse.ts';
import { asMap, pairOf, type YamlFile, type YamlMap } from '../yaml/tree.ts';
import { isCompose, templateReason } from './detect.ts';
import { effectiveServices } from './effective.ts';
import { inlineDockerfiles } from './inline.ts';
import { ownProject, SECTIONS } from './project.ts';
import { awaitedIn } from './service.ts';
import { sharingOf } from './sharing.ts';
import type { ComposeTree } from './tree.ts';

/** Docker Compose, https://docs.docker.com/reference/compose-file/. */
export const composeSyntax: Syntax<'compose'> = {
  kind: 'compose',
  detect: isCompose,
  parse,
  embedded: inlineDockerfiles,
};

function parse(uri: string, text: string): Document<'compose'> {
  const { file, problems } = parseYaml(text);
  const template = templateReason(text, file);
  if (template)
    return {
      uri,
      kind: 'compose',
      text,
      tree: treeOf(uri, file, undefined),
      problems: [],
      notAnalysed: template,
    };
  // A comment and `---` before the services make an empty document of their own.
  const root = file.documents.map((document) => asMap(document.root)).find((each) => each);
  const tree = treeOf(uri, file, root);
  const notAnalysed = reasonNotToAnalyse(root);
  return { uri, kind: 'compose', text, tree, problems, ...(notAnalysed && { notAnalysed }) };
}

function treeOf(uri: string, file: YamlFile, root: YamlMap | undefined): ComposeTree {
  const map = asMap(pairOf(root, 'services')?.value);
  const services = map ? effectiveServices({ uri, services: map }) : [];
  return {
    file,
    root,
    services,
    sharing: sharingOf(services),
    awaited: awaitedIn(services),
    project: ownProject(file, root, services),
  };
}

/** What makes a file without services a part of a project. */
const PARTS = ['include', ...SECTIONS];

function reasonNotToAnalyse(root: YamlMap | undefined): string | undefined {
  if (!root) return 'The file has no map at its top, so it is no Compose file.';
  const services = pairOf(root, 'services');
  if (services)
    return asMap(services.value)
      ? undefined
      : 'The file has no services: what is below `services` is no map.';
  // A file may be there to include others, or to define what they use.
  if (PARTS.some((key) => pairOf(root, key))) return undefined;
  // Compose v1 had the services at the top level; Docker Compose 2 does not read it.
  const first = root.pairs.some((pair) => pairOf(pair.value, 'image') ?? pairOf(pair.value, 'build'));
  return first
    ? 'The file is written for Compose v1, without `services`; Docker Compose no longer reads it.'
    : 'The file has no `services`, so it is a fragment that other files include.';
}
