import type { Stage } from '../../../syntaxes/dockerfile/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { dirname, joinUri } from '../../../syntaxes/uri.ts';
import type { FactReader } from '../../core/facts.ts';
import { isDockerIgnored } from '../../core/ignored.ts';
import type { Context } from '../../core/rule.ts';
import { workspaceFolder } from '../../core/workspace-folder.ts';
import { ignoreFileFacts } from '../../facts/ignore-files.ts';
import { productionStages } from './built-stages.ts';

/** A folder that the Dockerfile is built with, and the stage that is built. */
export interface BuildContext {
  readonly uri: string;
  readonly stage: Stage;
  /** Whether a Compose file says so; else it is the Dockerfile's own folder, which is only likely. */
  readonly isCertain: boolean;
}

/** The build contexts of a Dockerfile's images: what Compose files say, else its own folder. */
export function buildContextsOf(document: Document<'dockerfile'>, context: Context): readonly BuildContext[] {
  return productionStages(document, context).flatMap(({ stage, services }): BuildContext[] => {
    if (services.length === 0) return [{ uri: dirname(document.uri), stage, isCertain: false }];
    const uris = new Set(services.flatMap(({ build }) => build?.contextUri ?? []));
    return [...uris].map((uri) => ({ uri, stage, isCertain: true }));
  });
}

/** The folder of the workspace that holds a document, from its path below it; undefined where it stands in another document. */
export function workspaceRoot({ uri }: Document, { path }: Context): string | undefined {
  if (uri.includes('#')) return undefined;
  return workspaceFolder(uri, path);
}

/** The ignore file of a build. */
export interface BuildIgnore {
  readonly uri: string;
  readonly patterns: readonly string[];
}

/**
 * What keeps files out of a build: `<Dockerfile>.dockerignore`, else `.dockerignore` of the context. Undefined where there is none,
 * null where there is one of Podman's, which is not read.
 */
export function buildIgnore(
  facts: FactReader,
  dockerfileUri: string,
  contextUri: string,
): BuildIgnore | null | undefined {
  for (const uri of [`${dockerfileUri}.dockerignore`, joinUri(contextUri, '.dockerignore')]) {
    if (facts.exists(uri)) return { uri, patterns: facts.of(ignoreFileFacts, uri) };
  }
  return facts.exists(joinUri(contextUri, '.containerignore')) ? null : undefined;
}

/** Whether patterns keep a path of the context out of the build. */
export function isKeptOut(ignore: BuildIgnore | undefined, path: string): boolean {
  return ignore !== undefined && isDockerIgnored(ignore.patterns, path);
}
