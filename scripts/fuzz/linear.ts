import { nginxSyntax } from '../../syntaxes/nginx/syntax.ts';

/** Long enough for the clock. */
const LENGTH = 100_000;
const GROWTH = 8;
/** How much longer than by its length alone a text may take: memory has to be got, and other programs run too. */
const TOLERANCE = 3;

/** Whether reading a text over and over takes as much longer as it is longer; a sentence where it does not. */
export function growthFlaw(text: string): string | undefined {
  if (text === '') return undefined;
  const short = text.repeat(Math.ceil(LENGTH / text.length));
  const long = short.repeat(GROWTH);
  for (const uri of ['file:///fuzz/nginx.conf', 'file:///fuzz/a.conf.j2']) {
    const before = timeOf(uri, short);
    const after = timeOf(uri, long);
    if (after > before * GROWTH * TOLERANCE + 100)
      return `${short.length} characters take ${before.toFixed()} ms, ${long.length} take ${after.toFixed()} ms: ${JSON.stringify(text.slice(0, 2000))}`;
  }
  return undefined;
}

/** The shortest of some times: whatever is longer had to wait. */
function timeOf(uri: string, text: string): number {
  const times = [1, 2, 3].map(() => {
    const start = performance.now();
    nginxSyntax.detect(uri, text);
    nginxSyntax.parse(uri, text);
    return performance.now() - start;
  });
  return Math.min(...times);
}
