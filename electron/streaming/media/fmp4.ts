/**
 * A fragmented MP4 (ISO/IEC 14496-12 §8.8, ISO/IEC 14496-15 for H.264): every fragment stands for itself, so a file
 * that ends anywhere plays up to its last whole fragment.
 */
import type { AudioConfig, AudioPacket, Packet, VideoConfig, VideoPacket } from '../interfaces/packet';
import { box, fullBox, initSegment, sampleFlags, trackIds, u32, u64, videoTimescale } from './mp4-boxes';
import { finishMp4 } from './mp4-finish';
import { durationOf, tablesOf } from './mp4-scan';
import type { RecordingEnd, RecordingWriter } from './recording-file';
import type { SampleRun, SampleTable } from './sample-table';

/** One access unit of AAC-LC, samples per channel (ISO/IEC 14496-3 §4.5.2.1.1) */
const aacFrameSamples = 1024;

interface OpenSample {
  /** decode time in ticks of the track, from the file's beginning */
  readonly dts: number;
  /** presentation − decode, ticks */
  readonly offset: number;
  /** ticks; 0 until the next sample is known */
  duration: number;
  readonly flags: number;
  readonly data: Uint8Array;
}

interface Fragment {
  readonly bytes: number;
  readonly runs: readonly SampleRun[];
}

/**
 * H.264 and AAC packets in decode order → one file. Time 0 is the first picture's decode time for both tracks, so that
 * they are aligned without an edit list (which many players overlook in fragmented files) and without negative
 * composition offsets (which FFmpeg's reader turns into a delay of the picture). Sound from before the first picture is
 * left out. Video ticks at 240 kHz, audio at its sample rate; each time is rounded by itself, so nothing drifts. What was
 * written is remembered in tables, of which `end` makes the index of an ordinary file.
 */
export class Mp4FragmentWriter implements RecordingWriter {
  readonly #init: ReturnType<typeof initSegment>;
  readonly #audioRate: number | null;
  readonly #fragmentUs: number;
  readonly #frameUs: number;
  readonly #tables: Map<number, SampleTable>;
  #originUs = 0;
  #firstPtsUs = 0;
  #hasBegun = false;
  /** when the open fragment began, µs of decode time */
  #openedUs: number | null = null;
  #video: OpenSample[] = [];
  #audio: OpenSample[] = [];
  /** the newest picture waits here until the next one tells how long it lasts */
  #pending: OpenSample | null = null;
  #nextAudioDts = 0;
  #sequence = 0;
  /** end of the last fragment that was written */
  #position: number;
  /** given, and not known to be written */
  #given: Fragment | null = null;

  /**
   * @param mark 8 bytes of which the file is known while it is unfinished
   * @throws RangeError for codecs that this file does not hold
   */
  constructor(video: VideoConfig, audio: AudioConfig | null, mark: Uint8Array, fragmentMs = 400) {
    if (video.codec !== 'h264') throw new RangeError(`MP4: expected h264 video, found ${video.codec}`);
    if (audio && audio.codec !== 'aac') throw new RangeError(`MP4: expected aac audio, found ${audio.codec}`);
    this.#init = initSegment(video, audio, mark);
    this.#tables = tablesOf(this.#init.movie);
    this.#position = this.#init.bytes.length;
    this.#audioRate = audio?.sampleRate ?? null;
    this.#fragmentUs = fragmentMs * 1000;
    this.#frameUs = 1_000_000 / video.fps;
  }

  get header(): Uint8Array {
    return this.#init.bytes;
  }

  get durationSec(): number {
    return durationOf(this.#tables);
  }

  push(packet: Packet): Uint8Array[] | null {
    if (!this.#hasBegun) {
      if (packet.kind !== 'video' || !packet.isKeyframe) return null;
      this.#hasBegun = true;
      this.#originUs = packet.dtsUs;
      this.#firstPtsUs = packet.ptsUs;
    }
    return packet.kind === 'video' ? this.#pushVideo(packet) : this.#pushAudio(packet);
  }

  #pushVideo(packet: VideoPacket): Uint8Array[] | null {
    const time = ticks(packet.dtsUs - this.#originUs, videoTimescale);
    // A sample lasts until the next one's decode time, so these must rise.
    const dts = this.#pending ? Math.max(time, this.#pending.dts + 1) : time;
    if (this.#pending) {
      this.#pending.duration = dts - this.#pending.dts;
      this.#video.push(this.#pending);
      this.#pending = null;
    }
    const isDue =
      packet.isKeyframe || this.#openedFor(packet.dtsUs) > this.#fragmentUs - this.#frameUs - 1000;
    const fragment = isDue ? this.#closeFragment() : null;
    this.#openedUs ??= packet.dtsUs;
    this.#pending = {
      dts,
      offset: ticks(packet.ptsUs - this.#originUs, videoTimescale) - dts,
      duration: 0,
      flags: packet.isKeyframe
        ? sampleFlags.sync
        : packet.isDisposable
          ? sampleFlags.disposable
          : sampleFlags.inter,
      data: packet.data,
    };
    return fragment;
  }

  #pushAudio(packet: AudioPacket): Uint8Array[] | null {
    if (this.#audioRate === null || packet.ptsUs < this.#firstPtsUs) return null;
    const dts = Math.max(ticks(packet.ptsUs - this.#originUs, this.#audioRate), this.#nextAudioDts);
    const last = this.#audio.at(-1);
    if (last) last.duration = dts - last.dts;
    // Pictures may pause (an encoder is being replaced): the sound must still reach the disk.
    const fragment = this.#openedFor(packet.dtsUs) > this.#fragmentUs ? this.#closeFragment() : null;
    this.#openedUs ??= packet.dtsUs;
    this.#audio.push({
      dts,
      offset: 0,
      duration: aacFrameSamples,
      flags: sampleFlags.sync,
      data: packet.data,
    });
    this.#nextAudioDts = dts + 1;
    return fragment;
  }

  #openedFor(nowUs: number): number {
    return this.#openedUs === null ? 0 : nowUs - this.#openedUs;
  }

