import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  AudioPacket,
  StreamUnit,
  VideoConfig,
  VideoPacket,
} from '../../electron/streaming/interfaces/packet';
import { Interleaver } from '../../electron/streaming/output/interleaver';

const data = new Uint8Array(0);
const video = (ms: number): VideoPacket => ({
  ...{ kind: 'video', codec: 'h264', ptsUs: ms * 1000, dtsUs: ms * 1000, data },
  ...{ isKeyframe: false, isDisposable: false, frameIndex: ms },
});
const audio = (ms: number): AudioPacket => ({
  ...{ kind: 'audio', codec: 'aac', ptsUs: ms * 1000, dtsUs: ms * 1000, data },
});
const config: VideoConfig = {
  ...{ kind: 'video-config', codec: 'h264', width: 2, height: 2, fps: 50, bitrateKbps: 1, data },
};

class Bench {
  nowUs = 0;
  readonly out: string[] = [];
  readonly interleaver: Interleaver;

  constructor(keepsTime = true) {
    const clock = { nowUs: () => this.nowUs };
    this.interleaver = new Interleaver(clock, (unit) => this.out.push(label(unit)), ['aac'], keepsTime);
  }

  push(...units: StreamUnit[]): this {
    for (const unit of units) this.interleaver.push(unit);
    return this;
  }
}
const label = (unit: StreamUnit): string =>
  unit.kind === 'video' || unit.kind === 'audio' ? `${unit.kind[0]}${unit.dtsUs / 1000}` : unit.kind;

describe('Interleaver', () => {
  it('puts both in order of decode time, configs first', () => {
    const bench = new Bench().push(audio(0), audio(21), audio(43), config, video(0), video(20), video(40));
    expect(bench.out).toEqual(['video-config', 'v0', 'a0', 'v20', 'a21', 'v40']);
    bench.interleaver.flush();
    expect(bench.out.at(-1)).toBe('a43');
  });

  it('waits a second of media time for the other, once', () => {
    const bench = new Bench().push(audio(0), video(0));
    bench.push(...Array.from({ length: 51 }, (_, at) => video(20 * (at + 1))));
    expect(bench.out).toEqual(['v0', 'a0']);
    // More than a second of video lies beyond the last sound: the sound has gone, and nobody waits for it any more.
    bench.push(video(1040));
    expect(bench.out.at(-1)).toBe('v1040');
    bench.push(video(1060));
    expect(bench.out.at(-1)).toBe('v1060');
    // It is back, late: passed on at once, and waited for again.
    bench.push(audio(21), video(1080));
    expect(bench.out.at(-1)).toBe('a21');
    bench.push(audio(1090));
    expect(bench.out.at(-1)).toBe('v1080');
  });

  it('waits for what is late in media time alone where the program is encoded as fast as it goes', () => {
    const bench = new Bench(false).push(...Array.from({ length: 200 }, (_, at) => video(20 * at)));
    expect(bench.out).toEqual([]);
    bench.push(audio(0), audio(1000));
    expect(bench.out.filter((label) => label.startsWith('a'))).toEqual(['a0', 'a1000']);
    expect(bench.out.indexOf('a1000')).toBe(bench.out.indexOf('v1000') + 1);
  });

  it('waits a second of wall time at most', () => {
    const bench = new Bench().push(video(0));
    bench.nowUs = 900_000;
    bench.push(video(20));
    expect(bench.out).toEqual([]);
    bench.nowUs = 1_000_001;
    bench.push(video(40));
    expect(bench.out).toEqual(['v0', 'v20', 'v40']);
  });

  it('loses nothing and keeps the order, however the two arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 80 }), (turns) => {
        const bench = new Bench();
        let [v, a] = [0, 0];
        for (const isVideo of turns) bench.push(isVideo ? video(20 * v++) : audio(21 * a++));
        bench.interleaver.flush();
        expect(bench.out).toHaveLength(turns.length);
        const times = (kind: string): number[] =>
          bench.out.filter((name) => name.startsWith(kind)).map((name) => Number(name.slice(1)));
        for (const kind of ['v', 'a']) expect(times(kind)).toEqual(times(kind).toSorted((x, y) => x - y));
        // Nobody stayed out for a second here, so the whole is in order, too.
        if (Math.max(v, a) < 45) {
          const all = bench.out.map((name) => Number(name.slice(1)));
          expect(all).toEqual(all.toSorted((x, y) => x - y));
        }
      }),
    );
  });
});
