import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  AudioConfig,
  AudioPacket,
  PacketReader,
  StreamUnit,
  VideoConfig,
  VideoPacket,
} from '../../electron/streaming/interfaces/packet';
import { PacketHub } from '../../electron/streaming/output/packet-hub';

const fps = 50;
const frameUs = 1e6 / fps;
const gop = 100;
const data = new Uint8Array(1);

const videoConfig: VideoConfig = {
  ...{ kind: 'video-config', codec: 'h264', width: 2, height: 2, fps, bitrateKbps: 1, data },
};
const audioConfig: AudioConfig = {
  ...{ kind: 'audio-config', codec: 'aac', sampleRate: 48_000, channels: 2, bitrateKbps: 1, data },
};
/** decode order: I, then P b P b …, a keyframe each two seconds */
const video = (at: number): VideoPacket => ({
  ...{ kind: 'video', codec: 'h264', ptsUs: at * frameUs, dtsUs: at * frameUs, frameIndex: at, data },
  isKeyframe: at % gop === 0,
  isDisposable: at % gop !== 0 && at % 2 === 0,
});
const audio = (at: number): AudioPacket => ({
  ...{ kind: 'audio', codec: 'aac', ptsUs: at * frameUs + 1, dtsUs: at * frameUs + 1, data },
});

function pushed(hub: PacketHub, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    hub.push(video(at));
    hub.push(audio(at));
  }
}

function drain(reader: PacketReader): StreamUnit[] {
  const units: StreamUnit[] = [];
  for (let unit = reader.poll(); unit; unit = reader.poll()) units.push(unit);
  return units;
}
/** up to and with the next picture */
function takeTo(reader: PacketReader): StreamUnit[] {
  const units: StreamUnit[] = [];
  for (let unit = reader.poll(); unit; unit = reader.poll()) {
    units.push(unit);
    if (unit.kind === 'video') break;
  }
  return units;
}
const kinds = (units: readonly StreamUnit[]): string[] => units.map((unit) => unit.kind);
const frames = (units: readonly StreamUnit[]): number[] =>
  units.flatMap((unit) => (unit.kind === 'video' ? [unit.frameIndex] : []));

function startedHub(): PacketHub {
  const hub = new PacketHub();
  hub.push(videoConfig);
  hub.push(audioConfig);
  return hub;
}

