import type { WireError } from '../../shared/contract/errors';
import type { CaptureKind } from './capture-error';

/** What a browser says of a device that another program has, or that broke: both pass. */
const passing: ReadonlySet<string> = new Set(['device-busy', 'device-failed']);
const [firstMs, factor, mostMs] = [500, 1.6, 3000];
/** One that ran so long had come back; what fails sooner is tried ever later. */
const steadyMs = 5000;

/** May it be begun without a person? Their answer must be known, and a display always asks. */
export async function mayBeginAlone(kind: CaptureKind, hasSound: boolean): Promise<boolean> {
  if (kind === 'display') return false;
  const names = kind === 'camera' && hasSound ? (['camera', 'microphone'] as const) : [kind];
  try {
    // A browser that does not know these names throws.
    const states = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
    return states.every(({ state }) => state === 'granted');
  } catch {
    return false;
  }
}

/** Begins captures again, by source: 0.5 s after a failure, then ever later up to 3 s, without end. */
export class CaptureRetries {
  readonly #begin: (sourceId: string) => void;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #failures = new Map<string, number>();
  readonly #runsSince = new Map<string, number>();

  constructor(begin: (sourceId: string) => void) {
    this.#begin = begin;
  }

  static isPassing({ code }: WireError): boolean {
    return passing.has(code);
  }

  plan(sourceId: string): void {
    const since = this.#runsSince.get(sourceId) ?? Infinity;
    const before = performance.now() - since >= steadyMs ? 0 : (this.#failures.get(sourceId) ?? 0);
    this.#runsSince.delete(sourceId);
    this.#failures.set(sourceId, before + 1);
    clearTimeout(this.#timers.get(sourceId));
    const waitMs = Math.min(mostMs, firstMs * factor ** before);
    this.#timers.set(
      sourceId,
      setTimeout(() => this.#begin(sourceId), waitMs),
    );
  }

  runs(sourceId: string): void {
    this.#runsSince.set(sourceId, performance.now());
  }

  /** The person decides, or it is tried right now. */
  cancel(sourceId: string): void {
    clearTimeout(this.#timers.get(sourceId));
    this.#timers.delete(sourceId);
  }

  /** Nothing that was is held against it any more. */
  forget(sourceId: string): void {
    this.cancel(sourceId);
    this.#failures.delete(sourceId);
    this.#runsSince.delete(sourceId);
  }
}
