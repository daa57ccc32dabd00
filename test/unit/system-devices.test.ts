import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../electron/streaming/lib/logger';
import type { DeviceListing, DeviceProbe } from '../../electron/streaming/sources/devices/device-probe';
import { LinuxCameras } from '../../electron/streaming/sources/devices/linux-cameras';
import { SystemDevices, deviceView } from '../../electron/streaming/sources/devices/system-devices';
import { WindowIds } from '../../electron/streaming/sources/devices/window-ids';
import type { FoundDevice } from '../../electron/streaming/sources/source';
import { testContext } from '../support/source-bench';
import { waitFor } from '../support/wait-for';

const window = (id: string, name: string, instance: number): FoundDevice => ({
  ...{ id, kind: 'window', name, isDefault: false, size: { width: 100, height: 100 }, modes: [] },
  ...{ instance, address: { system: 'x11grab', display: ':0', windowId: 70 + instance, x: 0, y: 0 } },
});
const camera = (id: string, name: string): FoundDevice => ({
  ...{ id, kind: 'camera', name, isDefault: false, size: null, modes: [] },
  address: { system: 'v4l2', input: id },
});

class ListedProbe implements DeviceProbe {
  listing: DeviceListing = { devices: [], notes: {} };
  lists = 0;
  watchers = 0;
  onChanged: () => void = () => undefined;

  failure: Error | null = null;

  list(): Promise<DeviceListing> {
    this.lists += 1;
    if (this.failure) return Promise.reject(this.failure);
    return Promise.resolve(this.listing);
  }

  watch(onChanged: () => void): () => void {
    this.watchers += 1;
    this.onChanged = onChanged;
    return () => void (this.watchers -= 1);
  }
}

async function directory(): Promise<{
  probe: ListedProbe;
  devices: SystemDevices;
  show: (...list: FoundDevice[]) => Promise<void>;
}> {
  const probe = new ListedProbe();
  const devices = new SystemDevices([probe], silentLogger);
  await devices.start();
  return {
    ...{ probe, devices },
    show: async (...list) => {
      probe.listing = { devices: list, notes: { 'desktop-sound': 'not here' } };
      await devices.refresh();
    },
  };
}

