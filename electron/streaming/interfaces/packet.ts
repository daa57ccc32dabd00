/**
 * Encoded units as they travel from the encoders through the hub to the outputs. Immutable: one packet is shared by
 * every output by reference.
 */
export interface VideoPacket {
  readonly kind: 'video';
  readonly codec: VideoCodec;
  /** presentation and decode time on the program's timeline, integer microseconds ≥ 0 */
  readonly ptsUs: number;
  readonly dtsUs: number;
  readonly isKeyframe: boolean;
  /** no other picture refers to it (H.264 nal_ref_idc 0, VP9 refresh_frame_flags 0): may be dropped alone */
  readonly isDisposable: boolean;
  /** the program frame (tick) this picture shows */
  readonly frameIndex: number;
  /**
   * H.264: NAL units, each with a 4-byte big-endian length (ISO/IEC 14496-15). VP8: a frame (RFC 6386). VP9: a frame or a
   * superframe (VP9 Bitstream Specification, annex B)
   */
  readonly data: Uint8Array;
}

export interface AudioPacket {
  readonly kind: 'audio';
  readonly codec: AudioCodec;
  /** when what a decoder makes of it was to be heard: the encoder's delay is taken off */
  readonly ptsUs: number;
  readonly dtsUs: number;
  /** AAC: one raw access unit of 1024 samples per channel, without ADTS header. Opus: one packet of 20 ms (RFC 6716) */
  readonly data: Uint8Array;
}

/** What a decoder must know before the first packet; sent again when it changes. */
export interface VideoConfig {
  readonly kind: 'video-config';
  readonly codec: VideoCodec;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly bitrateKbps: number;
  /**
   * H.264: AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1). VP9: VPCodecConfigurationRecord, 8 bytes as in a
   * `vpcC` box behind version and flags (VP Codec ISO Media File Format Binding). VP8: empty
   */
  readonly data: Uint8Array;
}

export interface AudioConfig {
  readonly kind: 'audio-config';
  readonly codec: AudioCodec;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitrateKbps: number;
  /** AAC: AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1). Opus: OpusHead (RFC 7845 section 5.1) */
  readonly data: Uint8Array;
}

export type VideoCodec = 'h264' | 'vp8' | 'vp9';
export type AudioCodec = 'aac' | 'opus';
export type Packet = VideoPacket | AudioPacket;
export type StreamConfig = VideoConfig | AudioConfig;
export type StreamUnit = Packet | StreamConfig;

/**
 * One output's view of the hub: configs first, then packets in decode order, starting with a keyframe. Its queue is
 * bounded by duration; when it overflows, disposable video goes first, then everything up to the next keyframe. Configs
 * are never dropped, and of audio only what is more than 10 s older than the newest. With `flushMs: Infinity` nothing is,
 * until `limitMs` cuts the reader off.
 */
export interface PacketReader extends Disposable {
  /** Waits for the next unit; `null` when the program ended. Rejects with the signal's reason when aborted. */
  next(signal: AbortSignal): Promise<StreamUnit | null>;
  /** the next unit if there is one already, without waiting; undefined: none yet */
  poll(): StreamUnit | undefined;
  /** what its pictures are; null: none has been encoded yet */
  readonly videoCodec: VideoCodec | null;
  /** duration of video in this queue, milliseconds */
  readonly queuedMs: number;
  /** what the output itself still holds beyond the queue (unsent, unacknowledged), milliseconds; counted as congestion */
  inFlightMs: number;
  /** video frames left out of this output because it was slow */
  readonly droppedFrames: number;
  /** aborted when more than `limitMs` waited here: that is given up, and nothing more comes */
  readonly cutOff: AbortSignal;
}

/** How an output subscribes to the hub. */
export interface PacketSource {
  /** what its pictures are; null: none has been encoded yet */
  readonly videoCodec: VideoCodec | null;
  subscribe(options: {
    name: string;
    /** `cached`: begin with the cached GOP at once (players); `next`: wait for the next keyframe (destinations, recordings) */
    from: 'cached' | 'next';
    /** which of the program's sounds it gets; AAC unless given, which is what RTMP and FLV carry */
    sound?: AudioCodec;
    /** drop thresholds on queued + in flight; Infinity: never drop (recording) */
    dropMs?: number;
    flushMs?: number;
    /** of video queued, milliseconds; a reader that has fallen further behind is cut off. Infinity unless given */
    limitMs?: number;
  }): PacketReader;
}
