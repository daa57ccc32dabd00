import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { FramePipeline } from '../../electron/streaming/composition/frame-pipeline';
import type { FramePipelineOptions } from '../../electron/streaming/composition/frame-pipeline';

const open: FramePipeline[] = [];
afterEach(async () => {
  for (const pipeline of open.splice(0)) await pipeline.stop();
});
function initialize(options: Partial<FramePipelineOptions> = {}): FramePipeline {
  const pipeline = FramePipeline.initialize({ width: 64, height: 36, ...options });
  open.push(pipeline);
  return pipeline;
}
/** one grey, opaque */
function flat(width: number, height: number, value: number): Buffer {
  const rgba = Buffer.alloc(width * height * 4, value);
  for (let index = 3; index < rgba.length; index += 4) rgba[index] = 255;
  return rgba;
}

describe('the frame pipeline', () => {
  it('is one a process: typed errors before, twice, and again after stop', async () => {
    expect(() => FramePipeline.getInstance()).toThrow(expect.objectContaining({ code: 'not-initialized' }));
    const first = initialize();
    expect(FramePipeline.getInstance()).toBe(first);
    expect(() => initialize()).toThrow(expect.objectContaining({ code: 'already-initialized' }));
    await first.stop();
    expect(initialize()).not.toBe(first);
  });

  it('resizes raw frames and decodes images to RGBA of its size, in call order', async () => {
    const pipeline = initialize();
    const png = await sharp({ create: { width: 500, height: 300, channels: 4, background: '#0a0a0a' } })
      .png()
      .toBuffer();
    const done: number[] = [];
    const note = (index: number) => (buffer: Buffer) => {
      done.push(index);
      return buffer;
    };
    // The slow ones first; the third needs no conversion at all. Given before the start.
    const results = Promise.all([
      pipeline.processFrame(flat(1000, 500, 200), { width: 1000, height: 500 }).then(note(0)),
      pipeline.processFrame(png).then(note(1)),
      pipeline.processFrame(flat(64, 36, 30)).then(note(2)),
    ]);
    await pipeline.start();
    const buffers = await results;
    expect(done).toEqual([0, 1, 2]);
    expect(buffers.map((buffer) => [buffer.length, buffer[0], buffer[buffer.length - 2]])).toEqual([
      [64 * 36 * 4, 200, 200],
      [64 * 36 * 4, 10, 10],
      [64 * 36 * 4, 30, 30],
    ]);
    expect(pipeline.queueSize).toBe(0);
  });

  it.each(['jpeg', 'png', 'webp'] as const)('encodes %s', async (format) => {
    const pipeline = initialize({ format, quality: 60 });
    await pipeline.start();
    const picture = await pipeline.processFrame(flat(64, 36, 255));
    expect(await sharp(picture).metadata()).toMatchObject({ format, width: 64, height: 36 });
  });

  it('refuses frames beyond its queue and goes on with the others', async () => {
    const pipeline = initialize({ maxQueueSize: 2 });
    const accepted = [1, 2].map((value) =>
      pipeline.processFrame(flat(32, 18, value), { width: 32, height: 18 }),
    );
    await expect(pipeline.processFrame(flat(64, 36, 3))).rejects.toMatchObject({
      code: 'queue-full',
      details: { limit: 2 },
    });
    await pipeline.start();
    await Promise.all(accepted);
    await expect(pipeline.processFrame(flat(64, 36, 3))).resolves.toHaveLength(64 * 36 * 4);
  });

  it('rejects a frame that is none, and only that one', async () => {
    const pipeline = initialize();
    await pipeline.start();
    const wrong = pipeline.processFrame(Buffer.from('no picture'));
    const right = pipeline.processFrame(flat(32, 18, 9), { width: 32, height: 18 });
    await expect(wrong).rejects.toMatchObject({ code: 'frame-invalid' });
    await expect(pipeline.processFrame(Buffer.alloc(10), { width: 32, height: 18 })).rejects.toMatchObject({
      code: 'frame-invalid',
    });
    expect((await right)[0]).toBe(9);
  });

  it('uses recycled buffers again and keeps no more than its pool', async () => {
    const pipeline = initialize({ poolSize: 1 });
    await pipeline.start();
    const [one, two] = await Promise.all([1, 2].map((value) => pipeline.processFrame(flat(64, 36, value))));
    pipeline.recycle(one!);
    pipeline.recycle(two!);
    pipeline.recycle(Buffer.alloc(64 * 36 * 4));
    expect(pipeline.idleBuffers).toBe(1);
    const three = await pipeline.processFrame(flat(64, 36, 3));
    expect(three.buffer).toBe(one!.buffer);
    expect(two![0]).toBe(2);
  });

  it('lets waiting frames go when it is stopped', async () => {
    const pipeline = initialize();
    const waiting = pipeline.processFrame(flat(32, 18, 1), { width: 32, height: 18 });
    await pipeline.stop();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
