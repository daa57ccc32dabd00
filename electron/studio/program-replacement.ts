import type { ProgramFormat } from './program-format';
import type { ProgramHost, ProgramHostOptions } from './program-host';
import type { ShowDesk } from './show-desk';
import type { StudioState } from './state';

export interface ProgramReplacementOptions {
  readonly host: ProgramHost;
  readonly desk: ShowDesk;
  readonly state: StudioState;
  /** aborted when the studio stops */
  readonly stopping: AbortSignal;
  /** the host has another program, which shows the show as it is now: feed from it what the former one fed */
  readonly onReplaced: () => Promise<void>;
  /** there is no program any more */
  readonly onLost: (error: Error) => void;
}

/** Another size, rate or encoder: the windows stay, the picture is away for a moment. Never on air. */
export class ProgramReplacement {
  readonly #options: ProgramReplacementOptions;
  #last: Promise<void> = Promise.resolve();

  constructor(options: ProgramReplacementOptions) {
    this.#options = options;
  }

  /** none is under way; never rejects */
  get settled(): Promise<void> {
    return this.#last;
  }

  /** Resolves when the new program runs. @throws what it failed with; then one like before runs */
  replace(format: ProgramFormat, choose?: ProgramHostOptions['choose']): Promise<void> {
    const replacing = this.#replace(format, choose);
    this.#last = replacing.catch(() => undefined);
    return replacing;
  }

  async #replace(format: ProgramFormat, choose?: ProgramHostOptions['choose']): Promise<void> {
    const { host, state, stopping, onLost } = this.#options;
    state.update('program', (program) => ({ ...program, state: 'restarting' }));
    try {
      await host.change(format, stopping, choose);
    } finally {
      if (!stopping.aborted) {
        if (host.isLost) onLost(new Error('the program could not be started again'));
        else await this.#replaced();
      }
    }
  }

  async #replaced(): Promise<void> {
    const { host, desk, onReplaced } = this.#options;
    // It began with the show as it was then; what was done while it started went to the former one.
    await host.program.apply(desk.editor.collection, desk.editor.sceneId);
    desk.tell();
    await onReplaced();
  }
}
