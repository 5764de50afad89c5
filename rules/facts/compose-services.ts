import { interpolate, UNKNOWN } from '../../syntaxes/compose/interpolate.ts';
import { mountSourceUri, mountsOf } from '../../syntaxes/compose/mounts.ts';
import { portsOf } from '../../syntaxes/compose/ports.ts';
import {
  buildOf,
  dependenciesOf,
  healthcheckOf,
  imageOf,
  userOf,
  wordsOf,
} from '../../syntaxes/compose/service.ts';
import { type ComposeService, scalarAt } from '../../syntaxes/compose/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** A service of a Compose file in effect. `null` stands for "not known", an absent field for "not given". */
export interface ComposeServiceFact {
  readonly name: string;
  /** Of the name below `services`. */
  readonly span: Span;
  readonly image?: string | null;
  readonly build?: {
    readonly contextUri: string | null;
    readonly dockerfileUri: string | null;
    readonly target?: string | null;
    /** Whether the Dockerfile stands in the Compose file. */
    readonly inline: boolean;
    /** `build.args`; null for a value that is not known. */
    readonly args?: Readonly<Record<string, string | null>>;
  };
  readonly user: { readonly state: 'unset' | 'root' | 'non-root' | 'unknown'; readonly uid?: string };
  readonly healthcheck: 'set' | 'disabled' | 'unset';
  /** Bind mounts whose place is known. */
  readonly mounts: readonly {
    readonly sourceUri: string;
    readonly target: string | null;
    readonly readOnly: boolean;
  }[];
  readonly ports: readonly {
    readonly hostIp: string | null;
    readonly published: string | null;
    readonly target: string | null;
    readonly protocol: string;
  }[];
  /** The words of `command`, null for those that are not known. */
  readonly command?: readonly (string | null)[];
  readonly entrypoint?: readonly (string | null)[];
  readonly networkMode?: string | null;
  readonly dependsOn: readonly { readonly service: string; readonly condition: string }[];
  /** All keys that the service has in effect. */
  readonly keys: readonly string[];
  /** False where a part of the service is in a file that is not read with this one. */
  readonly complete: boolean;
  /** False where the file only adds to a service of another file: neither image nor build. */
  readonly standalone: boolean;
}

/** The services of each Compose file. */
export const composeServicesFacts: FactKey<ComposeServiceFact> = factKey('compose-services', ({ build }) =>
  build?.dockerfileUri ? [build.dockerfileUri] : [],
);

export const extractor = defineExtractor({
  kind: 'compose',
  key: composeServicesFacts,
  extract: (document) => document.tree.services.map((service) => factOf(service, document.uri)),
  claims: ({ build }) =>
    build?.dockerfileUri && !build.inline ? [{ uri: build.dockerfileUri, kind: 'dockerfile' }] : [],
});

function factOf(service: ComposeService, uri: string): ComposeServiceFact {
  const image = imageOf(service);
  const build = buildOf(service, uri);
  const user = userOf(service);
  const command = wordsOf(service, 'command');
  const entrypoint = wordsOf(service, 'entrypoint');
  const networkMode = scalarAt(service.effective, 'network_mode');
  return {
    name: service.name,
    span: service.key.span,
    ...(image !== undefined && { image: orNull(image) }),
    ...(build && {
      build: {
        contextUri: build.contextUri,
        dockerfileUri: build.dockerfileUri,
        ...(build.target !== undefined && { target: build.target }),
        inline: build.inline,
        ...(build.args && { args: Object.fromEntries(build.args) }),
      },
    }),
    user: { state: user.state, ...(user.uid !== undefined && { uid: user.uid }) },
    healthcheck: healthcheckOf(service),
    mounts: mountsOf(service).flatMap((mount) => {
      const sourceUri = mountSourceUri(mount, uri);
      return sourceUri === undefined ? [] : [{ sourceUri, target: mount.target, readOnly: mount.readOnly }];
    }),
    ports: portsOf(service).map(({ hostIp, published, target, protocol }) => ({
      hostIp,
      published,
      target,
      protocol,
    })),
    ...(command && { command: command.map((word) => orNull(word.text)) }),
    ...(entrypoint && { entrypoint: entrypoint.map((word) => orNull(word.text)) }),
    ...(networkMode && { networkMode: interpolate(networkMode.value).text ?? null }),
    dependsOn: dependenciesOf(service),
    keys: [...service.effective.entries.keys()],
    complete: service.complete,
    standalone: service.standalone,
  };
}

function orNull(pattern: string): string | null {
  return pattern.includes(UNKNOWN) ? null : pattern;
}
