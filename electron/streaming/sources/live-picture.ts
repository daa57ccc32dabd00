import type { FrameArena, Picture, PictureRequest, TileRenderer } from '../interfaces/layer';
import { NewestRing } from './newest-ring';
import { Placeholders } from './placeholder';
import type { PlaceholderText } from './placeholder';

/** How long the last picture stands when no more come, before the card takes its place. */
export const holdMs = 1000;

export interface LivePictureOptions {
  readonly arena: FrameArena;
  readonly tiles: TileRenderer;
  /** `picture` would now deliver something else: first picture, another size, the card */
  readonly onChanged: () => void;
  /** the first picture of a size was shown; null: the card is */
  readonly onShown: (size: { readonly width: number; readonly height: number } | null) => void;
  /** somebody began to look, or the last one left */
  readonly onUsed: (isUsed: boolean) => void;
}

interface Stage {
  readonly ring: NewestRing;
  users: number;
  isPresent: boolean;
}

type Showing =
  | { readonly what: 'nothing' }
  | { readonly what: 'ring'; readonly stage: Stage }
  | { readonly what: 'card'; readonly text: PlaceholderText };

/**
 * What a capture shows: its pictures as they come, of whatever size, and a card when there are none. A new size begins
 * in a ring of its own and takes over with its first picture; memory is given back when nobody looks at it any more.
 */
export class LivePicture {
  readonly #options: LivePictureOptions;
  readonly #placeholders: Placeholders;
  #showing: Showing = { what: 'nothing' };
  /** where pictures are written now; takes over from what is shown with the first of them */
  #writing: Stage | null = null;
  #size: { readonly width: number; readonly height: number };
  /** until when the last picture stands, and what comes then; null: pictures are coming */
  #holding: { readonly timer: NodeJS.Timeout; text: PlaceholderText } | null = null;
  #users = 0;
  #isClosed = false;
  /** those who wait for there to be anything to show */
  readonly #waiting = new Set<() => void>();

  /** @param expected the size to keep free while none is known */
  constructor(options: LivePictureOptions, expected: { readonly width: number; readonly height: number }) {
    this.#options = options;
    this.#placeholders = new Placeholders(options.tiles, options.arena);
    this.#size = expected;
  }

  get isUsed(): boolean {
    return this.#users > 0;
  }

  /** The pictures that come now have this size. @throws RangeError for an odd size or no memory */
  begin(width: number, height: number): NewestRing {
    const present = this.#writing;
    // Behind a card lie pictures of long ago: what comes now begins anew.
    const isStale = this.#showing.what === 'card' && (present?.ring.written ?? 0) > 0;
    if (present?.ring.width === width && present.ring.height === height && !isStale) {
      present.ring.dropPartial();
      return present.ring;
    }
    const stage: Stage = {
      ring: new NewestRing(this.#options.arena, width, height),
      users: 0,
      isPresent: true,
    };
    this.#writing = stage;
    if (present && !this.#isShown(present)) this.#retire(present);
    return stage.ring;
  }

  /** Bytes as a pipe cuts them, for the ring that `begin` gave. @returns whole pictures in them */
  write(chunk: Uint8Array): number {
    const completed = this.#writing?.ring.write(chunk) ?? 0;
    if (completed > 0) this.#arrived();
    return completed;
  }

  /** One whole picture of the size that `begin` was told. @throws RangeError for a wrong length */
  put(picture: Uint8Array): void {
    if (!this.#writing) return;
    const { width, height } = this.#writing.ring;
    this.begin(width, height).put(picture);
    this.#arrived();
  }

  /**
   * No pictures come (any more): the last one stands for a moment, then this card. Told again (another attempt was in
   * vain) it stands no longer for it, and the newest text counts.
   */
  lose(text: PlaceholderText, standingMs = holdMs): void {
    if (this.#showing.what !== 'ring') return this.#showCard(text);
    if (this.#holding) this.#holding.text = text;
    else {
      const timer = setTimeout(() => this.#showCard(this.#holding?.text ?? text), standingMs);
      this.#holding = { timer, text };
    }
  }

  /** Whoever sends now is another one, and has a moment of its own before it counts as lost. */
  keepStanding(): void {
    clearTimeout(this.#holding?.timer);
    this.#holding = null;
  }

  /** Waits for the first picture or the card. Rejects with the signal's reason, or when it was closed. */
  async acquire(request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    this.#users += 1;
    if (this.#users === 1) this.#options.onUsed(true);
    try {
      await this.#untilShowing(signal);
      return await this.#take(request, signal);
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  /** Nobody waits any more, nothing is shown again. What is still looked at is given back by who looks. */
  close(): void {
    this.#isClosed = true;
    this.keepStanding();
    this.#announce();
    this.clear();
  }

  /** Forgets what was shown, without a card: the next to look waits for a new picture. */
  clear(): void {
    this.keepStanding();
    const stages = new Set<Stage>();
    if (this.#showing.what === 'ring') stages.add(this.#showing.stage);
    if (this.#writing) stages.add(this.#writing);
    this.#showing = { what: 'nothing' };
    this.#writing = null;
    for (const stage of stages) this.#retire(stage);
  }

  async #untilShowing(signal: AbortSignal): Promise<void> {
    while (this.#showing.what === 'nothing') {
      if (this.#isClosed) throw new DOMException('The source was stopped.', 'AbortError');
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal.addEventListener('abort', wake);
      });
    }
  }

  async #take(request: PictureRequest, signal: AbortSignal): Promise<Picture> {
    const showing = this.#showing;
    if (showing.what === 'card') {
      const card = await this.#placeholders.acquire(showing.text, request, this.#size, signal);
      return { ...card, release: once(() => (card.release(), this.#leave())) };
    }
    if (showing.what === 'nothing') throw new DOMException('The source was stopped.', 'AbortError');
    const { stage } = showing;
    stage.users += 1;
    const { width, height } = stage.ring;
    return {
      content: { type: 'live', ring: stage.ring.view },
      size: { width, height },
      part: { x: 0, y: 0, width, height },
      release: once(() => {
        stage.users -= 1;
        this.#freeIfUnused(stage);
        this.#leave();
      }),
    };
  }

  #arrived(): void {
    this.keepStanding();
    const stage = this.#writing;
    if (!stage || this.#isShown(stage) || stage.ring.written === 0) return;
    const before = this.#showing;
    this.#showing = { what: 'ring', stage };
    if (before.what === 'ring') this.#retire(before.stage);
    const { width, height } = stage.ring;
    this.#size = { width, height };
    this.#options.onShown({ width, height });
    this.#announce();
  }

  #showCard(text: PlaceholderText): void {
    this.keepStanding();
    if (this.#isClosed) return;
    const before = this.#showing;
    if (before.what === 'card' && before.text.name === text.name && before.text.sentence === text.sentence)
      return;
    this.#showing = { what: 'card', text };
    if (before.what === 'ring' && this.#writing !== before.stage) this.#retire(before.stage);
    this.#options.onShown(null);
    this.#announce();
  }

  #announce(): void {
    for (const wake of [...this.#waiting]) wake();
    if (!this.#isClosed) this.#options.onChanged();
  }

  #isShown(stage: Stage): boolean {
    return this.#showing.what === 'ring' && this.#showing.stage === stage;
  }

  #retire(stage: Stage): void {
    stage.isPresent = false;
    this.#freeIfUnused(stage);
  }

  #freeIfUnused(stage: Stage): void {
    if (!stage.isPresent && stage.users === 0) stage.ring.free();
  }

  #leave(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#options.onUsed(false);
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
