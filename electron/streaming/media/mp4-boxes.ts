/** Boxes of the ISO base media file format (ISO/IEC 14496-12, clauses cited as §) and the header of a fragmented file. */
import type { AudioConfig, VideoConfig } from '../interfaces/packet';

/** Size and type before the content, §4.2 */
export function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + parts.reduce((sum, part) => sum + part.length, 0));
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...parts]);
}

export interface Box {
  readonly type: string;
  /** all of it, header included */
  readonly bytes: Buffer;
  readonly body: Buffer;
}

/** The boxes one after another in here. @throws RangeError when one runs past the end */
export function readBoxes(bytes: Buffer): Box[] {
  const found: Box[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > bytes.length)
      throw new RangeError(`MP4: a box of ${size} bytes at byte ${at} of ${bytes.length}`);
    const whole = bytes.subarray(at, at + size);
    found.push({ type: whole.toString('latin1', 4, 8), bytes: whole, body: whole.subarray(8) });
    at += size;
  }
  return found;
}

/** A box with version and flags, §4.2 */
export const fullBox = (
  type: string,
  version: number,
  flags: number,
  ...parts: readonly Uint8Array[]
): Buffer => box(type, u32(((version << 24) | flags) >>> 0), ...parts);

export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
}
export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  return bytes;
}
export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** ticks a second of the movie and of the video track: a frame is whole ticks at 24, 25, 30, 48, 50, 60, 120, and at each of these × 1000/1001 where NTSC has it */
export const videoTimescale = 240_000;
export const trackIds = { video: 1, audio: 2 } as const;

/** sample_flags, §8.8.3.1 */
export const sampleFlags = {
  /** depends on no other sample */
  sync: 0x0200_0000,
  /** depends on others, is no sync sample, others depend on it */
  inter: 0x0141_0000,
  /** … and no other depends on it */
  disposable: 0x0181_0000,
} as const;

/** identity, as 16.16 and 2.30 fixed point, §8.2.2 */
const unityMatrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

export interface InitSegment {
  /** ftyp, a free box of 16 bytes, moov */
  readonly bytes: Buffer;
  readonly movie: Box;
  /** where the free box lies, which becomes the header of the one mdat when the file is finished */
  readonly markOffset: number;
}

/**
 * File type and movie header that tell a player all but the samples, §8.8
 * @param mark 8 bytes of which the file is known
 */
export function initSegment(video: VideoConfig, audio: AudioConfig | null, mark: Uint8Array): InitSegment {
  if (mark.length !== 8) throw new RangeError(`MP4: expected a mark of 8 bytes, found ${mark.length}`);
  // iso6: fragments relative to their moof and signed composition offsets; mp42: MPEG-4 audio (ISO/IEC 14496-14).
  const brands = ['iso6', 'iso5', 'mp42', 'avc1'];
  const fileType = box('ftyp', Buffer.from('iso6'), u32(0), Buffer.from(brands.join('')));
  const movie = box(
    'moov',
    fullBox(
      'mvhd',
      0,
      0,
      u32(0, 0, videoTimescale, 0, 0x10000),
      u16(0x100, 0),
      u32(0, 0),
      unityMatrix,
      u32(0, 0, 0, 0, 0, 0, trackIds.audio + 1),
    ),
    videoTrack(video),
    ...(audio ? [audioTrack(audio)] : []),
    box(
      'mvex',
      trackDefaults(trackIds.video, sampleFlags.inter),
      ...(audio ? [trackDefaults(trackIds.audio, sampleFlags.sync)] : []),
    ),
  );
  return {
    bytes: Buffer.concat([fileType, box('free', mark), movie]),
    movie: { type: 'moov', bytes: movie, body: movie.subarray(8) },
    markOffset: fileType.length,
  };
}

/** trex, §8.8.3 */
const trackDefaults = (trackId: number, flags: number): Buffer =>
  fullBox('trex', 0, 0, u32(trackId, 1, 0, 0, flags));

