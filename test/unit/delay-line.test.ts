import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type {
  AudioConfig,
  PacketReader,
  StreamUnit,
  VideoConfig,
} from '../../electron/streaming/interfaces/packet';
import { DelayLine } from '../../electron/streaming/output/delay-line';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { Feeds, noVariants } from '../../electron/studio/feeds';
import type { WantedFeed } from '../../electron/studio/feeds';

const frameUs = 100_000;
const gop = 20;
const packetBytes = 1000;
const data = new Uint8Array(packetBytes);
const config: VideoConfig = {
  ...{ kind: 'video-config', codec: 'h264', width: 2, height: 2, fps: 10, bitrateKbps: 1 },
  data: new Uint8Array(1),
};
const soundConfig: AudioConfig = {
  ...{ kind: 'audio-config', codec: 'aac', sampleRate: 48_000, channels: 2, bitrateKbps: 1 },
  data: new Uint8Array(1),
};
const picture = (at: number): StreamUnit => ({
  ...{ kind: 'video', codec: 'h264', ptsUs: at * frameUs, dtsUs: at * frameUs, frameIndex: at, data },
  ...{ isKeyframe: at % gop === 0, isDisposable: false },
});

/** Ten pictures a second, in time that moves only here. */
class Stand {
  readonly hub = new PacketHub();
  nowUs = 7_000_000;
  next = 0;
  readonly #timers = new Set<{ atUs: number; callback: () => void }>();

  constructor() {
    this.hub.push(config);
    this.hub.push(soundConfig);
  }

  delay(seconds: number, mostBytes = Infinity): DelayLine {
    return new DelayLine({
      source: this.hub,
      delayMs: seconds * 1000,
      mostBytes,
      now: () => this.nowUs / 1000,
      clock: { nowUs: () => this.nowUs },
      schedule: (ms, callback) => {
        const timer = { atUs: this.nowUs + ms * 1000, callback };
        this.#timers.add(timer);
        return () => this.#timers.delete(timer);
      },
    });
  }

  async run(pictures: number): Promise<void> {
    for (let turn = 0; turn < pictures; turn++) {
      this.hub.push(picture(this.next++));
      // What reads the hub is woken by promises.
      await setImmediate();
      await this.pass(frameUs);
    }
  }

