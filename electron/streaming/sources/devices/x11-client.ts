import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** X Window System Protocol, version 11: byte layouts are those of its appendix B. All numbers little-endian. */
const littleEndian = 0x6c;
const setupBytes = 8;
const unitBytes = 32;
const genericEvent = 35;
/** nobody answers with more */
const maxReplyBytes = 16 * 2 ** 20;

interface Pending {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

export interface DisplayName {
  readonly host: string;
  readonly number: number;
}

/** `:0`, `:1.0`, `host:10.0`; null: no display of that form */
export function parseDisplay(display: string): DisplayName | null {
  const [, host, number] = /^(?:unix)?([^:]*):(\d{1,5})(?:\.\d+)?$/.exec(display) ?? [];
  return number === undefined ? null : { host: host ?? '', number: Number(number) };
}

/** The cookie for a display in the bytes of an Xauthority file; null: none. */
export function findCookie(file: Buffer, displayNumber: number): Buffer | null {
  let at = 0;
  const field = (): Buffer => {
    const length = at + 2 <= file.length ? file.readUInt16BE(at) : 0;
    const value = file.subarray(at + 2, at + 2 + length);
    at += 2 + length;
    return value;
  };
  while (at + 2 < file.length) {
    at += 2; // the family of addresses: one display number is enough to tell them apart here
    field();
    const [number, name, data] = [field().toString(), field().toString(), field()];
    if (name === 'MIT-MAGIC-COOKIE-1' && (number === '' || Number(number) === displayNumber))
      return Buffer.from(data);
  }
  return null;
}

const padded = (length: number): number => Math.ceil(length / 4) * 4;

/** A connection to an X server that asks and listens, no more. */
export class X11Client {
  /** the first screen's root window and size */
  readonly root: { readonly window: number; readonly width: number; readonly height: number };
  onEvent: (code: number) => void = () => undefined;
  onClosed: () => void = () => undefined;
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  #sequence = 0;
  #received: Buffer;

  private constructor(socket: Socket, setup: Buffer, rest: Buffer) {
    this.#socket = socket;
    this.#received = rest;
    const vendorBytes = padded(setup.readUInt16LE(24));
    const formats = setup.readUInt8(29);
    const screen = 40 + vendorBytes + formats * 8;
    this.root = {
      window: setup.readUInt32LE(screen),
      width: setup.readUInt16LE(screen + 20),
      height: setup.readUInt16LE(screen + 22),
    };
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => this.#ended());
    this.#read(Buffer.alloc(0));
  }

  /** @throws Error with the server's words, or the system's */
  static async open(display: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<X11Client> {
    const name = parseDisplay(display);
    if (!name) throw new Error(`${display} is no name of a display`);
    const file = await readFile(env['XAUTHORITY'] ?? join(homedir(), '.Xauthority')).catch(() => null);
    const cookie = file && findCookie(file, name.number);
    const socket =
      name.host === ''
        ? connect({ path: `/tmp/.X11-unix/X${name.number}` })
        : connect({ host: name.host, port: 6000 + name.number });
    try {
      const { setup, rest } = await greet(socket, cookie, signal);
      return new X11Client(socket, setup, rest);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  /** @param body from the fifth byte on; made a multiple of four here */
  request(opcode: number, data: number, body: Buffer): Promise<Buffer> {
    this.send(opcode, data, body);
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) reject(new Error('the X server is gone'));
      else this.#pending.set(this.#sequence & 0xffff, { resolve, reject });
    });
  }

  /** A request without a reply. */
  send(opcode: number, data: number, body: Buffer): void {
    const bytes = Buffer.alloc(4 + padded(body.length));
    bytes.writeUInt8(opcode, 0);
    bytes.writeUInt8(data, 1);
    bytes.writeUInt16LE(bytes.length / 4, 2);
    body.copy(bytes, 4);
    this.#sequence += 1;
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    this.#received = this.#received.length > 0 ? Buffer.concat([this.#received, bytes]) : bytes;
    while (this.#received.length >= unitBytes) {
      const code = this.#received.readUInt8(0);
      const hasMore = code === 1 || (code & 0x7f) === genericEvent;
      const length = unitBytes + (hasMore ? this.#received.readUInt32LE(4) * 4 : 0);
      if (length > maxReplyBytes) return void this.#socket.destroy();
      if (this.#received.length < length) return;
      const unit = this.#received.subarray(0, length);
      this.#received = this.#received.subarray(length);
      this.#take(code, unit);
    }
  }

  #take(code: number, unit: Buffer): void {
    if (code > 1) return this.onEvent(code & 0x7f);
    const sequence = unit.readUInt16LE(2);
    const pending = this.#pending.get(sequence);
    this.#pending.delete(sequence);
    if (code === 1) pending?.resolve(unit);
    else pending?.reject(new Error(`the X server refused: error ${unit.readUInt8(1)}`));
  }

  #ended(): void {
    for (const { reject } of this.#pending.values()) reject(new Error('the X server is gone'));
    this.#pending.clear();
    this.onClosed();
  }
}

async function greet(
  socket: Socket,
  cookie: Buffer | null,
  signal: AbortSignal,
): Promise<{ setup: Buffer; rest: Buffer }> {
  const name = Buffer.from(cookie ? 'MIT-MAGIC-COOKIE-1' : '');
  const data = cookie ?? Buffer.alloc(0);
  const hello = Buffer.alloc(12 + padded(name.length) + padded(data.length));
  hello.writeUInt8(littleEndian, 0);
  hello.writeUInt16LE(11, 2);
  hello.writeUInt16LE(name.length, 6);
  hello.writeUInt16LE(data.length, 8);
  name.copy(hello, 12);
  data.copy(hello, 12 + padded(name.length));
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(3000)]);
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const settle = (work: () => void): void => {
      bounded.removeEventListener('abort', abort);
      socket.removeAllListeners();
      work();
    };
    const abort = (): void => settle(() => reject(bounded.reason as Error));
    bounded.addEventListener('abort', abort);
    socket.on('error', (error) => settle(() => reject(error)));
    socket.on('close', () => settle(() => reject(new Error('the X server hung up'))));
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < setupBytes) return;
      const length = setupBytes + received.readUInt16LE(6) * 4;
      if (received.length < length) return;
      const status = received.readUInt8(0);
      const setup = received.subarray(0, length);
      if (status === 1) settle(() => resolve({ setup, rest: received.subarray(length) }));
      else {
        const reason = setup.subarray(8, 8 + setup.readUInt8(1)).toString('latin1');
        settle(() => reject(new Error(reason.trim() || 'the X server refused the connection')));
      }
    });
    socket.write(hello);
  });
}
