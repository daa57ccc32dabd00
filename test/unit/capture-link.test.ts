import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CaptureLink } from '../../renderer/capture/capture-link';
import type { LinkSocket } from '../../renderer/capture/capture-link';

class FakeSocket implements LinkSocket {
  static all: FakeSocket[] = [];
  readyState = 0;
  bufferedAmount = 0;
  readonly texts: unknown[] = [];
  readonly binary: number[] = [];
  isClosed = false;
  onopen: LinkSocket['onopen'] = null;
  onclose: LinkSocket['onclose'] = null;
  onmessage: LinkSocket['onmessage'] = null;

  constructor() {
    FakeSocket.all.push(this);
  }
  send(data: string | Uint8Array): void {
    if (typeof data === 'string') this.texts.push(JSON.parse(data));
    else this.binary.push(data[0] ?? -1);
  }
  close(): void {
    this.isClosed = true;
  }
  open(): this {
    this.readyState = 1;
    this.onopen?.(new Event('open'));
    return this;
  }
  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
  }
  lose(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code } as CloseEvent);
  }
}

const picture = (id: number): Uint8Array<ArrayBuffer> => new Uint8Array(1000).fill(id);
const last = (): FakeSocket => FakeSocket.all.at(-1)!;
let connected: boolean[];
let rooms: number;
let refused: unknown[];
let link: CaptureLink;
beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  [connected, rooms, refused] = [[], 0, []];
  link = new CaptureLink(
    { url: 'ws://engine/capture', token: 't', sourceId: 'cam' },
    { deviceName: 'Camera', sampleRate: 48_000 },
    {
      connected: (isConnected) => connected.push(isConnected),
      room: () => (rooms += 1),
      refused: (error) => refused.push(error),
    },
    () => new FakeSocket(),
  );
  link.connect();
});
afterEach(() => vi.useRealTimers());

describe('the link of a capture', () => {
  it('says hello, and begins when it is welcome', () => {
    last().open();
    expect(last().texts).toMatchObject([{ type: 'hello', token: 't', sourceId: 'cam' }]);
    expect(link.hasRoom).toBe(false);
    last().say({ type: 'welcome' });
    expect(last().texts.at(-1)).toEqual({ type: 'begin', deviceName: 'Camera', sampleRate: 48_000 });
    expect(connected).toEqual([true]);
    expect(link.hasRoom).toBe(true);
  });

  it('tells anew what it sends when that is another, then and on every later connection', () => {
    link.change({ deviceName: 'Camera', sampleRate: 44_100 });
    last().open();
    expect(last().texts).toHaveLength(1);
    last().say({ type: 'welcome' });
    expect(last().texts.at(-1)).toEqual({ type: 'begin', deviceName: 'Camera', sampleRate: 44_100 });
    link.change({ deviceName: 'Camera', sampleRate: 16_000 });
    expect(last().texts.at(-1)).toEqual({ type: 'begin', deviceName: 'Camera', sampleRate: 16_000 });
  });

  it('keeps two pictures under way, and asks for the next as one is received', () => {
    last().open().say({ type: 'welcome' });
    rooms = 0;
    for (const id of [1, 2, 3]) link.sendPicture(picture(id));
    expect(last().binary).toEqual([1, 2]);
    last().say({ type: 'received', pictures: 1 });
    expect(rooms).toBe(1);
    link.sendPicture(picture(4));
    expect(last().binary).toEqual([1, 2, 4]);
    expect(link.hasRoom).toBe(false);
  });

  it('leaves out sound that would come late, not for pictures that wait before it', () => {
    last().open().say({ type: 'welcome' });
    link.sendPicture(picture(1));
    last().bufferedAmount = 1000 + 400_000;
    link.sendSound(picture(20));
    last().bufferedAmount += 1;
    link.sendSound(picture(21));
    expect(last().binary).toEqual([1, 20]);
  });

  it('connects again by itself, and counts anew', () => {
    last().open().say({ type: 'welcome' });
    link.sendPicture(picture(1));
    link.sendPicture(picture(2));
    last().lose(1006);
    expect(connected).toEqual([true, false]);
    expect(link.hasRoom).toBe(false);
    for (let attempt = 0; attempt < 6; attempt++) {
      const before = FakeSocket.all.length;
      vi.advanceTimersByTime(3000);
      expect(FakeSocket.all.length).toBe(before + 1);
      last().lose(1006);
    }
    vi.advanceTimersByTime(3000);
    last().open().say({ type: 'welcome' });
    link.sendPicture(picture(3));
    expect(last().binary).toEqual([3]);
    expect(connected).toEqual([true, false, true]);
    expect(refused).toEqual([]);
  });

  it('waits for a source that is just being added, but not for ever', () => {
    for (let attempt = 0; attempt < 9; attempt++) {
      expect(refused).toEqual([]);
      last().open().lose(4404);
      vi.advanceTimersByTime(3000);
    }
    expect(refused).toEqual([{ code: 'source-not-found', details: { sourceId: 'cam' } }]);
  });

  it.each([
    [4401, { code: 'unauthorised', details: {} }],
    [4409, { code: 'capture-taken-over', details: { name: 'Camera' } }],
    [4400, { code: 'invalid-request', details: { reason: 'because' } }],
  ])('gives up when the engine closes it with %i', (code, error) => {
    last().open().say({ type: 'welcome' });
    last().say({ type: 'refused', error: { code: 'invalid-request', details: { reason: 'because' } } });
    last().lose(code);
    expect(refused).toEqual([error]);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('says goodbye, and is not made again after it', () => {
    last().open().say({ type: 'welcome' });
    link.end('stopped by the person');
    expect(last().texts.at(-1)).toEqual({ type: 'end', reason: 'stopped by the person' });
    expect(last().isClosed).toBe(true);
    last().lose(1000);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(refused).toEqual([]);
  });
});
