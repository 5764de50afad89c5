import type { WorkDoneProgressServerReporter } from 'vscode-languageserver';
import { type Context, guarded, quietly } from './context.ts';

/** Reads the whole workspace in the background, says how far it is, and stops when someone cancels it. */
export class Scanner {
  readonly #context: Context;
  readonly #progressDelay: number;
  #runs = 0;

  /** A scan that is done after `progressDelay` milliseconds shows no progress: it would only flash up. */
  constructor(context: Context, progressDelay: number) {
    this.#context = context;
    this.#progressDelay = progressDelay;
  }

  /** Starts a scan; one that is still running stops, since it does not know what has changed. */
  async start(): Promise<void> {
    const run = ++this.#runs;
    const progress = new ScanProgress(this.#context, this.#progressDelay);
    await guarded(this.#context, 'The scan of the workspace', undefined, () =>
      this.#context.session.scan({
        onProgress: (done, total) => progress.report(done, total),
        isCancelled: () => run !== this.#runs || progress.isCancelled,
      }),
    );
    if (progress.isCancelled) {
      const what = 'findings that need other files are left out until the next one';
      const { console } = this.#context.connection;
      void quietly(() => console.info(`The scan of the workspace was cancelled: ${what}.`));
    }
    progress.done();
  }
}

class ScanProgress {
  readonly #context: Context;
  readonly #showAt: number;
  #state: 'hidden' | 'asked' | 'done' = 'hidden';
  #reporter: WorkDoneProgressServerReporter | undefined;

  constructor(context: Context, delay: number) {
    this.#context = context;
    this.#showAt = performance.now() + delay;
  }

  get isCancelled(): boolean {
    return this.#reporter?.token.isCancellationRequested === true;
  }

  report(done: number, total: number): void {
    if (this.#state === 'hidden' && performance.now() >= this.#showAt) void this.#show();
    this.#reporter?.report(Math.round((done / total) * 100), `${done} of ${total} files`);
  }

  done(): void {
    this.#state = 'done';
    this.#reporter?.done();
  }

  async #show(): Promise<void> {
    if (!this.#context.client.workDoneProgress) return;
    this.#state = 'asked';
    try {
      const reporter = await this.#context.connection.window.createWorkDoneProgress();
      if (this.#state !== 'asked') return;
      reporter.begin('Hardlint: reading the workspace', 0, undefined, true);
      this.#reporter = reporter;
    } catch {
      // An editor that refuses shows none.
    }
  }
}