  close(): Uint8Array[] | null {
    if (this.#pending) {
      this.#pending.duration = Math.max(1, ticks(this.#frameUs, videoTimescale));
      this.#video.push(this.#pending);
      this.#pending = null;
    }
    return this.#closeFragment();
  }

  written(): void {
    const given = this.#given;
    if (!given) return;
    this.#given = null;
    this.#position += given.bytes;
    for (const run of given.runs) this.#tables.get(run.trackId)?.add(run);
  }

  end(): RecordingEnd {
    return finishMp4(this.#init, this.#tables, this.#position);
  }

  #closeFragment(): Uint8Array[] | null {
    const video = this.#video;
    const audio = this.#audio;
    this.#openedUs = null;
    if (video.length === 0 && audio.length === 0) return null;
    this.#video = [];
    this.#audio = [];
    const videoBytes = bytesOf(video);
    const mediaBytes = videoBytes + bytesOf(audio);
    // Offsets count from the moof's first byte (default-base-is-moof), whose size is known once it was laid out.
    const layout = (base: number): Buffer =>
      box(
        'moof',
        fullBox('mfhd', 0, 0, u32(this.#sequence + 1)),
        ...(video.length > 0 ? [videoFragment(video, base)] : []),
        ...(audio.length > 0 ? [audioFragment(audio, base + videoBytes)] : []),
      );
    const moof = layout(layout(0).length + 8);
    this.#sequence++;
    const mediaAt = this.#position + moof.length + 8;
    this.#given = {
      bytes: moof.length + 8 + mediaBytes,
      runs: [
        runOf(trackIds.video, mediaAt, video),
        runOf(trackIds.audio, mediaAt + videoBytes, audio),
      ].filter(({ samples }) => samples.length > 0),
    };
    const mediaHeader = Buffer.concat([u32(8 + mediaBytes), Buffer.from('mdat')]);
    return [moof, mediaHeader, ...video.map((each) => each.data), ...audio.map((each) => each.data)];
  }
}

const ticks = (us: number, timescale: number): number => Math.round((us * timescale) / 1_000_000);
const bytesOf = (samples: readonly OpenSample[]): number =>
  samples.reduce((sum, sample) => sum + sample.data.length, 0);

const runOf = (trackId: number, position: number, samples: readonly OpenSample[]): SampleRun => ({
  trackId,
  dts: samples[0]?.dts ?? 0,
  position,
  samples: samples.map(({ duration, data, offset, flags }) => ({
    ...{ duration, offset, size: data.length },
    isSync: flags === sampleFlags.sync,
  })),
});

/** tfhd with default-base-is-moof (§8.8.7), tfdt (§8.8.12), trun (§8.8.8) */
function trackFragment(trackId: number, dts: number, run: Buffer): Buffer {
  return box('traf', fullBox('tfhd', 0, 0x020000, u32(trackId)), fullBox('tfdt', 1, 0, u64(dts)), run);
}

function videoFragment(samples: readonly OpenSample[], dataOffset: number): Buffer {
  // data offset, then per sample: duration, size, flags, signed composition offset
  const rows = Buffer.alloc(8 + samples.length * 16);
  rows.writeUInt32BE(samples.length, 0);
  rows.writeInt32BE(dataOffset, 4);
  samples.forEach((sample, index) => {
    const at = 8 + index * 16;
    rows.writeUInt32BE(sample.duration, at);
    rows.writeUInt32BE(sample.data.length, at + 4);
    rows.writeUInt32BE(sample.flags, at + 8);
    rows.writeInt32BE(sample.offset, at + 12);
  });
  return trackFragment(trackIds.video, samples[0]!.dts, fullBox('trun', 1, 0x000f01, rows));
}

function audioFragment(samples: readonly OpenSample[], dataOffset: number): Buffer {
  // data offset, then per sample: duration, size
  const rows = Buffer.alloc(8 + samples.length * 8);
  rows.writeUInt32BE(samples.length, 0);
  rows.writeInt32BE(dataOffset, 4);
  samples.forEach((sample, index) => {
    rows.writeUInt32BE(sample.duration, 8 + index * 8);
    rows.writeUInt32BE(sample.data.length, 12 + index * 8);
  });
  return trackFragment(trackIds.audio, samples[0]!.dts, fullBox('trun', 0, 0x000301, rows));
}