  async pass(us: number): Promise<void> {
    this.nowUs += us;
    for (const timer of this.#timers)
      if (timer.atUs <= this.nowUs) {
        this.#timers.delete(timer);
        timer.callback();
      }
    await setImmediate();
  }
}
const taken = (reader: PacketReader): number[] => {
  const indices: number[] = [];
  for (let unit = reader.poll(); unit; unit = reader.poll())
    if (unit.kind === 'video') indices.push(unit.frameIndex);
  return indices;
};
const from = (first: number, count: number): number[] => Array.from({ length: count }, (_, at) => first + at);
const never = { dropMs: Infinity, flushMs: Infinity } as const;

describe('a delay line', () => {
  it('gives everything that much later, from its source’s next keyframe on, with the times it has', async () => {
    const stand = new Stand();
    await stand.run(25);
    using line = stand.delay(3);
    expect(line.firstDueAt).toBe(stand.nowUs / 1000 + 3000);
    using reader = line.subscribe({ name: 'viewer', from: 'next', ...never });
    // Pictures 25 to 39 belong to a GOP that had begun; 40 came 1.5 s later, and is due after 3 s more.
    await stand.run(44);
    expect(reader.poll()).toBeUndefined();
    await stand.run(11);
    expect([reader.poll(), reader.poll()]).toEqual([config, soundConfig]);
    // Never more at once than came at once: nothing for a queue to drop.
    expect(taken(reader)).toEqual(from(40, 11));
    expect(line.heldBytes).toBe(29 * packetBytes);
    // One who comes later begins with the late program's own keyframe.
    await stand.run(10);
    using second = line.subscribe({ name: 'second', from: 'cached', ...never });
    expect(taken(second)[0]).toBe(60);
  });

  it('hands on what it holds after its source has ended, then ends', async () => {
    const stand = new Stand();
    using line = stand.delay(3);
    using reader = line.subscribe({ name: 'viewer', from: 'next', ...never });
    await stand.run(10);
    stand.hub.end();
    for (let turn = 0; turn < 30; turn++) await stand.pass(frameUs);
    expect(taken(reader)).toEqual(from(0, 10));
    expect(await reader.next(new AbortController().signal)).toBeNull();
  });

  it('holds no more than its room, leaves out what comes then, and shows nothing early', async () => {
    const stand = new Stand();
    using line = stand.delay(10, 55 * packetBytes + 2);
    using reader = line.subscribe({ name: 'viewer', from: 'next', ...never });
    for (let turn = 0; turn < 99; turn++) {
      await stand.run(1);
      expect(line.heldBytes).toBeLessThanOrEqual(55 * packetBytes + 2);
    }
    expect(taken(reader)).toEqual([]);
    await stand.run(101);
    const shown = taken(reader);
    // 55 pictures find room, the others do not; what was left out ends with a keyframe.
    expect(shown.slice(0, 55)).toEqual(from(0, 55));
    expect(shown[55]).toBe(100);
    for (const [at, index] of shown.entries())
      expect(index % gop === 0 || index - 1 === shown[at - 1]).toBe(true);
  });

  it('lets go of everything when it is no longer wanted', async () => {
    const stand = new Stand();
    const line = stand.delay(3);
    using reader = line.subscribe({ name: 'viewer', from: 'next', ...never });
    await stand.run(10);
    line[Symbol.dispose]();
    expect([line.heldBytes, stand.hub.readerCount]).toEqual([0, 0]);
    expect(await reader.next(new AbortController().signal)).toBeNull();
  });
});

describe('the feeds of destinations', () => {
  it('share one line for one delay, keep it while somebody reads, and refuse one that does not fit', () => {
    const hub = new PacketHub();
    const feeds = new Feeds(hub, { kbps: () => 8000, mostBytes: 60_000_000 });
    const after = (delaySec: number): WantedFeed => ({ variantId: null, delaySec });
    const first = feeds.take(after(30));
    const second = feeds.take(after(30));
    const other = feeds.take(after(40));
    expect([first.source === second.source, first.source === other.source]).toEqual([true, false]);
    // It connects a little before its first packet is due.
    expect(first.startAt! - Date.now()).toBeGreaterThan(26_000);
    expect(first.startAt! - Date.now()).toBeLessThanOrEqual(27_000);
    expect(hub.readerCount).toBe(2);
    first.release();
    expect(hub.readerCount).toBe(2);
    second.release();
    other.release();
    expect(hub.readerCount).toBe(0);
    expect(feeds.take(after(0))).toMatchObject({ source: hub, startAt: null });
    expect(() => feeds.take(after(61))).toThrow(
      expect.objectContaining({
        code: 'delay-too-long',
        details: { delaySec: 61, mostSec: 60, bitrateKbps: 8000 },
      }),
    );
  });

  it('give a variant its own line, let it go with the last reader, and count what all hold together', () => {
    const hub = new PacketHub();
    const small = new PacketHub();
    let users = 0;
    const variants = {
      kbps: (id: string) => (id === 'small' ? 4000 : noVariants.kbps(id)),
      take: () => {
        users++;
        return { hub: small, release: () => (users -= 1) };
      },
    };
    let programKbps = 8000;
    const feeds = new Feeds(hub, { kbps: () => programKbps, variants, mostBytes: 60_000_000 });
    const direct = feeds.take({ variantId: 'small', delaySec: 0 });
    const delayed = [1, 2].map(() => feeds.take({ variantId: 'small', delaySec: 60 }));
    expect([direct.source, delayed[0]!.source === delayed[1]!.source, users]).toEqual([small, true, 2]);
    expect([small.readerCount, hub.readerCount]).toEqual([1, 0]);
    // 30 of the 60 MB are the variant's.
    expect(() => feeds.take({ variantId: null, delaySec: 31 })).toThrow(
      expect.objectContaining({ details: { delaySec: 31, mostSec: 30, bitrateKbps: 8000 } }),
    );
    const held = feeds.take({ variantId: null, delaySec: 30 });
    // A bitrate that is raised on air makes them too large together: who holds nothing back is not refused for it.
    programKbps = 30_000;
    feeds.take({ variantId: 'small', delaySec: 0 }).release();
    held.release();
    programKbps = 8000;
    for (const { release } of delayed) release();
    expect([users, small.readerCount]).toEqual([1, 0]);
    direct.release();
    expect(users).toBe(0);
    expect(() => feeds.check({ variantId: 'gone', delaySec: 0 })).toThrow(
      expect.objectContaining({ code: 'variant-not-found' }),
    );
  });
});
