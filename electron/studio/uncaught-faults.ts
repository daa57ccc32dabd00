import type { EventEmitter } from 'node:events';
import type { Logger } from '../streaming/lib/logger';

/** so many within this time are no slip: something that everything hangs on is broken */
const most = 10;
const withinMs = 10_000;

/**
 * What a callback threw and nobody caught: a bug. It costs what was going on there, as a failed promise that nobody
 * handles does; stream and recording go on. When they come thick and fast it is the program itself that is broken.
 */
export class UncaughtFaults {
  /** rejects with the last one when there were ten within ten seconds: the process must be started anew */
  readonly tooMany: Promise<never>;
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  #fail: (error: Error) => void = () => undefined;
  /** when the newest came, the oldest first */
  readonly #times: number[] = [];

  /** @param process its `uncaughtException` is listened to @param nowMs monotonic, milliseconds */
  constructor(
    process: Pick<EventEmitter, 'on'>,
    logger: Logger,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#logger = logger;
    this.#nowMs = nowMs;
    this.tooMany = new Promise((_, reject) => (this.#fail = reject));
    this.tooMany.catch(() => undefined);
    process.on('uncaughtException', (error: unknown) => this.#caught(error));
  }

  #caught(error: unknown): void {
    this.#logger.error({ err: error }, 'a bug: an error that nobody caught; the show goes on');
    const nowMs = this.#nowMs();
    this.#times.push(nowMs);
    if (this.#times.length > most) this.#times.shift();
    if (this.#times.length < most || nowMs - (this.#times[0] ?? nowMs) > withinMs) return;
    this.#fail(error instanceof Error ? error : new Error(String(error)));
  }
}
