import { describe, expect, it } from 'vitest';
import { ingestLimitsSchema } from '../../shared/contract/rtmp-server';
import { PlayerQueue, QueueBudget } from '../../electron/streaming/rtmp/player-queue';
import type { QueueSocket } from '../../electron/streaming/rtmp/player-queue';

const kB = 1024;

/** A kernel that takes bytes only when told to. */
class FakeSocket {
  readonly sent: Buffer[] = [];
  writableLength = 0;
  #pending: { bytes: Buffer; done: () => void }[] = [];

  write(bytes: Buffer, done: () => void): boolean {
    this.writableLength += bytes.length;
    this.#pending.push({ bytes, done });
    return true;
  }

  /** the kernel takes everything that lies in the socket, and what follows */
  drain(): void {
    for (let next = this.#pending.shift(); next; next = this.#pending.shift()) {
      this.writableLength -= next.bytes.length;
      this.sent.push(next.bytes);
      next.done();
    }
  }
}

/** as node-media-server writes them */
function message(chunkStreamId: number, typeId: number, body: number[], size: number): Buffer {
  const bytes = Buffer.alloc(12 + size);
  bytes[0] = chunkStreamId;
  bytes[7] = typeId;
  bytes.set(body, 12);
  return bytes;
}
const config = (size = 20): Buffer => message(5, 9, [0x17, 0], size);
const keyframe = (size = 50 * kB): Buffer => message(5, 9, [0x17, 1], size);
const inter = (size = 50 * kB): Buffer => message(5, 9, [0x27, 1], size);
const audio = (): Buffer => message(4, 8, [0xaf, 1], 200);

function setUp(overrides: object = {}): {
  socket: FakeSocket;
  budget: QueueBudget;
  queue: PlayerQueue;
  clock: { now: number };
} {
  const socket = new FakeSocket();
  const budget = new QueueBudget();
  const clock = { now: 0 };
  const limits = ingestLimitsSchema.parse({ playerQueueBytes: 1024 * kB, ...overrides });
  const queue = new PlayerQueue(socket as unknown as QueueSocket, limits, budget, () => clock.now);
  return { socket, budget, queue, clock };
}

describe('PlayerQueue', () => {
  it('passes everything on by reference while the player reads', () => {
    const { socket, queue, budget } = setUp();
    const all = [config(), keyframe(), inter(), audio()];
    for (const bytes of all) {
      queue.push(bytes);
      socket.drain();
    }
    expect(socket.sent).toHaveLength(4);
    socket.sent.forEach((bytes, index) => expect(bytes).toBe(all[index]));
    expect(budget.bytes).toBe(0);
  });

  it('begins with a keyframe, at the start and after another publisher', () => {
    const { socket, queue } = setUp();
    const [first, second] = [keyframe(), keyframe()];
    queue.push(inter());
    queue.push(first);
    queue.awaitKeyframe();
    queue.push(inter());
    queue.push(second);
    socket.drain();
    expect(socket.sent).toEqual([first, second]);
  });

  it('never holds more than its bytes, drops to a keyframe, and keeps the newest headers', () => {
    const { socket, queue } = setUp();
    queue.push(keyframe());
    const newest = config(30);
    for (let index = 0; index < 100; index++) {
      queue.push(index === 50 ? newest : index % 10 === 5 ? config() : inter());
      expect(queue.bytes).toBeLessThanOrEqual(1024 * kB);
    }
    queue.push(audio());
    const fresh = keyframe();
    queue.push(fresh);
    const after = inter();
    queue.push(after);
    socket.drain();
    expect(socket.sent.at(-1)).toBe(after);
    expect(socket.sent.at(-2)).toBe(fresh);
    expect(socket.sent.some((bytes) => bytes[7] === 9 && bytes[13] === 0)).toBe(true);
  });

  it('cannot be filled with headers', () => {
    const { queue } = setUp();
    for (let index = 0; index < 1000; index++) queue.push(config(100 * kB));
    expect(queue.bytes).toBeLessThanOrEqual(1024 * kB + 100 * kB);
  });

  it('drops what waited too long, however few bytes it is', () => {
    const { queue, socket, clock } = setUp({ playerQueueMs: 5000 });
    queue.push(keyframe(300 * kB));
    queue.push(inter(10));
    clock.now = 5001;
    queue.push(inter(10));
    expect(queue.bytes).toBe(0);
    socket.drain();
    expect(socket.sent).toHaveLength(1);
  });

  it('counts as stalled when the kernel took nothing for the longest time allowed', () => {
    const { queue, socket, clock } = setUp({ playerStalledMs: 10_000 });
    queue.push(keyframe());
    clock.now = 9999;
    expect(queue.isStalled).toBe(false);
    clock.now = 10_000;
    expect(queue.isStalled).toBe(true);
    socket.drain();
    expect(queue.isStalled).toBe(false);
  });

  it('goes on with sound alone once a player without pictures has caught up', () => {
    const { queue, socket, clock } = setUp({ playerQueueMs: 1000 });
    for (let index = 0; index < 2000; index++) queue.push(audio());
    clock.now = 1001;
    queue.push(audio());
    socket.drain();
    const before = socket.sent.length;
    queue.push(audio());
    socket.drain();
    expect(socket.sent).toHaveLength(before + 1);
  });

  it('shares one budget, in which a shared buffer counts once', () => {
    const { budget, queue } = setUp({ playerQueuesTotalBytes: 700 * kB });
    const { queue: other } = setUp();
    const limits = ingestLimitsSchema.parse({ playerQueuesTotalBytes: 700 * kB });
    const second = new PlayerQueue(new FakeSocket() as unknown as QueueSocket, limits, budget);
    const pictures = [keyframe(300 * kB), ...Array.from({ length: 10 }, () => inter())];
    for (const picture of pictures) {
      queue.push(picture);
      second.push(picture);
      other.push(picture);
    }
    expect(budget.bytes).toBe(10 * inter().length);
    for (let index = 0; index < 10; index++) queue.push(inter());
    expect(budget.bytes).toBeLessThanOrEqual(700 * kB);
    expect(queue.bytes).toBeLessThan(10 * inter().length);
    second.clear();
    queue.clear();
    expect(budget.bytes).toBe(0);
  });
});
