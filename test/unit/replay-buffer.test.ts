import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type {
  AudioConfig,
  StreamUnit,
  VideoConfig,
  VideoPacket,
} from '../../electron/streaming/interfaces/packet';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { HeldReader, ReplayBuffer } from '../../electron/streaming/output/replay-buffer';

const frameUs = 100_000;
/** pictures, two seconds */
const gop = 20;
const packetBytes = 1000;
const config = (mark: number): VideoConfig => ({
  ...{ kind: 'video-config', codec: 'h264', width: 2, height: 2, fps: 10, bitrateKbps: 1 },
  data: Uint8Array.of(mark),
});
const sound: AudioConfig = {
  ...{ kind: 'audio-config', codec: 'aac', sampleRate: 48_000, channels: 2, bitrateKbps: 1 },
  data: Uint8Array.of(1),
};
const picture = (at: number, isKeyframe = at % gop === 0): VideoPacket => ({
  ...{ kind: 'video', codec: 'h264', ptsUs: at * frameUs, dtsUs: at * frameUs, frameIndex: at },
  ...{ isKeyframe, isDisposable: false, data: new Uint8Array(packetBytes) },
});
const indices = (units: readonly StreamUnit[]): number[] =>
  units.flatMap((unit) => (unit.kind === 'video' ? [unit.frameIndex] : []));
const from = (first: number, count: number): number[] => Array.from({ length: count }, (_, at) => first + at);

/** Ten pictures a second. */
class Stand {
  readonly hub = new PacketHub();
  readonly first = config(1);
  readonly pushed: StreamUnit[] = [];
  next = 0;

  constructor() {
    this.hub.push(this.first);
    this.hub.push(sound);
  }

  keeping(seconds: number, maxBytes = Infinity): ReplayBuffer {
    return new ReplayBuffer({ source: this.hub, sound: 'aac', seconds, maxBytes });
  }

  async push(unit: StreamUnit): Promise<void> {
    this.pushed.push(unit);
    this.hub.push(unit);
    await setImmediate();
  }
  async run(pictures: number): Promise<void> {
    for (let turn = 0; turn < pictures; turn++) await this.push(picture(this.next++));
  }
}

describe('the replay buffer', () => {
  it('holds whole GOPs by reference: at least what is wanted once there was so much, never more than a GOP beyond', async () => {
    const stand = new Stand();
    const buffer = stand.keeping(5);
    expect(buffer.units()).toEqual([]);
    for (let at = 0; at < 200; at++) {
      await stand.run(1);
      const [video, audio, keyframe, ...rest] = buffer.units();
      expect([video, audio]).toEqual([stand.first, sound]);
      expect(keyframe).toMatchObject({ kind: 'video', isKeyframe: true });
      expect(buffer.heldSec).toBeGreaterThanOrEqual(Math.min(at / 10, 5));
      expect(buffer.heldSec).toBeLessThan(5 + 2);
      // The very packets of the program, up to the newest.
      const held = [keyframe!, ...rest];
      expect(held.every((unit, place) => unit === stand.pushed.at(place - held.length))).toBe(true);
      expect(buffer.heldBytes).toBe(held.length * packetBytes);
    }
    buffer.stop();
  });

  it('begins with the GOP at hand, goes on with another length, and keeps the sound that lies between', async () => {
    const stand = new Stand();
    await stand.run(25);
    const buffer = stand.keeping(3);
    await stand.push({ kind: 'audio', codec: 'aac', ptsUs: 0, dtsUs: 0, data: new Uint8Array(10) });
    await stand.run(75);
    // 9.9 s were shown: 6.0 s is the last keyframe that is three seconds back.
    expect(indices(buffer.units())).toEqual(from(60, 40));
    buffer.keep(7);
    await stand.run(50);
    expect(indices(buffer.units())).toEqual(from(60, 90));
    buffer.keep(1);
    expect(indices(buffer.units())).toEqual(from(120, 30));
    expect(buffer.heldBytes).toBe(30 * packetBytes);
    buffer.stop();
  });

  it('holds no more bytes than it may, also of an encoder that makes no keyframes', async () => {
    const stand = new Stand();
    const most = 50 * packetBytes;
    const buffer = stand.keeping(60, most);
    for (let turn = 0; turn < 95; turn++) {
      await stand.run(1);
      expect(buffer.heldBytes).toBeLessThanOrEqual(most);
    }
    expect(indices(buffer.units())).toEqual(from(60, 35));
    for (let turn = 0; turn < 100; turn++) await stand.push(picture(stand.next++, false));
    expect([buffer.units(), buffer.heldBytes, buffer.heldSec]).toEqual([[], 0, 0]);
    await stand.push(picture(stand.next++, true));
    expect(indices(buffer.units())).toEqual([195]);
    buffer.stop();
  });

  it('tells of other parameter sets where they begin, and begins with those that its first keyframe needs', async () => {
    const stand = new Stand();
    const buffer = stand.keeping(5);
    await stand.run(40);
    const other = config(2);
    await stand.push(other);
    await stand.run(20);
    const kinds = (units: readonly StreamUnit[]) =>
      units.flatMap((unit) => (unit.kind === 'video' ? [] : [unit]));
    expect(kinds(buffer.units())).toEqual([stand.first, sound, other]);
    expect(buffer.units()[2 + 40]).toBe(other);
    await stand.run(60);
    expect(indices(buffer.units())[0]).toBe(60);
    expect(kinds(buffer.units())).toEqual([other, sound]);
    buffer.stop();
  });

  it('keeps what it holds when the program ends, and lets go of it when it is stopped', async () => {
    const stand = new Stand();
    const buffer = stand.keeping(5);
    await stand.run(30);
    stand.hub.end();
    await setImmediate();
    expect(indices(buffer.units())).toEqual(from(0, 30));
    buffer.stop();
    expect([buffer.units(), buffer.heldBytes]).toEqual([[], 0]);

    const second = new Stand();
    const stopped = second.keeping(5);
    await second.run(5);
    second.hub.push(picture(20));
    // One was on its way.
    stopped.stop();
    await setImmediate();
    expect([stopped.units(), stopped.heldBytes, second.hub.readerCount]).toEqual([[], 0, 0]);
  });
});

describe('a reader over what is held', () => {
  it('gives everything once, then the end, and cuts off who asks for nothing more', async () => {
    const { signal } = new AbortController();
    const units = [config(1), picture(0), picture(1)];
    using reader = new HeldReader(units, 5);
    const given = [await reader.next(signal), await reader.next(signal), await reader.next(signal)];
    expect(given).toEqual(units);
    expect([await reader.next(signal), reader.poll()]).toEqual([null, undefined]);
    if (!reader.cutOff.aborted)
      await new Promise((resolve) => reader.cutOff.addEventListener('abort', resolve, { once: true }));
    const other = new HeldReader(units, 5);
    other[Symbol.dispose]();
    await delay(15);
    expect(other.cutOff.aborted).toBe(false);
    expect(await other.next(signal)).toBeNull();
  });
});
