import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { previewHeaderBytes, writePreviewHeader } from '../../shared/contract/preview-frame';
import type { ServerMessage } from '../../shared/contract/messages';
import { protocolVersion } from '../../shared/contract/messages';
import type { Snapshot } from '../../shared/contract/snapshot';
import type { ConnectionState } from '../../renderer/client/connection-state';
import { EngineClient } from '../../renderer/client/engine-client';
import type { ClientSocket } from '../../renderer/client/engine-client';
import { EngineError } from '../../renderer/client/engine-error';
import { believableSnapshot, believableStats } from '../support/contract-peer-state';

class TestSocket implements ClientSocket {
  binaryType: BinaryType = 'blob';
  readyState = 0;
  onopen: ClientSocket['onopen'] = null;
  onclose: ClientSocket['onclose'] = null;
  onmessage: ClientSocket['onmessage'] = null;
  readonly sent: { type: string; [key: string]: unknown }[] = [];
  isClosed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as { type: string });
  }
  close(): void {
    this.isClosed = true;
    this.readyState = 3;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.(new Event('open'));
  }
  receive(message: ServerMessage | Record<string, unknown>): void {
    this.receiveRaw(JSON.stringify(message));
  }
  receiveRaw(data: unknown): void {
    this.onmessage?.({ data } as MessageEvent);
  }
  drop(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason } as CloseEvent);
  }
  sentOf(type: string) {
    return this.sent.filter((message) => message.type === type);
  }
}

const snapshot = believableSnapshot(1_000_000);

