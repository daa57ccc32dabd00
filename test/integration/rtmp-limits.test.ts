import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { IngestLimits } from '../../shared/contract/rtmp-server';
import { encodeAmf0 } from '../../electron/streaming/media/amf0';
import { rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import { RtmpClient } from '../support/rtmp-client';
import { startRtmpServer } from '../support/rtmp-server';
import { waitFor } from '../support/wait-for';
import type { TestServer } from '../support/rtmp-server';

let test: TestServer;
const sockets: Socket[] = [];
async function start(limits: Partial<IngestLimits>): Promise<number> {
  test = await startRtmpServer(limits);
  return test.server.port;
}
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await test.server.stop();
});

function raw(port: number): { socket: Socket; closed: Promise<void>; received: () => number } {
  const socket = connect(port, '127.0.0.1');
  let received = 0;
  socket.on('data', (bytes: Buffer) => (received += bytes.length));
  socket.on('error', () => undefined);
  sockets.push(socket);
  return {
    socket,
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
    received: () => received,
  };
}
const errorCount = (kind: keyof TestServer['server']['stats']['errors']): number =>
  test.server.stats.errors[kind] ?? 0;

describe('before authentication', () => {
  it('closes what is not RTMP, says nothing, and counts it', async () => {
    const port = await start({});
    const http = raw(port);
    http.socket.write('POST /live/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello');
    await http.closed;
    expect(http.received()).toBe(0);
    await waitFor(() => errorCount('handshake') === 1, 'counted');
  });

  it('closes a connection that stays silent, and one that stops half-way', async () => {
    const port = await start({ unauthenticatedMs: 400 });
    const silent = raw(port);
    const halfOpen = raw(port);
    halfOpen.socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(700)]));
    const connected = await RtmpClient.ready(port);
    await Promise.all([silent.closed, halfOpen.closed, connected.closed()]);
    await waitFor(() => errorCount('timeout') === 3, 'counted');
  });

  it('takes no more than its share of bytes', async () => {
    const port = await start({});
    const client = await RtmpClient.ready(port);
    const filler = encodeAmf0('nothing', 0, 'x'.repeat(8000));
    for (let sent = 0; sent < 256 * 1024; sent += filler.length) client.send(rtmpType.commandAmf0, filler);
    await client.closed();
    await waitFor(() => errorCount('limit') === 1, 'counted');
  });

  it('limits connections, and keeps a place for the program', async () => {
    const port = await start({ connections: 3, connectionsPerLoopbackAddress: 3 });
    const clients = await Promise.all([1, 2, 3].map(() => RtmpClient.ready(port)));
    const { key } = await test.keys.add('Guest');
    const guest = await RtmpClient.publish(port, key);
    expect(guest.code).toBeNull();
    const program = await RtmpClient.publish(port, test.internalKey);
    expect(program.code).toBe('NetStream.Publish.Start');
    const fifth = raw(port);
    await fifth.closed;
    await waitFor(() => errorCount('limit') === 2, 'counted');
    for (const client of [...clients, program.client]) client.destroy();
  });

  it('locks an address out after many wrong keys, but never the program', async () => {
    const port = await start({
      lockoutFailures: 3,
      lockoutMs: 1500,
      refusalDelayMinMs: 1,
      refusalDelayMaxMs: 2,
    });
    const { key } = await test.keys.add('Camera');
    for (let attempt = 0; attempt < 3; attempt++)
      expect((await RtmpClient.publish(port, `guess-${attempt}`)).code).toBe('NetStream.Publish.BadName');
    expect((await RtmpClient.publish(port, key)).code).toBe('NetStream.Publish.BadName');
    const program = await RtmpClient.publish(port, test.internalKey);
    expect(program.code).toBe('NetStream.Publish.Start');
    await waitFor(async () => {
      const { client, code } = await RtmpClient.publish(port, key);
      client.destroy();
      return code === 'NetStream.Publish.Start';
    }, 'unlocked');
    program.client.destroy();
  });
});

