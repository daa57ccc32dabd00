import { totalmem } from 'node:os';
import type { PacketSource } from '../streaming/interfaces/packet';
import { StudioError } from '../streaming/lib/errors';
import { DelayLine } from '../streaming/output/delay-line';

/** a delayed destination connects so long before its first packet is due: it must be there by then, and not idle long */
const dialAheadMs = 3000;
/** Of all delays together. Those of one rendition hold the same packets: of them the longest one decides. */
const mostBytes = Math.min(512 * 2 ** 20, totalmem() / 4);

/** What a destination reads from. */
export interface Feed {
  readonly source: PacketSource;
  /** when to connect, unix milliseconds; null: at once */
  readonly startAt: number | null;
  /** It is read no more. Once. */
  readonly release: () => void;
}

/** Which rendition, and how long after it is there. */
export interface WantedFeed {
  /** null: the program's own */
  readonly variantId: string | null;
  readonly delaySec: number;
}

/** Where a rendition's packets come from; it goes on for as long as somebody has not released it. */
export interface RenditionFeed {
  readonly hub: PacketSource;
  /** once */
  readonly release: () => void;
}

/** The program in other qualities. */
export interface VariantSource {
  /** Its encoder runs from now on. @throws StudioError `variant-not-found` */
  take(id: string): RenditionFeed;
  /** pictures and sound. @throws StudioError `variant-not-found` */
  kbps(id: string): number;
}

const unknownVariant = (id: string): never => {
  throw new StudioError('variant-not-found', { id });
};
export const noVariants: VariantSource = { take: unknownVariant, kbps: unknownVariant };

export interface FeedsOptions {
  /** of the program, pictures and sound */
  readonly kbps: () => number;
  readonly variants?: VariantSource;
  readonly mostBytes?: number;
}

interface KeptLine {
  readonly wanted: WantedFeed;
  readonly line: DelayLine;
  readonly origin: RenditionFeed;
  users: number;
}

/**
 * What destinations read from: the program or a variant of it, at once or so much later. One delay line for each rendition
 * and length in use, shared by those who ask for the same, there only while somebody does.
 */
export class Feeds {
  readonly #options: FeedsOptions;
  readonly #variants: VariantSource;
  readonly #mostBytes: number;
  #hub: PacketSource;
  #lines = new Map<string, KeptLine>();

  constructor(hub: PacketSource, options: FeedsOptions) {
    this.#hub = hub;
    this.#options = options;
    this.#variants = options.variants ?? noVariants;
    this.#mostBytes = options.mostBytes ?? mostBytes;
  }

  /** The program itself, at once. */
  get program(): Feed {
    return { source: this.#hub, startAt: null, release: () => undefined };
  }

  /** What is taken from now on comes from here; what was taken ends with the former one. */
  feedFrom(hub: PacketSource): void {
    this.#hub = hub;
    this.#lines = new Map();
  }

  /** @throws StudioError `delay-too-long`: it would not fit into memory at its bitrate; `variant-not-found` */
  check(wanted: WantedFeed): void {
    const bitrateKbps = this.#kbps(wanted);
    // It holds nothing back, however much the others do.
    if (wanted.delaySec === 0) return;
    const roomBytes = this.#mostBytes - this.#heldBeside(wanted);
    const { delaySec } = wanted;
    if (bytesOf(delaySec, bitrateKbps) <= roomBytes) return;
    const mostSec = Math.max(0, Math.floor((roomBytes * 8) / (bitrateKbps * 1000)));
    throw new StudioError('delay-too-long', { delaySec, mostSec, bitrateKbps });
  }

  /** @throws StudioError `delay-too-long`, `variant-not-found` */
  take(wanted: WantedFeed): Feed {
    const { variantId, delaySec } = wanted;
    this.check(wanted);
    if (delaySec === 0) {
      const { hub, release } = this.#origin(variantId);
      return { source: hub, startAt: null, release };
    }
    const lines = this.#lines;
    const key = JSON.stringify([variantId, delaySec]);
    const kept = lines.get(key) ?? this.#begin(wanted);
    lines.set(key, kept);
    kept.users++;
    const { line, origin } = kept;
    return {
      source: line,
      startAt: line.firstDueAt - dialAheadMs,
      release: () => {
        kept.users--;
        if (kept.users > 0) return;
        line[Symbol.dispose]();
        origin.release();
        if (lines.get(key) === kept) lines.delete(key);
      },
    };
  }

  #begin(wanted: WantedFeed): KeptLine {
    const { variantId, delaySec } = wanted;
    const origin = this.#origin(variantId);
    const limits = { delayMs: delaySec * 1000, mostBytes: this.#mostBytes * 1.1 };
    return { wanted, origin, line: new DelayLine({ source: origin.hub, ...limits }), users: 0 };
  }

  #origin(variantId: string | null): RenditionFeed {
    if (variantId !== null) return this.#variants.take(variantId);
    return { hub: this.#hub, release: () => undefined };
  }

  #kbps({ variantId }: WantedFeed): number {
    return variantId === null ? this.#options.kbps() : this.#variants.kbps(variantId);
  }

  /** what delays of the other renditions hold back */
  #heldBeside({ variantId }: WantedFeed): number {
    const longest = new Map<string | null, number>();
    for (const { wanted } of this.#lines.values())
      if (wanted.variantId !== variantId)
        longest.set(wanted.variantId, Math.max(wanted.delaySec, longest.get(wanted.variantId) ?? 0));
    return [...longest].reduce(
      (sum, [id, delaySec]) => sum + bytesOf(delaySec, this.#kbps({ variantId: id, delaySec })),
      0,
    );
  }
}

const bytesOf = (sec: number, kbps: number): number => (sec * kbps * 1000) / 8;