describe('a device is found again', () => {
  it('by its id, else by its name, and only among its kind', async () => {
    const { devices, show } = await directory();
    await show(camera('v4l2:a', 'Webcam'), camera('v4l2:b', 'Webcam'), camera('v4l2:c', 'Other'));
    const find = (id: string, name: string): string | undefined => devices.find(['camera'], { id, name })?.id;
    expect(find('v4l2:b', 'Webcam')).toBe('v4l2:b');
    expect(find('v4l2:gone', 'Other')).toBe('v4l2:c');
    expect(find('v4l2:gone', 'Nobody')).toBeUndefined();
    expect(devices.find(['screen'], { id: 'v4l2:a', name: 'Webcam' })).toBeNull();
    expect(devices.notes).toEqual({ 'desktop-sound': 'not here' });
    expect(Object.keys(deviceView(window('x', 'y', 1))).sort()).toEqual([
      'id',
      'isDefault',
      'kind',
      'modes',
      'name',
      'size',
    ]);
    await devices.stop();
  });

  it('never by one that was there beside it, until it or its like comes anew', async () => {
    const { devices, show } = await directory();
    const find = (): string | undefined => devices.find(['camera'], { id: 'v4l2:a', name: 'Webcam' })?.id;
    await show(camera('v4l2:a', 'Webcam'));
    expect(find()).toBe('v4l2:a');
    // Nobody looks for it meanwhile: what is listed is seen all the same.
    await show(camera('v4l2:a', 'Webcam'), camera('v4l2:twin', 'Webcam'));
    await show(camera('v4l2:twin', 'Webcam'));
    expect(find()).toBeUndefined();
    // On another port; then on its own again.
    await show(camera('v4l2:twin', 'Webcam'), camera('v4l2:port-2', 'Webcam'));
    expect(find()).toBe('v4l2:port-2');
    await show(camera('v4l2:twin', 'Webcam'), camera('v4l2:port-2', 'Webcam'), camera('v4l2:a', 'Webcam'));
    expect(find()).toBe('v4l2:a');
    await devices.stop();
    // After a start nothing was seen: its like is all there is to go by.
    const later = await directory();
    await later.show(camera('v4l2:twin', 'Webcam'));
    expect(later.devices.find(['camera'], { id: 'v4l2:a', name: 'Webcam' })?.id).toBe('v4l2:twin');
    await later.devices.stop();
  });

  it('a window is the same while it lives, whatever its title; then one that came later', async () => {
    const { devices, show } = await directory();
    const reference = { id: 'x11:window:Editor:draft', name: 'draft' };
    const find = (): number | null => {
      return devices.find(['window'], reference)?.instance ?? null;
    };
    await show(window('x11:window:Editor:draft', 'draft', 1));
    expect(find()).toBe(1);
    await show(window('x11:window:Editor:final', 'final', 1), window('x11:window:Other:draft', 'draft', 2));
    expect(find()).toBe(1);
    // The private one of the same title, and soon of the same program's only.
    await show(window('x11:window:Other:draft', 'draft', 2));
    expect(find()).toBeNull();
    await show(window('x11:window:Other:draft', 'draft', 2), window('x11:window:Editor:new', 'new', 3));
    expect(find()).toBe(3);
    await show(window('x11:window:Editor:a', 'a', 4), window('x11:window:Editor:b', 'b', 5));
    expect(find()).toBeNull();
    await show(window('x11:window:Editor:a', 'a', 4), window('x11:window:Editor:draft', 'draft', 6));
    expect(find()).toBe(6);
    await show(window('x11:window:Editor:secret', 'secret', 4));
    expect(find()).toBeNull();
    // From an export, which tells no titles: a window without one is no match.
    await show(window('x11:window:Other:', '', 6), window('x11:window:Editor:b', 'b', 7));
    const found = devices.find(['window'], { id: 'x11:window:Editor:', name: '' });
    expect(found?.id).toBe('x11:window:Editor:b');
    await devices.stop();
  });

  it('news come while anybody listens, and only what is new is told', async () => {
    const { probe, devices, show } = await directory();
    expect(probe.watchers).toBe(0);
    let changes = 0;
    const stop = devices.onChanged(() => (changes += 1));
    expect(probe.watchers).toBe(1);
    await show(camera('a', 'A'));
    await show(camera('a', 'A'));
    expect(changes).toBe(1);
    probe.listing = { devices: [], notes: {} };
    probe.onChanged();
    await waitFor(() => changes === 2, 'the news');
    stop();
    stop();
    expect(probe.watchers).toBe(0);
    await devices.stop();
    const { lists } = probe;
    await devices.refresh();
    expect(probe.lists).toBe(lists);
  });
});

describe('a list that could not be made', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('leaves the former one, and is tried again as long as anybody listens', async () => {
    const { probe, devices, show } = await directory();
    await show(camera('a', 'A'));
    let changes = 0;
    const stop = devices.onChanged(() => (changes += 1));
    probe.failure = new Error('too slow');
    await devices.refresh();
    expect(devices.list.map(({ id }) => id)).toEqual(['a']);
    probe.failure = null;
    probe.listing = { devices: [camera('b', 'B')], notes: {} };
    await vi.advanceTimersByTimeAsync(2000);
    expect(devices.list.map(({ id }) => id)).toEqual(['b']);
    expect(changes).toBe(1);
    probe.failure = new Error('too slow');
    await devices.refresh();
    stop();
    const { lists } = probe;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(probe.lists).toBe(lists);
    await devices.stop();
  });
});

