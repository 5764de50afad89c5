import type { NginxDirective } from '../../../syntaxes/nginx/tree.ts';

/** Where a directive is, in symbols: `http.server[example.com:443].location[/].autoindex`. */
export function placeOf(directive: NginxDirective): string {
  const parts: string[] = [partFor(directive)];
  for (let owner = directive.parent.owner; owner; owner = owner.parent.owner) parts.unshift(partFor(owner));
  return parts.join('.');
}

/** What a server goes by: its first name and its port, that for TLS where it has one. `example.com:443`. */
export function serverLabel(server: NginxDirective): string {
  const own = server.block?.directives ?? [];
  const name = own.find((directive) => directive.name === 'server_name')?.args[0]?.value;
  const listens = own.filter((directive) => directive.name === 'listen');
  // The port for TLS stays the label, whether it speaks TLS or not.
  const listen =
    listens.find(({ args }) => args.some((arg) => arg.value === 'ssl')) ??
    listens.find((each) => portOf(each) === '443') ??
    listens[0];
  const port = listen ? (portOf(listen) ?? '?') : '80';
  return `${name || '_'}:${port}`.slice(0, 60);
}

function portOf({ args }: NginxDirective): string | undefined {
  return /(?:^|:)(\d+)$/.exec(args[0]?.value ?? '')?.[1];
}

function partFor(directive: NginxDirective): string {
  if (!directive.block) return directive.name;
  if (directive.name === 'server') return `server[${serverLabel(directive)}]`;
  if (directive.name === 'if') return `if[${conditionLabel(directive)}]`;
  const args = directive.args.map((arg) => arg.value).join(' ');
  return args === '' ? directive.name : `${directive.name}[${args.slice(0, 80)}]`;
}

/**
 * What an `if` asks, without what it compares with: mending an expression must not look as if all in its block were new. Those of
 * one block that ask the same are counted.
 */
function conditionLabel(directive: NginxDirective): string {
  const label = askedBy(directive);
  const same = directive.parent.directives.filter((other) => other.name === 'if' && askedBy(other) === label);
  const number = same.indexOf(directive) + 1;
  return number > 1 ? `${label} #${number}` : label;
}

function askedBy({ args }: NginxDirective): string {
  const words = args.map(({ value }) => value).filter((value) => value !== '(');
  return words
    .slice(0, 2)
    .map((word) => word.replace(/^\(|\)$/g, ''))
    .join(' ')
    .slice(0, 80);
}
