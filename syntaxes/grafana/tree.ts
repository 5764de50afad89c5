import type { YamlFile, YamlMap, YamlScalar } from '../yaml/tree.ts';

/** A file below `provisioning`. https://grafana.com/docs/grafana/latest/administration/provisioning/ */
export interface GrafanaTree {
  readonly file: YamlFile;
  /** The map at the top, absent where the file is empty or no map. */
  readonly root: YamlMap | undefined;
  readonly datasources: readonly Datasource[];
  /** The entries of `contactPoints[].receivers`. */
  readonly receivers: readonly ContactReceiver[];
  /** The entries of `providers`, which say where dashboards come from. */
  readonly providers: readonly YamlMap[];
}

export interface Datasource {
  readonly map: YamlMap;
  readonly name: YamlScalar | undefined;
  /** `prometheus`, `postgres`; lower case, '' where it is not given. */
  readonly type: string;
  /** `datasources.Prometheus`. */
  readonly place: string;
}

/** Where a contact point sends to. */
export interface ContactReceiver {
  readonly settings: YamlMap | undefined;
  /** `slack`, `webhook`; lower case, '' where it is not given. */
  readonly type: string;
  /** `contactPoints.team.0`. */
  readonly place: string;
}
