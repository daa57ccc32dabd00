import { hostedStateSchema } from '../launcher/desktop-contract';
import type { HostedState, ShellMessage } from '../launcher/desktop-contract';
import { EngineProcess } from '../launcher/engine-process';
import type { EngineProcessOptions } from '../launcher/engine-process';
import { printEngine } from '../launcher/supervise';

/** Who runs the engine that the shell shows. */
export interface EngineHost {
  /** Starts it, or finds it running; again after it has ended. Every change from then on is told. */
  start(onState: (state: HostedState) => void): void;
  /** Resolves when nothing of it is left that the shell has to wait for. */
  stop(): Promise<void>;
}

/** The shell's own child, where it is the first process: in a package. */
export class OwnEngine implements EngineHost {
  readonly #options: EngineProcessOptions;
  #engine: EngineProcess | undefined;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
  }

  start(onState: (state: HostedState) => void): void {
    const engine = new EngineProcess(this.#options);
    this.#engine = engine;
    printEngine(engine, false);
    engine.events.on('state', (state) => {
      if (state.state === 'running' || state.state === 'ended') onState(state);
    });
    // What went wrong arrives as a state; the rejection adds nothing.
    engine.start().catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.#engine?.stop();
  }
}

/** The launcher's child, beside the shell: it outlives a crash of Electron, and is stopped when the shell ends in order. */
export class LauncherEngine implements EngineHost {
  #onState: ((state: HostedState) => void) | undefined;

  start(onState: (state: HostedState) => void): void {
    if (!this.#onState) {
      process.on('message', (message) => {
        const state = hostedStateSchema.safeParse(message);
        if (state.success) this.#onState?.(state.data);
      });
      // Without the launcher there is no engine either.
      process.once('disconnect', () => this.#onState?.({ state: 'ended', exitCode: 0, reason: null }));
    }
    this.#onState = onState;
    const message: ShellMessage = { wants: 'engine' };
    process.send?.(message);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
