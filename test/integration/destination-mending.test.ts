import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutputView } from '../../shared/contract/snapshot';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { PacketHub } from '../../electron/streaming/output/packet-hub';
import { DataFolder } from '../../electron/studio/data-folder';
import { destinationCommands } from '../../electron/studio/destination-commands';
import { DestinationStore } from '../../electron/studio/destination-store';
import { Egress } from '../../electron/studio/egress';
import { RtmpPeer } from '../support/rtmp-peer';
import { waitFor } from '../support/wait-for';
import { plainDestination } from '../support/plain-destination';

const badName = { level: 'error', code: 'NetStream.Publish.BadName', description: '' };

describe('a destination that fails while the others are live', () => {
  let folder: DataFolder;
  let egress: Egress;
  let commands: ReturnType<typeof destinationCommands>;
  let kept: RtmpPeer;
  let strict: RtmpPeer;
  let refusal: typeof badName | undefined;
  let urls: { kept: string; strict: string };
  beforeEach(async () => {
    folder = new DataFolder(mkdtempSync(join(tmpdir(), 'mending-')));
    egress = new Egress(new PacketHub(), silentLogger);
    const saved = new DestinationStore(folder);
    commands = destinationCommands({ egress, saved, stopping: new AbortController().signal });
    refusal = badName;
    kept = new RtmpPeer();
    strict = new RtmpPeer({
      get publishStatus() {
        return refusal;
      },
    });
    const url = async (peer: RtmpPeer): Promise<string> => `rtmp://127.0.0.1:${await peer.listen()}/live`;
    urls = { kept: await url(kept), strict: await url(strict) };
  });
  afterEach(async () => {
    await egress.stop();
    await Promise.all([kept.close(), strict.close()]);
    rmSync(folder.path, { recursive: true, force: true });
  });
  const add = async (name: string, url: string, key: string): Promise<string> =>
    (await commands['destination.add']({ name, url, key, serviceId: null, ...plainDestination })).id;
  const update = async (patch: { id: string; url?: string; key?: string }): Promise<unknown> =>
    commands['destination.update'](patch);
  const view = (id: string): OutputView | undefined => egress.outputs().find((output) => output.id === id);
  const until = (id: string, state: string) =>
    waitFor(() => view(id)?.status.state === state, `it to be ${state}`);
  const keysAt = (peer: RtmpPeer): unknown[] =>
    peer.commands.filter(([name]) => name === 'publish').map(([, , , key]) => key);

  it('is mended with another key at once, and costs the others nothing', async () => {
    const other = await add('Kept', urls.kept, 'good');
    const id = await add('Strict', urls.strict, 'wrong');
    egress.goLive();
    await until(id, 'failed');
    await until(other, 'live');
    const before = view(other);
    refusal = undefined;
    await update({ id, key: 'right' });
    await until(id, 'live');
    expect(keysAt(strict)).toEqual(['wrong', 'right']);
    expect(new DestinationStore(folder).load().destinations.map(({ key }) => key)).toEqual(['good', 'right']);
    expect(view(other)?.status).toEqual(before?.status);
    expect(kept.connections).toBe(1);
    // What viewers see is not cut off by a change.
    await expect(update({ id, key: 'better' })).rejects.toMatchObject({ code: 'on-air' });
    await expect(update({ id: other, url: urls.strict })).rejects.toMatchObject({ code: 'on-air' });
    expect(egress.destination(id).key).toBe('right');
  });

  it('is mended with another address without waiting for the next attempt at the wrong one', async () => {
    const id = await add('Far', 'rtmp://127.0.0.1:1/live', 'good');
    egress.goLive();
    await until(id, 'reconnecting');
    await update({ id, url: urls.kept });
    await until(id, 'live');
    expect(view(id)).toMatchObject({ url: urls.kept, reconnects: 0 });
  });

  it('is no more tried once the stream has ended, whatever was changed meanwhile', async () => {
    const id = await add('Strict', urls.strict, 'wrong');
    egress.goLive();
    await until(id, 'failed');
    refusal = undefined;
    const ended = egress.endLive();
    await update({ id, key: 'right' });
    await ended;
    expect(view(id)?.status).toEqual({ state: 'idle' });
    egress.goLive();
    await until(id, 'live');
    expect(keysAt(strict)).toEqual(['wrong', 'right']);
  });
});
