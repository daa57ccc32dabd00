import type { AudioConfig, Packet, StreamUnit, VideoConfig } from '../interfaces/packet';

/** The sound's configuration may come a little after the first picture; a file cannot gain a track later. */
const configWaitUs = 1_500_000;
/** Sound that is shown before a cut comes this much after it at most: longer the interleaver waits for nobody. */
const soundWaitUs = 1_000_000;

/** When the next file begins, at the next keyframe. */
export type SplitLimit =
  | { readonly by: 'none' }
  | { readonly by: 'time'; readonly us: number }
  /** no file becomes larger, as far as that can be told a GOP ahead */
  | { readonly by: 'size'; readonly bytes: number };

export type RecordingStep =
  /** the file there was is complete; another begins */
  | { readonly kind: 'file'; readonly video: VideoConfig; readonly audio: AudioConfig | null }
  /** belongs to the file that began last */
  | { readonly kind: 'packet'; readonly packet: Packet };

interface Tracks {
  readonly video: VideoConfig;
  readonly audio: AudioConfig | null;
}

interface Current extends Tracks {
  readonly startPtsUs: number;
}

/** A new file is to begin with this keyframe; sound from before it is still to come. */
interface Cut extends Tracks {
  readonly ptsUs: number;
  readonly isByLimit: boolean;
  readonly held: Packet[];
}

/**
 * Which unit belongs to which file: pure. A file begins with a keyframe, and with all that is decoded or heard from it
 * on. Sound travels a little behind the pictures it is heard with: what is heard before the keyframe goes into the former
 * file, so that two files together hold every unit once. A decoder cannot go on over other parameter sets: these begin a
 * new file, too.
 */
export class RecordingSplitter {
  readonly #limit: SplitLimit;
  #video: VideoConfig | null = null;
  #audio: AudioConfig | null = null;
  #file: Current | null = null;
  #cut: Cut | null = null;
  /** packets from the first keyframe on, while the sound's configuration is awaited */
  #opening: Packet[] = [];
  /** size of the file at its newest keyframe, and how much that was more than at the one before */
  #keyframeBytes = 0;
  #gopBytes = 0;

  constructor(limit: SplitLimit) {
    this.#limit = limit;
  }

  /** @param fileBytes size of the file that began last */
  take(unit: StreamUnit, fileBytes: number): RecordingStep[] {
    if (unit.kind === 'video-config') return this.#configure(() => (this.#video = unit));
    if (unit.kind === 'audio-config') return this.#configure(() => (this.#audio = unit));
    if (this.#cut) return this.#takeInCut(this.#cut, unit);
    if (this.#file) return this.#takeInFile(this.#file, unit, fileBytes);
    return this.#open(unit);
  }

  /** The program is over: what is still held back. */
  end(): RecordingStep[] {
    const cut = this.#cut;
    if (!cut) return this.#begin();
    if (!cut.isByLimit) return this.#complete(cut);
    // The limit alone is no reason for a file of some pictures.
    this.#cut = null;
    return cut.held.map(toStep);
  }

  /** The file that began last goes on in another one, which begins with this packet. */
  moved(first: Packet): void {
    if (this.#file) this.#file = { ...this.#file, startPtsUs: first.ptsUs };
    this.#keyframeBytes = this.#gopBytes = 0;
  }

  #configure(set: () => void): RecordingStep[] {
    const cut = this.#cut;
    set();
    // What is held is of the former parameters.
    const isOther = cut && (!isSameVideo(cut.video, this.#video) || !isSameAudio(cut.audio, this.#audio));
    return isOther ? this.#complete(cut) : [];
  }

  #open(packet: Packet): RecordingStep[] {
    const isStart = packet.kind === 'video' && packet.isKeyframe && this.#video !== null;
    if (this.#opening.length === 0 && !isStart) return [];
    this.#opening.push(packet);
    const waitedUs = packet.dtsUs - this.#opening[0]!.dtsUs;
    return this.#audio || waitedUs > configWaitUs ? this.#begin() : [];
  }

  #begin(): RecordingStep[] {
    const held = this.#opening;
    if (held.length === 0 || !this.#video) return [];
    this.#opening = [];
    return this.#beginWith({ video: this.#video, audio: this.#audio }, held);
  }

  #takeInFile(file: Current, packet: Packet, fileBytes: number): RecordingStep[] {
    const isOtherVideo = !isSameVideo(file.video, this.#video);
    const isOtherAudio = !isSameAudio(file.audio, this.#audio);
    // It cannot be decoded with what this file says, or is not heard in it.
    if (packet.kind === 'audio')
      return isOtherAudio || packet.ptsUs < file.startPtsUs ? [] : [toStep(packet)];
    if (!packet.isKeyframe) return isOtherVideo ? [] : [toStep(packet)];
    const isByLimit = !isOtherVideo && !isOtherAudio;
    if (isByLimit && !this.#isFull(file, packet, fileBytes)) return [toStep(packet)];
    const tracks = { video: this.#video ?? file.video, audio: this.#audio };
    this.#cut = { ...tracks, ptsUs: packet.ptsUs, isByLimit, held: [packet] };
    return file.audio ? [] : this.#complete(this.#cut);
  }

  #takeInCut(cut: Cut, packet: Packet): RecordingStep[] {
    if (packet.kind === 'audio' && packet.ptsUs < cut.ptsUs)
      return isSameAudio(this.#file?.audio ?? null, cut.audio) ? [toStep(packet)] : [];
    cut.held.push(packet);
    const waitedUs = packet.dtsUs - cut.held[0]!.dtsUs;
    return packet.kind === 'audio' || waitedUs > soundWaitUs ? this.#complete(cut) : [];
  }

  #complete(cut: Cut): RecordingStep[] {
    this.#cut = null;
    return this.#beginWith(cut, cut.held);
  }

  #beginWith({ video, audio }: Tracks, packets: readonly Packet[]): RecordingStep[] {
    this.#file = { video, audio, startPtsUs: packets[0]?.ptsUs ?? 0 };
    this.#keyframeBytes = this.#gopBytes = 0;
    return [{ kind: 'file', video, audio }, ...packets.map(toStep)];
  }

  #isFull(file: Current, keyframe: Packet, fileBytes: number): boolean {
    this.#gopBytes = fileBytes - this.#keyframeBytes;
    this.#keyframeBytes = fileBytes;
    const limit = this.#limit;
    if (limit.by === 'time') return keyframe.ptsUs - file.startPtsUs >= limit.us;
    return limit.by === 'size' && fileBytes + this.#gopBytes > limit.bytes;
  }
}

const toStep = (packet: Packet): RecordingStep => ({ kind: 'packet', packet });

const isSameBytes = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
const isSameVideo = (one: VideoConfig, other: VideoConfig | null): boolean =>
  other !== null &&
  one.codec === other.codec &&
  one.width === other.width &&
  one.height === other.height &&
  isSameBytes(one.data, other.data);
const isSameAudio = (one: AudioConfig | null, other: AudioConfig | null): boolean =>
  one === other ||
  (one !== null &&
    other !== null &&
    one.codec === other.codec &&
    one.sampleRate === other.sampleRate &&
    one.channels === other.channels &&
    isSameBytes(one.data, other.data));