describe('afterwards', () => {
  it('ends a publisher that has gone silent and frees its name', async () => {
    const port = await start({ publisherSilenceMs: 500 });
    const { key } = await test.keys.add('Camera');
    const { client } = await RtmpClient.publish(port, key);
    await client.closed();
    await waitFor(() => errorCount('timeout') === 1 && test.server.stats.publishers === 0, 'counted');
    expect((await RtmpClient.publish(port, key)).code).toBe('NetStream.Publish.Start');
  });

  it('lets the next publisher with its key take over from one that is silent for a while, and only then', async () => {
    const port = await start({ takeoverSilenceMs: 800 });
    const { key } = await test.keys.add('Camera');
    const { client: first } = await RtmpClient.publish(port, key);
    const sending = setInterval(() => first.video('keyframe', 0, 100), 50);
    const { client: player } = await RtmpClient.play(port, 'camera');
    await player.until(() => player.media(rtmpType.video).length > 0, 'its pictures');
    await delay(1000);
    expect((await RtmpClient.publish(port, key)).code).toBe('NetStream.Publish.BadName');
    await waitFor(() => errorCount('occupied') === 1, 'counted');
    clearInterval(sending);
    await delay(1000);
    const second = await RtmpClient.publish(port, key);
    expect(second.code).toBe('NetStream.Publish.Start');
    await first.closed();
    // What the former sent is over for those who watched.
    await player.closed();
    await waitFor(() => errorCount('timeout') === 1 && test.server.stats.publishers === 1, 'counted');
    const { client: next } = await RtmpClient.play(port, 'camera');
    second.client.video('keyframe', 0, 100);
    await next.until(() => next.media(rtmpType.video).length > 0, 'the pictures of the next one');
    for (const client of [second.client, next]) client.destroy();
  });

  it('a player of a stream that never comes waits for so long only', async () => {
    const port = await start({ playWaitMs: 300 });
    await test.keys.add('Camera');
    const { client } = await RtmpClient.play(port, 'camera');
    await client.closed();
    expect(client.codes()).toContain('NetStream.Play.StreamNotFound');
  });

  it('bounds what it keeps for a player that stops reading, while another misses nothing', async () => {
    const port = await start({ playerQueueBytes: 4 * 1024 * 1024 });
    const { key } = await test.keys.add('Camera');
    const { client: publisher } = await RtmpClient.publish(port, key);
    const { client: slow } = await RtmpClient.play(port, 'camera');
    const { client: quick } = await RtmpClient.play(port, 'camera');
    slow.socket.pause();
    let seen = 0;
    const look = (): void => {
      seen += quick.media(rtmpType.video).length;
      quick.messages.length = 0;
    };
    const pid = test.server.pid!;
    const before = residentBytes(pid);
    let peak = before;
    const pictures = 800;
    for (let sent = 0; sent < pictures; sent++) {
      publisher.video(sent % 10 === 0 ? 'keyframe' : 'inter', sent * 20, 256 * 1024);
      await quick.until(() => (look(), seen >= sent - 8), 'picture of the quick player');
      if (sent % 20 === 0) peak = Math.max(peak, residentBytes(pid));
    }
    await quick.until(() => (look(), seen === pictures), 'every picture');
    // 200 MB went by. Allowed are the queue, the cached GOP (2.5 MB) and the garbage of copies.
    expect(peak - before).toBeLessThan(130 * 1024 * 1024);
    for (const client of [publisher, slow, quick]) client.destroy();
  });

  it('cuts off a player that takes nothing at all for too long', async () => {
    const port = await start({ playerStalledMs: 700 });
    const { key } = await test.keys.add('Camera');
    const { client: publisher } = await RtmpClient.publish(port, key);
    const { client: slow } = await RtmpClient.play(port, 'camera');
    slow.socket.pause();
    let sent = 0;
    await waitFor(
      () => {
        for (let burst = 0; burst < 10; burst++, sent++)
          publisher.video(sent % 30 === 0 ? 'keyframe' : 'inter', sent * 10, 64 * 1024);
        return errorCount('slow-player') === 1;
      },
      'cut off',
      20_000,
    );
    await waitFor(() => test.server.stats.players === 0, 'gone');
    expect(publisher.isClosed).toBe(false);
    for (const client of [publisher, slow]) client.destroy();
  });
});

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}
