import type { NginxBlock, NginxDirective } from '../../../syntaxes/nginx/tree.ts';
import { allDirectives } from '../../../syntaxes/nginx/tree.ts';

/** An `upstream` of this file that HTTP requests, or others, are passed on to. */
export interface Upstream {
  readonly name: string;
  readonly directive: NginxDirective;
  readonly block: NginxBlock;
  /** Its servers, those that are marked `down` left out. */
  readonly servers: readonly NginxDirective[];
  /** Whether all of it stands here, by no include and no template. */
  readonly complete: boolean;
}

/** The upstreams of a file, those of `stream` among them where `stream` is wanted. */
export function upstreamsIn(root: NginxBlock): readonly Upstream[] {
  const found: Upstream[] = [];
  for (const directive of allDirectives(root)) {
    const { name, args, block, parent } = directive;
    if (name !== 'upstream' || !block || !args[0] || parent.owner?.name === 'stream') continue;
    found.push({
      name: args[0].value,
      directive,
      block,
      servers: block.directives.filter((one) => one.name === 'server' && !hasWord(one, 'down')),
      complete: block.directives.every(
        (one) => one.name !== 'include' && !one.opaque && !one.args.some((arg) => arg.opaque),
      ),
    });
  }
  return found;
}

/** Whether a server of an upstream has a parameter, `backup`. */
export function hasWord({ args }: NginxDirective, word: string): boolean {
  return args.some(({ value }) => value === word);
}
