import { createStore } from 'zustand/vanilla';
import type { EngineClient } from '../client/engine-client';
import workletUrl from './monitor-worklet.ts?worker&url';

export type MonitorState =
  | { readonly state: 'off' | 'starting' | 'on' }
  /** in words of the browser */
  | { readonly state: 'failed'; readonly reason: string };

/** Lets this window hear the program. Off until a person asks; one for each page. */
export class MonitorPlayer {
  readonly store = createStore<MonitorState>(() => ({ state: 'off' }));
  readonly #client: Pick<EngineClient, 'on'>;
  #context: AudioContext | null = null;
  #stopListening: () => void = () => undefined;

  constructor(client: Pick<EngineClient, 'on'>) {
    this.#client = client;
  }

  /** Within the click: browsers let nothing sound otherwise. */
  async start(): Promise<void> {
    if (this.#context) return;
    this.store.setState({ state: 'starting' }, true);
    const context = new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' });
    this.#context = context;
    try {
      await context.audioWorklet.addModule(workletUrl);
      await context.resume();
      if (this.#context !== context) return;
      const node = new AudioWorkletNode(context, 'studio-monitor', {
        numberOfInputs: 0,
        outputChannelCount: [2],
      });
      node.connect(context.destination);
      this.#stopListening = this.#client.on('monitor', ({ firstSample, samples }) => {
        // Copied: the message's header lies in the same memory, and others may listen too.
        const copy = samples.slice();
        node.port.postMessage({ firstSample, samples: copy }, [copy.buffer]);
      });
      this.store.setState({ state: 'on' }, true);
    } catch (error) {
      if (this.#context !== context) return;
      await this.stop();
      const reason = error instanceof Error ? error.message : String(error);
      this.store.setState({ state: 'failed', reason }, true);
    }
  }

  async stop(): Promise<void> {
    this.#stopListening();
    this.#stopListening = () => undefined;
    const context = this.#context;
    this.#context = null;
    this.store.setState({ state: 'off' }, true);
    await context?.close();
  }
}

const players = new WeakMap<object, MonitorPlayer>();

/** The player of the page that this client belongs to. */
export function monitorOf(client: Pick<EngineClient, 'on'>): MonitorPlayer {
  const player = players.get(client) ?? new MonitorPlayer(client);
  players.set(client, player);
  return player;
}
