/**
 * The index of a finished file (ISO/IEC 14496-12, clauses cited as §), made from the header of the fragmented one: the
 * same movie, with every sample in its tables. It is appended; then one write of 16 bytes at the file's beginning puts
 * all fragments into one `mdat`, and the file is an ordinary one that can be sought in. Until that write it is the
 * fragmented file it was.
 */
import { box, fullBox, readBoxes, u32, u64, videoTimescale } from './mp4-boxes';
import type { Box } from './mp4-boxes';
import type { RecordingEnd } from './recording-file';
import type { SampleTable } from './sample-table';

/** 64-bit size and type (§4.2), over the `free` box of the same length that holds the file's mark */
export const mediaHeaderBytes = 16;

/**
 * @param file the header as it was written
 * @param tables of each track by its id
 * @param length end of the last whole fragment, bytes
 */
export function finishMp4(
  file: { readonly movie: Box; readonly markOffset: number },
  tables: ReadonlyMap<number, SampleTable>,
  length: number,
): RecordingEnd {
  const mediaBytes = length - file.markOffset;
  return {
    tail: [finishedMovie(file.movie, tables)],
    patch: {
      offset: file.markOffset,
      bytes: Buffer.concat([u32(1), Buffer.from('mdat'), u64(mediaBytes)]),
    },
  };
}

interface Track {
  readonly id: number;
  readonly timescale: number;
  readonly isVideo: boolean;
  readonly table: SampleTable;
}

function finishedMovie(movie: Box, tables: ReadonlyMap<number, SampleTable>): Buffer {
  const parts = readBoxes(movie.body);
  const traks = parts.filter(({ type }) => type === 'trak');
  const tracks = traks.map((trak) => describeTrack(trak, tables));
  const pictures = tracks.find(({ isVideo }) => isVideo);
  // The first picture is where the film begins; decoding begins a little earlier where there are B-frames.
  const originSec = pictures
    ? (pictures.table.firstDts + pictures.table.firstOffset) / pictures.timescale
    : 0;
  const edits = tracks.map((track) => editList(track, originSec));
  const header = child(movie, 'mvhd').body;
  return box(
    'moov',
    // From the rate on it is the same in both versions; 64 bits, as 32 are full after 13 hours (§8.2.2).
    fullBox(
      'mvhd',
      1,
      0,
      Buffer.alloc(16),
      header.subarray(12, 16),
      u64(Math.max(0, ...edits.map(({ duration }) => duration))),
      header.subarray(20),
    ),
    ...traks.map((trak, index) => finishedTrack(trak, tracks[index]!, edits[index]!)),
  );
}

function describeTrack(trak: Box, tables: ReadonlyMap<number, SampleTable>): Track {
  const media = child(trak, 'mdia');
  const id = child(trak, 'tkhd').body.readUInt32BE(12);
  const table = tables.get(id);
  if (!table) throw new RangeError(`MP4: track ${id} has no table`);
  return {
    id,
    table,
    timescale: child(media, 'mdhd').body.readUInt32BE(12),
    isVideo: child(media, 'hdlr').body.toString('latin1', 8, 12) === 'vide',
  };
}

/** §8.6.5 and §8.6.6: what of the track is shown when. Its duration is in ticks of the movie. */
function editList(
  { table, timescale, isVideo }: Track,
  originSec: number,
): { duration: number; box: Buffer[] } {
  if (table.count === 0) return { duration: 0, box: [] };
  const movieTicks = (sec: number): number => Math.round(sec * videoTimescale);
  const beginsSec = (table.firstDts + table.firstOffset) / timescale;
  const waits = isVideo ? 0 : Math.max(0, movieTicks(beginsSec - originSec));
  const endsSec = isVideo ? table.presentationEnd / timescale : (table.firstDts + table.duration) / timescale;
  const lasts = Math.max(1, Math.ceil((endsSec - beginsSec) * videoTimescale));
  const entry = (duration: number, mediaTime: Buffer): Buffer =>
    Buffer.concat([u64(duration), mediaTime, u32(0x10000)]);
  const entries = [
    // media time −1: nothing
    ...(waits > 0 ? [entry(waits, u32(0xffffffff, 0xffffffff))] : []),
    entry(lasts, u64(isVideo ? table.firstOffset : 0)),
  ];
  const list = fullBox('elst', 1, 0, u32(entries.length), ...entries);
  return { duration: waits + lasts, box: [box('edts', list)] };
}

function finishedTrack(trak: Box, track: Track, edits: { duration: number; box: Buffer[] }): Buffer {
  const header = child(trak, 'tkhd').body;
  const media = child(trak, 'mdia');
  const mediaHeader = child(media, 'mdhd').body;
  const information = child(media, 'minf');
  const description = child(child(information, 'stbl'), 'stsd');
  return box(
    'trak',
    fullBox(
      'tkhd',
      1,
      3, // enabled, in movie
      Buffer.alloc(16),
      header.subarray(12, 20),
      u64(edits.duration),
      header.subarray(24),
    ),
    ...edits.box,
    box(
      'mdia',
      fullBox(
        'mdhd',
        1,
        0,
        Buffer.alloc(16),
        mediaHeader.subarray(12, 16),
        u64(track.table.duration),
        mediaHeader.subarray(20),
      ),
      child(media, 'hdlr').bytes,
      box(
        'minf',
        ...readBoxes(information.body)
          .filter(({ type }) => type !== 'stbl')
          .map(({ bytes }) => bytes),
        box('stbl', description.bytes, ...track.table.boxes()),
      ),
    ),
  );
}

function child(parent: Box, type: string): Box {
  const found = readBoxes(parent.body).find((each) => each.type === type);
  if (!found) throw new RangeError(`MP4: expected ${type} in ${parent.type}, found none`);
  return found;
}