function videoTrack(config: VideoConfig): Buffer {
  const entry = box(
    'avc1', // VisualSampleEntry, §12.1.3, with avcC of ISO/IEC 14496-15 §5.4.2.1
    Buffer.alloc(6),
    u16(1, 0, 0),
    u32(0, 0, 0),
    u16(config.width, config.height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(24, 0xffff),
    box('avcC', config.data),
    // §12.1.5: BT.709 primaries, transfer and matrix, limited range; what the compositor draws.
    box('colr', Buffer.from('nclx'), u16(1, 1, 1), Buffer.of(0)),
    box('pasp', u32(1, 1)),
  );
  const header = fullBox('vmhd', 0, 1, u16(0, 0, 0, 0));
  return track(trackIds.video, { ...config, timescale: videoTimescale }, 'vide', header, entry);
}

function audioTrack(config: AudioConfig): Buffer {
  const entry = box(
    'mp4a', // AudioSampleEntry, §12.2.3, with esds of ISO/IEC 14496-14 §6.7.2
    Buffer.alloc(6),
    u16(1),
    u32(0, 0),
    u16(config.channels, 16, 0, 0, config.sampleRate, 0),
    fullBox('esds', 0, 0, elementaryStream(config)),
  );
  const header = fullBox('smhd', 0, 0, u16(0, 0));
  return track(trackIds.audio, { width: 0, height: 0, timescale: config.sampleRate }, 'soun', header, entry);
}

/** ES_Descriptor, ISO/IEC 14496-1 §7.2.6.5 */
function elementaryStream(config: AudioConfig): Buffer {
  const bitrate = config.bitrateKbps * 1000;
  const decoder = Buffer.concat([
    // objectTypeIndication 0x40 = MPEG-4 audio; streamType 5 = audio; bufferSizeDB 0
    Buffer.of(0x40, (5 << 2) | 1, 0, 0, 0),
    u32(bitrate, bitrate),
    descriptor(5, config.data),
  ]);
  return descriptor(3, u16(0), Buffer.of(0), descriptor(4, decoder), descriptor(6, Buffer.of(2)));
}

/** Tag and expandable size, ISO/IEC 14496-1 §8.3.3 */
function descriptor(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > 0x3fff) throw new RangeError(`MP4: a descriptor of ${length} bytes`);
  return Buffer.concat([Buffer.of(tag, 0x80 | (length >>> 7), length & 0x7f), ...parts]);
}

/** trak with empty sample tables: the samples are in the fragments, §8.8 */
function track(
  id: number,
  media: { width: number; height: number; timescale: number },
  handler: 'vide' | 'soun',
  mediaHeader: Buffer,
  sampleEntry: Buffer,
): Buffer {
  const isAudio = handler === 'soun';
  return box(
    'trak',
    fullBox(
      'tkhd',
      0,
      3, // enabled, in movie
      u32(0, 0, id, 0, 0, 0, 0),
      u16(0, 0, isAudio ? 0x100 : 0, 0),
      unityMatrix,
      u32(media.width * 0x10000, media.height * 0x10000),
    ),
    box(
      'mdia',
      fullBox('mdhd', 0, 0, u32(0, 0, media.timescale, 0), u16(0x55c4, 0)), // language "und"
      fullBox(
        'hdlr',
        0,
        0,
        u32(0),
        Buffer.from(handler),
        u32(0, 0, 0),
        Buffer.from(isAudio ? 'sound\0' : 'video\0'),
      ),
      box(
        'minf',
        mediaHeader,
        box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
        box(
          'stbl',
          fullBox('stsd', 0, 0, u32(1), sampleEntry),
          fullBox('stts', 0, 0, u32(0)),
          fullBox('stsc', 0, 0, u32(0)),
          fullBox('stsz', 0, 0, u32(0, 0)),
          fullBox('stco', 0, 0, u32(0)),
        ),
      ),
    ),
  );
}
