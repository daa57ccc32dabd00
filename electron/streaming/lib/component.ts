/**
 * The lifetime every long-lived part shares. Constructors do no I/O; repeated calls of `start` or `stop` share one
 * promise; `stop` during `start` aborts it; `stop` resolves only when sockets, timers, workers and children are gone.
 */
export interface Component extends AsyncDisposable {
  start(signal?: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** Implements the rules above; a part gives only `onStart` and `onStop`. */
export abstract class BaseComponent implements Component {
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  readonly #abort = new AbortController();

  /** Acquire everything. When it throws, `onStop` runs and must release whatever was acquired so far. */
  protected abstract onStart(signal: AbortSignal): Promise<void>;
  /** Release everything, in the reverse order. Must cope with a partial start. */
  protected abstract onStop(): Promise<void>;

  /** Aborted as soon as `stop` is called. */
  protected get lifetime(): AbortSignal {
    return this.#abort.signal;
  }

  start(signal?: AbortSignal): Promise<void> {
    this.#starting ??= this.#start(signal);
    return this.#starting;
  }

  async #start(signal?: AbortSignal): Promise<void> {
    const joined = signal ? AbortSignal.any([signal, this.#abort.signal]) : this.#abort.signal;
    joined.throwIfAborted();
    try {
      await this.onStart(joined);
      joined.throwIfAborted();
    } catch (error) {
      this.#abort.abort();
      // A `stop` that is under way waits for this very start and releases everything then.
      if (!this.#stopping) await (this.#stopping = this.onStop());
      throw error;
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#abort.abort();
    await this.#starting?.catch(() => undefined);
    await this.onStop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
