import { expect, it } from 'vitest';
import { collectionSchema } from '../../shared/model/collection';
import type { DeviceListing, DeviceProbe } from '../../electron/streaming/sources/devices/device-probe';
import { SystemDevices } from '../../electron/streaming/sources/devices/system-devices';
import type { FoundDevice } from '../../electron/streaming/sources/source';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { Show } from '../../electron/streaming/show';
import { testContext } from '../support/source-bench';
import { waitFor } from '../support/wait-for';

class TestProbe implements DeviceProbe {
  devices: FoundDevice[] = [];
  watchers = 0;
  list(): Promise<DeviceListing> {
    return Promise.resolve({ devices: this.devices, notes: {} });
  }
  watch(): () => void {
    this.watchers += 1;
    return () => void (this.watchers -= 1);
  }
}

const window = (title: string): FoundDevice => ({
  ...{ id: `x11:window:Browser:${title}`, kind: 'window', name: title, isDefault: false, instance: 1 },
  ...{ size: { width: 100, height: 100 }, modes: [] },
  address: { system: 'x11grab', display: ':0', windowId: 5, x: 0, y: 0 },
});
const camera: FoundDevice = {
  ...{ id: 'v4l2:/dev/video1', kind: 'camera', name: 'Webcam', isDefault: true, size: null, modes: [] },
  address: { system: 'v4l2', input: '/dev/video1' },
};

it('a show tells which device each source has, also while nothing is captured', async () => {
  const probe = new TestProbe();
  probe.devices = [window('Page 1')];
  await using devices = new SystemDevices([probe], silentLogger);
  await devices.start();
  await devices.refresh();
  const collection = collectionSchema.parse({
    version: 1,
    name: 'Test',
    sources: [
      {
        ...{ id: 'page', name: 'Page', kind: 'screen' },
        device: { id: 'x11:window:Browser:Page 1', name: 'Page 1' },
      },
      { id: 'face', name: 'Face', kind: 'camera', device: { id: 'v4l2:/dev/video0', name: 'Webcam' } },
      { id: 'colour', name: 'Colour', kind: 'color' },
    ],
    scenes: [{ id: 'scene', name: 'Scene', items: [] }],
  });
  const [scene] = collection.scenes;
  if (!scene) throw new Error('no scene');
  await using show = new Show(
    {
      ...{ width: 320, height: 180, fps: 10, clock: 'real', ffmpeg: testContext().ffmpeg },
      ...{ attached: { devices }, logger: silentLogger },
    },
    { collection, baseFolder: '/' },
    scene,
  );
  const told: Record<string, string | null>[] = [];
  show.events.on('sources', () =>
    told.push(Object.fromEntries(show.sourcesView().map(({ id, deviceId }) => [id, deviceId]))),
  );
  await show.start();
  await waitFor(() => told.at(-1)?.['page'] === 'x11:window:Browser:Page 1', 'the window');
  expect(told.at(-1)).toEqual({ page: 'x11:window:Browser:Page 1', face: null, colour: null });

  probe.devices = [window('Page 2'), camera];
  await devices.refresh();
  await waitFor(() => told.at(-1)?.['face'] === 'v4l2:/dev/video1', 'the camera');
  expect(told.at(-1)).toEqual({
    ...{ page: 'x11:window:Browser:Page 2', face: 'v4l2:/dev/video1', colour: null },
  });
  // To tell people is no reason to watch all devices of the system.
  expect(probe.watchers).toBe(0);
}, 30_000);
