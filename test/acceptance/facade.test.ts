import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { paths } from '../../electron/streaming/lib/paths';
import { syncCollection } from '../support/collections';
import { requires } from '../support/requires';
import { decodeStream } from '../support/sync-reader';

/** A Node program that uses the built module, and what it says. */
class Program implements AsyncDisposable {
  readonly process: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<unknown>;

  constructor(path: string, env: NodeJS.ProcessEnv = process.env) {
    this.process = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'pipe'], env });
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#closed = once(this.process, 'close');
  }

  /** the rest of its line that begins with this word */
  said(word: string): Promise<string> {
    return vi.waitFor(
      () => {
        const line = this.stdout.split('\n').find((text) => text.startsWith(`${word} `));
        if (line === undefined) throw new Error(`no ${word} yet: ${this.stdout} ${this.stderr}`);
        return line.slice(word.length + 1);
      },
      { timeout: 30_000 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill('SIGKILL');
    await this.#closed;
  }
}

async function listening(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

describe.skipIf(!requires('ffmpeg'))("the original document's API, from the built module", () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'facade-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('its example streams a composition that a player sees, and every part says what it knows', async () => {
    const collection = syncCollection(folder, 320, 180);
    const probe = await listening();
    const port = portOf(probe);
    await new Promise((resolve) => probe.close(resolve));
    const path = join(folder, 'example.mjs');
    writeFileSync(
      path,
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
const encoder = StreamEncoder.initialize({ width: 320, height: 180, fps: 30, bitrate: 600_000, codec: 'h264', preset: 'veryfast', streamUrl: 'rtmp://127.0.0.1:${port}/live/stream-key-123' });
const server = RTMPServer.initialize({ port: ${port}, chunk_size: 60000, gop_cache: true, ping: 30, ping_timeout: 60 });
expectCode('already-initialized', () => RTMPServer.initialize({ port: 0 }));
const errors = [];
for (const part of [composition, pipeline, encoder, server])
  part.on('error', ({ code, message, retryable }) => errors.push({ code, message, retryable }));
const isLive = new Promise((resolve) => encoder.on('live', resolve));

// As documented: nothing is awaited, and the server, where the encoder connects to, comes last.
pipeline.start();
encoder.start();
server.start();
const added = RTMPServer.getInstance().addStreamKey('stream-key-123');
composition.on('frame', async (frame) => {
  const processed = await pipeline.processFrame(frame);
  encoder.sendFrame(processed);
});
expectCode('frame-invalid', () => encoder.sendFrame(Buffer.alloc(7)));

const { name } = await added;
await isLive;
console.log('url rtmp://127.0.0.1:' + server.port + '/live/' + name);
process.stdin.once('data', async () => {
  const starting = [...errors];
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
  console.log('done ' + JSON.stringify({ streams, left, counters, errors: starting, name }));
  process.exit(0);
});
`,
    );
    await using program = new Program(path);
    const url = await program.said('url');
    expect(url).toMatch(new RegExp(`^rtmp://127\\.0\\.0\\.1:${port}/live/`));
    expect(url).not.toContain('stream-key-123');
    const { frames } = await decodeStream(url, { seconds: 3, hasSound: false, deadlineMs: 40_000 });
    // Through RGBA, Sharp, I420, H.264 and RTMP the burnt-in counter is still readable, and rises.
    const counters = frames.map(({ counter }) => counter);
    expect(counters.length).toBeGreaterThan(45);
    expect(counters).not.toContain(null);
    expect(
      counters.every((counter, index) => index === 0 || (counter ?? 0) >= (counters[index - 1] ?? 0)),
    ).toBe(true);
    program.process.stdin?.write('stop\n');
    const done = JSON.parse(await program.said('done')) as {
      name: string;
      errors: { code: string; retryable: boolean }[];
    } & Record<string, unknown>;
    expect(done).toMatchObject({
      streams: [
        {
          name: done.name,
          app: 'live',
          publisher: expect.stringContaining('127.0.0.1'),
          codecs: { video: expect.any(String), audio: null },
        },
      ],
      left: 0,
      counters: { encoded: expect.any(Number) },
    });
    // Connecting before the server listens, or knows the key, is tried again; nothing else went wrong.
    for (const error of done.errors) {
      expect(['destination-unreachable', 'destination-key-refused'], JSON.stringify(error)).toContain(
        error.code,
      );
      expect(error.retryable).toBe(true);
    }
  });

  it.each(['with listeners', 'without'])(
    'a start that fails, unawaited, ends no process (%s)',
    async (kind) => {
      const root = installationWithoutFfmpeg(join(folder, kind));
      const occupied = await listening();
      const path = join(root, 'failing.mjs');
      writeFileSync(
        path,
        `
import { Composition, FramePipeline, StreamEncoder, RTMPServer } from ${JSON.stringify(join(root, 'out', 'streaming', 'index.js'))};
const size = { width: 320, height: 180 };
const parts = {
  composition: new Composition({ ...size, fps: 30 }),
  pipeline: FramePipeline.initialize(size),
  encoder: StreamEncoder.initialize({ ...size, fps: 30, bitrate: 600_000, codec: 'h264', preset: 'veryfast', streamUrl: 'rtmp://127.0.0.1:9/live/key' }),
  server: RTMPServer.initialize({ port: ${portOf(occupied)} }),
};
const errors = [];
for (const [name, part] of Object.entries(parts)) {
  if (${kind === 'with listeners'}) part.on('error', ({ code }) => errors.push(name + ' ' + code));
  part.start();
}
process.stdin.once('data', async () => {
  const awaited = [];
  for (const [name, part] of Object.entries(parts)) await part.start().catch(({ code }) => awaited.push(name + ' ' + code));
  for (const part of Object.values(parts)) await part.stop();
  console.log('done ' + JSON.stringify({ errors, awaited }));
  process.exit(0);
});
setTimeout(() => console.log('alive yes'), 2000);
`,
      );
      try {
        const env = { HOME: process.env['HOME'], PATH: '', FFMPEG_BIN: join(folder, 'no-such-ffmpeg') };
        await using program = new Program(path, env);
        await program.said('alive');
        program.process.stdin?.write('stop\n');
        const { errors, awaited } = JSON.parse(await program.said('done')) as Record<string, string[]>;
        const failures = ['composition ffmpeg-missing', 'encoder ffmpeg-missing', 'server port-in-use'];
        expect(awaited).toEqual(failures);
        if (kind === 'with listeners') expect(errors?.toSorted()).toEqual(failures);
        else for (const code of ['ffmpeg-missing', 'port-in-use']) expect(program.stderr).toContain(code);
      } finally {
        await new Promise((resolve) => occupied.close(resolve));
      }
    },
  );
});

/** The built module where no FFmpeg package lies beside it. */
function installationWithoutFfmpeg(root: string): string {
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  cpSync(join(paths.root, 'out'), join(root, 'out'), { recursive: true });
  cpSync(join(paths.root, 'package.json'), join(root, 'package.json'));
  symlinkSync(paths.resources, join(root, 'resources'));
  const packages = realpathSync(join(paths.root, 'node_modules'));
  for (const name of readdirSync(packages))
    if (!['@ffmpeg-installer', 'ffmpeg-static', '.bin'].includes(name))
      symlinkSync(join(packages, name), join(root, 'node_modules', name));
  return root;
}
