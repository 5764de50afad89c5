import { dirname, joinUri } from '../../syntaxes/uri.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';
import { startScriptPaths } from '../dockerfile/shared/start-scripts.ts';

/** A file that may be the script which a Dockerfile's container starts, as a URI. */
export const startScriptFacts: FactKey<string> = factKey('start-scripts');

/** How far above a Dockerfile its build context may lie. */
const MAX_ABOVE = 3;

export const extractor = defineExtractor({
  kind: 'dockerfile',
  key: startScriptFacts,
  extract({ uri, tree }) {
    const paths = new Set(tree.stages.flatMap((stage) => startScriptPaths(tree, stage)));
    const folders = [dirname(uri)];
    for (let i = 0; i < MAX_ABOVE; i++) folders.push(dirname(folders.at(-1) ?? uri));
    return [...new Set(folders)].flatMap((folder) => [...paths].map((path) => joinUri(folder, path)));
  },
  claims: (uri) => [{ uri, kind: 'shell' }],
});
