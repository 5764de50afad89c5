/** Makes a function that runs `work` once, some time after the first of a burst of calls. */
export function batched(milliseconds: number, work: () => void): () => void {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      work();
    }, milliseconds);
  };
}
