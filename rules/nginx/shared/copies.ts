import { allDirectives, ancestorsOf, type NginxDirective } from '../../../syntaxes/nginx/tree.ts';

/*
 * Since `add_header` is inherited all or none, the same line stands in a server and in its locations again. A flaw in it is one
 * flaw: it is reported at the outermost line and mended in all of them.
 */

/** Whether a block around the directive's own has the same line. */
export function isCopy(directive: NginxDirective): boolean {
  return ancestorsOf(directive).some((owner) =>
    owner.parent.directives.some((other) => isSame(other, directive)),
  );
}

/** The directive and the same lines in blocks below its own. */
export function withCopies(directive: NginxDirective): readonly NginxDirective[] {
  const below = directive.parent.directives.flatMap(({ block }) => (block ? [...allDirectives(block)] : []));
  return [directive, ...below.filter((other) => isSame(other, directive))];
}

function isSame(a: NginxDirective, b: NginxDirective): boolean {
  return (
    a.name === b.name &&
    a.args.length === b.args.length &&
    a.args.every((arg, index) => arg.value === b.args[index]?.value)
  );
}
