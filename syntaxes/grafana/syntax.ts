import type { Document, Syntax } from '../document.ts';
import { templateReason, topLevelKeys } from '../prometheus/detect.ts';
import { basename } from '../uri.ts';
import { parseYaml } from '../yaml/parse.ts';
import {
  asMap,
  asScalar,
  asSeq,
  textAt,
  valueAt,
  type YamlFile,
  type YamlMap,
  type YamlNode,
} from '../yaml/tree.ts';
import type { ContactReceiver, Datasource, GrafanaTree } from './tree.ts';

const NAME = /\.ya?ml(?:\.(?:j2|tmpl|tpl|template|erb))?$/i;

/** What stands at the top of files below `provisioning`, beside `apiVersion`. */
const SECTIONS =
  /^(?:datasources|deleteDatasources|prune|providers|contactPoints|deleteContactPoints|policies|resetPolicies|templates|deleteTemplates|muteTimes|deleteMuteTimes|groups|deleteRules|notifiers|delete_notifiers|apps)$/;

/** What provisions Grafana: data sources, alerting, dashboards. Resources of Kubernetes have a `kind`. */
export const grafanaSyntax: Syntax<'grafana'> = {
  kind: 'grafana',
  detect: isProvisioning,
  parse,
};

function isProvisioning(uri: string, text: string): boolean {
  if (!NAME.test(basename(uri)) || !text.includes('apiVersion')) return false;
  if (!/^\uFEFF?["']?apiVersion["']?[ \t]*:[ \t]*["']?[12]["']?[ \t]*(?:#[^\n]*)?\r?$/m.test(text))
    return false;
  const keys = topLevelKeys(text).filter((key) => key !== 'apiVersion' && !key.startsWith('x-'));
  return (
    keys.length > 0 && keys.every((key) => SECTIONS.test(key)) && !keys.every((key) => key === 'templates')
  );
}

function parse(uri: string, text: string): Document<'grafana'> {
  const { file, problems } = parseYaml(text);
  const tree = grafanaTree(file);
  const template = templateReason(uri, text);
  if (template) return { uri, kind: 'grafana', text, tree, problems: [], notAnalysed: template };
  return { uri, kind: 'grafana', text, tree, problems };
}

function grafanaTree(file: YamlFile): GrafanaTree {
  const root = asMap(file.documents.find((document) => document.root)?.root);
  return {
    file,
    root,
    datasources: mapsOf(valueAt(root, 'datasources')).map(datasourceOf),
    receivers: mapsOf(valueAt(root, 'contactPoints')).flatMap(receiversOf),
    providers: mapsOf(valueAt(root, 'providers')),
  };
}

function datasourceOf(map: YamlMap, index: number): Datasource {
  const name = asScalar(valueAt(map, 'name'));
  const uid = textAt(map, 'uid');
  return {
    map,
    name,
    type: textAt(map, 'type')?.toLowerCase() ?? '',
    place: `datasources.${name?.value || uid || index}`,
  };
}

function receiversOf(point: YamlMap, index: number): ContactReceiver[] {
  const name = textAt(point, 'name') || String(index);
  return mapsOf(valueAt(point, 'receivers')).map((receiver, at) => ({
    settings: asMap(valueAt(receiver, 'settings')),
    type: textAt(receiver, 'type')?.toLowerCase() ?? '',
    place: `contactPoints.${name}.${at}`,
  }));
}

function mapsOf(node: YamlNode | undefined): readonly YamlMap[] {
  return (asSeq(node)?.items ?? []).flatMap((item) => asMap(item) ?? []);
}
