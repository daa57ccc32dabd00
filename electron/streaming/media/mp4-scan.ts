/** Reads a recording that was cut off anywhere: up to where it is whole, and what finishes it (ISO/IEC 14496-12). */
import { readBoxes, videoTimescale } from './mp4-boxes';
import type { Box } from './mp4-boxes';
import { finishMp4, mediaHeaderBytes } from './mp4-finish';
import type { ReadAt, RecordingScan } from './recording-file';
import { SampleTable } from './sample-table';
import type { Sample, SampleRun } from './sample-table';

/** A header has some hundred bytes, a fragment's some kilobytes; what claims more is no file of ours. */
const maxHeaderBytes = 1 << 20;

/** @throws what `read` throws */
export async function scanMp4(read: ReadAt): Promise<RecordingScan> {
  const start = await read(0, 8);
  if (start.length < 8) return { is: 'empty' };
  const fileTypeBytes = start.readUInt32BE(0);
  if (typeAt(start) !== 'ftyp' || fileTypeBytes > 4096) return { is: 'foreign' };
  const markOffset = fileTypeBytes;
  const next = await read(markOffset, mediaHeaderBytes);
  if (next.length < mediaHeaderBytes) return { is: 'empty' };
  if (typeAt(next) === 'mdat' && next.readUInt32BE(0) === 1)
    return finished(read, markOffset + Number(next.readBigUInt64BE(8)));
  if (typeAt(next) !== 'free' || next.readUInt32BE(0) !== mediaHeaderBytes) return { is: 'foreign' };
  const movie = await readBox(read, markOffset + mediaHeaderBytes);
  if (!movie) return { is: 'empty' };
  if (movie.type !== 'moov') return { is: 'foreign' };
  return scanFragments(read, { movie, markOffset, mark: next.subarray(8) });
}

async function scanFragments(
  read: ReadAt,
  file: { readonly movie: Box; readonly markOffset: number; readonly mark: Uint8Array },
): Promise<RecordingScan> {
  const tables = tablesOf(file.movie);
  let length = file.markOffset + mediaHeaderBytes + file.movie.bytes.length;
  for (;;) {
    const fragment = await readBox(read, length);
    if (fragment?.type !== 'moof') break;
    const mediaAt = length + fragment.bytes.length;
    const media = await read(mediaAt, 8);
    if (media.length < 8 || typeAt(media) !== 'mdat' || media.readUInt32BE(0) < 8) break;
    const end = mediaAt + media.readUInt32BE(0);
    // Its last byte is there: it is whole, as it was written from front to back.
    if ((await read(end - 1, 1)).length < 1) break;
    const runs = readFragment(fragment, length);
    if (!runs) break;
    for (const run of runs) tables.get(run.trackId)?.add(run);
    length = end;
  }
  return {
    is: 'unfinished',
    mark: file.mark,
    length,
    durationSec: durationOf(tables),
    end: () => finishMp4(file, tables, length),
  };
}

async function finished(read: ReadAt, movieAt: number): Promise<RecordingScan> {
  const head = await read(movieAt, 8);
  if (head.length < 8 || typeAt(head) !== 'moov') return { is: 'foreign' };
  const header = (await readBox(read, movieAt + 8))?.body;
  // version 1: timescale at 20, duration at 24 (§8.2.2)
  if (!header || header[0] !== 1 || header.length < 32) return { is: 'foreign' };
  return { is: 'finished', durationSec: Number(header.readBigUInt64BE(24)) / header.readUInt32BE(20) };
}

/** an empty table for each track */
export function tablesOf(movie: Box): Map<number, SampleTable> {
  const traks = readBoxes(movie.body).filter(({ type }) => type === 'trak');
  const headers = traks.flatMap(({ body }) => readBoxes(body).filter(({ type }) => type === 'tkhd'));
  return new Map(headers.map(({ body }) => [body.readUInt32BE(12), new SampleTable()]));
}

/** of the pictures, seconds */
export function durationOf(tables: ReadonlyMap<number, SampleTable>): number {
  const pictures = tables.get(1);
  if (!pictures || pictures.count === 0) return 0;
  return (pictures.presentationEnd - pictures.firstDts - pictures.firstOffset) / videoTimescale;
}

/** @returns null when it is not whole, or too large to be true */
async function readBox(read: ReadAt, at: number): Promise<Box | null> {
  const header = await read(at, 8);
  if (header.length < 8) return null;
  const size = header.readUInt32BE(0);
  if (size < 8 || size > maxHeaderBytes) return null;
  const bytes = await read(at, size);
  return bytes.length < size ? null : { type: typeAt(header), bytes, body: bytes.subarray(8) };
}

const typeAt = (bytes: Buffer): string => bytes.toString('latin1', 4, 8);

/** @param at where it lies in the file. @returns null for what our writer does not make */
function readFragment(fragment: Box, at: number): SampleRun[] | null {
  try {
    return readBoxes(fragment.body)
      .filter(({ type }) => type === 'traf')
      .map((traf) => readRun(readBoxes(traf.body), at));
  } catch {
    return null;
  }
}

/** tfhd, tfdt (version 1) and trun as `fmp4.ts` writes them. @throws RangeError */
function readRun(parts: readonly Box[], at: number): SampleRun {
  const [header, time, run] = ['tfhd', 'tfdt', 'trun'].map(
    (type) => parts.find((part) => part.type === type)?.body ?? Buffer.alloc(0),
  ) as [Buffer, Buffer, Buffer];
  const flags = run.readUInt32BE(0) & 0xffffff;
  const hasPictures = flags === 0x000f01;
  if (!hasPictures && flags !== 0x000301) throw new RangeError(`MP4: unknown trun flags ${flags}`);
  const step = hasPictures ? 16 : 8;
  const samples = Array.from({ length: run.readUInt32BE(4) }, (_, index): Sample => {
    const row = 12 + index * step;
    return {
      duration: run.readUInt32BE(row),
      size: run.readUInt32BE(row + 4),
      // sample_is_non_sync_sample, §8.8.3.1
      isSync: !hasPictures || (run.readUInt32BE(row + 8) & 0x10000) === 0,
      offset: hasPictures ? run.readInt32BE(row + 12) : 0,
    };
  });
  return {
    trackId: header.readUInt32BE(4),
    dts: Number(time.readBigUInt64BE(4)),
    position: at + run.readInt32BE(8),
    samples,
  };
}
