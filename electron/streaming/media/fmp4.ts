/**
 * A fragmented MP4 (ISO/IEC 14496-12 §8.8, ISO/IEC 14496-15 for H.264): every fragment stands for itself, so a file
 * that ends anywhere plays up to its last whole fragment.
 */
import type { AudioConfig, AudioPacket, Packet, VideoConfig, VideoPacket } from '../interfaces/packet';
import {
  box,
  fullBox,
  initSegment,
  movieDuration,
  sampleFlags,
  trackIds,
  u32,
  u64,
  videoTimescale,
} from './mp4-boxes';

/** One access unit of AAC-LC, samples per channel (ISO/IEC 14496-3 §4.5.2.1.1) */
const aacFrameSamples = 1024;

interface Sample {
  /** decode time in ticks of the track, from the file's beginning */
  readonly dts: number;
  /** presentation − decode, ticks */
  readonly offset: number;
  /** ticks; 0 until the next sample is known */
  duration: number;
  readonly flags: number;
  readonly data: Uint8Array;
}

export interface Mp4End {
  /** the last fragment (if any) and the random access table (§8.8.9), to be appended */
  readonly tail: Uint8Array[];
  /** bytes to be written over the file's header: now the duration is known */
  readonly patch: { readonly offset: number; readonly bytes: Uint8Array };
}

/**
 * H.264 and AAC packets in decode order → one file. Time 0 is the first picture's decode time for both tracks, so that
 * they are aligned without an edit list (which many players overlook in fragmented files) and without negative
 * composition offsets (which FFmpeg's reader turns into a delay of the picture). Sound from before the first picture is
 * left out. Video ticks at 240 kHz, audio at its sample rate; each time is rounded by itself, so nothing drifts.
 */
export class Mp4FragmentWriter {
  readonly #init: ReturnType<typeof initSegment>;
  readonly #audioRate: number | null;
  readonly #fragmentUs: number;
  readonly #frameUs: number;
  #originUs = 0;
  #firstPtsUs = 0;
  #hasBegun = false;
  /** when the open fragment began, µs of decode time */
  #openedUs: number | null = null;
  #video: Sample[] = [];
  #audio: Sample[] = [];
  /** the newest picture waits here until the next one tells how long it lasts */
  #pending: Sample | null = null;
  #nextAudioDts = 0;
  #sequence = 0;
  #position: number;
  #endTicks = 0;
  /** `#endTicks` before the newest fragment */
  #formerEndTicks = 0;
  readonly #randomAccess: { time: number; offset: number }[] = [];

  /** @throws RangeError for codecs that this file does not hold */
  constructor(video: VideoConfig, audio: AudioConfig | null, fragmentMs = 400) {
    if (video.codec !== 'h264') throw new RangeError(`MP4: expected h264 video, found ${video.codec}`);
    if (audio && audio.codec !== 'aac') throw new RangeError(`MP4: expected aac audio, found ${audio.codec}`);
    this.#init = initSegment(video, audio);
    this.#position = this.#init.bytes.length;
    this.#audioRate = audio?.sampleRate ?? null;
    this.#fragmentUs = fragmentMs * 1000;
    this.#frameUs = 1_000_000 / video.fps;
  }

  /** ftyp and moov: the file's first bytes */
  get header(): Uint8Array {
    return this.#init.bytes;
  }

  /** how much video can be played, seconds */
  get durationSec(): number {
    return Math.max(0, this.#endTicks / videoTimescale - (this.#firstPtsUs - this.#originUs) / 1_000_000);
  }

  /**
   * Takes a packet over, payload by reference.
   * @returns the fragment that it closes, to be appended in one write; null while the fragment is open
   */
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

  /** Ends the file. The writer takes no more packets. */
  finish(): Mp4End {
    if (this.#pending) {
      this.#pending.duration = Math.max(1, ticks(this.#frameUs, videoTimescale));
      this.#video.push(this.#pending);
      this.#pending = null;
    }
    const fragment = this.#closeFragment() ?? [];
    return this.#end(fragment);
  }

  /**
   * Ends a file that takes no further fragment: what is still open is given up.
   * @param length bytes that are in it; the newest fragment may have come to nothing
   */
  finishAt(length: number): Mp4End {
    if (length < this.#position) {
      this.#endTicks = this.#formerEndTicks;
      if ((this.#randomAccess.at(-1)?.offset ?? 0) >= length) this.#randomAccess.pop();
    }
    return this.#end([]);
  }

  #end(fragment: readonly Uint8Array[]): Mp4End {
    return {
      tail: [...fragment, this.#randomAccessTable()],
      patch: { offset: this.#init.durationOffset, bytes: movieDuration(this.#endTicks) },
    };
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
    const first = video[0];
    if (first?.flags === sampleFlags.sync)
      this.#randomAccess.push({ time: first.dts + first.offset, offset: this.#position });
    this.#formerEndTicks = this.#endTicks;
    for (const { dts, offset, duration } of video)
      this.#endTicks = Math.max(this.#endTicks, dts + offset + duration);
    this.#position += moof.length + 8 + mediaBytes;
    const mediaHeader = Buffer.concat([u32(8 + mediaBytes), Buffer.from('mdat')]);
    return [moof, mediaHeader, ...video.map((each) => each.data), ...audio.map((each) => each.data)];
  }

  /** mfra: where players find the keyframes without reading the file, §8.8.9 to §8.8.11 */
  #randomAccessTable(): Buffer {
    const entries = this.#randomAccess.map(({ time, offset }) =>
      // traf, trun and sample number, one byte each: a keyframe is always its fragment's first sample
      Buffer.concat([u64(time), u64(offset), Buffer.of(1, 1, 1)]),
    );
    const table = fullBox('tfra', 1, 0, u32(trackIds.video, 0, entries.length), ...entries);
    const size = 8 + table.length + 16;
    return box('mfra', table, fullBox('mfro', 0, 0, u32(size)));
  }
}

const ticks = (us: number, timescale: number): number => Math.round((us * timescale) / 1_000_000);
const bytesOf = (samples: readonly Sample[]): number =>
  samples.reduce((sum, sample) => sum + sample.data.length, 0);

/** tfhd with default-base-is-moof (§8.8.7), tfdt (§8.8.12), trun (§8.8.8) */
function trackFragment(trackId: number, dts: number, run: Buffer): Buffer {
  return box('traf', fullBox('tfhd', 0, 0x020000, u32(trackId)), fullBox('tfdt', 1, 0, u64(dts)), run);
}

function videoFragment(samples: readonly Sample[], dataOffset: number): Buffer {
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

function audioFragment(samples: readonly Sample[], dataOffset: number): Buffer {
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
