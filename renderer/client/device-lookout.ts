import type { EngineClient } from './engine-client';

/** The engine keeps its lists up to date for 60 s after it was asked. */
const askAgainMs = 45_000;

/** Has the engine look for devices as long as any part of the window shows them: at once, and again before it rests. */
export class DeviceLookout {
  readonly #client: Pick<EngineClient, 'call'>;
  #watchers = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(client: Pick<EngineClient, 'call'>) {
    this.#client = client;
  }

  /** @returns how to end it; more than once is once */
  begin(): () => void {
    this.#watchers += 1;
    if (this.#watchers === 1) {
      this.#ask();
      this.#timer = setInterval(() => this.#ask(), askAgainMs);
    }
    let isWatching = true;
    return () => {
      if (!isWatching) return;
      isWatching = false;
      this.#watchers -= 1;
      if (this.#watchers === 0) clearInterval(this.#timer);
    };
  }

  /** Nobody pressed anything: where it fails, the connection says so itself, and the former list stays. */
  #ask(): void {
    this.#client.call('devices.refresh', {}).catch(() => undefined);
  }
}
