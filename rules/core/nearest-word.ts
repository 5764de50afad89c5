/**
 * The known word that a mistyped one was meant to be: the same but for case and separators, or one or two letters apart, one in
 * short words. Undefined where none is that near, or several are.
 */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  const plain = letters(word);
  const limit = plain.length < 7 ? 1 : 2;
  let best: string | undefined;
  let least = limit + 1;
  let isTie = false;
  for (const candidate of known) {
    const distance = distanceOf(plain, letters(candidate), limit);
    if (distance > least || distance > limit) continue;
    isTie = distance === least;
    least = distance;
    best = candidate;
  }
  return isTie ? undefined : best;
}

function letters(word: string): string {
  return word.toLowerCase().replaceAll(/[-_. ]/g, '');
}

/** How many letters differ, two that changed places counting as one; more than `limit` where it is more than that. */
function distanceOf(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      current.push(
        Math.min(
          (previous[j - 1] ?? 0) + (same ? 0 : 1),
          (previous[j] ?? 0) + 1,
          (current[j - 1] ?? 0) + 1,
          swapped ? (before[j - 2] ?? 0) + 1 : limit + 1,
        ),
      );
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