describe('PacketHub', () => {
  it('tells how long each picture lay in a queue, but not of those that were there before the reader', async () => {
    const hub = startedHub();
    const waits: [string, number][] = [];
    hub.onTaken = (reader, waitedMs) => waits.push([reader, waitedMs]);
    pushed(hub, 0, 3);
    const reader = hub.subscribe({ name: 'far', from: 'cached' });
    expect(frames(drain(reader))).toEqual([0, 1, 2]);
    expect(waits).toEqual([]);
    pushed(hub, 3, 4);
    const pushedAt = performance.now();
    while (performance.now() - pushedAt < 20) await new Promise((resolve) => setImmediate(resolve));
    drain(reader);
    expect(waits).toEqual([['far', expect.any(Number)]]);
    expect(waits[0]![1]).toBeGreaterThanOrEqual(20);
    const waiting = reader.next(AbortSignal.timeout(5000));
    hub.push(video(4));
    await waiting;
    expect(waits).toHaveLength(2);
  });

  it('cuts off a reader that has fallen behind its limit, and only that one', () => {
    const hub = startedHub();
    const never = { dropMs: Infinity, flushMs: Infinity } as const;
    const behind = hub.subscribe({ name: 'behind', from: 'next', ...never, limitMs: 30_000 });
    const patient = hub.subscribe({ name: 'patient', from: 'next', ...never });
    pushed(hub, 0, 30 * fps + 1);
    expect([behind.cutOff.aborted, behind.queuedMs]).toEqual([false, 30_000]);
    pushed(hub, 30 * fps + 1, 32 * fps);
    expect([behind.cutOff.aborted, behind.queuedMs, behind.poll()]).toEqual([true, 0, undefined]);
    expect([patient.cutOff.aborted, frames(drain(patient)).length]).toEqual([false, 32 * fps]);
    expect(hub.readerCount).toBe(1);
  });

  it('gives a cached reader the configs and the current GOP at once, others the next keyframe', () => {
    const hub = startedHub();
    pushed(hub, 0, 130);
    const cached = hub.subscribe({ name: 'player', from: 'cached' });
    const next = hub.subscribe({ name: 'destination', from: 'next' });
    const first = drain(cached);
    expect(kinds(first).slice(0, 3)).toEqual(['video-config', 'audio-config', 'video']);
    expect(frames(first)).toEqual(Array.from({ length: 30 }, (_, at) => 100 + at));
    expect(drain(next)).toEqual([]);
    pushed(hub, 130, 150);
    expect(frames(drain(cached))[0]).toBe(130);
    pushed(hub, 150, 203);
    const units = drain(next);
    expect(kinds(units).slice(0, 3)).toEqual(['video-config', 'audio-config', 'video']);
    expect(frames(units)).toEqual([200, 201, 202]);
    // By reference: nobody copies a packet.
    expect(units[2]).toBe(drain(hub.subscribe({ name: 'other', from: 'cached' }))[2]);
  });

  it('does not count the cached GOP as slowness', () => {
    const hub = startedHub();
    pushed(hub, 0, 90);
    const reader = hub.subscribe({ name: 'player', from: 'cached' });
    pushed(hub, 90, 95);
    expect(reader.droppedFrames).toBe(0);
    expect(frames(drain(reader))).toHaveLength(95);
  });

  it('lets a reader catch up that began with the cached GOP, as slowly as its line has room, and drops nothing', () => {
    const hub = startedHub();
    pushed(hub, 0, 90);
    using reader = hub.subscribe({ name: 'thin line', from: 'cached' });
    const seen: number[] = [];
    // It carries 1.5 times the program: for the 1.8 s it began late it needs 3.6 s.
    for (let at = 90; at < 290; at++) {
      pushed(hub, at, at + 1);
      for (let taken = 0; taken < (at % 2) + 1; taken++) seen.push(...frames(takeTo(reader)));
    }
    expect(reader.droppedFrames).toBe(0);
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => index));
    expect(reader.queuedMs).toBe(0);
    // From now on it is slow like any other.
    pushed(hub, 290, 330);
    expect(reader.droppedFrames).toBeGreaterThan(0);
  });

  it('does not take one for slow but willing that never begins', () => {
    const hub = startedHub();
    pushed(hub, 0, 90);
    using reader = hub.subscribe({ name: 'stalled', from: 'cached' });
    pushed(hub, 90, 190);
    expect(reader.droppedFrames).toBeGreaterThan(90);
    expect(reader.queuedMs).toBeLessThanOrEqual(1000);
  });

  it('leaves out disposable pictures beyond 500 ms and everything up to a keyframe beyond 1000 ms', () => {
    const hub = startedHub();
    const reader = hub.subscribe({ name: 'slow', from: 'next' });
    pushed(hub, 0, 26);
    expect(reader.queuedMs).toBe(500);
    expect(reader.droppedFrames).toBe(0);
    pushed(hub, 26, 27);
    expect(reader.droppedFrames).toBe(13);
    // 51 is more than 1000 ms after 0, and there is no keyframe yet.
    pushed(hub, 27, 51);
    expect(reader.droppedFrames).toBe(25);
    pushed(hub, 51, 52);
    expect(reader.queuedMs).toBe(0);
    expect(reader.droppedFrames).toBe(52);
    pushed(hub, 52, 102);
    // It never got anything, so it simply begins with the next keyframe.
    const units = drain(reader);
    expect(frames(units)).toEqual([100, 101]);
    expect(units.filter((unit) => unit.kind === 'audio')).toHaveLength(2);
  });

  it('goes on at the newest keyframe in the queue, and drops no sound on the way', () => {
    const hub = startedHub();
    const reader = hub.subscribe({ name: 'slow', from: 'next' });
    for (const at of [0, 20, 40]) {
      pushed(hub, at, at + 20);
      expect(frames(drain(reader))).toHaveLength(20);
    }
    pushed(hub, 60, 113);
    const units = drain(reader);
    // The disposable ones had gone before; the last came in when the queue was short again.
    expect(frames(units)).toEqual([100, 101, 103, 105, 107, 109, 111, 112]);
    expect(units.filter((unit) => unit.kind === 'audio')).toHaveLength(53);
    expect(reader.droppedFrames).toBe(53 - 8);
  });

  it('counts what the output still holds', () => {
    const hub = startedHub();
    const reader = hub.subscribe({ name: 'slow', from: 'next' });
    reader.inFlightMs = 501;
    pushed(hub, 0, 4);
    expect(frames(drain(reader))).toEqual([0, 1, 3]);
    reader.inFlightMs = 1001;
    pushed(hub, 4, 6);
    expect(frames(drain(reader))).toEqual([]);
    expect(reader.droppedFrames).toBe(3);
  });

  it('never drops for a reader that asks for it', () => {
    const hub = startedHub();
    const reader = hub.subscribe({ name: 'file', from: 'next', dropMs: Infinity, flushMs: Infinity });
    pushed(hub, 0, 1000);
    expect(frames(drain(reader))).toHaveLength(1000);
  });

  it('keeps no more than 10 s of sound for a reader that has stopped, but all of it for a recording', () => {
    const hub = startedHub();
    const stopped = hub.subscribe({ name: 'stopped', from: 'next' });
    const file = hub.subscribe({ name: 'file', from: 'next', dropMs: Infinity, flushMs: Infinity });
    pushed(hub, 0, 1);
    expect(drain(stopped)).toHaveLength(4);
    // A config in the front hides nothing.
    hub.push({ ...videoConfig, data: new Uint8Array([9]) });
    pushed(hub, 1, 3000);
    const units = drain(stopped);
    expect(kinds(units)[0]).toBe('video-config');
    const sounds = units.filter((unit) => unit.kind === 'audio');
    expect(sounds.map(({ dtsUs }) => dtsUs)).toEqual(
      Array.from({ length: 501 }, (_, step) => audio(2499 + step).dtsUs),
    );
    expect(drain(file).filter((unit) => unit.kind === 'audio')).toHaveLength(3000);
  });

  it('tells another bitrate alone to who begins from now on, and interrupts nobody', () => {
    const hub = startedHub();
    const reader = hub.subscribe({ name: 'r', from: 'next' });
    pushed(hub, 0, 1);
    drain(reader);
    hub.push({ ...videoConfig, bitrateKbps: 750 });
    const late = hub.subscribe({ name: 'late', from: 'cached' });
    expect(drain(late)[0]).toMatchObject({ kind: 'video-config', bitrateKbps: 750 });
    pushed(hub, 1, 2);
    expect(kinds(drain(reader))).not.toContain('video-config');
  });

  it('wakes a waiting reader, ends it, and lets it be cancelled', async () => {
    const hub = startedHub();
    const { signal } = new AbortController();
    const reader = hub.subscribe({ name: 'r', from: 'next' });
    const waiting = reader.next(signal);
    pushed(hub, 0, 1);
    expect(await waiting).toBe(videoConfig);
    hub.end();
    expect(kinds(drain(reader))).toEqual(['audio-config', 'video', 'audio']);
    expect(await reader.next(signal)).toBeNull();

    const cancelled = new AbortController();
    const other = startedHub().subscribe({ name: 'o', from: 'next' });
    const never = other.next(cancelled.signal);
    cancelled.abort(new Error('enough'));
    await expect(never).rejects.toThrow('enough');
    await expect(other.next(cancelled.signal)).rejects.toThrow('enough');
  });

  it('forgets a disposed reader', async () => {
    const hub = startedHub();
    const reader = hub.subscribe({ name: 'r', from: 'next' });
    const waiting = reader.next(new AbortController().signal);
    expect(hub.readerCount).toBe(1);
    reader[Symbol.dispose]();
    expect(hub.readerCount).toBe(0);
    expect(await waiting).toBeNull();
    pushed(hub, 0, 5);
    expect(drain(reader)).toEqual([]);
  });

  it('keeps its promises to every reader, whatever the others do', () => {
    const step = fc.record({
      packets: fc.integer({ min: 1, max: 40 }),
      /** how many units each reader takes afterwards */
      slowTakes: fc.integer({ min: 0, max: 60 }),
      inFlightMs: fc.constantFrom(0, 0, 300, 700, 1200),
      newConfig: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.constantFrom<'cached' | 'next'>('cached', 'next'),
        fc.integer({ min: 0, max: 250 }),
        (steps, from, joinAt) => {
          const hub = startedHub();
          const alone = startedHub();
          pushed(hub, 0, joinAt);
          pushed(alone, 0, joinAt);
          const slow = hub.subscribe({ name: 'slow', from });
          const fast = hub.subscribe({ name: 'fast', from: 'next' });
          const undisturbed = alone.subscribe({ name: 'fast', from: 'next' });
          const slowUnits: StreamUnit[] = [];
          const sentAudio: AudioPacket[] = [];
          let longestWaitUs = 0;
          let at = joinAt;
          let hasKeyframe = false;
          for (const { packets, slowTakes, inFlightMs, newConfig } of steps) {
            slow.inFlightMs = inFlightMs;
            for (let end = at + packets; at < end; at++) {
              hasKeyframe ||= at % gop === 0;
              const sound = audio(at);
              if (hasKeyframe) sentAudio.push(sound);
              for (const one of [hub, alone]) {
                one.push(video(at));
                one.push(sound);
              }
              expect(drain(fast)).toEqual(drain(undisturbed));
            }
            if (newConfig) for (const one of [hub, alone]) one.push({ ...videoConfig });
            const taken = slowUnits.findLast((unit) => unit.kind === 'audio') ?? sentAudio[0];
            longestWaitUs = Math.max(longestWaitUs, (sentAudio.at(-1)?.dtsUs ?? 0) - (taken?.dtsUs ?? 0));
            for (let take = 0; take < slowTakes; take++) {
              const unit = slow.poll();
              if (unit) slowUnits.push(unit);
            }
          }
          slowUnits.push(...drain(slow));

          const firstPacket = slowUnits.find((unit) => unit.kind === 'video' || unit.kind === 'audio');
          if (firstPacket) expect(firstPacket).toMatchObject({ kind: 'video', isKeyframe: true });
          // Decode order is kept, and every picture has what it refers to: all before it in its GOP that is not disposable.
          let last = -1;
          for (const index of frames(slowUnits)) {
            expect(index).toBeGreaterThan(last);
            if (index % gop !== 0)
              for (let needed = last + 1; needed < index; needed++)
                expect(video(needed).isDisposable).toBe(true);
            last = index;
          }
          // All sound from where it began on, to the last, unless the reader let it wait for about 10 s.
          const sounds = slowUnits.filter((unit) => unit.kind === 'audio');
          for (let i = 1; i < sounds.length; i++) {
            const stepUs = sounds[i]!.dtsUs - sounds[i - 1]!.dtsUs;
            if (longestWaitUs <= 7_000_000) expect(stepUs).toBe(frameUs);
            else expect(stepUs).toBeGreaterThanOrEqual(frameUs);
          }
          if (firstPacket && sentAudio.length > 0) expect(sounds.at(-1)).toEqual(sentAudio.at(-1));
          // Every picture was either delivered or counted.
          if (from === 'next' && hasKeyframe)
            expect(frames(slowUnits).length + slow.droppedFrames).toBe(sentAudio.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});
