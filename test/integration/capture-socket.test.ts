import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  captureEngineMessageSchema,
  captureHeaderBytes,
  writePictureHeader,
  writeSoundHeader,
} from '../../shared/contract/capture-message';
import type { CaptureEngineMessage, CapturePageMessage } from '../../shared/contract/capture-message';
import { protocolVersion } from '../../shared/contract/messages';
import type { BrowserFeedSink } from '../../electron/streaming/sources/source';
import { EngineFace, faceToken } from '../support/engine-face';

/** A source that only keeps what it is given. */
class RecordingSink implements BrowserFeedSink {
  readonly heard: string[] = [];
  begin({ deviceName, sampleRate }: { deviceName: string; sampleRate: number | null }): void {
    this.heard.push(`begin ${deviceName} ${sampleRate}`);
  }
  picture(width: number, height: number, data: Uint8Array, timestampUs: number): void {
    this.heard.push(`picture ${width}×${height} of ${data[0]} at ${timestampUs}`);
  }
  sound(samples: Float32Array, timestampUs: number): void {
    this.heard.push(`sound ${samples.join(' ')} at ${timestampUs}`);
  }
  end(reason: string): void {
    this.heard.push(`end: ${reason}`);
  }
}

class CapturingPage {
  readonly messages: CaptureEngineMessage[] = [];
  closeCode: number | null = null;
  readonly #socket: WebSocket;

