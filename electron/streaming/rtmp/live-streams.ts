import type { ActiveStream } from '../../../shared/contract/snapshot';
import { programName } from './gatekeeper';

export interface StreamPublisher {
  /** address:port */
  readonly peer: string;
  readonly bytesIn: number;
  /** Another one has its key. @returns whether it let go of the name: it had been silent for a while */
  giveWay(): boolean;
}

export interface StreamPlayer {
  /** a publisher began: nothing that comes now refers to an earlier picture */
  onPublished(): void;
  /** the publisher is gone; with `isOver` the player is told so and closed, otherwise it waits for the next one */
  onUnpublished(isOver: boolean): void;
}

interface LiveStream {
  publisher: StreamPublisher | null;
  since: number;
  codecs: { video: string | null; audio: string | null };
  readonly players: Set<StreamPlayer>;
}

/** Who publishes and who plays which public name. One publisher each. */
export class LiveStreams {
  readonly #streams = new Map<string, LiveStream>();
  /** raised whenever a stream, its codecs or its players change; bytes do not count */
  #revision = 0;

  get revision(): number {
    return this.#revision;
  }

  get publishers(): number {
    return [...this.#streams.values()].filter((stream) => stream.publisher).length;
  }

  get players(): number {
    return [...this.#streams.values()].reduce((sum, stream) => sum + stream.players.size, 0);
  }

  get hasProgram(): boolean {
    return this.hasPublisher(programName);
  }

  hasPublisher(name: string): boolean {
    return this.#streams.get(name)?.publisher != null;
  }

  /** @returns whether the name was free, or whoever had it gave way */
  claim(name: string, publisher: StreamPublisher, unixMs: number): boolean {
    if (this.#streams.get(name)?.publisher?.giveWay() === false) return false;
    const stream = this.#open(name);
    stream.publisher = publisher;
    stream.since = unixMs;
    stream.codecs = { video: null, audio: null };
    this.#revision++;
    for (const player of [...stream.players]) player.onPublished();
    return true;
  }

  release(name: string, publisher: StreamPublisher): void {
    const stream = this.#streams.get(name);
    if (stream?.publisher !== publisher) return;
    stream.publisher = null;
    this.#revision++;
    // The program's own publisher comes back on the same timeline, so its players may wait. Anyone else's begins anew.
    const isOver = name !== programName;
    for (const player of [...stream.players]) player.onUnpublished(isOver);
    this.#forgetIfEmpty(name, stream);
  }

  join(name: string, player: StreamPlayer): void {
    this.#open(name).players.add(player);
    this.#revision++;
  }

  leave(name: string, player: StreamPlayer): void {
    const stream = this.#streams.get(name);
    if (!stream?.players.delete(player)) return;
    this.#revision++;
    this.#forgetIfEmpty(name, stream);
  }

  setCodec(name: string, kind: 'video' | 'audio', codec: string | null): void {
    const codecs = this.#streams.get(name)?.codecs;
    if (!codecs || codecs[kind] === codec) return;
    codecs[kind] = codec;
    this.#revision++;
  }

  active(): ActiveStream[] {
    return [...this.#streams].flatMap(([name, { publisher, since, codecs, players }]) =>
      publisher
        ? [
            {
              name,
              app: 'live',
              publisher: publisher.peer,
              since,
              bytesIn: publisher.bytesIn,
              players: players.size,
              codecs: { ...codecs },
            },
          ]
        : [],
    );
  }

  #open(name: string): LiveStream {
    let stream = this.#streams.get(name);
    if (!stream) {
      stream = { publisher: null, since: 0, codecs: { video: null, audio: null }, players: new Set() };
      this.#streams.set(name, stream);
    }
    return stream;
  }

  #forgetIfEmpty(name: string, stream: LiveStream): void {
    if (!stream.publisher && stream.players.size === 0) this.#streams.delete(name);
  }
}
