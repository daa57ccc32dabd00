/** One viewer's or server's FLV: times from 0, and what a decoder must know sent before what needs it. */
import type { AudioConfig, StreamUnit, VideoConfig } from '../interfaces/packet';
import { flvMetadata, flvScript, flvType, toFlv } from './flv';

export interface TimedFlvMessage {
  readonly typeId: number;
  /** milliseconds since the stream's first packet, ≥ 0 */
  readonly timestampMs: number;
  readonly parts: readonly Uint8Array[];
}

/** Stream units → messages in sending order: metadata and sequence headers whenever they changed, then the packet. */
export class FlvStream {
  readonly #encoder: string;
  readonly #origin: 'first-packet' | 'program';
  #video: VideoConfig | null = null;
  #audio: AudioConfig | null = null;
  #isVideoNew = false;
  #isAudioNew = false;
  #baseMs: number | null = null;

  /**
   * @param encoder how the metadata names the program
   * @param origin `first-packet`: times begin with 0; `program`: they count from the program's start, so that the same
   * packet has the same time on every connection
   */
  constructor(encoder: string, origin: 'first-packet' | 'program' = 'first-packet') {
    this.#encoder = encoder;
    this.#origin = origin;
  }

  get hasVideo(): boolean {
    return this.#video !== null;
  }
  get hasAudio(): boolean {
    return this.#audio !== null;
  }

  /** @throws RangeError for a codec that FLV cannot carry */
  push(unit: StreamUnit): TimedFlvMessage[] {
    const message = toFlv(unit);
    if (unit.kind === 'video-config') {
      this.#video = unit;
      this.#isVideoNew = true;
      return [];
    }
    if (unit.kind === 'audio-config') {
      this.#audio = unit;
      this.#isAudioNew = true;
      return [];
    }
    const timeMs = message.timeMs ?? 0;
    if (this.#baseMs === null) {
      // Time begins with the first picture; sound from before it would need a time below zero.
      if (this.#video && !(unit.kind === 'video' && unit.isKeyframe)) return [];
      this.#baseMs = this.#origin === 'program' ? 0 : timeMs;
    }
    if (timeMs < this.#baseMs) return [];
    const timestampMs = timeMs - this.#baseMs;
    return [...this.#news(timestampMs), { ...message, timestampMs }];
  }

  #news(timestampMs: number): TimedFlvMessage[] {
    if (!this.#isVideoNew && !this.#isAudioNew) return [];
    const metadata = flvScript(flvMetadata(this.#video, this.#audio, this.#encoder));
    const news: TimedFlvMessage[] = [{ typeId: flvType.script, timestampMs, parts: [metadata] }];
    if (this.#video && this.#isVideoNew) news.push({ ...toFlv(this.#video), timestampMs });
    if (this.#audio && this.#isAudioNew) news.push({ ...toFlv(this.#audio), timestampMs });
    this.#isVideoNew = false;
    this.#isAudioNew = false;
    return news;
  }
}
