import type { Snapshot } from '../../shared/contract/snapshot';
import type { StudioStore } from './studio-store';

/** A moment at which something was taken over or lost, to be seen on every chart. */
export interface ChartMark {
  readonly atSec: number;
  /** `planned`: asked for by a person or the network, and nobody noticed */
  readonly kind: 'planned' | 'trouble';
  readonly text: string;
}

/** as long as charts go back */
const keepSec = 5 * 60;

type Told = Pick<Snapshot, 'program' | 'outputs'>;

/** What is new since `before` (pure). @param nowSec for what the engine gives no time of */
export function marksBetween(before: Told | null, now: Told, nowSec: number): ChartMark[] {
  const known = new Set(before?.program.handOvers.map(({ at }) => at));
  const handOvers = now.program.handOvers
    .filter(({ at }) => !known.has(at))
    .map(({ at, cause, from, to, bitrateKbps, lostFrames }): ChartMark => {
      const what = from === to ? `${bitrateKbps} kbit/s` : to;
      const lost = lostFrames > 0 ? `, ${lostFrames} frames lost` : '';
      return {
        atSec: at / 1000,
        kind: cause === 'planned' ? 'planned' : 'trouble',
        text: cause === 'planned' ? `Encoder: ${what}${lost}` : `Encoder restarted${lost}`,
      };
    });
  const reconnects = now.outputs.flatMap(({ id, name, reconnects: count }): ChartMark[] => {
    const former = before?.outputs.find((output) => output.id === id)?.reconnects;
    return former !== undefined && count > former
      ? [{ atSec: nowSec, kind: 'trouble', text: `${name} reconnected` }]
      : [];
  });
  return [...handOvers, ...reconnects];
}

/** The marks of the last minutes, the oldest first; outside React, as the charts are. */
export class ChartMarks {
  #marks: readonly ChartMark[] = [];

  /** Follows the state for the life of the page. */
  follow(store: Pick<StudioStore, 'subscribe'>): void {
    store.subscribe(({ snapshot }, { snapshot: before }) => {
      if (!snapshot || (snapshot.program === before?.program && snapshot.outputs === before.outputs)) return;
      const nowSec = Date.now() / 1000;
      const fresh = marksBetween(before, snapshot, nowSec);
      if (fresh.length === 0) return;
      this.#marks = [...this.#marks, ...fresh].filter(({ atSec }) => atSec > nowSec - keepSec);
    });
  }

  get marks(): readonly ChartMark[] {
    return this.#marks;
  }

  /** the one at this moment, or so near that a pointer cannot tell; null: none */
  near(atSec: number, reachSec: number): ChartMark | null {
    const [nearest] = [...this.#marks].sort(
      (one, other) => Math.abs(one.atSec - atSec) - Math.abs(other.atSec - atSec),
    );
    return nearest && Math.abs(nearest.atSec - atSec) <= reachSec ? nearest : null;
  }
}
