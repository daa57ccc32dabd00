/** One viewer's WebM: a segment and clusters of unknown size (RFC 8794 section 6.2), written on as the program comes. */
import type { AudioConfig, Packet, StreamUnit, VideoConfig } from '../interfaces/packet';
import { ascii, ebmlHeader, element, idBytes, ids, unknownSize, unsigned } from './ebml';
import { ticksPerSec } from './matroska-end';
import { blockHeader, codecDelayUs, matroskaTracks } from './matroska-tracks';

/** The sound's configuration may come a little after the first picture; a track cannot be added later. */
const configWaitUs = 1_500_000;
/** times in a cluster have 16 bits with a sign; keyframes begin a new one long before, while they come */
const maxClusterMs = 10_000;

/**
 * Stream units → bytes in sending order. Time 0 is the first picture, which is a keyframe; sound from before it is left
 * out. Whatever comes is sent at once.
 */
export class WebmStream {
  #video: VideoConfig | null = null;
  #audio: AudioConfig | null = null;
  /** packets that wait for the sound's configuration; null: the header was sent */
  #opening: Packet[] | null = [];
  #originUs = 0;
  /** ms; null before the first */
  #clusterMs: number | null = null;

  /** @throws RangeError for a codec that WebM does not hold, and for other parameters than it began with */
  push(unit: StreamUnit): Uint8Array[] {
    if (unit.kind === 'video-config') this.#configure(this.#video, unit, () => (this.#video = unit));
    else if (unit.kind === 'audio-config') this.#configure(this.#audio, unit, () => (this.#audio = unit));
    else return this.#opening ? this.#open(this.#opening, unit) : this.#block(unit);
    return [];
  }

  #configure(
    before: VideoConfig | AudioConfig | null,
    next: VideoConfig | AudioConfig,
    set: () => void,
  ): void {
    if (this.#opening) return set();
    const isSame =
      before?.data.length === next.data.length && before.data.every((byte, at) => byte === next.data[at]);
    if (!isSame) throw new RangeError(`WebM: the ${next.kind} changed in the middle`);
  }

  #open(opening: Packet[], packet: Packet): Uint8Array[] {
    const video = this.#video;
    if (!video) return [];
    if (opening.length === 0 && !(packet.kind === 'video' && packet.isKeyframe)) return [];
    opening.push(packet);
    const first = opening[0]!;
    if (!this.#audio && packet.dtsUs - first.dtsUs <= configWaitUs) return [];
    this.#originUs = first.ptsUs;
    this.#opening = null;
    return [header(video, this.#audio), ...opening.flatMap((each) => this.#block(each))];
  }

  #block(packet: Packet): Uint8Array[] {
    const isSound = packet.kind === 'audio';
    if (isSound && (!this.#audio || packet.ptsUs < this.#originUs)) return [];
    const fromStartUs = packet.ptsUs - this.#originUs + (isSound ? codecDelayUs(this.#audio!) : 0);
    const ms = Math.round((fromStartUs * ticksPerSec) / 1_000_000);
    const isStart = packet.kind === 'video' && packet.isKeyframe;
    const parts: Uint8Array[] = [];
    if (this.#clusterMs === null || isStart || ms - this.#clusterMs > maxClusterMs) {
      this.#clusterMs = ms;
      parts.push(Uint8Array.from([...idBytes(ids.cluster), ...unknownSize, ...unsigned(ids.timestamp, ms)]));
    }
    return [...parts, blockHeader(packet, ms - this.#clusterMs), packet.data];
  }
}

function header(video: VideoConfig, audio: AudioConfig | null): Uint8Array {
  const info = element(
    ids.info,
    unsigned(ids.timestampScale, 1e9 / ticksPerSec),
    ascii(ids.muxingApp, 'Stream Manager Studio'),
    ascii(ids.writingApp, 'Stream Manager Studio'),
  );
  const tracks = matroskaTracks('webm', video, audio);
  return Uint8Array.from([
    ...ebmlHeader('webm'),
    ...idBytes(ids.segment),
    ...unknownSize,
    ...info,
    ...tracks,
  ]);
}
