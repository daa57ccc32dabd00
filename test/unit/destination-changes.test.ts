import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeError } from '../../shared/contract/error-text';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { DataFolder } from '../../electron/studio/data-folder';
import { addDestinations, destinationCommands } from '../../electron/studio/destination-commands';
import { DestinationStore } from '../../electron/studio/destination-store';
import { Egress } from '../../electron/studio/egress';
import { plainDestination } from '../support/plain-destination';

const twitch = {
  ...{ name: 'My channel', url: 'rtmps://live.twitch.tv/app', key: 'canary-of-twitch' },
  serviceId: 'twitch',
  ...plainDestination,
};

describe('changing a destination', () => {
  let folder: DataFolder;
  let egress: Egress;
  let saved: DestinationStore;
  let commands: ReturnType<typeof destinationCommands>;
  let id: string;
  beforeEach(async () => {
    folder = new DataFolder(mkdtempSync(join(tmpdir(), 'changes-')));
    egress = new Egress(new PacketHub(), silentLogger);
    saved = new DestinationStore(folder);
    commands = destinationCommands({ egress, saved, stopping: new AbortController().signal });
    ({ id } = await commands['destination.add'](twitch));
  });
  afterEach(async () => {
    await egress.stop();
    rmSync(folder.path, { recursive: true, force: true });
  });
  const update = async (patch: { url?: string; key?: string; serviceId?: string | null }): Promise<unknown> =>
    commands['destination.update']({ id, ...patch });
  type Login = { user: string; password?: string } | null;
  const changeLogin = async (patch: { url?: string; key?: string; login?: Login }): Promise<unknown> =>
    commands['destination.update']({ id, ...patch });
  const onDisk = () => new DestinationStore(folder).load().destinations;

  it.each([
    ['rtmps://a.rtmps.youtube.com:443/live2', 'a.rtmps.youtube.com'],
    ['rtmp://relay.example/app', 'relay.example'],
    ['rtmp://[2001:db8::1]:1935/app', '2001:db8::1'],
  ])('sends no key to %s that was given for another server', async (url, next) => {
    const refusal = await update({ url, serviceId: null, ...plainDestination }).catch(
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({
      code: 'destination-key-of-another',
      details: { name: 'My channel', former: 'live.twitch.tv', next },
    });
    const { sentence, remedy } = describeError({
      code: 'destination-key-of-another',
      details: { name: 'My channel', former: 'live.twitch.tv', next },
    });
    expect(sentence).toContain('live.twitch.tv');
    expect(remedy).toContain(`key of ${next}`);
    expect(egress.destination(id)).toEqual(twitch);
    expect(onDisk()).toEqual([{ id, ...twitch }]);
    await update({ url, key: 'canary-of-the-other', serviceId: null, ...plainDestination });
    expect(onDisk()).toEqual([
      { id, name: 'My channel', url, key: 'canary-of-the-other', serviceId: null, ...plainDestination },
    ]);
  });

  it.each([
    ['not encrypted', 'rtmp://LIVE.twitch.tv:1935/app'],
    ['with another application', 'rtmps://live.twitch.tv/other'],
  ])('keeps the key for the same server, %s', async (_, url) => {
    await update({ url });
    expect(egress.destination(id)).toEqual({ ...twitch, url });
  });

  it('keeps the key between two servers of one service, and tells two addresses apart that no service names', async () => {
    await update({ url: 'rtmps://a.rtmps.youtube.com:443/live2', key: 'canary-of-youtube' });
    await update({ url: 'rtmps://b.rtmps.youtube.com:443/live2?backup=1' });
    expect(egress.destination(id).key).toBe('canary-of-youtube');
    // Of one company, but each with keys of its own.
    await update({ url: 'rtmps://one.global-contribute.live-video.net/app', key: 'canary-of-kick' });
    await expect(update({ url: 'rtmps://two.global-contribute.live-video.net/app' })).rejects.toMatchObject({
      code: 'destination-key-of-another',
    });
  });

  it('keeps a login for its own server alone, its password sealed, and shows the user name only', async () => {
    const login = { user: 'me', password: 'canary-password' };
    await changeLogin({ login });
    expect(onDisk()).toEqual([{ id, ...twitch, login }]);
    expect(readFileSync(folder.file('destinations.json'), 'utf8')).not.toContain('canary');
    expect(egress.outputs()).toMatchObject([{ user: 'me' }]);
    expect(JSON.stringify(egress.outputs())).not.toContain('canary');
    // A change of something else leaves it; another user of the same server may have the same password.
    await changeLogin({ key: 'canary-next' });
    expect(egress.destination(id).login).toEqual(login);
    await changeLogin({ login: { user: 'you' } });
    expect(egress.destination(id).login).toEqual({ ...login, user: 'you' });
    // Another server hears nothing of it.
    const url = 'rtmp://relay.example/app';
    await expect(changeLogin({ url, key: 'k', login: { user: 'you' } })).rejects.toMatchObject({
      code: 'invalid-request',
    });
    await changeLogin({ url, key: 'k' });
    expect(egress.destination(id)).not.toHaveProperty('login');
    await changeLogin({ login });
    await changeLogin({ login: null });
    expect(onDisk()[0]).not.toHaveProperty('login');
    expect(egress.outputs()).toMatchObject([{ user: null }]);
  });

  it.each([
    'rtmp://me:canary-password@relay.example/app',
    'rtmp://me:canary/password@relay.example/app',
    'rtmp://relay.example/app\n',
    'rtmp://relay.example:0/app',
    'rtmp://relay.example',
    'javascript://relay.example/app',
    `rtmp://relay.example/${'a'.repeat(4000)}`,
  ])('takes no hostile address, and nothing else changes (%#)', async (url) => {
    const before = [egress.outputs(), onDisk()];
    const attempts: (() => unknown)[] = [
      () =>
        commands['destination.add']({ name: 'Relay', url, key: 'k', serviceId: null, ...plainDestination }),
      () => commands['destination.update']({ id, url, key: 'k' }),
      () => commands['destination.test']({ url, key: 'k' }),
    ];
    for (const attempt of attempts) {
      const error: unknown = await Promise.resolve()
        .then(attempt)
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'destination-url-invalid' });
      expect((error as Error).message).not.toMatch(/canary|\p{Cc}/u);
    }
    expect([egress.outputs(), onDisk()]).toEqual(before);
  });

  it('a file that holds a hostile address costs the others nothing', async () => {
    await saved.put({
      id: 'b',
      name: 'Relay',
      url: 'rtmp://a:b@relay.example/app',
      key: 'k',
      serviceId: null,
      ...plainDestination,
    });
    const next = new Egress(new PacketHub(), silentLogger);
    const errors = addDestinations(next, [], new DestinationStore(folder));
    expect(errors).toMatchObject([{ code: 'destination-url-invalid' }]);
    expect(next.outputs()).toMatchObject([{ name: 'My channel' }]);
  });
});