describe('the ids of windows', () => {
  const ids = (
    book: WindowIds,
    open: Record<number, string>,
    hidden: number[] = [],
  ): Record<number, string> =>
    Object.fromEntries(
      book
        .assign(
          Object.entries(open).map(([window, plainId]) => ({ window: Number(window), plainId })),
          new Set([...Object.keys(open).map(Number), ...hidden]),
        )
        .map(({ window, id }) => [window, id]),
    );

  it('stay while they live, and are not handed to a window that was open beside', () => {
    const book = new WindowIds();
    expect(ids(book, { 1: 'mail', 2: 'mail' })).toEqual({ 1: 'mail', 2: 'mail:2' });
    // The title of the first goes away and comes back.
    expect(ids(book, { 1: 'news', 2: 'mail' })).toEqual({ 1: 'news', 2: 'mail:2' });
    expect(ids(book, { 1: 'mail', 2: 'mail' })).toEqual({ 1: 'mail', 2: 'mail:2' });
    // It is closed: what was beside it stays what it was, also when it was put away meanwhile …
    expect(ids(book, { 1: 'mail' }, [2])).toEqual({ 1: 'mail' });
    expect(ids(book, { 2: 'mail' })).toEqual({ 2: 'mail:2' });
    expect(ids(book, { 2: 'news' })).toEqual({ 2: 'news:2' });
    // … and what is opened now may be it, under the number of one that is gone too.
    expect(ids(book, { 2: 'mail', 3: 'mail' })).toEqual({ 2: 'mail:2', 3: 'mail' });
    expect(ids(book, { 2: 'mail' })).toEqual({ 2: 'mail:2' });
    expect(ids(book, { 2: 'mail', 3: 'mail' })).toEqual({ 2: 'mail:2', 3: 'mail' });
  });

  it('name an instance that no other window ever is', () => {
    const book = new WindowIds();
    const instanceOf = (window: number): number | undefined =>
      book.assign([{ window, plainId: 'mail' }], new Set([window]))[0]?.instance;
    const first = instanceOf(7);
    expect(instanceOf(7)).toBe(first);
    book.assign([], new Set());
    expect(instanceOf(7)).not.toBe(first);
  });
});

describe.skipIf(process.platform !== 'linux')('cameras of Linux', () => {
  it('have their own name and udev’s id, and are noticed as they come', async () => {
    const root = mkdtempSync(join(tmpdir(), 'cameras-'));
    const [dev, sys] = [join(root, 'dev'), join(root, 'sys')];
    const plug = (node: string, name: string, index: string): void => {
      mkdirSync(join(sys, node), { recursive: true });
      writeFileSync(join(sys, node, 'name'), `${name}\n`);
      writeFileSync(join(sys, node, 'index'), `${index}\n`);
      writeFileSync(join(dev, node), '');
    };
    mkdirSync(join(dev, 'v4l', 'by-id'), { recursive: true });
    plug('video10', 'Old Cam', '0');
    plug('video2', 'HD Pro Webcam C920: HD Pro Webcam', '0');
    plug('video3', 'HD Pro Webcam C920: HD Pro Webcam', '1');
    const link = join(dev, 'v4l', 'by-id', 'usb-046d_HD_Pro_Webcam_C920_1234-video-index0');
    symlinkSync('../../video2', link);
    const { ffmpeg } = testContext({ ffmpeg: 'no-such-ffmpeg' });
    const cameras = new LinuxCameras(ffmpeg, { dev, sys });
    const { devices } = await cameras.list(new AbortController().signal);
    expect(devices).toEqual([
      {
        ...{ id: `v4l2:${link}`, kind: 'camera', name: 'HD Pro Webcam C920', isDefault: true, size: null },
        ...{ modes: [], address: { system: 'v4l2', input: join(dev, 'video2'), formats: [] } },
      },
      {
        ...{
          id: `v4l2:${join(dev, 'video10')}`,
          kind: 'camera',
          name: 'Old Cam',
          isDefault: false,
          size: null,
        },
        ...{ modes: [], address: { system: 'v4l2', input: join(dev, 'video10'), formats: [] } },
      },
    ]);
    let changes = 0;
    const stop = cameras.watch(() => (changes += 1));
    plug('video4', 'New Cam', '0');
    await waitFor(() => changes > 0, 'the new camera', 2000);
    stop();
    rmSync(root, { recursive: true });
  });
});
