import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { Child } from '../../electron/streaming/lib/child';
import { openWidePipe } from '../../electron/streaming/lib/wide-pipe';

/** Writes `count` bytes, each the low byte of its position. */
const counting = (count: number): string =>
  `const b = Buffer.from(Array.from({ length: ${count} }, (_, at) => at & 255)); require('fs').writeSync(1, b);`;

async function spawnInto(
  script: string,
  onBytes: (bytes: Buffer) => boolean,
): Promise<{ child: Child; pipe: Awaited<ReturnType<typeof openWidePipe>> }> {
  const pipe = await openWidePipe(256 * 1024, onBytes);
  const child = new Child({
    command: process.execPath,
    args: ['-e', script],
    stdio: ['ignore', pipe.childEnd ?? 'pipe', 'pipe'],
  });
  pipe.adopt(child.process.stdout);
  return { child, pipe };
}

describe('a wide pipe', () => {
  it('hands on every byte in order, in pieces larger than a plain pipe gives', async () => {
    let next = 0;
    let isInOrder = true;
    let largest = 0;
    const size = 2_000_000;
    const { child, pipe } = await spawnInto(counting(size), (bytes) => {
      largest = Math.max(largest, bytes.length);
      for (const byte of bytes) isInOrder &&= byte === (next++ & 255);
      return true;
    });
    expect(await child.exited).toEqual({ code: 0, signal: null });
    await vi.waitFor(() => expect(next).toBe(size), 10_000);
    expect(isInOrder).toBe(true);
    expect(largest).toBeGreaterThan(65_536);
    pipe.destroy();
    // Others may be making one at this very moment.
    await vi.waitFor(() => expect(readdirSync(tmpdir()).join()).not.toContain('studio-pipe-'), 10_000);
  });

  it('holds the writer back until it is resumed', async () => {
    let taken = 0;
    const { child, pipe } = await spawnInto(counting(3_000_000), (bytes) => {
      taken += bytes.length;
      return taken > 256 * 1024;
    });
    await vi.waitFor(() => expect(taken).toBeGreaterThan(0), 10_000);
    expect(child.hasExited).toBe(false);
    expect(taken).toBeLessThan(3_000_000);
    await vi.waitFor(() => {
      pipe.resume();
      expect(taken).toBe(3_000_000);
    }, 10_000);
    await child.exited;
    pipe.destroy();
  });

  it('breaks for the writer when it is destroyed', async () => {
    const endless = 'const b = Buffer.alloc(65536); for (;;) require("fs").writeSync(1, b);';
    const { child, pipe } = await spawnInto(endless, () => true);
    await vi.waitFor(() => expect(child.process.pid).toBeDefined());
    pipe.destroy();
    expect((await child.exited).code).not.toBe(0);
  });
});
