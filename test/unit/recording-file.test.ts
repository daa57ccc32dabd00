import { describe, expect, it, vi } from 'vitest';
import { formatsOfCodec } from '../../shared/contract/codec';
import { recordingFormatSchema } from '../../shared/contract/recordings';
import type { VideoConfig, VideoPacket } from '../../electron/streaming/interfaces/packet';
import type { RecordingScan } from '../../electron/streaming/media/recording-file';
import { RecordingFile } from '../../electron/streaming/output/recording-file';
import type { RecordingDisk, RecordingHandle } from '../../electron/streaming/output/recording-file';
import { recordingFormats } from '../../electron/streaming/output/recording-formats';

const mark = Buffer.from('8 bytes!');
const video: VideoConfig = {
  ...{ kind: 'video-config', codec: 'h264', width: 640, height: 360, fps: 30, bitrateKbps: 1000 },
  data: Uint8Array.of(1, 66, 0, 30),
};
const pictures = Array.from({ length: 90 }, (_, frameIndex): VideoPacket => {
  const ptsUs = Math.round((frameIndex * 1e6) / 30);
  return {
    ...{ kind: 'video', codec: 'h264', ptsUs, dtsUs: ptsUs, frameIndex, isDisposable: false },
    isKeyframe: frameIndex % 30 === 0,
    data: Uint8Array.of(0, 0, 0, 2, 0x41, frameIndex),
  };
});

/** A disk in memory that can fail at each of the steps which finish a file. */
class FailingDisk implements RecordingDisk {
  bytes = Buffer.alloc(0);
  /** how many of the bytes over the beginning are taken before it fails; null: all */
  patchRoom: number | null = null;
  /** a write takes at most so many */
  mostPerWrite = Infinity;
  isSyncFailing: 'never' | 'once the beginning was written over' | 'always' = 'never';
  #isPatched = false;

  mkdir(): Promise<unknown> {
    return Promise.resolve();
  }
  isThere(): Promise<boolean> {
    return Promise.resolve(false);
  }
  create(): Promise<RecordingHandle> {
    return Promise.resolve({
      writev: (buffers: readonly Uint8Array[], position: number) =>
        Promise.resolve({ bytesWritten: this.#put(Buffer.concat(buffers), position), buffers }),
      write: (bytes: Uint8Array, at: number, length: number, position: number) => {
        const most = Math.min(length, this.mostPerWrite, this.patchRoom ?? Infinity);
        if (most === 0) return Promise.reject(ioError());
        if (this.patchRoom !== null) this.patchRoom -= most;
        this.#isPatched = true;
        return Promise.resolve({ bytesWritten: this.#put(bytes.subarray(at, at + most), position) });
      },
      datasync: () =>
        this.isSyncFailing === 'always' || (this.isSyncFailing !== 'never' && this.#isPatched)
          ? Promise.reject(ioError())
          : Promise.resolve(),
      truncate: (length: number) => Promise.resolve(void (this.bytes = this.bytes.subarray(0, length))),
      close: () => Promise.resolve(),
    } as unknown as RecordingHandle);
  }

  #put(part: Uint8Array, position: number): number {
    const bytes = Buffer.alloc(Math.max(this.bytes.length, position + part.length));
    bytes.set(this.bytes);
    bytes.set(part, position);
    this.bytes = bytes;
    return part.length;
  }
}

const ioError = (): Error => Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });

describe.each(recordingFormatSchema.options)('a file whose disk fails at its end (%s)', (format) => {
  const fileOn = async (disk: RecordingDisk): Promise<RecordingFile> => {
    const codec = formatsOfCodec.h264.includes(format) ? 'h264' : 'vp8';
    const writer = recordingFormats[format].writer({ ...video, codec }, null, mark);
    const file = await RecordingFile.create('/film', writer, disk);
    for (const picture of pictures) await file.push(picture);
    return file;
  };
  const scan = ({ bytes }: FailingDisk): Promise<RecordingScan> =>
    recordingFormats[format].scan((offset, length) =>
      Promise.resolve(bytes.subarray(offset, offset + length)),
    );
  const finished = async (): Promise<Buffer> => {
    const disk = new FailingDisk();
    await (await fileOn(disk)).finish();
    expect(await scan(disk)).toEqual({ is: 'finished', durationSec: expect.closeTo(3, 2) as number });
    return disk.bytes;
  };

  it('keeps the index that its beginning speaks of when the last sync fails', async () => {
    const disk = new FailingDisk();
    const file = await fileOn(disk);
    disk.isSyncFailing = 'once the beginning was written over';
    await expect(file.finish()).rejects.toMatchObject({ code: 'EIO' });
    expect(await file.abandon()).toBe(false);
    expect(disk.bytes.equals(await finished())).toBe(true);
    expect(file.length).toBe(disk.bytes.length);
  });

  it('writes the rest of a beginning that was taken in part', async () => {
    const disk = new FailingDisk();
    const file = await fileOn(disk);
    disk.mostPerWrite = 5;
    await file.finish();
    expect(disk.bytes.equals(await finished())).toBe(true);

    const torn = new FailingDisk();
    const other = await fileOn(torn);
    torn.patchRoom = 9;
    await expect(other.finish()).rejects.toMatchObject({ code: 'EIO' });
    torn.patchRoom = null;
    expect(await other.abandon()).toBe(true);
    expect(torn.bytes.equals(await finished())).toBe(true);
  });

  it('is not called finished when a sync beside the writing failed just before', async () => {
    const disk = new FailingDisk();
    const file = await fileOn(disk);
    const nowMs = performance.now();
    using _clock = vi.spyOn(performance, 'now').mockReturnValue(nowMs + 1001);
    disk.isSyncFailing = 'always';
    await file.push({ ...pictures[89]!, ptsUs: 3_000_000, dtsUs: 3_000_000 });
    disk.isSyncFailing = 'never';
    await expect(file.finish()).rejects.toMatchObject({ code: 'EIO' });
  });

  it('can be mended when its index could not be brought onto the disk', async () => {
    const disk = new FailingDisk();
    const file = await fileOn(disk);
    await file.flush();
    const { length } = file;
    disk.isSyncFailing = 'always';
    await expect(file.finish()).rejects.toMatchObject({ code: 'EIO' });
    expect(await file.abandon()).toBe(false);
    expect(disk.bytes).toHaveLength(length);
    expect(await scan(disk)).toMatchObject({ is: 'unfinished', length });
  });
});
