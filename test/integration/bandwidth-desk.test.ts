import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BandwidthSlice } from '../../shared/contract/link';
import { bandwidthSliceSchema } from '../../shared/contract/link';
import { BandwidthDesk } from '../../electron/studio/bandwidth-desk';
import { BandwidthRecord } from '../../electron/studio/bandwidth-record';
import { Egress } from '../../electron/studio/egress';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { plainDestination } from '../support/plain-destination';
import { RtmpPeer } from '../support/rtmp-peer';
import { waitFor } from '../support/wait-for';

const key = 'canary-key-77';

class Bench implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'bandwidth-desk-'));
  readonly path = join(this.folder, 'bandwidth.json');
  readonly peer = new RtmpPeer({ acknowledges: true });
  readonly hub = new PacketHub();
  readonly egress = new Egress(this.hub, silentLogger);
  readonly slices: BandwidthSlice[] = [];
  readonly desk: BandwidthDesk;
  url = '';

  constructor(durationMs: number) {
    this.desk = new BandwidthDesk({
      ...{ egress: () => this.egress, record: new BandwidthRecord(this.path), durationMs },
      servers: { address: (url) => Promise.resolve(url) },
      state: { set: (_, value) => void this.slices.push(bandwidthSliceSchema.parse(value)) },
      wantedKbps: () => 1000,
      stopping: new AbortController().signal,
    });
  }

  async start(): Promise<this> {
    this.url = `rtmp://127.0.0.1:${await this.peer.listen()}/app`;
    this.desk.load();
    return this;
  }
  add(name: string, url = this.url, serviceId: string | null = null): string {
    return this.egress.addDestination({ ...{ name, url, key, serviceId }, ...plainDestination });
  }
  get now(): BandwidthSlice {
    return this.slices.at(-1)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.desk.stop();
    this.hub.end();
    await this.egress.stop();
    await this.peer.close();
    // Nothing that a window is told, or a file, holds the key.
    expect(JSON.stringify(this.slices)).not.toContain('canary');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe('the tests of connections', () => {
  it('tell how they go on, and keep what they found for the next start', async () => {
    await using bench = await new Bench(2600).start();
    const [own, youtube] = [
      bench.add('Own'),
      bench.add('YouTube', 'rtmps://a.rtmps.youtube.com:443/live2', 'youtube'),
    ];
    expect(() => bench.desk.start(youtube)).toThrow('shows viewers whatever it gets');
    bench.desk.start(youtube, own);
    expect(() => bench.desk.start(own)).toThrow('The connection to YouTube is being tested');
    expect(bench.now.running).toMatchObject({ destinationId: youtube, host: '127.0.0.1', share: null });
    await waitFor(() => (bench.now.running?.share ?? 0) > 0.5 && bench.now.running?.kbps, 'half of it');
    await waitFor(() => bench.now.running === null, 'its end');
    expect(bench.now).toMatchObject({
      failure: null,
      results: [{ destinationId: youtube, host: '127.0.0.1' }],
    });
    expect(bench.now.results[0]?.medianKbps).toBeGreaterThan(5000);
    await bench.desk.stop();
    expect(readFileSync(bench.path, 'utf8')).not.toContain('canary');
    const next = new BandwidthRecord(bench.path);
    next.load();
    expect(next.results).toEqual(bench.now.results);
  });

  it('end at once when a stream begins, and do not begin beside one', async () => {
    await using bench = await new Bench(20_000).start();
    const own = bench.add('Own');
    bench.desk.start(own);
    await waitFor(() => bench.peer.media(9).length > 5, 'the test sends');
    const startedAt = performance.now();
    bench.egress.goLive();
    await waitFor(() => bench.now.running === null, 'its end');
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(bench.now).toMatchObject({ results: [], failure: null });
    expect(() => bench.desk.start(own)).toThrow('is not possible while you are live');
  });

  it('say why they came to nothing, and are called off without a word', async () => {
    await using bench = await new Bench(20_000).start();
    const nowhere = bench.add('Nowhere', 'rtmp://127.0.0.1:1/app');
    bench.desk.start(nowhere);
    await waitFor(() => bench.now.running === null, 'its end');
    expect(bench.now.failure).toMatchObject({
      ...{ destinationId: nowhere, error: { code: 'destination-unreachable' } },
    });
    bench.desk.start(bench.add('Own'));
    expect(bench.now.failure).toBeNull();
    await waitFor(() => bench.peer.media(9).length > 0, 'the test sends');
    await bench.desk.cancel();
    expect(bench.now).toEqual({ running: null, results: [], failure: null });
    expect(() => bench.desk.start('none')).toThrow('There is no destination');
  });
});
