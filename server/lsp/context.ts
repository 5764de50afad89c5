import { type Connection, ResponseError } from 'vscode-languageserver';
import type { ClientFeatures } from './client-features.ts';
import type { DiagnosticStore } from './diagnostic-store.ts';
import type { FixFinder } from './fix-finder.ts';
import type { Session } from './session.ts';

/** What every feature works with. */
export interface Context {
  readonly connection: Connection;
  readonly client: ClientFeatures;
  readonly session: Session;
  readonly diagnostics: DiagnosticStore;
  readonly fixes: FixFinder;
}

/**
 * Runs a handler so that whatever goes wrong in it is logged and costs only its own answer. An error that is meant for the editor,
 * such as "cancelled", passes through.
 */
export async function guarded<T>(
  { connection }: Pick<Context, 'connection'>,
  what: string,
  fallback: T,
  handler: () => T | Promise<T>,
): Promise<T> {
  try {
    return await handler();
  } catch (error) {
    if (error instanceof ResponseError) throw error;
    logError(connection, what, error);
    return fallback;
  }
}

export function logError(connection: Connection, what: string, error: unknown): void {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  // When the editor has gone, there is nobody to tell.
  void quietly(() => connection.console.error(`${what} failed: ${detail}`));
}

/** Sends something that may fail since the editor has just gone, which is no failure of ours. */
export async function quietly(send: () => unknown): Promise<void> {
  try {
    await send();
  } catch {
    // The connection is closed, or the editor refuses.
  }
}

/** How many milliseconds a long answer works before it lets others in. */
const SLICE_MS = 8;

/** Lets other messages in, so that an edit or a cancellation does not wait for the whole of a long answer. */
export function giveWay(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Gives way too, but only when some time has passed since the last time. */
export class Pace {
  #sliceEnd = performance.now() + SLICE_MS;

  async step(): Promise<void> {
    if (performance.now() < this.#sliceEnd) return;
    await giveWay();
    this.#sliceEnd = performance.now() + SLICE_MS;
  }
}
