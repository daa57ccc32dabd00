import { totalmem } from 'node:os';
import type { PacketSource } from '../streaming/interfaces/packet';
import { StudioError } from '../streaming/lib/errors';
import { DelayLine } from '../streaming/output/delay-line';

/** a delayed destination connects so long before its first packet is due: it must be there by then, and not idle long */
const dialAheadMs = 3000;
/** Of all delays together, since they hold the same packets: the longest one decides. */
const mostBytes = Math.min(512 * 2 ** 20, totalmem() / 4);

/** What a destination reads from. */
export interface Feed {
  readonly source: PacketSource;
  /** when to connect, unix milliseconds; null: at once */
  readonly startAt: number | null;
  /** It is read no more. Once. */
  readonly release: () => void;
}

interface KeptLine {
  readonly line: DelayLine;
  users: number;
}

/**
 * How long after the program a destination may be: one delay line for each length in use, shared by those who ask for the
 * same, there only while somebody does.
 */
export class Feeds {
  readonly #kbps: () => number;
  readonly #mostBytes: number;
  #hub: PacketSource;
  #lines = new Map<number, KeptLine>();

  /** @param kbps of the program, pictures and sound */
  constructor(hub: PacketSource, kbps: () => number, limitBytes = mostBytes) {
    this.#hub = hub;
    this.#kbps = kbps;
    this.#mostBytes = limitBytes;
  }

  get undelayed(): Feed {
    return { source: this.#hub, startAt: null, release: () => undefined };
  }

  /** What is taken from now on comes from here; what was taken ends with the former one. */
  feedFrom(hub: PacketSource): void {
    this.#hub = hub;
    this.#lines = new Map();
  }

  /** @throws StudioError `delay-too-long`: it would not fit into memory at the program's bitrate */
  check(delaySec: number): void {
    const bytes = (delaySec * this.#kbps() * 1000) / 8;
    if (bytes <= this.#mostBytes) return;
    const mostSec = Math.floor((this.#mostBytes * 8) / (this.#kbps() * 1000));
    throw new StudioError('delay-too-long', { delaySec, mostSec, bitrateKbps: this.#kbps() });
  }

  /** @throws StudioError `delay-too-long` */
  take(delaySec: number): Feed {
    if (delaySec === 0) return this.undelayed;
    this.check(delaySec);
    const lines = this.#lines;
    let kept = lines.get(delaySec);
    if (!kept) {
      const line = new DelayLine({
        source: this.#hub,
        delayMs: delaySec * 1000,
        mostBytes: this.#mostBytes * 1.1,
      });
      kept = { line, users: 0 };
      lines.set(delaySec, kept);
    }
    const { line } = kept;
    const own = kept;
    own.users++;
    return {
      source: line,
      startAt: line.firstDueAt - dialAheadMs,
      release: () => {
        own.users--;
        if (own.users > 0) return;
        line[Symbol.dispose]();
        if (lines.get(delaySec) === own) lines.delete(delaySec);
      },
    };
  }
}
