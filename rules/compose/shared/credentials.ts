import type { EnvironmentVariable } from '../../../syntaxes/compose/environment.ts';
import { type Interpolated, interpolate } from '../../../syntaxes/compose/interpolate.ts';
import { isCredentialName } from '../../core/credential-names.ts';
import type { Edit } from '../../core/rule.ts';

/** Values that say: there is none. */
const NO_VALUE =
  /^(?:true|false|yes|no|on|off|null|none|nil|~|0|1|undefined|unset|empty|disabled|enabled|invalid|unused|ignored|n\/a|dummy|fake|user_provided|not[-_ ]?(?:set|needed|used|required)|sk-no-key-required)$/i;
/** Whether a value is a credential in the open: not empty, no switch, no reference to another place. */
export function isLiteralCredential(value: string): boolean {
  const text = value.trim();
  if (text === '' || NO_VALUE.test(text)) return false;
  if (/^(?:\/[\w.-]+)+\/?$|^\.{1,2}\//.test(text)) return false;
  if (/^(?:https?|file|vault|op|awssm|arn|ssm|gcpsm|azurekv|env|secret|secretRef|docker):/i.test(text))
    return false;
  return !/^(?:ENC\[|\$\(|\$[A-Za-z_{]|%[\w]+%|<\?|\{\{|\*+$)/.test(text);
}

/** Values that are the first that everybody tries, or that only mark the place for a real one. */
const WELL_KNOWN =
  /^(?:postgres|postgresql|root|toor|admin|administrator|guest|user|username|test|testing|demo|example|default|password|passwd|pass|passw0rd|p@ssw0rd|pa\$\$w0rd|secret|secretkey|secret_key|mysecret|supersecret|super_secret|my-secret|mypassword|changeme|changeit|changethis|minio|minioadmin|miniosecret|minio123|mysql|mariadb|mongo|mongodb|redis|rabbitmq|rabbit|elastic|neo4j|grafana|keycloak|wordpress|nextcloud|sa|sonar|superset|airflow|dev|development|qwerty|letmein|welcome|foobar|foo|bar|foobared|abc123|(\w)\1{2,}|1234?5?6?7?8?9?0?|(?:admin|root|password|pass|postgres|test|user|mysql|redis)[@_!-]?(?:1|12|123|1234|12345|123456|2020|2021|2022|2023|2024|2025|2026))$/i;
const PLACEHOLDER =
  /^<[^>]*>$|^(?:change|replace|insert|enter|put|set|fill)[-_ ]?(?:me|this|it|in|with|your|here|a|the|on|before)(?:$|[-_ !.\d])|^(?:your|my)[-_ ](?:\w+[-_ ])*(?:password|secret|token|key|pass)(?:$|[-_ ])|^x{3,}$|^todo$|placeholder|change[-_]?(?:me|this)/i;

/** Whether a credential is well known, a placeholder, or the same as the user's name beside it. */
export function isWeakCredential(
  variable: EnvironmentVariable,
  value: string,
  all: readonly EnvironmentVariable[],
): boolean {
  const text = value.trim();
  if (isWellKnown(text)) return true;
  // `ORACLE_PASSWORD: oracle`, `TOKEN: token`.
  if (
    variable.name
      .toLowerCase()
      .split(/[_.-]+/)
      .includes(text.toLowerCase())
  )
    return true;
  const stem = variable.name.replace(/(?:PASSWORD|PASSWD|PASS|PWD|SECRET)$/i, '');
  if (stem === variable.name) return false;
  return all.some(
    (other) =>
      other.name !== variable.name &&
      other.name.startsWith(stem) &&
      /^(?:USER|USERNAME|NAME|LOGIN|DEFAULT_USER)$/i.test(other.name.slice(stem.length)) &&
      other.value !== undefined &&
      interpolate(other.value).text === text,
  );
}

/** Whether a value is the first that everybody tries, or only marks the place for a real one. */
export function isWellKnown(value: string): boolean {
  return WELL_KNOWN.test(value) || PLACEHOLDER.test(value);
}

/** `user/password`. https://neo4j.com/docs/operations-manual/current/docker/introduction/ */
const NEO4J_AUTH = 'NEO4J_AUTH';

/** Whether a variable with this name has a credential for its value, or one in it. */
export function holdsCredential(name: string): boolean {
  return name === NEO4J_AUTH || isCredentialName(name);
}

/** A credential that stands in the file, as a literal or as the default of a variable. */
export interface OpenCredential {
  readonly variable: EnvironmentVariable;
  readonly value: string;
  readonly interpolated: Interpolated;
  readonly weak: boolean;
}

/** The credentials in the open among a service's variables. */
export function openCredentials(variables: readonly EnvironmentVariable[]): readonly OpenCredential[] {
  return variables.flatMap((variable) => {
    if (variable.value === undefined || !variable.valueSpan) return [];
    if (!holdsCredential(variable.name)) return [];
    const neo4j = variable.name === NEO4J_AUTH;
    if (neo4j && !/^[^/]+\/./.test(variable.value)) return [];
    const interpolated = interpolate(variable.value);
    const text = neo4j ? interpolated.text?.replace(/^[^/]*\//, '') : interpolated.text;
    if (text === undefined || !isLiteralCredential(text)) return [];
    return [{ variable, value: text, interpolated, weak: isWeakCredential(variable, text, variables) }];
  });
}

/** The variable that takes the literal's place, and the edit that puts it there; undefined where that cannot be written. */
export function requireVariable(
  text: string,
  { variable }: OpenCredential,
): { readonly name: string; readonly edit: Edit } | undefined {
  const { value, valueSpan, scalar, entry, item } = variable;
  if (value === undefined || !valueSpan || !scalar || scalar.style === 'literal' || scalar.style === 'folded')
    return undefined;
  const written = text.slice(valueSpan.start, valueSpan.end);
  const name = value.startsWith('$')
    ? (/^\$\{([A-Za-z_]\w*):?-[^{}]*\}$/.exec(written)?.[1] ?? variable.name)
    : variable.name;
  if (!/^[A-Za-z_]\w*$/.test(name) || written.includes('\n')) return undefined;
  const reference = `\${${name}:?set ${name}}`;
  const flow = entry ? entry.map.flow : item?.seq.flow === true;
  if (scalar.style !== 'plain' || !flow) return { name, edit: { span: valueSpan, text: reference } };
  // A plain scalar in flow style cannot hold braces.
  const before = text.slice(scalar.span.start, valueSpan.start);
  return { name, edit: { span: scalar.span, text: `"${before}${reference}"` } };
}
