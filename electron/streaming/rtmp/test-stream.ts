import type { AudioConfig, AudioPacket, StreamConfig, VideoPacket } from '../interfaces/packet';
import { greyVideo } from '../media/grey-h264';

/** pictures from one keyframe to the next: 2 s */
const keyframeEvery = 60;
const samplesPerPacket = 1024;
const sampleRate = 48_000;
/** AAC-LC (ISO/IEC 14496-3 4.4.2): a pair of channels without a spectrum, and the end of the access unit */
const silence = Uint8Array.of(0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80);

const audioConfig: AudioConfig = {
  ...{ kind: 'audio-config', codec: 'aac', sampleRate, channels: 2, bitrateKbps: 3 },
  // AudioSpecificConfig (1.6.2.1): AAC-LC, 48 kHz, two channels
  data: Uint8Array.of(0x11, 0x90),
};

/**
 * What a test of a connection sends: a real stream, which any server takes for one, in which there is nothing to see or
 * hear. Nothing of the program is in it.
 */
export class TestStream {
  readonly configs: readonly StreamConfig[];
  #pictures = 0;
  #sounds = 0;

  /** @param kbps what the metadata says it has */
  constructor(kbps: number) {
    const { width, height, fps, config } = greyVideo;
    this.configs = [
      { kind: 'video-config', codec: 'h264', width, height, fps, bitrateKbps: kbps, data: config },
      audioConfig,
    ];
  }

  /** @param timeMs rises. @param bytes of it, about */
  picture(timeMs: number, bytes: number): VideoPacket {
    const [gop, sinceKeyframe] = [Math.floor(this.#pictures / keyframeEvery), this.#pictures % keyframeEvery];
    const timeUs = Math.round(timeMs * 1000);
    return {
      ...{ kind: 'video', codec: 'h264', ptsUs: timeUs, dtsUs: timeUs, isDisposable: false },
      ...{ isKeyframe: sinceKeyframe === 0, frameIndex: this.#pictures++ },
      data: greyVideo.picture(sinceKeyframe, gop, bytes),
    };
  }

  /** The silence from the last one up to this time. */
  sound(untilMs: number): AudioPacket[] {
    const packets: AudioPacket[] = [];
    for (;;) {
      const timeUs = Math.round((this.#sounds * samplesPerPacket * 1e6) / sampleRate);
      if (timeUs > untilMs * 1000) return packets;
      this.#sounds += 1;
      packets.push({ kind: 'audio', codec: 'aac', ptsUs: timeUs, dtsUs: timeUs, data: silence });
    }
  }
}
