import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolder } from '../../electron/studio/data-folder';
import { destinationCommands } from '../../electron/studio/destination-commands';
import { DestinationStore } from '../../electron/studio/destination-store';
import { Egress } from '../../electron/studio/egress';
import { StudioError } from '../../electron/streaming/lib/errors';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { TestAuthority } from '../support/certificates';
import { requires } from '../support/requires';
import { RtmpPeer } from '../support/rtmp-peer';
import type { PeerBehaviour } from '../support/rtmp-peer';
import { waitFor } from '../support/wait-for';
import { plainDestination } from '../support/plain-destination';

const key = 'canary-key-51c9';
const badName = { level: 'error', code: 'NetStream.Publish.BadName', description: '' };

const peers: RtmpPeer[] = [];
const peerThat = async (behaviour: PeerBehaviour = {}): Promise<{ peer: RtmpPeer; port: number }> => {
  const peer = new RtmpPeer(behaviour);
  peers.push(peer);
  return { peer, port: await peer.listen() };
};
const failureOf = async (attempt: unknown): Promise<StudioError> => {
  const error = await Promise.resolve(attempt).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StudioError)) throw new Error('expected a StudioError', { cause: error });
  expect(JSON.stringify([error.message, error.details])).not.toContain('canary');
  return error;
};

let folder: DataFolder;
let egress: Egress;
let saved: DestinationStore;
const commandsWith = (certificateAuthority?: string): ReturnType<typeof destinationCommands> =>
  destinationCommands({
    ...{ egress, saved, stopping: new AbortController().signal },
    ...(certificateAuthority !== undefined && { certificateAuthority }),
  });

beforeEach(() => {
  folder = new DataFolder(mkdtempSync(join(tmpdir(), 'probe-')));
  egress = new Egress(new PacketHub(), silentLogger);
  saved = new DestinationStore(folder);
});
afterEach(async () => {
  await egress.stop();
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
  rmSync(folder.path, { recursive: true, force: true });
});

describe('testing a destination', () => {
  it('goes as far as a publisher, sends nothing, and leaves', async () => {
    const { peer, port } = await peerThat();
    const result = await commandsWith()['destination.test']({ url: `rtmp://127.0.0.1:${port}/live`, key });
    expect(result).toMatchObject({ isEncrypted: false, isKeyChecked: false });
    expect(result.connectMs).toBeGreaterThan(0);
    await waitFor(() => peer.commandNames().includes('deleteStream'), 'the goodbye');
    expect(peer.commands.find(([name]) => name === 'publish')?.[3]).toBe(key);
    expect(peer.messages.every(({ typeId }) => typeId !== 8 && typeId !== 9)).toBe(true);
  });

  it('says of an accepted key that it was checked only after the server has refused another', async () => {
    const commands = commandsWith();
    let status: PeerBehaviour['publishStatus'] = badName;
    const { port } = await peerThat({
      get publishStatus() {
        return status;
      },
    });
    const url = `rtmp://127.0.0.1:${port}/live`;
    expect((await failureOf(commands['destination.test']({ url, key: `${key}x` }))).code).toBe(
      'destination-key-refused',
    );
    status = { level: 'status', code: 'NetStream.Publish.Start', description: '' };
    expect(await commands['destination.test']({ url, key })).toMatchObject({ isKeyChecked: true });
  });

  it('takes a server that hangs up right after its yes for a refusal', async () => {
    const { peer, port } = await peerThat();
    const failing = failureOf(commandsWith()['destination.test']({ url: `rtmp://127.0.0.1:${port}/a`, key }));
    await waitFor(() => peer.commandNames().includes('publish'), 'the publishing');
    // After its yes has gone out.
    setImmediate(() => peer.sockets[0]?.end());
    expect((await failing).toWire()).toMatchObject({
      code: 'destination-key-refused',
      details: { host: '127.0.0.1' },
    });
  });

  it('is not made beside a stream that runs with the same key', async () => {
    const { peer, port } = await peerThat();
    const commands = commandsWith();
    const { id } = await commands['destination.add']({
      ...{ name: 'Own', url: `rtmp://localhost:${port}/live`, key, serviceId: null, ...plainDestination },
    });
    egress.goLive();
    await waitFor(() => peer.commandNames().includes('publish'), 'the stream');
    expect((await failureOf(commands['destination.test']({ id }))).code).toBe('on-air');
    // Typed anew it is the same stream, however the address is written.
    for (const url of [`rtmp://localhost:${port}/live`, `RTMP://LocalHost:${port}/live/`]) {
      const failure = await failureOf(commands['destination.test']({ url, key }));
      expect(failure.toWire()).toEqual({ code: 'on-air', details: { what: 'Testing Own' } });
    }
    await waitFor(() => egress.outputs()[0]?.status.state === 'live', 'the stream to be taken');
    expect((await failureOf(failing(() => commands['destination.update']({ id, name: 'Mine' })))).code).toBe(
      'on-air',
    );
    expect(peer.connections).toBe(1);
    // Another key throws nobody out.
    await commands['destination.test']({ url: `rtmp://127.0.0.1:${port}/live`, key: `${key}x` });
    expect(peer.connections).toBe(2);
  });
});