  constructor(face: EngineFace, headers: Record<string, string> = {}) {
    this.#socket = new WebSocket(`ws://127.0.0.1:${face.server.port}/capture`, { headers });
    this.#socket.on('message', (data) =>
      this.messages.push(captureEngineMessageSchema.parse(JSON.parse((data as Buffer).toString()))),
    );
    this.#socket.on('close', (code) => (this.closeCode = code));
    this.#socket.on('error', () => (this.closeCode ??= -1));
  }

  async open(): Promise<this> {
    await vi.waitFor(() => expect(this.#socket.readyState).toBe(WebSocket.OPEN));
    return this;
  }

  say(message: CapturePageMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  send(message: Uint8Array | string): void {
    this.#socket.send(message);
  }

  async join(sourceId: string, sampleRate: number | null = null): Promise<this> {
    await this.open();
    this.say({ type: 'hello', version: protocolVersion, token: faceToken, sourceId });
    this.say({ type: 'begin', deviceName: 'Camera', sampleRate });
    await vi.waitFor(() => expect(this.messages).toContainEqual({ type: 'welcome' }));
    return this;
  }

  close(): void {
    this.#socket.close();
  }

  closed(code: number): Promise<void> {
    return vi.waitFor(() => expect(this.closeCode).toBe(code), { timeout: 5000 });
  }
}

function picture(value: number, bytes = 6): Uint8Array {
  const message = new Uint8Array(captureHeaderBytes + bytes).fill(value);
  writePictureHeader(message, { width: 2, height: 2, timestampUs: 5 });
  return message;
}

let face: EngineFace;
let sink: RecordingSink;
beforeEach(async () => {
  face = await EngineFace.start();
  sink = new RecordingSink();
  face.feeds.attach('cam', sink);
});
afterEach(() => face[Symbol.asyncDispose]());
const heard = (lines: readonly string[]) => vi.waitFor(() => expect(sink.heard).toEqual(lines));

describe('the capture socket', () => {
  it('hands pictures and sound to the source, and says how many it has received', async () => {
    const page = await new CapturingPage(face).join('cam', 48_000);
    page.send(picture(1));
    const sound = new Uint8Array(captureHeaderBytes + 8);
    writeSoundHeader(sound, 6);
    new Float32Array(sound.buffer, captureHeaderBytes).set([0.25, -0.5]);
    page.send(sound);
    page.send(picture(2));
    page.say({ type: 'end', reason: 'stopped by the person' });
    await heard([
      'begin Camera 48000',
      'picture 2×2 of 1 at 5',
      'sound 0.25 -0.5 at 6',
      'picture 2×2 of 2 at 5',
      'end: stopped by the person',
    ]);
    expect(page.messages).toEqual([
      { type: 'welcome' },
      { type: 'received', pictures: 1 },
      { type: 'received', pictures: 2 },
    ]);
    await page.closed(1000);
  });

  it('tells the source when the page is closed without a word', async () => {
    const page = await new CapturingPage(face).join('cam');
    page.close();
    await heard(['begin Camera null', 'end: the page is gone']);
  });

  it('lets a later page take over, tells the earlier one, and hears it no more', async () => {
    const first = await new CapturingPage(face).join('cam');
    const second = await new CapturingPage(face).join('cam');
    await first.closed(4409);
    second.send(picture(3));
    await heard(['begin Camera null', 'begin Camera null', 'picture 2×2 of 3 at 5']);
    expect(second.closeCode).toBeNull();
  });

  it('gives a source that is made anew the page that is already there', async () => {
    const page = await new CapturingPage(face).join('cam');
    await heard(['begin Camera null']);
    const next = new RecordingSink();
    face.feeds.attach('cam', next);
    page.send(picture(4));
    await vi.waitFor(() => expect(next.heard).toEqual(['begin Camera null', 'picture 2×2 of 4 at 5']));
    expect(sink.heard).toEqual(['begin Camera null']);
  });

  it.each([
    ['a wrong token', { token: 'wrong' }, 4401],
    ['another version', { version: 99 }, 4400],
    ['a source that is not there', { sourceId: 'nowhere' }, 4404],
  ])('refuses %s', async (_what, part, code) => {
    const page = await new CapturingPage(face).open();
    page.say({ type: 'hello', version: protocolVersion, token: faceToken, sourceId: 'cam', ...part });
    await page.closed(code);
    expect(page.messages).toMatchObject([{ type: 'refused' }]);
    expect(sink.heard).toEqual([]);
  });

  it('refuses a page of another origin, and closes on who says nothing', async () => {
    await new CapturingPage(face, { Origin: 'http://evil.example' }).closed(1006);
    await (await new CapturingPage(face).open()).closed(4401);
  });

  it.each([
    ['a picture before hello', false, picture(1), 4401],
    ['a picture of a wrong length', true, picture(1, 7), 4400],
    ['bytes that are nothing', true, new Uint8Array(100), 4400],
    ['text that is not JSON', true, '{', 4400],
    ['text of no known form', true, '{"type":"dance"}', 4400],
    ['more than any picture has', true, new Uint8Array(13 * 2 ** 20), 1009],
  ])('closes the connection, and only that one, for %s', async (_what, hasJoined, message, code) => {
    const other = await new CapturingPage(face).join('cam');
    const otherSink = new RecordingSink();
    face.feeds.attach('bad', otherSink);
    const page = hasJoined ? await new CapturingPage(face).join('bad') : await new CapturingPage(face).open();
    page.send(message);
    page.send(picture(8));
    await page.closed(code);
    expect(otherSink.heard.filter((line) => line.startsWith('picture'))).toEqual([]);
    other.send(picture(9));
    await vi.waitFor(() => expect(sink.heard.at(-1)).toBe('picture 2×2 of 9 at 5'));
    expect(other.closeCode).toBeNull();
  });

  it('sends away who sends more than any camera does', async () => {
    const page = await new CapturingPage(face).join('cam');
    for (let count = 0; count < 700; count++) page.send(picture(1));
    await page.closed(4400);
    expect(sink.heard.length).toBeLessThan(650);
    expect(sink.heard.at(-1)).toBe('end: the page sent something else');
  });

  it('gives up a page that answers no more', async () => {
    face.pingIntervalMs = 50;
    const socket = new WebSocket(`ws://127.0.0.1:${face.server.port}/capture`, { autoPong: false });
    await vi.waitFor(() => expect(socket.readyState).toBe(WebSocket.OPEN));
    const hello = { type: 'hello', version: protocolVersion, token: faceToken, sourceId: 'cam' };
    socket.send(JSON.stringify(hello));
    socket.send(JSON.stringify({ type: 'begin', deviceName: 'Frozen', sampleRate: null }));
    await heard(['begin Frozen null', 'end: the page is gone']);
  });
});
