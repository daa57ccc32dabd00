import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { paths } from '../../electron/streaming/lib/paths';
import { syncCollection } from '../support/collections';
import { requires } from '../support/requires';
import { decodeStream } from '../support/sync-reader';

describe.skipIf(!requires('ffmpeg'))("the original document's API, from the built module", () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'facade-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('its example streams a composition that a player sees, and every part says what it knows', async () => {
    const collection = syncCollection(folder, 320, 180);
    const program = join(folder, 'example.mjs');
    writeFileSync(
      program,
      `
import { Composition, FramePipeline, StreamEncoder, RTMPServer } from ${JSON.stringify(join(paths.root, 'out', 'streaming', 'index.js'))};

const expectCode = (code, action) => {
  try { action(); } catch (error) { if (error.code === code) return; throw error; }
  throw new Error('expected ' + code);
};
expectCode('not-initialized', () => RTMPServer.getInstance());
expectCode('not-initialized', () => StreamEncoder.getInstance());
expectCode('not-initialized', () => FramePipeline.getInstance());

const composition = new Composition({ width: 320, height: 180, fps: 30, collection: ${JSON.stringify(collection)} });
const pipeline = FramePipeline.initialize({ maxQueueSize: 30, poolSize: 3, quality: 80, format: 'raw', width: 320, height: 180 });
const server = RTMPServer.initialize({ port: 0, chunk_size: 60000, gop_cache: true, ping: 30, ping_timeout: 60 });
expectCode('already-initialized', () => RTMPServer.initialize({ port: 0 }));
const errors = [];
for (const part of [composition, pipeline, server]) part.on('error', (error) => errors.push(error.message));
await server.start();
const { name } = await RTMPServer.getInstance().addStreamKey('stream-key-123');
const encoder = StreamEncoder.initialize({ width: 320, height: 180, fps: 30, bitrate: 600_000, codec: 'h264', preset: 'veryfast', streamUrl: 'rtmp://127.0.0.1:' + server.port + '/live/stream-key-123' });
encoder.on('error', (error) => errors.push(error.message));
composition.on('frame', async (frame) => {
  const processed = await pipeline.processFrame(frame);
  encoder.sendFrame(processed);
});
pipeline.start();
encoder.start();
expectCode('frame-invalid', () => encoder.sendFrame(Buffer.alloc(7)));
console.log('url rtmp://127.0.0.1:' + server.port + '/live/' + name);
process.stdin.once('data', async () => {
  const streams = RTMPServer.getInstance().getActiveStreams();
  await RTMPServer.getInstance().removeStreamKey('stream-key-123');
  const cut = Date.now();
  while (RTMPServer.getInstance().getActiveStreams().length > 0 && Date.now() - cut < 5000) await new Promise((resolve) => setTimeout(resolve, 20));
  const left = RTMPServer.getInstance().getActiveStreams().length;
  const counters = encoder.counters;
  await composition.stop();
  await encoder.stop();
  await pipeline.stop();
  await server.stop();
  RTMPServer.initialize({ port: 0 });
  console.log('done ' + JSON.stringify({ streams, left, counters, errors, name }));
  process.exit(0);
});
`,
    );
    const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const closed = once(child, 'close');
    try {
      await vi.waitFor(() => expect(stdout, stderr).toMatch(/^url /m), { timeout: 20_000 });
      const url = /^url (\S+)$/m.exec(stdout)?.[1] ?? '';
      const { frames } = await decodeStream(url, { seconds: 3, hasSound: false, deadlineMs: 40_000 });
      // Through RGBA, Sharp, I420, H.264 and RTMP the burnt-in counter is still readable, and rises.
      const counters = frames.map(({ counter }) => counter);
      expect(counters.length).toBeGreaterThan(45);
      expect(counters).not.toContain(null);
      expect(
        counters.every((counter, index) => index === 0 || (counter ?? 0) >= (counters[index - 1] ?? 0)),
      ).toBe(true);
      expect(url).not.toContain('stream-key-123');
      child.stdin.write('stop\n');
      await vi.waitFor(() => expect(stdout, stderr).toMatch(/^done /m), { timeout: 20_000 });
      await closed;
      const done = JSON.parse(/^done (.*)$/m.exec(stdout)?.[1] ?? '{}') as Record<string, unknown>;
      expect(done).toMatchObject({
        streams: [
          {
            name: done['name'],
            app: 'live',
            publisher: expect.stringContaining('127.0.0.1'),
            codecs: { video: expect.any(String), audio: null },
          },
        ],
        left: 0,
      });
      expect(done['counters']).toMatchObject({ encoded: expect.any(Number) });
    } finally {
      child.kill('SIGKILL');
      await closed;
    }
  });
});