function setUp() {
  const sockets: TestSocket[] = [];
  const log = {
    connection: [] as ConnectionState[],
    snapshots: [] as Snapshot[],
    slices: [] as [string, unknown][],
    protocolErrors: [] as string[],
  };
  const client = new EngineClient(
    {
      url: 'ws://127.0.0.1:1/ws',
      token: 'secret',
      openSocket: () => {
        const socket = new TestSocket();
        sockets.push(socket);
        return socket;
      },
      random: () => 0.5,
      callTimeoutMs: 10_000,
    },
    {
      connection: (state) => log.connection.push(state),
      snapshot: (state) => log.snapshots.push(state),
      slice: (name, value) => log.slices.push([name, value]),
      protocolError: (reason) => log.protocolErrors.push(reason),
    },
  );
  const socketAt = (index: number): TestSocket => {
    const socket = sockets.at(index);
    if (!socket) throw new Error(`no socket ${index}`);
    return socket;
  };
  const welcome = (revision = 7): TestSocket => {
    const socket = socketAt(-1);
    socket.open();
    socket.receive({ type: 'welcome', version: protocolVersion, revision, snapshot });
    return socket;
  };
  return { client, sockets, socketAt, log, welcome };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('connecting', () => {
  it('says hello with version and token, and is open after the welcome', () => {
    const { client, log, welcome } = setUp();
    client.connect();
    const socket = welcome();
    expect(socket.binaryType).toBe('arraybuffer');
    expect(socket.sent[0]).toEqual({ type: 'hello', version: protocolVersion, token: 'secret' });
    expect(log.connection.map(({ state }) => state)).toEqual(['connecting', 'open']);
    expect(log.snapshots).toEqual([snapshot]);
  });

  it('redials with growing pauses for as long as it takes, and starts small again after a success', () => {
    const { client, sockets, socketAt, log, welcome } = setUp();
    client.connect();
    const pauses: number[] = [];
    for (let failure = 0; failure < 12; failure++) {
      socketAt(-1).drop();
      const state = client.connection;
      if (state.state !== 'lost') throw new Error(`expected lost, found ${state.state}`);
      pauses.push(state.retryAt - Date.now());
      vi.advanceTimersByTime(state.retryAt - Date.now());
      expect(sockets).toHaveLength(failure + 2);
    }
    expect([...pauses].sort((a, b) => a - b)).toEqual(pauses);
    expect(pauses[0]).toBeLessThan(600);
    expect(pauses.at(-1)).toBe(3000);

    welcome().drop();
    const state = log.connection.at(-1);
    expect(state?.state === 'lost' && state.retryAt - Date.now()).toBe(300);
  });

  it('gives up a socket that is never welcomed', () => {
    const { client, socketAt, sockets } = setUp();
    client.connect();
    const first = socketAt(0);
    first.open();
    vi.advanceTimersByTime(5000);
    expect(first.isClosed).toBe(true);
    vi.advanceTimersByTime(3000);
    expect(sockets).toHaveLength(2);
  });

  it('stops at a refusal until the person acts', () => {
    const { client, socketAt, sockets, log } = setUp();
    client.connect();
    socketAt(0).open();
    socketAt(0).receive({ type: 'refused', error: { code: 'unauthorised', details: {} } });
    socketAt(0).drop(4401);
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(log.connection.at(-1)).toEqual({ state: 'refused', error: { code: 'unauthorised', details: {} } });
    client.connect();
    expect(sockets).toHaveLength(2);
  });

  it('takes a bare close with 4401 for a refusal too', () => {
    const { client, socketAt } = setUp();
    client.connect();
    socketAt(0).drop(4401);
    expect(client.connection.state).toBe('refused');
  });

  it('refuses an engine of another version, whatever its snapshot looks like', () => {
    const { client, socketAt } = setUp();
    client.connect();
    socketAt(0).open();
    socketAt(0).receive({
      type: 'welcome',
      version: protocolVersion + 1,
      revision: 1,
      snapshot: { other: true },
    });
    expect(client.connection).toMatchObject({ state: 'refused', error: { code: 'invalid-request' } });
  });

  it('finds out by asking that a connection has died without a word', () => {
    const { client, welcome } = setUp();
    client.connect();
    const socket = welcome();
    vi.advanceTimersByTime(5000);
    expect(socket.sentOf('resync').length).toBeGreaterThan(0);
    vi.advanceTimersByTime(5000);
    expect(socket.isClosed).toBe(true);
    expect(client.connection).toMatchObject({ state: 'lost', reason: 'the engine fell silent' });
  });

  it('leaves no timer behind when closed', () => {
    const { client, welcome } = setUp();
    client.connect();
    welcome();
    client.close();
    expect(client.connection).toEqual({ state: 'closed' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('slices', () => {
  const live = (isLive: boolean) => ({ isLive, since: isLive ? 1 : null });

  it('hands on each slice whose revision follows the last', () => {
    const { client, log, welcome } = setUp();
    client.connect();
    const socket = welcome(7);
    socket.receive({ type: 'slice', revision: 8, slice: 'live', value: live(true) });
    socket.receive({ type: 'slice', revision: 9, slice: 'live', value: live(false) });
    expect(log.slices).toEqual([
      ['live', live(true)],
      ['live', live(false)],
    ]);
  });

  it('asks once for a resync at a gap, and goes on from the new snapshot', () => {
    const { client, log, welcome } = setUp();
    client.connect();
    const socket = welcome(7);
    socket.receive({ type: 'slice', revision: 9, slice: 'live', value: live(true) });
    socket.receive({ type: 'slice', revision: 10, slice: 'live', value: live(true) });
    expect(socket.sentOf('resync')).toHaveLength(1);
    expect(log.slices).toEqual([]);

    socket.receive({ type: 'welcome', version: protocolVersion, revision: 10, snapshot });
    expect(log.snapshots).toHaveLength(2);
    expect(log.connection.filter(({ state }) => state === 'open')).toHaveLength(1);
    socket.receive({ type: 'slice', revision: 11, slice: 'live', value: live(false) });
    expect(log.slices).toEqual([['live', live(false)]]);
  });

  it('ignores a slice that is older than what it has', () => {
    const { client, log, welcome } = setUp();
    client.connect();
    const socket = welcome(7);
    socket.receive({ type: 'slice', revision: 7, slice: 'live', value: live(true) });
    expect(log.slices).toEqual([]);
    expect(socket.sentOf('resync')).toEqual([]);
  });

  it('leaves out what does not keep to the contract, and lives on', () => {
    const { client, log, welcome } = setUp();
    client.connect();
    const socket = welcome(7);
    socket.receiveRaw('no json');
    socket.receive({ type: 'of another kind' });
    socket.receive({ type: 'slice', revision: 8, slice: 'live', value: { isLive: 'yes' } });
    socket.receiveRaw(new ArrayBuffer(5));
    socket.receive({ type: 'event', event: 'stats', payload: {} });
    expect(log.protocolErrors).toHaveLength(5);
    expect(log.slices).toEqual([]);
    socket.receive({ type: 'slice', revision: 9, slice: 'live', value: live(true) });
    expect(log.slices).toHaveLength(1);
  });
});

describe('commands', () => {
  it('resolve with the validated output, each call its own', async () => {
    const { client, welcome } = setUp();
    client.connect();
    const socket = welcome();
    const first = client.call('key.create', { name: 'One' });
    const second = client.call('ingest.setPort', { port: 0 });
    const [one, two] = socket.sentOf('call');
    expect(one).toMatchObject({ command: 'key.create', input: { name: 'One' } });
    socket.receive({ type: 'result', id: two?.['id'] as number, output: { port: 1936 } });
    socket.receive({
      type: 'result',
      id: one?.['id'] as number,
      output: { id: 'k', key: 'abc', publicName: 'one' },
    });
    await expect(second).resolves.toEqual({ port: 1936 });
    await expect(first).resolves.toEqual({ id: 'k', key: 'abc', publicName: 'one' });
  });

  it('reject with the engine’s own error', async () => {
    const { client, welcome } = setUp();
    client.connect();
    const socket = welcome();
    const call = client.call('key.create', { name: 'One' });
    const error = { code: 'key-name-taken', details: { name: 'One' } } as const;
    socket.receive({ type: 'failed', id: socket.sentOf('call')[0]?.['id'] as number, error });
    await expect(call).rejects.toMatchObject({ wire: error });
  });

  it('reject when the answer has an unknown shape, when none comes, and when the connection drops', async () => {
    const { client, welcome } = setUp();
    client.connect();
    const socket = welcome();
    const odd = client.call('ingest.setPort', { port: 1 });
    socket.receive({ type: 'result', id: socket.sentOf('call')[0]?.['id'] as number, output: { port: 'x' } });
    await expect(odd).rejects.toMatchObject({ wire: { code: 'invalid-request' } });

    const unanswered = expect(client.call('live.start', {})).rejects.toMatchObject({
      wire: { code: 'connection-lost' },
    });
    for (let sec = 0; sec < 10; sec++) {
      vi.advanceTimersByTime(1000);
      socket.receive({ type: 'event', event: 'stats', payload: believableStats(Date.now(), 0) });
    }
    await unanswered;

    const cut = expect(client.call('live.stop', {})).rejects.toBeInstanceOf(EngineError);
    socket.drop();
    await cut;
  });

  it('reject at once while there is no connection', async () => {
    const { client } = setUp();
    await expect(client.call('live.start', {})).rejects.toMatchObject({ wire: { code: 'connection-lost' } });
  });
});

describe('subscriptions', () => {
  it('ask for exactly what is listened to, and are restored after a reconnect', async () => {
    const { client, socketAt, welcome } = setUp();
    client.connect();
    const first = welcome();
    const stopPreview = client.on('preview', () => undefined);
    client.on('stats', () => undefined);
    client.setPreviewWidth(960);
    await Promise.resolve();
    expect(first.sentOf('subscribe')).toEqual([
      { type: 'subscribe', topics: ['preview', 'stats'], previewWidth: 960 },
    ]);

    stopPreview();
    await Promise.resolve();
    expect(first.sentOf('subscribe').at(-1)).toMatchObject({ topics: ['stats'] });

    first.drop();
    vi.advanceTimersByTime(1000);
    welcome();
    expect(socketAt(-1)).not.toBe(first);
    expect(socketAt(-1).sentOf('subscribe')).toEqual([
      { type: 'subscribe', topics: ['stats'], previewWidth: 960 },
    ]);
  });

  it('hand on events and preview frames', () => {
    const { client, welcome } = setUp();
    client.connect();
    const socket = welcome();
    const stats = vi.fn();
    const frames = vi.fn();
    client.on('stats', stats);
    client.on('preview', frames);
    const reading = believableStats(5000, 0);
    socket.receive({ type: 'event', event: 'stats', payload: reading });
    expect(stats).toHaveBeenCalledWith(reading);

    const message = new Uint8Array(previewHeaderBytes + 6);
    writePreviewHeader(message, { width: 2, height: 2, frameIndex: 42, tickUnixMs: 1.5 });
    message.set([1, 2, 3, 4, 5, 6], previewHeaderBytes);
    socket.receiveRaw(message.buffer);
    expect(frames).toHaveBeenCalledWith(
      expect.objectContaining({ width: 2, frameIndex: 42, tickUnixMs: 1.5 }),
    );
    client.acknowledgePreview(42);
    expect(socket.sent.at(-1)).toEqual({ type: 'previewShown', frameIndex: 42 });
  });
});
