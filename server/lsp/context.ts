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
    connection.console.error(
      `${what} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return fallback;
  }
}

/** Lets other messages in, so that an edit or a cancellation does not wait for the whole of a long answer. */
export function giveWay(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
