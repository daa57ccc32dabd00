import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { SliceName, Snapshot } from '../../shared/contract/snapshot';
import type { ConnectionState } from '../client/connection-state';
import { RateTracker } from './rate-tracker';

export interface Toast {
  id: number;
  sentence: string;
  remedy: string;
  /** nothing went wrong: it only tells */
  isNote?: boolean;
  /** what can be done about it right here */
  action?: { label: string; run: () => unknown };
}

export interface StudioState {
  connection: ConnectionState;
  /** null until the first welcome; afterwards the last known state, also while the connection is lost */
  snapshot: Snapshot | null;
  /** kbit/s by output id; null until two readings are there */
  outputKbps: Readonly<Record<string, number | null>>;
  /** kbit/s by the public name of an incoming stream */
  streamKbps: Readonly<Record<string, number | null>>;
  toasts: readonly Toast[];
}

export function createStudioStore(now: () => number = Date.now) {
  const outputRates = new RateTracker();
  const streamRates = new RateTracker();
  let lastToastId = 0;

  const store = createStore<StudioState>(() => ({
    connection: { state: 'closed' },
    snapshot: null,
    outputKbps: {},
    streamKbps: {},
    toasts: [],
  }));

  const rateOutputs = (outputs: Snapshot['outputs']): Pick<StudioState, 'outputKbps'> => ({
    outputKbps: outputRates.update(
      outputs.map(({ id, bytes }) => ({ id, bytes })),
      now(),
    ),
  });
  const rateStreams = (streams: Snapshot['streams']): Pick<StudioState, 'streamKbps'> => ({
    streamKbps: streamRates.update(
      streams.map(({ name, bytesIn }) => ({ id: name, bytes: bytesIn })),
      now(),
    ),
  });

  return {
    ...store,
    setConnection(connection: ConnectionState): void {
      store.setState({ connection });
    },
    setSnapshot(snapshot: Snapshot): void {
      store.setState({ snapshot, ...rateOutputs(snapshot.outputs), ...rateStreams(snapshot.streams) });
    },
    /** Only the one slice gets a new identity, so that only its readers render. */
    setSlice<Name extends SliceName>(name: Name, value: Snapshot[Name]): void {
      const { snapshot } = store.getState();
      if (!snapshot) return;
      const next: Snapshot = { ...snapshot, [name]: value };
      store.setState({
        snapshot: next,
        ...(name === 'outputs' && rateOutputs(next.outputs)),
        ...(name === 'streams' && rateStreams(next.streams)),
      });
    },
    /** The same sentence is not stacked; at most four are kept. */
    addToast(text: Omit<Toast, 'id'>): number {
      const id = ++lastToastId;
      const others = store.getState().toasts.filter((toast) => toast.sentence !== text.sentence);
      store.setState({ toasts: [...others, { id, ...text }].slice(-4) });
      return id;
    },
    removeToast(id: number): void {
      store.setState({ toasts: store.getState().toasts.filter((toast) => toast.id !== id) });
    },
  };
}

export type StudioStore = ReturnType<typeof createStudioStore>;

export function useStudioState<Selected>(
  store: StudioStore,
  select: (state: StudioState) => Selected,
): Selected {
  return useStore(store, select);
}
