import { describe, expect, it } from 'vitest';
import type {
  AudioConfig,
  AudioPacket,
  Packet,
  StreamUnit,
  VideoConfig,
  VideoPacket,
} from '../../electron/streaming/interfaces/packet';
import { RecordingSplitter } from '../../electron/streaming/output/recording-splitter';
import type { SplitLimit } from '../../electron/streaming/output/recording-splitter';

const fps = 30;
const gopFrames = 60;
/** B-frames: pictures are decoded two frames before they are shown */
const leadUs = Math.round(2e6 / fps);

const video = (data = 1): VideoConfig => ({
  ...{ kind: 'video-config', codec: 'h264', width: 640, height: 360, fps, bitrateKbps: 1000 },
  data: Uint8Array.of(data),
});
const audio: AudioConfig = {
  ...{ kind: 'audio-config', codec: 'aac', sampleRate: 48_000, channels: 2, bitrateKbps: 128 },
  data: Uint8Array.of(9),
};

/** Pictures and sound from 10 s on, in decode order as the interleaver hands them on. */
function program(seconds: number): Packet[] {
  const pictures = Array.from({ length: seconds * fps }, (_, frameIndex): VideoPacket => {
    const dtsUs = 10_000_000 + Math.round((frameIndex * 1e6) / fps);
    return {
      ...{ kind: 'video', codec: 'h264', dtsUs, ptsUs: dtsUs + leadUs, frameIndex, isDisposable: false },
      isKeyframe: frameIndex % gopFrames === 0,
      data: Uint8Array.of(1),
    };
  });
  const sound = Array.from({ length: Math.floor(seconds * 46.875) }, (_, unit): AudioPacket => {
    const ptsUs = 10_000_000 + leadUs + Math.round((unit * 1024 * 1e6) / 48_000);
    return { kind: 'audio', codec: 'aac', ptsUs, dtsUs: ptsUs, data: Uint8Array.of(2) };
  });
  return [...pictures, ...sound].sort((one, other) => one.dtsUs - other.dtsUs);
}

interface File {
  readonly video: VideoConfig;
  readonly audio: AudioConfig | null;
  readonly packets: Packet[];
}

/** @param bytesPerPacket what the file grows by with each */
function split(limit: SplitLimit, units: readonly StreamUnit[], bytesPerPacket = 0): File[] {
  const splitter = new RecordingSplitter(limit);
  const files: File[] = [];
  const bytes = (): number => (files.at(-1)?.packets.length ?? 0) * bytesPerPacket;
  const carryOut = (steps: ReturnType<RecordingSplitter['take']>): void => {
    for (const step of steps)
      if (step.kind === 'file') files.push({ ...step, packets: [] });
      else files.at(-1)!.packets.push(step.packet);
  };
  for (const unit of units) carryOut(splitter.take(unit, bytes()));
  carryOut(splitter.end());
  return files;
}

const none: SplitLimit = { by: 'none' };
const pictures = ({ packets }: File): Packet[] => packets.filter(({ kind }) => kind === 'video');
const sound = ({ packets }: File): Packet[] => packets.filter(({ kind }) => kind === 'audio');

/** Every unit is in one file, in order; each file begins with a keyframe and with what is heard from it on. */
function expectWhole(files: readonly File[], sent: readonly Packet[]): void {
  for (const kind of ['video', 'audio'] as const) {
    const all = files.flatMap(({ packets }) => packets.filter((packet) => packet.kind === kind));
    expect(all).toEqual(sent.filter((packet) => packet.kind === kind));
  }
  files.forEach((file, index) => {
    const [first] = file.packets;
    expect(first).toMatchObject({ kind: 'video', isKeyframe: true });
    const next = files[index + 1]?.packets[0];
    for (const { ptsUs } of sound(file)) {
      expect(ptsUs).toBeGreaterThanOrEqual(first!.ptsUs);
      if (next) expect(ptsUs).toBeLessThan(next.ptsUs);
    }
  });
}