/** a handler may throw at once */
const failing = async (call: () => unknown): Promise<unknown> => {
  await Promise.resolve();
  return call();
};

describe('changing a destination', () => {
  it('keeps what is left out, on disk too, and finds the key again only for whoever asks', async () => {
    const commands = commandsWith();
    const { id } = await commands['destination.add']({
      ...{ name: 'Twitch', url: 'rtmps://live.example/app', key, serviceId: 'twitch', ...plainDestination },
    });
    await commands['destination.update']({ id, name: 'My channel' });
    expect(egress.outputs()).toMatchObject([
      { id, name: 'My channel', url: 'rtmps://live.example/app', serviceId: 'twitch', hasKey: true },
    ]);
    expect(JSON.stringify(egress.outputs())).not.toContain('canary');
    expect(await commands['destination.revealKey']({ id })).toEqual({ key });
    expect(new DestinationStore(folder).load().destinations).toEqual([
      {
        id,
        name: 'My channel',
        url: 'rtmps://live.example/app',
        key,
        serviceId: 'twitch',
        ...plainDestination,
      },
    ]);
    for (const name of readdirSync(folder.path))
      expect(readFileSync(folder.file(name), 'utf8')).not.toContain('canary');
  });

  it('refuses a name that is taken and an address that is none, and changes nothing', async () => {
    const commands = commandsWith();
    const own = { url: 'rtmp://one.example/live', key, serviceId: null, ...plainDestination };
    const { id } = await commands['destination.add']({ name: 'One', ...own });
    await commands['destination.add']({ name: 'Two', ...own });
    const before = egress.outputs();
    const taken = await failureOf(failing(() => commands['destination.update']({ id, name: 'Two' })));
    expect(taken.code).toBe('destination-name-taken');
    const noUrl = await failureOf(failing(() => commands['destination.update']({ id, url: 'http://one/x' })));
    expect(noUrl.code).toBe('destination-url-invalid');
    expect(egress.outputs()).toEqual(before);
  });
});

describe.skipIf(!requires('openssl'))('the certificate of an encrypted destination', () => {
  let authority: TestAuthority;
  beforeAll(() => (authority = new TestAuthority()));
  afterAll(() => authority[Symbol.dispose]());

  const testOf = async (tls: { key: string; cert: string }, ca?: string): Promise<unknown> => {
    const { port } = await peerThat({ tls });
    return commandsWith(ca)['destination.test']({ url: `rtmps://localhost:${port}/live`, key });
  };

  it('is accepted when a known authority has signed it for this host', async () => {
    const result = await testOf(authority.issue('localhost'), authority.certificate);
    expect(result).toMatchObject({ isEncrypted: true });
  });

  it.each([
    ['self-signed', () => authority.selfSigned('localhost'), 'its certificate is self-signed'],
    ['expired', () => authority.issue('localhost', -1), 'its certificate has expired'],
    ['of another host', () => authority.issue('other.example'), 'its certificate is for another name'],
  ])('is not accepted when it is %s, and the key stays here', async (_, made, reason) => {
    const error = await failureOf(testOf(made(), authority.certificate));
    expect(error.toWire()).toEqual({ code: 'certificate-invalid', details: { host: 'localhost', reason } });
    expect(error.retryable).toBe(false);
    expect(peers.at(-1)?.commands).toEqual([]);
  });

  it('is not accepted from an authority that nobody here knows', async () => {
    const error = await failureOf(testOf(authority.issue('localhost')));
    expect(error.toWire()).toMatchObject({
      details: { reason: 'its certificate is not from a known authority' },
    });
  });
});
