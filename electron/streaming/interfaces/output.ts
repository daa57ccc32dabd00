import type { AudioCodec, PacketReader } from './packet';

/**
 * A running egress. It implements one attempt only; the supervisor owns retry, state and last error for all outputs.
 */
export interface Output {
  readonly id: string;
  readonly name: string;
  readonly kind: 'local' | 'destination' | 'recording';
  /** without its key */
  readonly url: string;
  readonly hasKey: boolean;
  readonly counters: { bytes: number };
  /** how this output subscribes to the hub */
  readonly reading: {
    from: 'cached' | 'next';
    sound?: AudioCodec;
    dropMs: number;
    flushMs: number;
    limitMs?: number;
  };
  /**
   * Connect, send until the signal aborts or the program ends (then return after a clean finish), or throw a
   * StudioError: `retryable` decides whether the supervisor tries again.
   * `onLive` is called once when the far end has accepted the stream.
   */
  run(reader: PacketReader, signal: AbortSignal, onLive: () => void): Promise<void>;
}
