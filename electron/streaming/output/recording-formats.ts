import { extname } from 'node:path';
import type { RecordingFormat } from '../../../shared/contract/recordings';
import type { AudioConfig, VideoConfig } from '../interfaces/packet';
import { Mp4FragmentWriter } from '../media/fmp4';
import { MatroskaFileWriter } from '../media/matroska-file';
import { scanMatroska } from '../media/matroska-scan';
import { scanMp4 } from '../media/mp4-scan';
import type { ReadAt, RecordingScan, RecordingWriter } from '../media/recording-file';

interface Format {
  /** of its files' names, with the dot */
  readonly extension: string;
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
    writer: (video, audio, mark) => new Mp4FragmentWriter(video, audio, mark),
    scan: scanMp4,
  },
  mkv: {
    extension: '.mkv',
    writer: (video, audio, mark) => new MatroskaFileWriter('matroska', video, audio, mark),
    scan: scanMatroska,
  },
  webm: {
    extension: '.webm',
    writer: (video, audio, mark) => new MatroskaFileWriter('webm', video, audio, mark),
    scan: scanMatroska,
  },
};

/** as its name says; MP4 unless it names another */
export function formatOf(path: string): RecordingFormat {
  const extension = extname(path).toLowerCase();
  const known = Object.entries(recordingFormats).find(([, format]) => format.extension === extension);
  return (known?.[0] ?? 'mp4') as RecordingFormat;
}
