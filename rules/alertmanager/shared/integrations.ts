import type { AlertmanagerTree } from '../../../syntaxes/alertmanager/tree.ts';
import { isNull, valueAt, type YamlMap } from '../../../syntaxes/yaml/tree.ts';
import type { Context } from '../../core/rule.ts';

/** Reports integrations that Alertmanager refuses: without what they need, or with keys that they do not have. */
export function checkIntegrations(tree: AlertmanagerTree, context: Context): void {
  checkMails(tree, context);
  checkNeeds(tree, context);
}

/** Settings without which an integration is refused: each is its own or that of `global`. */
const NEEDS: readonly {
  readonly kind: string;
  readonly own: readonly string[];
  readonly shared: readonly string[];
}[] = [
  {
    kind: 'slack_configs',
    own: ['api_url', 'api_url_file', 'app_token', 'app_token_file'],
    shared: ['slack_api_url', 'slack_api_url_file', 'slack_app_token', 'slack_app_token_file'],
  },
  { kind: 'email_configs', own: ['smarthost'], shared: ['smtp_smarthost'] },
  { kind: 'email_configs', own: ['from'], shared: ['smtp_from'] },
  {
    kind: 'opsgenie_configs',
    own: ['api_key', 'api_key_file'],
    shared: ['opsgenie_api_key', 'opsgenie_api_key_file'],
  },
];

function checkNeeds({ root, global, receivers }: AlertmanagerTree, context: Context): void {
  const has = (map: YamlMap | undefined, keys: readonly string[]) =>
    map?.pairs.some(({ key }) => key.value === '<<' || keys.includes(key.value)) ?? false;
  // A text in place of the map is half-typed, or comes from elsewhere.
  if (!global && !isNull(valueAt(root, 'global'))) return;
  for (const { kind, key, map, place } of receivers.flatMap(({ integrations }) => integrations)) {
    for (const { own, shared } of NEEDS.filter((need) => need.kind === kind)) {
      if (has(map, own) || has(global, shared)) continue;
      context.report({
        span: map.pairs[0]?.key.span ?? key.span,
        message: `This has no \`${own[0]}\` and there is no \`global.${shared[0]}\`, so Alertmanager refuses the file.`,
        place: `${place}.${own[0]}`,
      });
    }
  }
}

/** What people write for the header and the texts of a mail; all of them are unknown to Alertmanager. */
const MAIL_KEYS: Readonly<Record<string, string>> = {
  subject: 'it is `headers.Subject`',
  title: 'it is `headers.Subject`',
  body: 'it is `html` or `text`',
  message: 'it is `html` or `text`',
};

function checkMails({ receivers }: AlertmanagerTree, context: Context): void {
  for (const { kind, map, place } of receivers.flatMap(({ integrations }) => integrations)) {
    if (kind !== 'email_configs') continue;
    for (const { key } of map.pairs) {
      const right = Object.hasOwn(MAIL_KEYS, key.value) ? MAIL_KEYS[key.value] : undefined;
      if (right === undefined) continue;
      const message = `\`email_configs\` has no key \`${key.value}\`, so Alertmanager refuses the file; ${right}.`;
      context.report({ span: key.span, message, place: `${place}.${key.value}` });
    }
  }
}
