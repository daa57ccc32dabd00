import { gainOfDb } from '../../shared/model/sound';
import type { SoundSettings } from '../../shared/model/sound';
import type { Transition } from '../../shared/model/scene';
import type { Mixer } from '../streaming/audio/mixer';
import type { AudioInput } from '../streaming/interfaces/audio-input';

/** What can be heard, by source id, and how. */
export type Audible = ReadonlyMap<string, { readonly input: AudioInput; readonly sound: SoundSettings }>;

/** Lets the mixer sound what the show lets be heard: after a change at once, with a transition as long as it lasts. */
export class Hearing {
  readonly #mixer: Mixer;
  #heard: ReadonlySet<string> = new Set();

  constructor(mixer: Mixer) {
    this.#mixer = mixer;
  }

  hear(audible: Audible, transition?: Transition): void {
    const fadeMs = transition?.kind === 'fade' ? transition.durationMs : undefined;
    for (const id of this.#heard) if (!audible.has(id)) this.#mixer.remove(id, fadeMs);
    for (const { input, sound } of audible.values())
      this.#mixer.add(
        input,
        {
          gain: gainOfDb(sound.faderDb),
          isMuted: sound.isMuted,
          syncOffsetMs: sound.syncOffsetMs,
        },
        fadeMs,
      );
    this.#heard = new Set(audible.keys());
  }
}
