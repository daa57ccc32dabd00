import { extname } from 'node:path';
import type { RecordingFormat } from '../../../shared/contract/recordings';
import type { AudioConfig, VideoCodec, VideoConfig } from '../interfaces/packet';
import { Mp4FragmentWriter } from '../media/fmp4';
import { MatroskaFileWriter } from '../media/matroska-file';
import { scanMatroska } from '../media/matroska-scan';
import { scanMp4 } from '../media/mp4-scan';
import type { ReadAt, RecordingScan, RecordingWriter } from '../media/recording-file';

interface Format {
  /** of its files' names, with the dot */
  readonly extension: string;
  /** of the pictures that it holds here */
  readonly codecs: readonly VideoCodec[];
  /**
   * @param mark 8 bytes of which the file is known while it is unfinished
   * @throws RangeError for codecs that it does not hold
   */
  readonly writer: (video: VideoConfig, audio: AudioConfig | null, mark: Uint8Array) => RecordingWriter;
  readonly scan: (read: ReadAt) => Promise<RecordingScan>;
}

/** The kinds of files a recording can be. */
export const recordingFormats: Readonly<Record<RecordingFormat, Format>> = {
  mp4: {
    extension: '.mp4',
    codecs: ['h264'],
    writer: (video, audio, mark) => new Mp4FragmentWriter(video, audio, mark),
    scan: scanMp4,
  },
  mkv: {
    extension: '.mkv',
    codecs: ['h264', 'vp8', 'vp9'],
    writer: (video, audio, mark) => new MatroskaFileWriter('matroska', video, audio, mark),
    scan: scanMatroska,
  },
  webm: {
    extension: '.webm',
    codecs: ['vp8', 'vp9'],
    writer: (video, audio, mark) => new MatroskaFileWriter('webm', video, audio, mark),
    scan: scanMatroska,
  },
};

/** @returns the formats that hold these pictures */
export const formatsFor = (codec: VideoCodec): RecordingFormat[] =>
  (Object.keys(recordingFormats) as RecordingFormat[]).filter((name) =>
    recordingFormats[name].codecs.includes(codec),
  );

/** What a recording is: as it was set, where that holds these pictures; else MP4 for H.264 and WebM for what MP4 is not for. */
export const formatFor = (codec: VideoCodec, wanted: RecordingFormat): RecordingFormat =>
  recordingFormats[wanted].codecs.includes(codec) ? wanted : codec === 'h264' ? 'mp4' : 'webm';

/** as its name says; MP4 unless it names another */
export function formatOf(path: string): RecordingFormat {
  const extension = extname(path).toLowerCase();
  const known = Object.entries(recordingFormats).find(([, format]) => format.extension === extension);
  return (known?.[0] ?? 'mp4') as RecordingFormat;
}
