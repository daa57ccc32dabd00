import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { StudioError } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import type { Amf0Value } from '../../electron/streaming/media/amf0';
import { toFlv } from '../../electron/streaming/media/flv';
import { rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { RtmpPublisher } from '../../electron/streaming/rtmp/publisher';
import type { RtmpPublisherOptions } from '../../electron/streaming/rtmp/publisher';
import { DataFolder } from '../../electron/studio/data-folder';
import { destinationCommands } from '../../electron/studio/destination-commands';
import { DestinationStore } from '../../electron/studio/destination-store';
import { Egress } from '../../electron/studio/egress';
import { plainDestination } from '../support/plain-destination';
import { requires } from '../support/requires';
import { RtmpClient } from '../support/rtmp-client';
import { RtmpPeer } from '../support/rtmp-peer';
import { startRtmpServer } from '../support/rtmp-server';
import { TestPacketReader } from '../support/test-packets';
import { encodeVp9, endlessVp9 } from '../support/vp9-fixture';
import type { Vp9Fixture } from '../support/vp9-fixture';
import { waitFor } from '../support/wait-for';

const key = 'canary-key-7f3a';

describe.skipIf(!requires('ffmpeg'))('publishing VP9', () => {
  let fixture: Vp9Fixture;
  const cleanUps: (() => unknown)[] = [];
  beforeAll(() => {
    fixture = encodeVp9();
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  const publisherTo = (port: number, options: Partial<RtmpPublisherOptions> = {}): RtmpPublisher =>
    new RtmpPublisher({
      ...{ id: 'a', name: 'A', kind: 'destination', url: `rtmp://127.0.0.1:${port}/live`, key },
      ...options,
    });
  const peerWith = async (connectProperties: Record<string, Amf0Value>) => {
    const peer = new RtmpPeer({ connectProperties });
    cleanUps.push(() => peer.close());
    return { peer, port: await peer.listen() };
  };
  const failureOf = async (publisher: RtmpPublisher, reader: TestPacketReader): Promise<StudioError> => {
    const error: unknown = await publisher
      .run(reader, new AbortController().signal, () => undefined)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StudioError);
    return error as StudioError;
  };
  const bodiesOf = ({ video, packets }: Vp9Fixture): string[] =>
    [video, ...packets].map((unit) => Buffer.concat(toFlv(unit).parts).toString('hex'));

  it('reaches a server that names it, unit by unit', async () => {
    const { peer, port } = await peerWith({ videoFourCcInfoMap: { vp09: 5 } });
    const units = [fixture.video, ...fixture.packets];
    const reader = new TestPacketReader(units, { atEnd: 'end', videoCodec: 'vp9' });
    await publisherTo(port).run(reader, new AbortController().signal, () => undefined);
    await waitFor(() => peer.media(rtmpType.video).length === units.length, 'all of it');
    expect(peer.media(rtmpType.video).map(({ payload }) => payload.toString('hex'))).toEqual(
      bodiesOf(fixture),
    );
  });

  it.each<[string, Record<string, Amf0Value>, readonly string[] | null]>([
    ['names others', { fourCcList: ['av01', 'hvc1'] }, ['av01', 'hvc1']],
    ['says nothing', {}, null],
  ])('is refused before the key where a server %s', async (_, properties, named) => {
    const { peer, port } = await peerWith(properties);
    const reader = new TestPacketReader(endlessVp9(fixture), { videoCodec: 'vp9' });
    const error = await failureOf(publisherTo(port), reader);
    expect([error.code, error.retryable]).toEqual(['codec-unsupported', false]);
    expect(error.details).toEqual({ host: '127.0.0.1', codec: 'vp9', named });
    expect(error.message).toMatch(/VP9.*Choose H\.264/);
    expect(peer.commandNames()).toEqual(['connect']);
  });

  it('of a destination that says nothing goes out once a person says that it takes it', async () => {
    const { peer, port } = await peerWith({});
    const hub = new PacketHub();
    for (const unit of [fixture.video, ...fixture.packets]) hub.push(unit);
    const egress = new Egress(hub, silentLogger);
    cleanUps.push(() => egress.stop());
    const url = `rtmp://127.0.0.1:${port}/live`;
    const id = egress.addDestination({ name: 'Own', url, key, serviceId: null, ...plainDestination });
    egress.startDestination(id);
    const status = () => egress.outputs()[0]?.status;
    await waitFor(() => status()?.state === 'failed', 'the refusal');
    expect(status()).toMatchObject({ error: { code: 'codec-unsupported', details: { named: null } } });
    const folder = mkdtempSync(join(tmpdir(), 'vp9-'));
    cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
    const saved = new DestinationStore(new DataFolder(folder));
    const commands = destinationCommands({ egress, saved, stopping: new AbortController().signal });
    // A test of the connection asks for what would be sent.
    const tested = (takesVp9: boolean) => Promise.resolve(commands['destination.test']({ id, takesVp9 }));
    await expect(tested(false)).rejects.toMatchObject({ code: 'codec-unsupported' });
    expect(await tested(true)).toMatchObject({ isEncrypted: false });
    egress.replaceDestination(id, egress.changedDestination(id, { takesVp9: true }));
    expect(egress.outputs()).toMatchObject([{ name: 'Own', takesVp9: true }]);
    await waitFor(() => peer.media(rtmpType.video).length > 5, 'pictures');
    expect(peer.media(rtmpType.video)[0]!.payload.toString('hex')).toBe(bodiesOf(fixture)[0]);
  });

  it('VP8 is refused without a connection', async () => {
    const { peer, port } = await peerWith({ fourCcList: ['*'] });
    const error = await failureOf(publisherTo(port), new TestPacketReader([], { videoCodec: 'vp8' }));
    expect([error.code, error.retryable]).toEqual(['codec-unsupported', false]);
    expect(error.message).toMatch(/takes no VP8.*Choose H\.264 or VP9/);
    expect(peer.connections).toBe(0);
  });

  it('that was not known of before it came takes another attempt', async () => {
    const { peer, port } = await peerWith({ fourCcList: ['*'] });
    const error = await failureOf(publisherTo(port), new TestPacketReader(endlessVp9(fixture)));
    expect([error.code, error.retryable]).toEqual(['destination-lost', true]);
    expect(peer.media(rtmpType.video)).toEqual([]);
  });

  /** what a player got: the sequence's start, then pictures of the fixture in their order, from a keyframe on */
  function expectPlayed(player: RtmpClient): void {
    const [start, ...pictures] = player.media(rtmpType.video).map(({ payload }) => payload.toString('hex'));
    const [config, ...sent] = bodiesOf(fixture);
    expect(start).toBe(config);
    const at = sent.indexOf(pictures[0]!);
    expect(fixture.packets[at]!.isKeyframe).toBe(true);
    expect(pictures).toEqual(pictures.map((_, index) => sent[(at + index) % sent.length]));
  }

  it('goes through our own server unchanged, also to a late player', async () => {
    const { server, internalKey } = await startRtmpServer();
    cleanUps.push(() => server.stop());
    const stop = new AbortController();
    const reader = new TestPacketReader(endlessVp9(fixture), { isPaced: true, videoCodec: 'vp9' });
    const publisher = publisherTo(server.port, { key: internalKey });
    const running = publisher.run(reader, stop.signal, () => undefined);
    cleanUps.push(async () => {
      stop.abort();
      await running;
    });
    await waitFor(() => server.activeStreams()[0]?.codecs.video === 'vp9', 'the server to know the codec');
    await waitFor(() => reader.pulledMs > 700, 'a keyframe to be past');
    const { client } = await RtmpClient.play(server.port, 'program');
    cleanUps.push(() => client.destroy());
    await client.until(() => client.media(rtmpType.video).length > 25, 'pictures');
    expectPlayed(client);
  });

  it('goes through node-media-server, which does not say that it takes it, where a person says so', async () => {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'nms-'));
    const nms = createRequire(import.meta.url).resolve('node-media-server');
    const script = `
      const Server = require(${JSON.stringify(nms)});
      new Server({ bind: '127.0.0.1', rtmp: { port: ${port} }, store: { path: './store' } }).run();`;
    const server = spawn(process.execPath, ['-e', script], { cwd: folder, stdio: 'ignore' });
    cleanUps.push(async () => {
      const exited = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    });
    await waitFor(() => isListening(port), 'node-media-server to listen');
    const stop = new AbortController();
    const reader = new TestPacketReader(endlessVp9(fixture), { isPaced: true, videoCodec: 'vp9' });
    const publisher = publisherTo(port, { isSilenceConsent: true });
    const running = publisher.run(reader, stop.signal, () => undefined);
    cleanUps.push(async () => {
      stop.abort();
      await running;
    });
    await waitFor(() => reader.pulledMs > 700, 'the stream to run');
    const { client } = await RtmpClient.play(port, key);
    cleanUps.push(() => client.destroy());
    await client.until(() => client.media(rtmpType.video).length > 25, 'pictures');
    expectPlayed(client);
  });
});

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
