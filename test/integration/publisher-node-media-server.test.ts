import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StreamUnit } from '../../electron/streaming/interfaces/packet';
import { RtmpPublisher } from '../../electron/streaming/rtmp/publisher';
import { configsOf, encodeFixture, repeated } from '../support/encoded-fixture';
import { decodeFile, probeFile } from '../support/probe';
import { programPath, requires } from '../support/requires';
import { TestPacketReader } from '../support/test-packets';
import { waitFor } from '../support/wait-for';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });

describe.skipIf(!requires('ffmpeg', 'ffprobe'))('publisher and node-media-server', () => {
  it('a player of the server sees and hears what was published', async () => {
    const fixture = encodeFixture({ seconds: 2 });
    const folder = mkdtempSync(join(tmpdir(), 'nms-'));
    const port = await freePort();
    const script = `
      const Server = require(${JSON.stringify(createRequire(import.meta.url).resolve('node-media-server'))});
      new Server({ bind: '127.0.0.1', rtmp: { port: ${port} }, store: { path: './store' } }).run();`;
    const server = spawn(process.execPath, ['-e', script], { cwd: folder, stdio: 'ignore' });
    const serverExited = new Promise((resolve) => server.once('exit', resolve));
    const stop = new AbortController();
    try {
      await waitFor(() => isListening(port), 'node-media-server to listen');
      function* units(): Generator<StreamUnit> {
        yield* configsOf(fixture);
        yield* repeated(fixture, 100);
      }
      const publisher = new RtmpPublisher({
        id: 'p',
        name: 'P',
        kind: 'local',
        url: `rtmp://127.0.0.1:${port}/live`,
        key: 'program',
      });
      let isLive = false;
      const reader = new TestPacketReader(units(), { isPaced: true });
      const running = publisher.run(reader, stop.signal, () => (isLive = true));
      await waitFor(() => isLive && reader.pulledMs > 500, 'the stream to run');
      const path = join(folder, 'played.flv');
      const player = spawn(
        programPath('ffmpeg'),
        ['-v', 'error', '-i', `rtmp://127.0.0.1:${port}/live/program`, '-t', '2', '-c', 'copy', path],
        { stdio: 'ignore' },
      );
      expect(await new Promise((resolve) => player.once('exit', resolve))).toBe(0);
      stop.abort();
      await running;
      expect(
        probeFile(path)
          .streams.map(({ codec }) => codec)
          .sort(),
      ).toEqual(['aac', 'h264']);
      const decoded = decodeFile(path);
      expect(decoded.complaints).toBe('');
      expect(decoded.videoFrames).toBeGreaterThan(45);
    } finally {
      stop.abort();
      server.kill('SIGKILL');
      await serverExited;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
