import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../electron/streaming/lib/logger';
import type { DeviceListing, DeviceProbe } from '../../electron/streaming/sources/devices/device-probe';
import { LinuxCameras } from '../../electron/streaming/sources/devices/linux-cameras';
import { SystemDevices, deviceView } from '../../electron/streaming/sources/devices/system-devices';
import type { FoundDevice } from '../../electron/streaming/sources/source';
import { testContext } from '../support/source-bench';
import { waitFor } from '../support/wait-for';

const window = (id: string, name: string, windowId: number): FoundDevice => ({
  ...{ id, kind: 'window', name, isDefault: false, size: { width: 100, height: 100 }, modes: [] },
  address: { system: 'x11grab', display: ':0', windowId, x: 0, y: 0 },
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

  list(): Promise<DeviceListing> {
    this.lists += 1;
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
    expect(deviceView(camera('x', 'y'))).not.toHaveProperty('address');
    await devices.stop();
  });

  it('a window is the same while it lives, whatever its title; then one of its title or its program', async () => {
    const { devices, show } = await directory();
    const reference = { id: 'x11:window:Editor:draft', name: 'draft' };
    const find = (): number | null => {
      const address = devices.find(['window'], reference)?.address;
      return address?.system === 'x11grab' ? address.windowId : null;
    };
    await show(window('x11:window:Editor:draft', 'draft', 1));
    expect(find()).toBe(1);
    await show(window('x11:window:Editor:final', 'final', 1), window('x11:window:Other:draft', 'draft', 2));
    expect(find()).toBe(1);
    await show(window('x11:window:Other:draft', 'draft', 2), window('x11:window:Editor:new', 'new', 3));
    expect(find()).toBe(2);
    await show(window('x11:window:Editor:new', 'new', 3));
    expect(find()).toBe(3);
    await show(window('x11:window:Editor:a', 'a', 4), window('x11:window:Editor:b', 'b', 5));
    expect(find()).toBeNull();
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
