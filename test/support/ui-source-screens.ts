import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { WireError } from '../../shared/contract/errors';
import type { Snapshot } from '../../shared/contract/snapshot';
import { sceneItemSchema } from '../../shared/model/scene';
import { sourceSchema } from '../../shared/model/source';
import { believableSnapshot } from './contract-peer-state';
import type { Screen } from './ui-screens';

const camera = { id: 'v4l2:usb-046d', name: 'HD Pro Webcam C920' };

/** A show with one more source, on top of the scene on show. */
function withSource(
  name: string,
  settings: Readonly<Record<string, unknown>> & { readonly kind: string },
  error: WireError | null = null,
): Snapshot {
  const snapshot = believableSnapshot();
  const id = 'looked-at';
  return {
    ...snapshot,
    sources: [
      ...snapshot.sources,
      {
        ...{ id, name, kind: settings.kind, settings: sourceSchema.parse({ id, name, ...settings }) },
        ...{
          size: { width: 1280, height: 720 },
          state: error ? 'failed' : 'ok',
          error,
          playback: null,
          deviceId: null,
        },
      },
    ],
    scenes: snapshot.scenes.map((scene) =>
      scene.id === snapshot.program.sceneId
        ? { ...scene, items: [...scene.items, sceneItemSchema.parse({ id: 'top', sourceId: id })] }
        : scene,
    ),
  };
}

const select =
  (name: string) =>
  async (page: Page): Promise<void> => {
    await page.getByRole('row', { name, exact: true }).click();
    await page.getByRole('textbox', { name: 'X', exact: true }).waitFor();
  };

const addStep = (name: string, card: RegExp): Screen => ({
  name: `add-${name}`,
  isBrief: true,
  snapshot: () => believableSnapshot(),
  prepare: async (page) => {
    await page.getByRole('button', { name: 'Add source' }).click();
    await page.getByRole('button', { name: card }).click();
    await page.getByRole('button', { name: 'All sources' }).waitFor();
  },
});

const pageCamera = { kind: 'browser-capture', capture: 'camera' } as const;
/** @param answer what the browser does about the camera, run in the page */
const capturing = (name: string, state: string, answer: () => void): Screen => ({
  name: `capture-${name}`,
  isBrief: true,
  snapshot: () =>
    withSource('My camera', pageCamera, { code: 'capture-page-gone', details: { name: 'My camera' } }),
  prepare: async (page) => {
    await select('My camera')(page);
    await page.evaluate(answer);
    await page.getByRole('button', { name: 'Start capture' }).click();
    await page.locator(`[data-capture-state=${state}]`).waitFor();
  },
});

/** Where sources come from and what can be set about them. */
export const sourceScreens: readonly Screen[] = [
  addStep('device', /^Screen Everything/),
  addStep('file', /^Media file/),
  addStep('ingest', /^Phone or encoder/),
  addStep('existing', /^Existing source again/),
  {
    name: 'camera-properties',
    isBrief: true,
    snapshot: () =>
      withSource('Face', { kind: 'camera', device: camera }, { code: 'device-missing', details: camera }),
    prepare: select('Face'),
  },
  {
    name: 'screen-properties',
    isBrief: true,
    snapshot: () =>
      withSource('Desktop', {
        kind: 'screen',
        device: { id: 'x11:eDP-1', name: 'Built-in display' },
        region: { x: 0, y: 0, width: 1280, height: 720 },
      }),
    prepare: select('Desktop'),
  },
  {
    name: 'ingest-properties',
    isBrief: true,
    snapshot: () =>
      withSource(
        'From the phone',
        { kind: 'ingest', keyId: 'k1' },
        {
          code: 'ingest-silent',
          details: { key: 'Phone' },
        },
      ),
    prepare: async (page) => {
      await select('From the phone')(page);
      // It is typed into the other encoder: all of it must be seen.
      const address = page.getByText(/^Publish to rtmp:/);
      const { inner, outer } = await address.evaluate((line) => ({
        inner: line.scrollWidth,
        outer: line.clientWidth,
      }));
      expect(inner, 'the address to publish to is cut off').toBeLessThanOrEqual(outer);
    },
  },
  {
    name: 'media-properties',
    isBrief: true,
    snapshot: () => believableSnapshot(),
    prepare: select('Gameplay loop'),
  },
  capturing('asking', 'asking', () => {
    navigator.mediaDevices.getUserMedia = () => new Promise(() => undefined);
  }),
  capturing('failed', 'failed', () => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('Could not start video source', 'NotReadableError'));
  }),
];
