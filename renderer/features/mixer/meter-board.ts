import type { EngineClient } from '../../client/engine-client';
import type { EventPayload } from '../../../shared/contract/events';
import { animationPulse } from '../../ui/animation-pulse';
import { MeterView } from './meter-view';
import type { Level, MeterElements } from './meter-view';

/** the program's own meter, beside those of its sources */
export const programMeterId = 'program:';

interface Attached {
  readonly view: MeterView;
  isMoving: boolean;
}

/**
 * All meters of the mixer: fed by one subscription, drawn by one loop that rests while nothing moves and while nobody
 * looks. React is not involved in a tick.
 */
export class MeterBoard {
  readonly #client: Pick<EngineClient, 'on'>;
  readonly #meters = new Map<string, Set<Attached>>();
  readonly #limiterListeners = new Set<(limiterDb: number) => void>();
  #stopListening: (() => void) | null = null;
  #giveUp: (() => void) | null = null;
  #drawnAt = 0;

  constructor(client: Pick<EngineClient, 'on'>) {
    this.#client = client;
  }

  /** From mounting to unmounting of the dock. Returns how to end. */
  run(): () => void {
    const follow = (): void => {
      if (document.hidden) {
        this.#stopListening?.();
        this.#stopListening = null;
      } else this.#stopListening ??= this.#client.on('meters', (meters) => this.#feed(meters));
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      this.#stopListening?.();
      this.#stopListening = null;
      this.#giveUp?.();
      this.#giveUp = null;
    };
  }

  /** @param id a source's, or `programMeterId` */
  attach(id: string, elements: MeterElements): () => void {
    const attached: Attached = { view: new MeterView(elements), isMoving: true };
    const sameId = this.#meters.get(id) ?? new Set();
    this.#meters.set(id, sameId.add(attached));
    const observer = new ResizeObserver(() => {
      attached.view.resize();
    });
    observer.observe(elements.canvas);
    return () => {
      observer.disconnect();
      sameId.delete(attached);
      if (sameId.size === 0) this.#meters.delete(id);
    };
  }

  /** How far the limiter holds the program down, dB ≤ 0; with every event. */
  onLimiter(listener: (limiterDb: number) => void): () => void {
    this.#limiterListeners.add(listener);
    return () => this.#limiterListeners.delete(listener);
  }

  #feed(meters: EventPayload<'meters'>): void {
    const now = performance.now();
    const tell = (id: string, level: Level): void => {
      for (const attached of this.#meters.get(id) ?? []) {
        attached.view.feed(level, now);
        attached.isMoving = true;
      }
    };
    tell(programMeterId, meters);
    for (const input of meters.inputs) tell(input.sourceId, input);
    for (const listener of this.#limiterListeners) listener(meters.limiterDb);
    this.#giveUp ??= animationPulse.ride(this.#step);
  }

  readonly #step = (now: number): void => {
    this.#giveUp = null;
    const elapsedMs = this.#drawnAt === 0 ? 0 : Math.min(200, now - this.#drawnAt);
    this.#drawnAt = now;
    let isMoving = false;
    for (const sameId of this.#meters.values())
      for (const attached of sameId) {
        if (attached.isMoving) attached.isMoving = attached.view.step(now, elapsedMs);
        isMoving ||= attached.isMoving;
      }
    if (isMoving) this.#giveUp = animationPulse.ride(this.#step);
    else this.#drawnAt = 0;
  };
}
