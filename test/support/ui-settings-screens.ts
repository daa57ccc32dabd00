import type { Page } from 'playwright-core';
import { believableSnapshot } from './contract-peer-state';
import type { Screen } from './ui-screens';

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
