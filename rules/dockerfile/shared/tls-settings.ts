import type { DockerfileTree } from '../../../syntaxes/dockerfile/tree.ts';
import type { Span } from '../../../syntaxes/document.ts';
import type { Fix } from '../../core/rule.ts';
import { type LocatedCommand, stagePlace } from './stages.ts';

/** A place that switches the verification of certificates off. */
export interface Hit {
  readonly span: Span;
  readonly what: string;
  readonly place: string;
  readonly fix?: Fix;
}

/** Lines that switch verification off, and the configuration files in which they do. */
const SETTINGS: readonly (readonly [file: RegExp, line: RegExp])[] = [
  [/\/(?:yum|dnf)(?:\.conf|\/|\.repos\.d\/)/, /\bsslverify\s*=\s*(?:0|false|no)\b/i],
  [/\.curlrc$/, /^\s*-{0,2}insecure\b|^\s*-k\b/m],
  [/wgetrc$/, /\bcheck_certificate\s*=\s*(?:off|no|0|false)\b/i],
  [/npmrc$/, /\bstrict-ssl\s*=\s*(?:false|0)\b/i],
  [/\.yarnrc(?:\.yml)?$/, /\bstrict-ssl\s+"?false|\benableStrictSsl:\s*false/i],
  [/pip\.conf$|pip\.ini$/, /\btrusted-host\s*=\s*\S/i],
  [/gitconfig$/, /\bsslverify\s*=\s*(?:0|false|no)\b/i],
  [/\/apt\.conf/, /Acquire::https?(?:::[\w.-]+)?::Verify-(?:Peer|Host)\s+"?(?:false|0|no)/i],
];

/** Lines that a step writes into a configuration file. */
export function writtenSettings({
  stage,
  instruction,
  command,
  name,
  args,
  shell,
}: LocatedCommand): readonly Hit[] {
  if (name !== 'echo' && name !== 'printf') return [];
  const pipe = shell.pipelines.find(({ parts }) => parts[0]?.includes(command));
  const tee = pipe?.parts.at(-1)?.find(({ program }) => program === 'tee');
  const files = [...command.redirects.flatMap(({ target }) => target ?? []), ...(tee?.operands ?? [])];
  const written = SETTINGS.find(([file]) => files.some(({ value }) => file.test(value)));
  const word = written && args.find(({ value }) => written[1].test(value));
  if (!word) return [];
  const what = 'This setting switches the verification of certificates off';
  return [
    {
      span: word.span,
      what,
      place: `${stagePlace(stage)}.${instruction.keyword}.${name}[${files[0]?.value ?? ''}]`,
    },
  ];
}

/** Variables that switch verification off, and the values that do so. */
const VARIABLES: Readonly<Record<string, RegExp>> = {
  NODE_TLS_REJECT_UNAUTHORIZED: /^0$/,
  PYTHONHTTPSVERIFY: /^0$/,
  // Git only looks whether it is set: https://github.com/git/git/blob/master/http.c
  GIT_SSL_NO_VERIFY: /\S/,
  PIP_TRUSTED_HOST: /^[^\s$]/,
  // Requests takes an empty one for "do not verify".
  CURL_CA_BUNDLE: /^$/,
  NPM_CONFIG_STRICT_SSL: /^false$/i,
  npm_config_strict_ssl: /^false$/i,
  HELM_INSECURE_SKIP_TLS_VERIFY: /^(?:1|true)$/i,
  GOINSECURE: /^[^\s$]/,
};

function turnsOff(name: string, value: string | undefined): boolean {
  return value !== undefined && VARIABLES[name]?.test(value) === true;
}

/** Variables of the image and of its build. */
export function variableSettings(tree: DockerfileTree): readonly Hit[] {
  return tree.stages.flatMap((stage) =>
    stage.instructions.flatMap(({ keyword, pairs }) =>
      keyword !== 'ENV' && keyword !== 'ARG'
        ? []
        : pairs
            .filter(({ name, value }) => turnsOff(name, value))
            .map(({ name, nameSpan }) => ({
              span: nameSpan,
              what: `\`${name}\` switches the verification of certificates off`,
              place: `${stagePlace(stage)}.${keyword}[${name}]`,
            })),
    ),
  );
}

/** Variables that a step sets for itself. */
export function exportedSettings({ stage, instruction, command }: LocatedCommand): readonly Hit[] {
  const exported =
    /^(?:export|declare|env)$/.test(command.program) || command.name?.value === 'env' ? command.args : [];
  const words = exported.map(({ value, span }) => ({
    name: value.split('=')[0] ?? '',
    value: value.split('=').slice(1).join('='),
    span,
  }));
  return [...command.assignments, ...words]
    .filter(({ name, value }) => turnsOff(name, value))
    .map(({ name, span }) => ({
      span,
      what: `\`${name}\` switches the verification of certificates off`,
      place: `${stagePlace(stage)}.${instruction.keyword}[${name}]`,
    }));
}
