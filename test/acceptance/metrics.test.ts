import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { metersSchema } from '../../shared/contract/events';
import { serverMessageSchema } from '../../shared/contract/messages';
import { syncCollection } from '../support/collections';
import { commandLine, TestEngine } from '../support/engine';
import { programPath, requires } from '../support/requires';

const program = ['--size', '320x180', '--fps', '30', '--bitrate', '500'];

describe.skipIf(!requires('ffmpeg'))('each metric moves by what causes it', () => {
  let folder: string;
  let collection: string;
  let engine: TestEngine;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'metrics-'));
    collection = syncCollection(folder, 320, 180);
    engine = await TestEngine.ready([...program, '--collection', collection]);
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const rises = (name: string, from: number) =>
    expect.poll(() => engine.metric(name), { timeout: 15_000 }).toBeGreaterThan(from);

  it('levels come twenty times a second to whoever asks for them, peak and RMS', async () => {
    const socket = new WebSocket(`${engine.origin.replace('http', 'ws')}/ws`);
    await once(socket, 'open');
    const times: number[] = [];
    socket.on('message', (data) => {
      const message = serverMessageSchema.parse(JSON.parse(Buffer.from(data as ArrayBuffer).toString()));
      if (message.type !== 'event' || message.event !== 'meters') return;
      const { peakDb, rmsDb } = metersSchema.parse(message.payload);
      expect(peakDb[0]).toBeGreaterThanOrEqual(rmsDb[0]);
      times.push(performance.now());
    });
    socket.send(JSON.stringify({ type: 'hello', version: 1, token: engine.token }));
    socket.send(JSON.stringify({ type: 'subscribe', topics: ['meters'] }));
    await expect.poll(() => times.length, { timeout: 15_000 }).toBeGreaterThan(60);
    socket.close();
    const perSecond = ((times.length - 1) * 1000) / ((times.at(-1) ?? 0) - (times[0] ?? 0));
    expect(perSecond).toBeGreaterThan(18);
    expect(perSecond).toBeLessThan(22);
  });

  it('connections, active streams, bandwidth in both directions: an encoder publishes, a player watches', async () => {
    const connections = await engine.metric('rtmp_connections_total');
    const streams = await engine.metric('rtmp_active_streams');
    const sent = await engine.metric('rtmp_bandwidth_bytes{direction="sent"}');
    const received = await engine.metric('rtmp_bandwidth_bytes{direction="received"}');
    const { key } = await engine.call('key.create', { name: 'Phone' });
    const publisher = spawn(
      programPath('ffmpeg'),
      [
        ...'-v error -re -f lavfi -i testsrc2=size=160x90:rate=30 -c:v libx264 -preset ultrafast -f flv'.split(
          ' ',
        ),
        `${engine.rtmpUrl}/${key}`,
      ],
      { stdio: 'ignore' },
    );
    await rises('rtmp_active_streams', streams);
    const player = spawn(
      programPath('ffmpeg'),
      ['-v', 'error', '-i', `${engine.rtmpUrl}/program`, '-c', 'copy', '-f', 'null', '-'],
      { stdio: 'ignore' },
    );
    await rises('rtmp_connections_total', connections + 1);
    await rises('rtmp_bandwidth_bytes{direction="sent"}', sent + 20_000);
    await rises('rtmp_bandwidth_bytes{direction="received"}', received + 20_000);
    publisher.kill('SIGKILL');
    player.kill('SIGKILL');
    await expect.poll(() => engine.metric('rtmp_active_streams'), { timeout: 15_000 }).toBe(streams);
  });

  it('errors: a stranger talks HTTP to the RTMP port', async () => {
    const count = async () => {
      const text = await (await fetch(`${engine.origin}/metrics`)).text();
      return [...text.matchAll(/^rtmp_errors_total\{[^}]*\} (\d+)$/gm)].reduce(
        (sum, [, value]) => sum + Number(value),
        0,
      );
    };
    const before = await count();
    const { port } = new URL(engine.rtmpUrl.replace('rtmp:', 'http:'));
    connect(Number(port), '127.0.0.1', function (this: ReturnType<typeof connect>) {
      this.end('POST / HTTP/1.1\r\nHost: x\r\n\r\n');
    }).on('error', () => undefined);
    await expect.poll(count, { timeout: 10_000 }).toBeGreaterThan(before);
  });

  it('encoder rate, bitrate, queue, latency and the histograms: the program runs', async () => {
    await rises('encoder_fps', 10);
    await rises('encoder_bitrate', 100_000);
    await rises('encoder_queue_size', 0);
    await rises('encoder_rtmp_latency', 0.01);
    expect(await engine.metric('encoder_rtmp_latency')).toBeLessThan(10);
    for (const name of [
      'compositor_frame_seconds_count',
      'encoder_frame_seconds_count',
      'pipeline_frame_seconds_count',
      'hub_packet_seconds_count{output="Local RTMP server"}',
      'compositor_ticks_total',
    ]) {
      await rises(name, await engine.metric(name));
    }
  });

  it('skipped, and the queue before it: an encoder that stalls', async () => {
    // FFmpeg behind a pipe that lets a quarter of the frames' bytes through.
    const slow = join(folder, 'slow-ffmpeg');
    writeFileSync(
      slow,
      `#!/usr/bin/env bash
case " $* " in
*" matroska "*) ${process.execPath} -e '
const { stdin, stdout } = process;
stdin.on("data", (chunk) => {
  stdin.pause();
  stdout.write(chunk, () => setTimeout(() => stdin.resume(), (chunk.length / (320 * 180 * 1.5 * 8)) * 1000));
});
stdin.on("end", () => stdout.end());
' | ${programPath('ffmpeg')} "$@" ;;
*) exec ${programPath('ffmpeg')} "$@" ;;
esac
`,
    );
    chmodSync(slow, 0o755);
    await using stalled = await TestEngine.ready([...program, '--collection', collection], {
      env: { FFMPEG_BIN: slow },
    });
    await expect
      .poll(() => stalled.metric('encoder_dropped_frames'), { timeout: 20_000 })
      .toBeGreaterThan(10);
    // A superfast encoder in good health holds eight; this one is half a second behind and more.
    await expect.poll(() => stalled.metric('encoder_queue_size'), { timeout: 20_000 }).toBeGreaterThan(15);
    const { notices } = await stalled.until(({ notices: found }) =>
      expect(found.map(({ error }) => error.code)).toContain('encoder-behind'),
    );
    expect(notices.length).toBeGreaterThan(0);
  });

  it('lagged: the whole engine is stopped for a moment', async () => {
    const before = await engine.metric('compositor_lagged_frames_total');
    process.kill(engine.pid, 'SIGSTOP');
    const stoppedAt = process.hrtime.bigint();
    while (process.hrtime.bigint() - stoppedAt < 300_000_000n)
      await new Promise((resolve) => setImmediate(resolve));
    process.kill(engine.pid, 'SIGCONT');
    await rises('compositor_lagged_frames_total', before + 3);
  });

  it('dropped: a destination that stops reading', async () => {
    await using far = await TestEngine.ready([...program, '--collection', collection]);
    const { key } = await far.call('key.create', { name: 'Channel' });
    await using busy = await TestEngine.ready([...program, '--bitrate', '4000', '--collection', collection]);
    const { id } = await busy.call('destination.add', { name: 'far', url: far.rtmpUrl, key });
    await busy.call('live.start', {});
    await busy.until(({ outputs }) =>
      expect(outputs.find((output) => output.id === id)?.status.state).toBe('live'),
    );
    const server = far.children().find((pid) => /rtmp-server/.test(commandLine(pid)));
    process.kill(server ?? -1, 'SIGSTOP');
    try {
      await expect
        .poll(() => busy.metric('output_dropped_frames_total{output="far"}'), { timeout: 25_000 })
        .toBeGreaterThan(5);
      // The stalled one costs the local output nothing.
      const { outputs } = await busy.snapshot();
      expect(outputs.find(({ kind }) => kind === 'local')?.droppedFrames).toBe(0);
    } finally {
      process.kill(server ?? -1, 'SIGCONT');
    }
  });
});
