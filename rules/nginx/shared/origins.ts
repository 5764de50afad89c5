import type { Document } from '../../../syntaxes/document.ts';
import { allDirectives, ancestorsOf, type NginxDirective } from '../../../syntaxes/nginx/tree.ts';
import { conditionOf } from './conditions.ts';

/** Which pages of others may read a response, as `Access-Control-Allow-Origin` says. */
export type Origins = 'any' | 'echo' | 'some';

/** `echo`: the origin of whoever asks, whatever it is. Where nothing is known for certain it counts as `some`. */
export function originsOf(document: Document<'nginx'>, value: string, at: NginxDirective): Origins {
  if (isChecked(at)) return 'some';
  if (value === '*') return 'any';
  const variable = nameOf(value);
  if (variable === 'http_origin') return 'echo';
  if (variable === undefined) return 'some';
  const setters = [...allDirectives(document.tree.root)].filter(
    (directive) => isSetter(directive, variable) && isSameServer(directive, at),
  );
  return setters.map(originsOfSetter).find((origins) => origins !== 'some') ?? 'some';
}

function isSetter({ name, args }: NginxDirective, variable: string): boolean {
  return /^(?:set|map)$/.test(name) && nameOf(args[name === 'set' ? 0 : 1]?.value ?? '') === variable;
}

/** What stands above servers is for all of them. */
function isSameServer(setter: NginxDirective, at: NginxDirective): boolean {
  const server = ancestorsOf(setter).find(({ name }) => name === 'server');
  return server === undefined || ancestorsOf(at).includes(server);
}

function originsOfSetter(setter: NginxDirective): Origins {
  if (setter.name === 'set') return isChecked(setter) ? 'some' : ofText(setter.args[1]?.value);
  const byOrigin = setter.args[0]?.value.toLowerCase().includes('$http_origin');
  const anything = setter.block?.directives.find(({ name }) =>
    /^(?:default|~\*?(?:\^?\.[*+]\$?|\.))$/.test(name),
  );
  return byOrigin ? ofText(anything?.args[0]?.value) : 'some';
}

function ofText(value = ''): Origins {
  if (value === '*') return 'any';
  return nameOf(value) === 'http_origin' ? 'echo' : 'some';
}

function nameOf(value: string): string | undefined {
  return /^\$\{?(\w+)\}?$/.exec(value)?.[1]?.toLowerCase();
}

/** Conditions that have nothing to do with who asks. */
const NOT_WHO =
  /^(?:request_method|scheme|https?|uri|request_uri|document_uri|args|is_args|host|server_port|request_filename)$|^arg_/;

/** Whether an `if` around decides who is let in, or one beside turns others away. */
function isChecked(directive: NginxDirective): boolean {
  const around = ancestorsOf(directive);
  if (around.some(decides)) return true;
  return [directive, ...around].some(({ parent }) =>
    parent.directives.some(
      (other) =>
        conditionOf(other)?.operator.startsWith('!') &&
        decides(other) &&
        other.block?.directives.some(({ name }) => name === 'return'),
    ),
  );
}

function decides(directive: NginxDirective): boolean {
  const condition = conditionOf(directive);
  if (!condition || NOT_WHO.test(condition.variable) || condition.variable === '') return false;
  // That there is an origin says nothing of which.
  const isBare =
    condition.operator === '' || condition.value === '' || /^(?:""|''|\.[*+]?)$/.test(condition.value);
  return condition.variable !== 'http_origin' || !isBare;
}
