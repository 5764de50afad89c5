import {
  walkPairs,
  type YamlMap,
  type YamlNode,
  type YamlPair,
  type YamlScalar,
} from '../../../syntaxes/yaml/tree.ts';
import type { Fix } from '../../core/rule.ts';
import { setScalar } from '../../core/yaml-edits.ts';

/** A setting with a text for its value. */
export interface Setting {
  readonly pair: YamlPair;
  readonly scalar: YamlScalar;
  readonly parent: YamlMap;
  /** The keys above it and its own. */
  readonly path: readonly string[];
  /** `receivers.team.slack_configs.0.api_url`. */
  readonly place: string;
}

/** All settings of a configuration whose value is a text, receivers by their names. */
export function settingsOf(root: YamlMap | undefined): readonly Setting[] {
  const settings: Setting[] = [];
  walkPairs(root, (pair, above, parent) => {
    if (pair.value?.type !== 'scalar') return;
    const path = [...above, pair.key.value];
    settings.push({ pair, scalar: pair.value, parent, path, place: placeOf(root, path) });
  });
  return settings;
}

/** The texts of a configuration that are no keys, those in lists too. */
export function scalarsIn(
  node: YamlNode | undefined,
  visit: (scalar: YamlScalar, path: readonly string[], parent: YamlMap | undefined) => void,
  path: readonly string[] = [],
  parent?: YamlMap,
): void {
  if (node?.type === 'scalar') visit(node, path, parent);
  else if (node?.type === 'seq')
    for (const [index, item] of node.items.entries()) scalarsIn(item, visit, [...path, String(index)]);
  else if (node?.type === 'map')
    for (const pair of node.pairs) scalarsIn(pair.value, visit, [...path, pair.key.value], node);
}

/** A path of keys, with a receiver's name in place of its number. */
export function placeOf(root: YamlMap | undefined, path: readonly string[]): string {
  if (path[0] !== 'receivers' || path[1] === undefined) return path.join('.');
  const list = root?.pairs.find(({ key }) => key.value === 'receivers')?.value;
  const item = list?.type === 'seq' ? list.items[Number(path[1])] : undefined;
  const name = item?.type === 'map' ? item.pairs.find(({ key }) => key.value === 'name')?.value : undefined;
  return ['receivers', (name?.type === 'scalar' && name.value) || path[1], ...path.slice(2)].join('.');
}

/** The secrets of a configuration that can be read from a file: the path's end, and what stands above it. */
const SECRETS: readonly (readonly [key: RegExp, above: RegExp])[] = [
  [
    /^(?:smtp_auth_(?:password|secret)|slack_api_url|slack_app_token|opsgenie_api_key|victorops_api_key)$/,
    /^global$/,
  ],
  [/^(?:telegram_bot_token|rocketchat_token|wechat_api_secret|mattermost_webhook_url)$/, /^global$/],
  [/^auth_(?:password|secret)$/, /^email_configs$/],
  [/^api_url$/, /^slack_configs$/],
  [/^(?:routing_key|service_key)$/, /^pagerduty_configs$/],
  [/^api_key$/, /^(?:opsgenie|victorops)_configs$/],
  [/^bot_token$/, /^telegram_configs$/],
  [/^(?:user_key|token)$/, /^pushover_configs$/],
  [/^webhook_url$/, /^(?:discord|msteams|msteamsv2|mattermost)_configs$/],
  [/^token(?:_id)?$/, /^rocketchat_configs$/],
  [/^api_secret$/, /^wechat_configs$/],
  [/^alert_source_token$/, /^incidentio_configs$/],
  [/^url$/, /^webhook_configs$/],
  [/^password$/, /^basic_auth$/],
  [/^credentials$/, /^authorization$/],
  [/^client_secret$/, /^oauth2$/],
  [/^bearer_token$/, /^(?:http_config)$/],
];

/** Secrets that Alertmanager reads from no file. */
const WITHOUT_FILE = /^(?:smtp_auth_secret|auth_secret|wechat_api_secret|api_secret)$/;

/** Whether a setting holds a secret, by its path. */
export function isSecretSetting(path: readonly string[]): boolean {
  const key = path.at(-1) ?? '';
  const above = path.slice(0, -1).findLast((segment) => !/^\d+$/.test(segment)) ?? '';
  return SECRETS.some(([name, place]) => name.test(key) && place.test(above));
}

/** Reads a secret from a file in its stead; undefined where Alertmanager cannot. */
export function fileFix({ pair, scalar, parent, path }: Setting, rotates: boolean): Fix | undefined {
  const key = pair.key.value;
  const name = `${key}_file`;
  if (!isSecretSetting(path) || WITHOUT_FILE.test(key)) return undefined;
  if (parent.pairs.some((other) => other.key.value === name)) return undefined;
  const file = `/run/secrets/alertmanager_${key}`;
  const edits = [setScalar(pair.key, name), setScalar(scalar, file)].flatMap((edit) => edit ?? []);
  if (edits.length !== 2) return undefined;
  const change = rotates ? '; change the secret, since it was in this file' : '';
  return {
    title: `Read it from \`${file}\``,
    safety: 'review',
    edits,
    risk: `The file has to be there, readable by Alertmanager, and hold the secret${change}.`,
    verify: CHECK_CONFIG,
  };
}

/** Tells whether Alertmanager accepts the file. */
export const CHECK_CONFIG = 'amtool check-config';

/** Whether a text holds a variable or a hole that something else fills in. */
export function isFilledIn(text: string): boolean {
  return /\$\{?\w|\{\{|<%|%\(|^ENC\[|^AGE|!vault/.test(text);
}

const STAND_IN =
  /<[^<>\n]{1,60}>|\byour[-_ ]|\/your\/|\breplace[-_ ]?(?:me|this|with)|change[-_ ]?(?:me|this)|\btodo\b|\bfixme\b|placeholder|dummy|x{4,}|\*{3,}|\/T0{6,}|\/B0{6,}|^(?:x+|\.{3}|__.*__|%\w+%|@\w+@)$/i;

/** Whether a text only marks the place for a real value. */
export function isStandIn(text: string): boolean {
  return STAND_IN.test(text.replaceAll('_', '-'));
}

/** The host of a URL or of `host:port`, in lower case. */
export function hostOf(text: string): string | undefined {
  const match = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/?#@\s]*@)?(\[[^\]\s]*\]|[^:/?#\s]+)/i.exec(text.trim());
  return match?.[1]?.toLowerCase();
}

/** Whether a host is this machine, a neighbour in a private network, or a name that only resolves in one. */
export function isNearHost(host: string): boolean {
  return (
    !host.includes('.') ||
    host.startsWith('[') ||
    /^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0$)/.test(host) ||
    /\.(?:local|localhost|localdomain|internal|intranet|corp|lan|home|private|svc|consul|cluster\.local|svc\.[\w.-]+|test)$/.test(
      host,
    )
  );
}

/** Whether a name belongs to nobody: it is kept for examples. https://www.rfc-editor.org/rfc/rfc2606 */
export function isExampleHost(host: string): boolean {
  return /(?:^|\.)example(?:\.(?:com|org|net|edu))?$|\.(?:invalid|example)$|(?:^|\.)(?:your|my)-?(?:domain|company|org|mail|host|server|site)\.[a-z]{2,6}$/.test(
    host,
  );
}
