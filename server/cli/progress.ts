import type { Output } from './output.ts';

const WIDTH = 24;

/** Redrawing more often than this costs more than it tells. */
const MILLISECONDS = 80;

export interface Progress {
  update(done: number, total: number): void;
  /** Takes the bar away. */
  clear(): void;
}

/** A bar on a terminal; nothing anywhere else. */
export function progressOn(output: Output): Progress {
  if (!output.isTTY) return { update: () => {}, clear: () => {} };
  let drawn = false;
  let last = 0;
  return {
    update(done, total) {
      const now = Date.now();
      if (now - last < MILLISECONDS) return;
      last = now;
      drawn = true;
      const filled = Math.round((done / Math.max(total, 1)) * WIDTH);
      output.write(`\r\x1b[2K${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${done} of ${total} files`);
    },
    clear() {
      if (drawn) output.write('\r\x1b[2K');
      drawn = false;
    },
  };
}
