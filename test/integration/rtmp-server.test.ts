import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import { RtmpClient } from '../support/rtmp-client';
import { startRtmpServer } from '../support/rtmp-server';
import { waitFor } from '../support/wait-for';
import type { TestServer } from '../support/rtmp-server';

let test: TestServer;
let port: number;
let key: string;
beforeAll(async () => {
  test = await startRtmpServer({ refusalDelayMinMs: 50, refusalDelayMaxMs: 60, lockoutFailures: 1000 });
  port = test.server.port;
  key = (await test.keys.add('Camera One')).key;
});
afterAll(async () => {
  await test.server.stop();
});

/** Every connection of a test is over before the next one begins. */
async function free(...clients: RtmpClient[]): Promise<void> {
  for (const client of clients) client.destroy();
  await waitFor(() => test.server.stats.publishers === 0 && test.server.stats.players === 0, 'all gone');
}
const errors = (kind: keyof TestServer['server']['stats']['errors']): number =>
  test.server.stats.errors[kind] ?? 0;

describe('publishing', () => {
  it('accepts the right key and names the stream by its public name', async () => {
    const { client, code } = await RtmpClient.publish(port, key);
    expect(code).toBe('NetStream.Publish.Start');
    client.video('config', 0);
    client.video('keyframe', 0);
    await waitFor(() => test.server.activeStreams()[0]?.codecs.video === 'h264', 'stream listed');
    const [stream] = test.server.activeStreams();
    expect(stream).toMatchObject({ name: 'camera-one', app: 'live', players: 0 });
    expect(JSON.stringify(client.commands())).not.toContain(key);
    await free(client);
    await waitFor(() => test.server.activeStreams().length === 0, 'stream gone');
  });

  it.each([
    ['a wrong key', 'not-the-key'],
    ['an empty key', ''],
    ['the public name', 'camera-one'],
    ['the reserved program', 'program'],
  ])('refuses %s before Publish.Start and closes', async (_, wrong) => {
    const before = errors('key');
    const { client, code } = await RtmpClient.publish(port, wrong);
    expect(code).toBe('NetStream.Publish.BadName');
    await client.closed();
    expect(client.codes()).not.toContain('NetStream.Publish.Start');
    expect(client.bytesReceived).toBeLessThan(5000);
    await waitFor(() => errors('key') > before, 'counted');
  });

  it('refuses a second publisher while the first one lives', async () => {
    const first = await RtmpClient.publish(port, key);
    const second = await RtmpClient.publish(port, key);
    expect(second.code).toBe('NetStream.Publish.BadName');
    await second.client.closed();
    expect(first.client.isClosed).toBe(false);
    await free(first.client);
    const third = await RtmpClient.publish(port, key);
    expect(third.code).toBe('NetStream.Publish.Start');
    await free(third.client);
  });

  it('allows one publish a connection, and no media before it is accepted', async () => {
    const twice = await RtmpClient.publish(port, key);
    twice.client.command('publish', null, key, 'live');
    await twice.client.closed();

    const { client: player } = await RtmpClient.play(port, 'camera-one');
    const pipelined = await RtmpClient.ready(port);
    pipelined.together(() => {
      pipelined.command('publish', null, key, 'live');
      pipelined.video('config', 0);
      pipelined.video('keyframe', 0);
    });
    await pipelined.closed();
    expect(pipelined.codes()).not.toContain('NetStream.Publish.Start');
    const early = await RtmpClient.ready(port);
    early.video('keyframe', 0);
    await early.closed();
    expect(player.media(rtmpType.video)).toEqual([]);
    await free(player);
  });

  it('cuts a publisher off at once when its key is revoked, and its players see the end', async () => {
    const short = await test.keys.add('Short lived', 'a-key-of-my-own');
    const publisher = await RtmpClient.publish(port, 'a-key-of-my-own');
    expect(publisher.code).toBe('NetStream.Publish.Start');
    const player = await RtmpClient.play(port, short.publicName);
    publisher.client.video('keyframe', 0);
    await player.client.until(() => player.client.media(rtmpType.video).length === 1, 'picture');
    const revokedAt = performance.now();
    await test.keys.remove(short.id);
    await Promise.all([publisher.client.closed(), player.client.closed()]);
    expect(performance.now() - revokedAt).toBeLessThan(1000);
    expect(player.client.codes()).toContain('NetStream.Play.UnpublishNotify');
    const again = await RtmpClient.publish(port, 'a-key-of-my-own');
    expect(again.code).toBe('NetStream.Publish.BadName');
    await free(publisher.client, player.client, again.client);
  });
});

