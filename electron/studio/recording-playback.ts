import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RecordingEntry } from '../../shared/contract/recordings';
import { byteRange } from '../streaming/lib/byte-range';
import type { ByteRange } from '../streaming/lib/byte-range';
import { StudioError } from '../streaming/lib/errors';
import { patientDisks } from '../streaming/lib/patient-disks';
import type { PatientDisks } from '../streaming/lib/patient-disks';
import { RecordingTickets } from './recording-tickets';

/** read from the disk at a time: a moment of its thread */
const chunkBytes = 256 * 1024;
/** a film that is paused for so long lets go of its file */
const longestPauseMs = 10 * 60_000;

export interface RecordingPlaybackOptions {
  /** those that are written down, and no other file */
  readonly entries: () => readonly RecordingEntry[];
  readonly disks?: PatientDisks;
  readonly tickets?: RecordingTickets;
}

export interface RecordingTicket {
  /** of this engine, with the ticket in it */
  readonly url: string;
  readonly bytes: number;
  readonly contentType: string;
}

/** Recordings as a browser plays them: over HTTP, in ranges, one ticket a file. */
export class RecordingPlayback {
  readonly #entries: () => readonly RecordingEntry[];
  readonly #disks: PatientDisks;
  readonly #tickets: RecordingTickets;

  constructor({ entries, disks = patientDisks, tickets = new RecordingTickets() }: RecordingPlaybackOptions) {
    this.#entries = entries;
    this.#disks = disks;
    this.#tickets = tickets;
  }

  /**
   * Leave to read one recording, whose file was looked for just now. Of one that still runs: what there is so far.
   * @throws StudioError `recording-not-found`, `recording-file-gone`, `recording-file-unreadable`, `folder-silent`
   */
  async ticket(id: string): Promise<RecordingTicket> {
    const entry = this.#entries().find((each) => each.id === id);
    if (!entry) throw new StudioError('recording-not-found', { id });
    const { path, format, state } = entry;
    const bytes = await this.#look(path);
    const contentType = format === 'mkv' ? 'video/x-matroska' : `video/${format}`;
    const isGrowing = state === 'recording';
    const ticket = this.#tickets.issue({ id, path, contentType, bytes: isGrowing ? bytes : null });
    return { url: `/api/recordings/${encodeURIComponent(id)}?ticket=${ticket}`, bytes, contentType };
  }

  /** `GET` and `HEAD` of `/api/recordings/ID?ticket=…`. Never rejects for what is wrong with a file or a client. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://studio');
    const id = decoded(pathname.slice('/api/recordings/'.length));
    const file = id === null ? null : this.#tickets.use(id, searchParams.get('ticket') ?? '');
    if (!file) return refuse(response, 403, 'this ticket is not, or no longer, valid');
    const opened = await this.#open(file.path).catch(() => 'gone' as const);
    if (opened === 'gone') return refuse(response, 404, 'the file is gone');
    if (opened === null) return refuse(response, 503, 'its disk does not answer');
    try {
      const size = Math.min(opened.bytes, file.bytes ?? Infinity);
      const range = byteRange(request.headers.range, size);
      if (range === 'unsatisfiable') {
        response.setHeader('Content-Range', `bytes */${size}`);
        return refuse(response, 416, 'there is nothing in that range');
      }
      const part = range === 'whole' ? { start: 0, end: size - 1 } : range;
      response.writeHead(range === 'whole' ? 200 : 206, {
        'Content-Type': file.contentType,
        'Content-Length': part.end - part.start + 1,
        'Accept-Ranges': 'bytes',
        ...(range !== 'whole' && { 'Content-Range': `bytes ${part.start}-${part.end}/${size}` }),
        'Cache-Control': 'no-store',
      });
      if (request.method !== 'HEAD') await this.#send(opened.handle, file.path, part, response);
      response.end();
    } finally {
      // It waits for a read that hangs, and nobody for it.
      opened.handle.close().catch(() => undefined);
    }
  }

  /** @returns its length in bytes @throws StudioError */
  async #look(path: string): Promise<number> {
    const found = await this.#open(path).catch((error: unknown) => {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      throw code === 'ENOENT' || code === 'ENOTDIR'
        ? new StudioError('recording-file-gone', { path })
        : new StudioError('recording-file-unreadable', { path, reason: code });
    });
    if (found === null) throw new StudioError('folder-silent', { path });
    await found.handle.close();
    return found.bytes;
  }

  /** @returns null: its disk does not answer. @throws what the system says */
  async #open(path: string): Promise<{ readonly handle: FileHandle; readonly bytes: number } | null> {
    let isAwaited = true;
    const answer = await this.#disks.ask(path, async () => {
      const found = await stat(path);
      // To open a pipe would wait for its writer.
      if (!found.isFile()) throw Object.assign(new Error('no file'), { code: 'not a file' });
      const handle = await open(path);
      if (!isAwaited) await handle.close();
      return { handle, bytes: found.size };
    });
    isAwaited = false;
    return answer?.value ?? null;
  }

  /** As fast as the client takes it. What cannot be read any more breaks off, so that it is not taken for the end. */
  async #send(
    handle: FileHandle,
    path: string,
    { start, end }: ByteRange,
    response: ServerResponse,
  ): Promise<void> {
    for (let at = start; at <= end && !response.destroyed;) {
      const length = Math.min(chunkBytes, end - at + 1);
      const answer = await this.#disks
        .ask(path, () => handle.read(Buffer.allocUnsafe(length), 0, length, at))
        .catch(() => null);
      if (!answer || answer.value.bytesRead === 0) {
        response.destroy();
        return;
      }
      const { buffer, bytesRead } = answer.value;
      at += bytesRead;
      if (!response.write(buffer.subarray(0, bytesRead))) await roomOf(response);
    }
  }
}

/** null: it is no encoded text */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Until the client has taken what waits, or left. One that only pauses asks for the rest again when it goes on. */
function roomOf(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), longestPauseMs);
    const settle = (): void => {
      clearTimeout(timer);
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    response.on('drain', settle).on('close', settle);
    if (response.destroyed) settle();
  });
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' });
  response.end(`${reason}\n`);
}
