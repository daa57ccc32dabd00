import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemDevices } from '../../electron/streaming/sources/devices/system-devices';
import { X11Probe } from '../../electron/streaming/sources/devices/x11-probe';
import { ScreenSource } from '../../electron/streaming/sources/screen-source';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { screenSourceSchema } from '../../shared/model/source';
import { testBuilds } from '../support/ffmpeg-builds';
import { MuteFfmpeg } from '../support/mute-ffmpeg';
import { NewestReader } from '../support/newest-reader';
import { requires } from '../support/requires';
import { plainRequest, testContext } from '../support/source-bench';
import type { TestContext } from '../support/source-bench';
import { waitFor } from '../support/wait-for';
import { XServer } from '../support/x-server';

/** BT.709 limited, of X's colours */
const red = [63, 102, 240];
const blue = [32, 240, 118];
const grey = [126, 128, 128];
const near = (found: readonly number[], wanted: readonly number[]): boolean =>
  found.every((value, index) => Math.abs(value - (wanted[index] ?? 0)) <= 3);

const isReady = requires('ffmpeg', 'Xvfb', 'xterm', 'xdotool', 'xsetroot');
const builds = await testBuilds();

describe.skipIf(!isReady).each(builds)('a screen captured by FFmpeg $version', (ffmpeg) => {
  let x: XServer;
  let devices: SystemDevices;
  let context: TestContext;
  const never = new AbortController().signal;
  const patience = 15_000;

  beforeAll(async () => {
    x = await XServer.start();
    await x.paintRoot('gray50');
    devices = new SystemDevices([new X11Probe(ffmpeg, x.env)], silentLogger);
    await devices.start();
    await devices.refresh();
    context = { ...testContext(), ffmpeg, devices };
  }, 20_000);
  afterAll(async () => {
    await devices.stop();
    await x.stop();
  });

  const sourceOf = (device: { id: string; name: string }, more: object = {}): ScreenSource =>
    new ScreenSource(
      screenSourceSchema.parse({ id: 's', name: 'Screen', kind: 'screen', device, ...more }),
      context,
    );

  it('is asked again what it can do when it was too slow to tell', async () => {
    const window = await x.openWindow('Clock', 'red', { x: 10, y: 10, width: 100, height: 100 });
    await devices.refresh();
    const listed = devices.list.find(({ name }) => name === 'Clock')?.address;
    using slow = new MuteFfmpeg(ffmpeg);
    const probe = new X11Probe(slow.build, x.env);
    slow.isMute = true;
    await expect(probe.list(never)).rejects.toThrow(/did not answer/);
    slow.isMute = false;
    const again = await probe.list(never);
    expect(listed).toBeDefined();
    expect(again.devices.find(({ name }) => name === 'Clock')?.address).toEqual(listed);
    await window.close();
  }, 30_000);

  it('shows a window where it is, and where it goes', async () => {
    const screen = devices.list.find(({ kind }) => kind === 'screen');
    expect(screen).toMatchObject({ id: 'x11:screen', isDefault: true, size: { width: 640, height: 480 } });
    const window = await x.openWindow('Mover', 'red', { x: 100, y: 60, width: 120, height: 80 });
    const source = sourceOf({ id: 'x11:screen', name: 'Screen' }, { isCursorShown: false });
    await source.start();
    const picture = await source.picture(plainRequest, never);
    const reader = new NewestReader(picture, context.arena);
    const isRed = (px: number, py: number): boolean => near(reader.look().at(px, py), red);
    await waitFor(() => isRed(102, 62) && isRed(217, 137), 'the window', patience);
    const outside = reader.look();
    expect([outside.width, outside.height]).toEqual([640, 480]);
    for (const [px, py] of [
      [96, 100],
      [222, 100],
      [160, 57],
      [160, 143],
    ] as const)
      expect(outside.at(px, py)).toSatisfy((found: number[]) => near(found, grey));
    await x.run('xdotool', 'windowmove', `${window.id}`, '400', '300');
    await waitFor(() => isRed(402, 302) && !isRed(102, 62), 'the window elsewhere', patience);
    expect(source.state.state).toBe('ok');
    expect(source.size).toEqual({ width: 640, height: 480 });
    picture.release();
    await window.close();
    await source.stop();
    expect(context.arena.live.size).toBe(0);
  }, 40_000);

  it('captures a part, with or without the cursor, and takes another while it runs', async () => {
    await x.run('xdotool', 'mousemove', '300', '200');
    const device = { id: 'x11:screen', name: 'Screen' };
    const region = { x: 290, y: 190, width: 41, height: 40 };
    const source = sourceOf(device, { region });
    await source.start();
    let picture = await source.picture(plainRequest, never);
    let reader = new NewestReader(picture, context.arena);
    const hasCursor = (): boolean => {
      const seen = reader.look();
      return Array.from({ length: 400 }, (_, at) => seen.at(8 + (at % 20), 8 + Math.floor(at / 20))).some(
        (pixel) => !near(pixel, grey),
      );
    };
    expect([reader.look().width, reader.look().height]).toEqual([40, 40]);
    await waitFor(hasCursor, 'the cursor', patience);
    expect(source.update({ ...source.settings, isCursorShown: false })).toBe(true);
    await waitFor(() => !hasCursor(), 'no cursor', patience);
    // Another size: the old picture stays until the new one is there.
    let changes = 0;
    source.onChanged(() => (changes += 1));
    source.update({ ...source.settings, region: { ...region, width: 60 } });
    await waitFor(() => source.size?.width === 60, 'another size', patience);
    expect(changes).toBeGreaterThan(0);
    const next = await source.picture(plainRequest, never);
    picture.release();
    picture = next;
    reader = new NewestReader(picture, context.arena);
    expect(reader.look().width).toBe(60);
    source.update({ ...source.settings, region: { x: 700, y: 0, width: 10, height: 10 } });
    await waitFor(() => source.state.state === 'failed', 'a region outside', patience);
    expect(source.state.error).toMatchObject({ code: 'device-failed' });
    picture.release();
    await source.stop();
    expect(context.arena.live.size).toBe(0);
  }, 40_000);

  it('follows a window by its title, its size, its end and its return', async () => {
    const open = (): ReturnType<XServer['openWindow']> =>
      x.openWindow('Game', 'blue', { x: 30, y: 30, width: 201, height: 100 });
    let window = await open();
    const stopListening = devices.onChanged(() => undefined);
    await waitFor(
      () => devices.list.some(({ name, size }) => name === 'Game' && size?.width === 201),
      'the window',
      patience,
    );
    const device = devices.list.find(({ name }) => name === 'Game');
    const source = sourceOf({ id: device?.id ?? '', name: 'Game' }, { isCursorShown: false });
    await source.start();
    let picture = await source.picture(plainRequest, never);
    expect(picture.size).toEqual({ width: 200, height: 100 });
    const see = async (): Promise<readonly number[] | 'card'> => {
      const next = await source.picture(plainRequest, never);
      picture.release();
      picture = next;
      return picture.content.type === 'live'
        ? new NewestReader(picture, context.arena).look().at(50, 50)
        : 'card';
    };
    expect(await see()).toSatisfy((found: number[]) => near(found, blue));
    await x.run('xdotool', 'windowmove', `${window.id}`, '300', '200');
    await x.run('xdotool', 'windowsize', `${window.id}`, '260', '120');
    await waitFor(() => source.size?.width === 260 && source.size.height === 120, 'the new size', patience);
    await waitFor(async () => near((await see()) as number[], blue), 'its picture', patience);
    await window.close();
    await waitFor(async () => (await see()) === 'card', 'the card', patience);
    expect(source.state.error).toEqual({ code: 'window-missing', details: { name: 'Game' } });
    window = await open();
    await waitFor(async () => (await see()) !== 'card', 'its return', patience);
    await waitFor(() => source.state.state === 'ok', 'the state', patience);
    picture.release();
    await source.stop();
    await window.close();
    stopListening();
    expect(context.arena.live.size).toBe(0);
  }, 60_000);

  it('shows a window whatever its title becomes, by the same process, and never another that was open beside it', async () => {
    const place = { x: 20, y: 20, width: 120, height: 80 };
    let shared = await x.openWindow('Shared', 'red', place);
    const secret = await x.openWindow('Secret', 'blue', { ...place, x: 200 });
    const entitle = async (window: { readonly id: number }, title: string): Promise<void> => {
      await x.run('xdotool', 'set_window', '--name', title, `${window.id}`);
      await devices.refresh();
      await waitFor(() => devices.list.some(({ name }) => name === title), `the title ${title}`, patience);
    };
    await devices.refresh();
    await waitFor(() => devices.list.some(({ name }) => name === 'Shared'), 'the window', patience);
    const id = devices.list.find(({ name }) => name === 'Shared')?.id ?? '';
    const source = sourceOf({ id, name: 'Shared' }, { isCursorShown: false });
    await source.start();
    let picture = await source.picture(plainRequest, never);
    const see = async (): Promise<readonly number[] | 'card'> => {
      const next = await source.picture(plainRequest, never);
      picture.release();
      picture = next;
      return picture.content.type === 'live'
        ? new NewestReader(picture, context.arena).look().at(50, 40)
        : 'card';
    };
    const isRed = async (): Promise<boolean> => {
      const seen = await see();
      return seen !== 'card' && near(seen, red);
    };
    await waitFor(isRed, 'its picture', patience);

    const [pid] = source.pids;
    expect(pid).toBeDefined();
    await entitle(shared, 'Shared, page 2');
    for (let look = 0; look < 10; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(source.pids).toEqual([pid]);
    }

    // The other has its very title, and soon is the only one of the program.
    await entitle(secret, 'Shared');
    expect(source.pids).toEqual([pid]);
    await shared.close();
    await waitFor(() => source.state.error?.code === 'window-missing', 'that it is missing', patience);
    await waitFor(async () => (await see()) === 'card', 'the card', patience);
    await entitle(secret, 'Mail');
    expect(source.state.error?.code).toBe('window-missing');
    expect(source.pids).toEqual([]);

    shared = await x.openWindow('Shared', 'red', place);
    await waitFor(isRed, 'its return', patience);
    picture.release();
    await source.stop();
    await shared.close();
    await secret.close();
    expect(context.arena.live.size).toBe(0);
  }, 60_000);
});