describe('what belongs to which file of a recording', () => {
  it('is one file without a limit', () => {
    const packets = program(10);
    const files = split(none, [video(), audio, ...packets]);
    expect(files).toHaveLength(1);
    expectWhole(files, packets);
  });

  it('is cut by time at a keyframe, and no picture and no unit of sound is lost or twice', () => {
    const packets = program(15);
    const files = split({ by: 'time', us: 3_000_000 }, [video(), audio, ...packets]);
    expect(files.map((file) => pictures(file).length)).toEqual([120, 120, 120, 90]);
    expectWhole(files, packets);
  });

  it('is cut by size before a file becomes larger, as far as a GOP tells of the next', () => {
    const packets = program(12);
    // A GOP has 60 pictures and about 94 units of sound.
    const files = split({ by: 'size', bytes: 350 * 1000 }, [video(), audio, ...packets], 1000);
    expect(files.map((file) => pictures(file).length)).toEqual([120, 120, 120]);
    for (const file of files) expect(file.packets.length).toBeLessThanOrEqual(350);
    expectWhole(files, packets);
    // What does not fit into any file is kept all the same.
    const tiny = split({ by: 'size', bytes: 1 }, [video(), audio, ...packets], 1000);
    expect(tiny).toHaveLength(6);
    expectWhole(tiny, packets);
  });

  it('is cut by other parameter sets at their keyframe, though they come ahead of the sound', () => {
    const packets = program(8);
    const at = packets.findIndex((packet) => packet.kind === 'video' && packet.frameIndex === 120);
    // The interleaver lets a configuration pass sound that is still to come.
    const units = [video(), audio, ...packets.slice(0, at - 5), video(2), ...packets.slice(at - 5)];
    const early = packets.slice(at - 5, at).filter(({ kind }) => kind === 'video');
    const files = split(none, units);
    expect(files.map(({ video: { data } }) => data[0])).toEqual([1, 2]);
    // Pictures that came after it and before its keyframe cannot be decoded.
    expectWhole(
      files,
      packets.filter((packet) => !early.includes(packet)),
    );
    const again = split(none, [video(), audio, ...packets.slice(0, at), video(1), ...packets.slice(at)]);
    expect(again).toHaveLength(1);
  });

  it('goes on in the same file when it ends while a cut by a limit waits for its sound', () => {
    const packets = program(5);
    const cut = packets.findIndex((packet) => packet.kind === 'video' && packet.frameIndex === 120);
    const files = split({ by: 'time', us: 3_000_000 }, [video(), audio, ...packets.slice(0, cut + 2)]);
    expect(files).toHaveLength(1);
    expect(files[0]!.packets).toHaveLength(cut + 2);
  });

  it('waits for no sound that does not come', () => {
    const packets = program(10).filter(({ kind }) => kind === 'video');
    const silent = split({ by: 'time', us: 2_000_000 }, [video(), audio, ...packets]);
    expect(silent.map((file) => pictures(file).length)).toEqual([60, 60, 60, 60, 60]);
    const mute = split({ by: 'time', us: 4_000_000 }, [video(), ...packets]);
    expect(mute.map((file) => [file.audio, pictures(file).length])).toEqual([
      [null, 120],
      [null, 120],
      [null, 60],
    ]);
  });

  it('gains sound that came late with the next file', () => {
    const packets = program(6);
    const late = packets.findIndex((packet) => packet.kind === 'video' && packet.frameIndex === 50);
    const before = packets.slice(0, late).filter(({ kind }) => kind === 'video');
    const files = split(none, [video(), ...before, audio, ...packets.slice(late)]);
    expect(files.map((file) => [file.audio?.codec, pictures(file).length])).toEqual([
      [undefined, 60],
      ['aac', 120],
    ]);
    expect(sound(files[1]!)[0]!.ptsUs).toBeGreaterThanOrEqual(files[1]!.packets[0]!.ptsUs);
  });
});