describe('playing', () => {
  it.each([
    ['the key', () => key],
    ['an unknown name', () => 'nobody'],
  ])('refuses %s', async (_, name) => {
    const publisher = await RtmpClient.publish(port, key);
    publisher.client.video('keyframe', 0);
    const { client, code } = await RtmpClient.play(port, name());
    expect(code).toBe('NetStream.Play.StreamNotFound');
    await client.closed();
    expect(client.media(rtmpType.video)).toEqual([]);
    await free(publisher.client);
  });

  it('serves late players from the last keyframe on, with its headers and metadata', async () => {
    const { client: publisher } = await RtmpClient.publish(port, key);
    publisher.video('config', 0, 40);
    publisher.video('keyframe', 0, 200, 1);
    publisher.video('inter', 40, 200, 2);
    publisher.video('keyframe', 2000, 200, 3);
    publisher.send(rtmpType.audio, Buffer.alloc(0), 2010);
    publisher.video('inter', 2040, 200, 4);
    await waitFor(() => (test.server.activeStreams()[0]?.bytesIn ?? 0) > 4000, 'all in');
    const { client: player } = await RtmpClient.play(port, 'camera-one');
    await player.until(() => player.media(rtmpType.video).length >= 3, 'pictures');
    publisher.video('inter', 2080, 200, 5);
    await player.until(() => player.media(rtmpType.video).length >= 4, 'next picture');
    const received = player
      .media(rtmpType.video)
      .map((message) => [message.timestamp, message.payload[50] ?? 'config']);
    expect(received).toEqual([
      [0, 'config'],
      [2000, 3],
      [2040, 4],
      [2080, 5],
    ]);
    // Zero-length audio would put players out of step.
    expect(player.media(rtmpType.audio)).toEqual([]);
    await free(publisher, player);
  });

  it('never lets a player inject: it is closed and no viewer sees a byte', async () => {
    const { client: publisher } = await RtmpClient.publish(port, key);
    const { client: viewer } = await RtmpClient.play(port, 'camera-one');
    const { client: attacker } = await RtmpClient.play(port, 'camera-one');
    const before = errors('injection');
    attacker.video('config', 0, 300, 0xee);
    attacker.video('keyframe', 0, 300, 0xee);
    await attacker.closed();
    publisher.video('keyframe', 10, 200, 7);
    await viewer.until(() => viewer.media(rtmpType.video).length > 0, 'the true picture');
    expect(viewer.media(rtmpType.video).map((message) => message.payload[50])).toEqual([7]);
    await waitFor(() => errors('injection') === before + 1, 'counted');
    await free(publisher, viewer);
  });

  it('keeps the players of the program while its publisher comes back', async () => {
    const first = await RtmpClient.publish(port, test.internalKey);
    expect(first.code).toBe('NetStream.Publish.Start');
    const { client: player } = await RtmpClient.play(port, 'program');
    const fanout: number[] = [];
    const remove = test.server.events.on('fanout', (packets) =>
      fanout.push(...packets.map((packet) => packet.timestampMs)),
    );
    first.client.video('keyframe', 20_000_000);
    await player.until(() => player.media(rtmpType.video).length === 1, 'picture');
    first.client.destroy();
    await waitFor(() => test.server.stats.publishers === 0, 'publisher gone');
    const second = await RtmpClient.publish(port, test.internalKey);
    // What refers to earlier pictures must not reach the player.
    second.client.video('inter', 20_000_040);
    second.client.video('keyframe', 20_000_080);
    await player.until(() => player.media(rtmpType.video).length === 2, 'picture of the second publisher');
    expect(player.media(rtmpType.video).map((message) => message.timestamp)).toEqual([
      20_000_000, 20_000_080,
    ]);
    await waitFor(() => fanout.length === 3, 'fan-out times');
    expect(fanout).toEqual([20_000_000, 20_000_040, 20_000_080]);
    remove();
    await free(second.client, player);
  });
});
