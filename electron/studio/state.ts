import { isDeepStrictEqual } from 'node:util';
import type { SliceName, Snapshot } from '../../shared/contract/snapshot';
import { Emitter } from '../streaming/lib/emitter';

interface StateEvents {
  changed: { revision: number; slice: SliceName; value: Snapshot[SliceName] };
}

/** The one place where the state that clients see is kept: whole slices, each change with the next revision. */
export class StudioState {
  readonly #emitter = new Emitter<StateEvents>();
  #snapshot: Snapshot;
  #revision = 0;

  constructor(initial: Snapshot) {
    this.#snapshot = initial;
  }

  get snapshot(): Readonly<Snapshot> {
    return this.#snapshot;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Replaces a slice; nothing happens when it is equal to the present one. */
  set<Name extends SliceName>(slice: Name, value: Snapshot[Name]): void {
    if (isDeepStrictEqual(this.#snapshot[slice], value)) return;
    this.#snapshot = { ...this.#snapshot, [slice]: value };
    this.#revision += 1;
    this.#emitter.emit('changed', { revision: this.#revision, slice, value });
  }

  update<Name extends SliceName>(slice: Name, change: (present: Snapshot[Name]) => Snapshot[Name]): void {
    this.set(slice, change(this.#snapshot[slice]));
  }

  onChanged(listener: (change: StateEvents['changed']) => void): () => void {
    return this.#emitter.on('changed', listener);
  }
}
