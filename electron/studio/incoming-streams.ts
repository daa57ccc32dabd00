import type { IncomingStreams } from '../streaming/sources/source';
import type { StudioState } from './state';

/** a server that listens everywhere is reached here */
const everywhere = /\/\/(0\.0\.0\.0|\[::\])(?=:)/;

/** Who publishes with which key, as the studio's state has it. */
export class StateStreams implements IncomingStreams {
  readonly #state: StudioState;

  constructor(state: StudioState) {
    this.#state = state;
  }

  urlOf(keyId: string): string | null {
    const { engine, keys, streams } = this.#state.snapshot;
    const name = keys.find(({ id }) => id === keyId)?.publicName;
    const isPublished = name !== undefined && streams.some((stream) => stream.name === name);
    if (!isPublished || engine.rtmpUrl === null) return null;
    return `${engine.rtmpUrl.replace(everywhere, '//127.0.0.1')}/${name}`;
  }

  keyName(keyId: string): string | null {
    return this.#state.snapshot.keys.find(({ id }) => id === keyId)?.name ?? null;
  }

  onChanged(listener: () => void): () => void {
    return this.#state.onChanged(({ slice }) => {
      if (slice === 'keys' || slice === 'streams' || slice === 'engine') listener();
    });
  }
}
