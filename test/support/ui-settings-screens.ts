import type { Page } from 'playwright-core';
import type { Snapshot } from '../../shared/contract/snapshot';
import { believableSnapshot } from './contract-peer-state';
import type { Screen } from './ui-screens';

/** Two variants, of which one goes out. */
export function withVariants(snapshot: Snapshot): Snapshot {
  const [small, talk] = ['small', 'talk'];
  return {
    ...snapshot,
    variants: {
      basis: { ...snapshot.variants.basis, idleCorePercent: 30 },
      list: [
        {
          ...{ id: small, name: '720p30', width: 1280, height: 720, maxFps: 30, bitrateKbps: 2500 },
          ...{ fps: 30, state: 'running' },
          figures: { fps: 30, bitrateKbps: 2504, corePercent: 36.4, skipped: 12 },
        },
        {
          ...{ id: talk, name: 'For slow lines', width: 854, height: 480, maxFps: 15, bitrateKbps: 800 },
          ...{ fps: 15, state: 'off', figures: null },
        },
      ],
    },
    outputs: snapshot.outputs.map((output) =>
      output.id === 'twitch'
        ? {
            ...output,
            variantId: small,
            isWanted: true,
            status: { state: 'live', since: Date.now() - 65_000 },
          }
        : output,
    ),
  };
}

/** The pages of the settings. */
export const settingsScreens: readonly Screen[] = [
  ...['Stream', 'Encoder', 'Sound', 'Recording', 'Hotkeys', 'Appearance'].map((tab) => ({
    name: `settings-${tab.toLowerCase()}`,
    snapshot: () => believableSnapshot(),
    prepare: async (page: Page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('tab', { name: tab }).click();
    },
  })),
  {
    name: 'settings-variants',
    snapshot: () => withVariants(believableSnapshot()),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('tab', { name: 'Variants' }).click();
    },
  },
  {
    name: 'variant-form',
    isBrief: true,
    snapshot: () => withVariants(believableSnapshot()),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('tab', { name: 'Variants' }).click();
      await page.getByRole('button', { name: 'New variant' }).click();
      await page.getByRole('combobox', { name: 'Size' }).selectOption('1080×1080');
    },
  },
  {
    name: 'destination-variant',
    isBrief: true,
    snapshot: () => withVariants(believableSnapshot()),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Edit YouTube' }).click();
      await page.getByRole('combobox', { name: 'Picture' }).selectOption('talk');
    },
  },
  {
    name: 'settings-network',
    snapshot: () => {
      const snapshot = believableSnapshot();
      const urls = ['http://192.168.1.20:7790/', 'http://[2001:db8:85a3::8a2e:370:7334]:7790/'];
      return {
        ...snapshot,
        settings: { ...snapshot.settings, lanPreview: { isOn: true, port: 7790, address: null } },
        lanPreview: { ...snapshot.lanPreview, state: 'on', hasPassword: true, urls, viewers: 2 },
      };
    },
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('tab', { name: 'Network preview' }).click();
      await page.getByRole('button', { name: 'Make one up' }).click();
      await page.getByRole('button', { name: 'Change' }).click();
      await page.getByRole('button', { name: 'Copy the password' }).waitFor();
    },
  },
  {
    name: 'encoder-measuring',
    isBrief: true,
    snapshot: () => believableSnapshot(),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('tab', { name: 'Encoder' }).click();
      await page.getByRole('button', { name: 'Measure with my scene' }).click();
      await page.getByText('Measuring the speed of fast-8t').waitFor();
      await page.getByRole('button', { name: 'Edit games' }).click();
      await page.getByRole('textbox', { name: 'Options of x264' }).fill('ref=99:keyint=1');
    },
  },
];
