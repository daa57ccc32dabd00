import type { BandwidthResult } from '../../shared/contract/link';
import { believableServers } from './contract-peer-servers';
import { believableOutput, believableSnapshot } from './contract-peer-state';
import type { Screen } from './ui-screens';

export const believableResult = (destinationId: string, medianKbps: number): BandwidthResult => ({
  ...{ destinationId, medianKbps, lowKbps: Math.round(medianKbps * 0.83), isLimited: medianKbps < 9000 },
  ...{ at: Date.now() - 180_000, host: 'euc10.contribute.live-video.net', connectMs: 84, roundTripMs: 9 },
});

const withNearest = (): ReturnType<typeof believableSnapshot> => {
  const snapshot = believableSnapshot();
  return {
    ...snapshot,
    outputs: snapshot.outputs.map((output) =>
      output.id === 'twitch'
        ? { ...output, nearest: { name: 'Europe: Germany, Frankfurt', connectMs: 9 } }
        : output,
    ),
  };
};

/** The ways to the destinations: servers, and what connections carry. */
export const linkScreens: readonly Screen[] = [
  {
    name: 'nearest-server',
    isBrief: true,
    snapshot: withNearest,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Edit Twitch' }).click();
      await page.getByText('The nearest is Europe: Germany, Frankfurt, 9 ms away.').waitFor();
    },
  },
  {
    name: 'servers-unlisted',
    isBrief: true,
    snapshot: withNearest,
    prepare: async (page, peer) => {
      const details = { host: 'ingest.twitch.tv', reason: 'it does not answer' };
      peer.handlers['destination.servers'] = () => ({
        ...believableServers(),
        ...{ origin: 'built-in', at: Date.UTC(2026, 9, 4), problem: { code: 'servers-unlisted', details } },
      });
      await page.getByRole('button', { name: 'Edit Twitch' }).click();
      await page.getByText('as they were on 4 October 2026').waitFor();
    },
  },
  {
    name: 'bandwidth-running',
    isBrief: true,
    snapshot: withNearest,
    prepare: async (page, peer) => {
      await page.getByRole('button', { name: 'Connection speed to Twitch' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Measure' }).click();
      await dialog.getByText('Connecting to').waitFor();
      const running = {
        destinationId: 'twitch',
        host: 'euc10.contribute.live-video.net',
        share: 0.62,
        kbps: 7930,
      };
      peer.update('bandwidth', (bandwidth) => ({ ...bandwidth, running }));
      await dialog.getByText('7.93 Mbit/s').waitFor();
    },
  },
  {
    name: 'bandwidth-result',
    snapshot: () => ({
      ...withNearest(),
      bandwidth: { running: null, results: [believableResult('twitch', 7900)], failure: null },
    }),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Connection speed to Twitch' }).click();
      await page.getByRole('region', { name: 'Result' }).waitFor();
    },
  },
  {
    name: 'bandwidth-by-way-of',
    isBrief: true,
    snapshot: () => ({
      ...withNearest(),
      bandwidth: { running: null, results: [believableResult('youtube', 10_000)], failure: null },
    }),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Connection speed to YouTube' }).click();
      await page.getByLabel('Send the test to').waitFor();
    },
  },
  {
    name: 'bandwidth-unknown-server',
    isBrief: true,
    snapshot: () => {
      const snapshot = withNearest();
      const far = believableOutput('far', 'Far server', 'rtmps://live.example.com/app');
      return { ...snapshot, outputs: [...snapshot.outputs, far] };
    },
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Connection speed to Far server' }).click();
      await page.getByRole('switch', { name: 'Nobody watches at Far server now' }).waitFor();
    },
  },
];
