import type { VideoCodec } from '../streaming/interfaces/packet';

/** What FLV carries, VP9 in its enhanced form, and with it RTMP and HTTP-FLV. */
export const flvCodecs: ReadonlySet<VideoCodec> = new Set(['h264', 'vp9']);
