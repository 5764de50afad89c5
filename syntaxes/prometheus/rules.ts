import { withoutStrings } from '../promql/literals.ts';
import { parsePromql } from '../promql/parse.ts';
import { basename } from '../uri.ts';
import { embeddedIn } from '../yaml/embedded.ts';
import {
  asMap,
  asScalar,
  asSeq,
  pairOf,
  valueAt,
  type YamlFile,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from '../yaml/tree.ts';
import {
  fieldOf,
  type PrometheusRulesTree,
  type RuleEntry,
  type RuleExpr,
  type RuleGroup,
  type RulesForm,
} from './tree.ts';

/** The groups and rules of a file, their expressions parsed. */
export function rulesTree(file: YamlFile, text: string, uri: string): PrometheusRulesTree {
  const roots = file.documents.flatMap((document) => document.root ?? []);
  const form = formOf(roots);
  return { file, form, groups: roots.flatMap((root) => groupsOf(root, form, text, uri)) };
}

function formOf(roots: readonly YamlNode[]): RulesForm {
  if (roots.some((root) => pairOf(root, 'apiVersion'))) return 'crd';
  return roots.some((root) => pairOf(root, 'groups')) ? 'file' : 'bare';
}

function groupsOf(root: YamlNode, form: RulesForm, text: string, uri: string): RuleGroup[] {
  if (form === 'bare') {
    // Named as the group would be that the list is put into, so that its findings keep their places then.
    return root.type === 'seq' ? [groupOf(undefined, root.items, `groups.${groupNameFor(uri)}`, text)] : [];
  }
  const list = form === 'crd' ? valueAt(root, 'spec', 'groups') : valueAt(root, 'groups');
  return (asSeq(list)?.items ?? []).flatMap((item, index) => {
    const map = asMap(item);
    if (!map) return [];
    const name = asScalar(valueAt(map, 'name'))?.value || String(index);
    return [groupOf(map, asSeq(valueAt(map, 'rules'))?.items ?? [], `groups.${name}`, text)];
  });
}

/** A name for the group of a file's rules: that of the file, without its ending. */
export function groupNameFor(uri: string): string {
  return basename(uri).replace(/\..*$/, '').replaceAll('"', '');
}

function groupOf(
  map: YamlMap | undefined,
  items: readonly YamlNode[],
  place: string,
  text: string,
): RuleGroup {
  const rules: RuleEntry[] = [];
  const group: RuleGroup = { map, name: asScalar(valueAt(map, 'name')), place, rules };
  items.forEach((item, index) => {
    const rule = asMap(item);
    if (rule) rules.push(ruleOf(rule, group, index, text));
  });
  return group;
}

function ruleOf(map: YamlMap, group: RuleGroup, index: number, text: string): RuleEntry {
  const alert = fieldOf(map, 'alert');
  const named = alert ?? fieldOf(map, 'record');
  const name = asScalar(named?.value);
  const expr = asScalar(fieldOf(map, 'expr')?.value);
  return {
    map,
    group,
    kind: alert ? 'alert' : named ? 'record' : undefined,
    name,
    expr: expr && exprOf(expr, text),
    place: `${group.place}.rules.${name?.value || index}`,
  };
}

function exprOf(scalar: YamlScalar, text: string): RuleExpr {
  const embedded = embeddedIn(text, scalar);
  return { scalar, promql: hasPlaceholder(embedded.text) ? undefined : parsePromql(embedded) };
}

/** `${WINDOW}`, `{{ window }}`, `$interval`: what stands there is not known. Inside of strings `$1` is a group of a regex. */
function hasPlaceholder(expr: string): boolean {
  if (!expr.includes('$') && !expr.includes('{{') && !expr.includes('<<')) return false;
  return expr.includes('{{') || /\$|<</.test(withoutStrings(expr));
}
