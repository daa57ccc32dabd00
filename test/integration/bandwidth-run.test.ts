import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { flvFileHeader, flvTag, flvType } from '../../electron/streaming/media/flv';
import { FlvStream } from '../../electron/streaming/media/flv-stream';
import { greyVideo } from '../../electron/streaming/media/grey-h264';
import { nalType, nalUnits, typeOf } from '../../electron/streaming/media/nal-units';
import { runBandwidth } from '../../electron/streaming/rtmp/bandwidth-run';
import type { BandwidthProgress } from '../../electron/streaming/rtmp/bandwidth-run';
import { TestStream } from '../../electron/streaming/rtmp/test-stream';
import { FaultyLine } from '../support/faulty-line';
import { decodeFile, probeFile } from '../support/probe';
import { requires } from '../support/requires';
import { RtmpPeer } from '../support/rtmp-peer';
import type { PeerBehaviour } from '../support/rtmp-peer';
import { waitFor } from '../support/wait-for';

const folder = mkdtempSync(join(tmpdir(), 'bandwidth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const never = new AbortController().signal;

describe.skipIf(!requires('ffmpeg', 'ffprobe'))('the stream of a test', () => {
  it('is decoded by FFmpeg without a complaint, and has the size that was asked for', () => {
    const test = new TestStream(8000);
    const flv = new FlvStream('test');
    for (const config of test.configs) flv.push(config);
    const parts: Uint8Array[] = [flvFileHeader({ video: true, audio: true })];
    for (let index = 0; index < 150; index++) {
      const timeMs = (index * 1000) / 30;
      for (const packet of [test.picture(timeMs, 20_000), ...test.sound(timeMs)]) {
        if (packet.kind === 'video') {
          expect(packet.isKeyframe).toBe(index % 60 === 0);
          expect(packet.data.length).toBe(20_000);
          expect([...nalUnits(packet.data)].map(typeOf).at(-1)).toBe(nalType.filler);
        }
        for (const { typeId, timestampMs, parts: bytes } of flv.push(packet))
          parts.push(...flvTag(typeId, timestampMs, bytes));
      }
    }
    const path = join(folder, 'test.flv');
    writeFileSync(path, Buffer.concat(parts));
    expect(decodeFile(path)).toEqual({ videoFrames: 150, complaints: '' });
    const { streams, packets } = probeFile(path);
    expect(streams.map(({ codec, width }) => [codec, width])).toEqual([
      ['h264', greyVideo.width],
      ['aac', undefined],
    ]);
    expect(packets.filter(({ stream, isKey }) => stream === 0 && isKey)).toHaveLength(3);
    // Too small for padding it is still a picture.
    expect([...nalUnits(greyVideo.picture(1, 0, 0))].map(typeOf)).toEqual([nalType.slice]);
  });
});

describe('a test of a connection', () => {
  const peers: RtmpPeer[] = [];
  afterEach(() => Promise.all(peers.splice(0).map((peer) => peer.close())));
  const peerThat = async (behaviour: PeerBehaviour = {}): Promise<{ peer: RtmpPeer; url: string }> => {
    const peer = new RtmpPeer({ acknowledges: true, ...behaviour });
    peers.push(peer);
    return { peer, url: `rtmp://127.0.0.1:${await peer.listen()}/app` };
  };

  it('sends no more than it is told, and says that the path carries at least as much', async () => {
    const { peer, url } = await peerThat();
    const progress: BandwidthProgress[] = [];
    const result = await runBandwidth(
      {
        url,
        key: 'a-key?bandwidthtest=true',
        mostKbps: 4000,
        durationMs: 3000,
        onProgress: (now) => progress.push(now),
      },
      never,
    );
    expect(result.isLimited).toBe(false);
    expect(Math.abs(result.medianKbps - 4000)).toBeLessThan(400);
    expect(result.lowKbps).toBeLessThanOrEqual(result.medianKbps);
    expect(result.connectMs).toBeGreaterThan(0);
    expect(result.roundTripMs).toBeLessThan(100);
    expect(progress.map(({ share }) => share)).toEqual(
      progress.map(({ share }) => share).sort((a, b) => a - b),
    );
    expect(progress.at(-1)?.share).toBeGreaterThan(0.95);
    expect(progress.at(-1)?.kbps).toBeGreaterThan(3000);
    expect(peer.commands.find(([name]) => name === 'publish')?.[3]).toBe('a-key?bandwidthtest=true');
    await waitFor(() => peer.commandNames().includes('deleteStream'), 'the goodbye');
    expect(peer.media(flvType.video).length).toBeGreaterThan(80);
    expect(peer.media(flvType.audio).length).toBeGreaterThan(100);
  });

  it('ends at once when it is told to, also where nothing is taken any more', async () => {
    const { url } = await peerThat({ stopsReading: true });
    const ended = new AbortController();
    const running = runBandwidth(
      {
        url,
        key: 'a-key',
        mostKbps: 20_000,
        onProgress: ({ share }) => share > 0.05 && ended.abort(new Error('live')),
      },
      ended.signal,
    );
    let abortedAt = 0;
    ended.signal.addEventListener('abort', () => (abortedAt = performance.now()));
    await expect(running).rejects.toThrow('live');
    expect(performance.now() - abortedAt).toBeLessThan(1000);
  });

  it('ends in time on a path that comes to a drip', async () => {
    const peer = new RtmpPeer({ acknowledges: true });
    const port = await peer.listen();
    await using line = new FaultyLine(port, { afterBytes: 400_000, then: 2000 });
    const url = `rtmp://127.0.0.1:${await line.listen()}/app`;
    const startedAt = performance.now();
    await runBandwidth({ url, key: 'k', mostKbps: 20_000, durationMs: 1500 }, never).catch(() => undefined);
    expect(performance.now() - startedAt).toBeLessThan(3500);
    await peer.close();
  });

  it('fails with the reason where nobody listens, the key is refused, or it breaks off', async () => {
    await expect(
      runBandwidth({ url: 'rtmp://127.0.0.1:1/app', key: 'k', mostKbps: 1000 }, never),
    ).rejects.toMatchObject({ code: 'destination-unreachable' });
    const refusing = await peerThat({
      publishStatus: { level: 'error', code: 'NetStream.Publish.BadName', description: '' },
    });
    await expect(runBandwidth({ url: refusing.url, key: 'k', mostKbps: 1000 }, never)).rejects.toMatchObject({
      code: 'destination-key-refused',
    });
    const breaking = await peerThat({ attack: { at: 'picture', with: (socket) => socket.destroy() } });
    await expect(runBandwidth({ url: breaking.url, key: 'k', mostKbps: 1000 }, never)).rejects.toMatchObject({
      code: 'destination-lost',
    });
  });
});
