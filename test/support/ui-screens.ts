import type { Page } from 'playwright-core';
import type { PreflightCheck } from '../../shared/contract/preflight';
import type { Snapshot } from '../../shared/contract/snapshot';
import { PeerFailure } from './contract-peer';
import type { ContractPeer } from './contract-peer';
import { believableOutput, believableSnapshot, emptySnapshot } from './contract-peer-state';
import { linkScreens } from './ui-link-screens';
import { settingsScreens } from './ui-settings-screens';
import { sourceScreens } from './ui-source-screens';

/** A state of the window that is looked at. */
export interface Screen {
  name: string;
  /** only at the sizes in which things are narrow */
  isBrief?: boolean;
  snapshot: () => Snapshot;
  prepare?: (page: Page, peer: ContractPeer) => Promise<void>;
}

const withLive = (snapshot: Snapshot, now = Date.now()): Snapshot => ({
  ...snapshot,
  live: { isLive: true, since: now - 754_000 },
  recording: {
    state: 'recording',
    path: '/home/streamer/Videos/2026-11-22 20-15-00.mp4',
    since: now - 740_000,
    bytes: 561_000_000,
    error: null,
    freeBytes: 123_000_000_000,
    silentFolder: null,
    alarm: null,
  },
  outputs: snapshot.outputs.map((output) =>
    output.kind === 'destination'
      ? {
          ...output,
          status: { state: 'live', since: now - 753_000 },
          bytes: 570_400_000,
          isWanted: true,
          congestion: output.id === 'twitch' ? 0.18 : 0.72,
        }
      : output,
  ),
  keys: [
    ...snapshot.keys,
    { id: 'k2', name: 'OBS on the second PC', publicName: 'second-pc', weak: true, createdAt: now },
  ],
  streams: [
    {
      name: 'phone',
      app: 'live',
      publisher: '192.168.1.34:50412',
      since: now - 125_000,
      bytesIn: 39_000_000,
      players: 1,
      codecs: { video: 'h264', audio: 'aac' },
    },
  ],
});

const mixedChecks: readonly PreflightCheck[] = [
  {
    ...{ subject: 'destination', about: 'Twitch', result: 'ok', error: null },
    finding: 'Twitch has an address and a key.',
  },
  {
    ...{ subject: 'destination', about: 'YouTube', result: 'blocked', finding: 'YouTube has no key.' },
    error: { code: 'key-missing', details: { name: 'YouTube' } },
  },
  {
    ...{
      subject: 'bitrate',
      about: 'Twitch',
      result: 'warning',
      finding: 'Twitch: 8000 of at most 6000 kbit/s.',
    },
    error: { code: 'bitrate-too-high', details: { service: 'Twitch', bitrateKbps: 8000, maxKbps: 6000 } },
  },
  {
    ...{ subject: 'disk', about: '/home/streamer/Videos', result: 'ok', error: null },
    finding: 'There is room for a recording of 44 h.',
  },
];
const inLight = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  settings: { ...snapshot.settings, theme: 'light' },
});

const darkScreens: readonly Screen[] = [
  { name: 'empty', snapshot: () => emptySnapshot() },
  { name: 'idle', snapshot: () => believableSnapshot() },
  { name: 'live', snapshot: () => withLive(believableSnapshot()) },
  {
    name: 'reconnecting',
    snapshot: () => {
      const live = withLive(believableSnapshot());
      return {
        ...live,
        outputs: [
          ...live.outputs,
          {
            ...believableOutput('kick', 'Kick', 'rtmps://fa723fc1b171.global-contribute.live-video.net/app'),
            ...{ status: { state: 'waiting', until: Date.now() + 297_000 } as const, isWanted: true },
            ...{ delaySec: 300, isEnabled: false },
          },
          {
            ...believableOutput('relay', 'Relay of the club', 'rtmp://relay.example/live'),
            isEnabled: false,
          },
        ].map((output) =>
          output.id === 'youtube'
            ? {
                ...output,
                status: {
                  state: 'reconnecting',
                  attempt: 3,
                  retryAt: Date.now() + 42_000,
                  error: {
                    code: 'destination-lost',
                    details: { host: 'a.rtmp.youtube.com', reason: 'connection reset' },
                  },
                },
                reconnects: 2,
                droppedFrames: 1234,
              }
            : output,
        ),
      };
    },
  },
  {
    name: 'errors',
    snapshot: () => {
      const live = withLive(believableSnapshot());
      return {
        ...live,
        program: {
          ...live.program,
          state: 'restarting',
          error: {
            code: 'ffmpeg-crashed',
            details: { role: 'video encoder', exit: 'signal SIGKILL', lastLine: '' },
          },
        },
        sources: live.sources.map((source) =>
          source.id === 'webcam'
            ? {
                ...source,
                state: 'failed',
                error: {
                  code: 'source-file-missing',
                  details: { path: '/home/streamer/Pictures/webcam-frame.png' },
                },
              }
            : source,
        ),
        outputs: live.outputs.map((output) =>
          output.id === 'twitch'
            ? {
                ...output,
                status: {
                  state: 'failed',
                  error: {
                    code: 'destination-key-refused',
                    details: { host: 'live.twitch.tv', reason: 'NetStream.Publish.BadName' },
                  },
                },
              }
            : output,
        ),
        ingest: {
          ...live.ingest,
          state: 'degraded',
          error: { code: 'port-in-use', details: { port: 1935, purpose: 'rtmp' } },
        },
        notices: [
          {
            id: 'n1',
            at: Date.now() - 61_000,
            severity: 'warning',
            error: { code: 'encoder-behind', details: { behindMs: 640 } },
          },
          {
            id: 'n2',
            at: Date.now() - 3000,
            severity: 'error',
            error: {
              code: 'recording-failed',
              details: { path: '/home/streamer/Videos/2026-11-22 20-15-00.mp4', reason: 'no space left' },
            },
          },
        ],
      };
    },
  },
  {
    name: 'key-created',
    snapshot: () => believableSnapshot(),
    prepare: async (page) => {
      await page.getByLabel('Key name').fill('Camera two');
      await page.getByRole('button', { name: 'Create key' }).click();
      await page.getByTestId('created-key').waitFor();
    },
  },
  {
    name: 'add-destination',
    snapshot: () => believableSnapshot(),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Add destination' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'edit-destination',
    snapshot: () => believableSnapshot(),
    prepare: async (page, peer) => {
      peer.handlers['destination.test'] = () => {
        throw new PeerFailure({
          code: 'certificate-invalid',
          details: { host: 'live.twitch.tv', reason: 'its certificate has expired' },
        });
      };
      await page.getByRole('button', { name: 'Edit Twitch' }).click();
      await page.getByText('When and how it goes out').click();
      await page.getByRole('button', { name: 'Test connection' }).click();
      await page.getByText('could not prove who it is').waitFor();
    },
  },
  {
    name: 'preflight',
    snapshot: () => believableSnapshot(),
    prepare: async (page, peer) => {
      peer.handlers['preflight.run'] = () => ({ checks: [...mixedChecks] });
      await page.getByRole('button', { name: 'Go live', exact: true }).click();
      await page.getByRole('list', { name: 'Checks' }).getByRole('listitem').nth(3).waitFor();
    },
  },
  {
    name: 'remove-destination',
    isBrief: true,
    snapshot: () => believableSnapshot(),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Remove Twitch' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'revoke',
    snapshot: () => withLive(believableSnapshot()),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Revoke Phone' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'command-failed',
    snapshot: () => believableSnapshot(),
    prepare: async (page, peer) => {
      peer.handlers['recording.start'] = () => {
        throw new PeerFailure({
          code: 'folder-unwritable',
          details: { path: '/home/streamer/Videos', reason: 'permission denied' },
        });
      };
      await page.getByRole('button', { name: 'Record' }).click();
      await page.getByText('cannot be written').waitFor();
    },
  },
  {
    name: 'add-source',
    snapshot: () => believableSnapshot(),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Add source' }).click();
      await page.getByRole('searchbox').waitFor();
    },
  },
  {
    name: 'text-properties',
    snapshot: () => believableSnapshot(),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Add source' }).click();
      await page.getByRole('button', { name: /^Text/ }).click();
      await page.getByRole('switch', { name: 'Outline' }).click();
      await page.getByRole('switch', { name: 'Shadow' }).click();
      await page.getByRole('textbox', { name: 'Shadow colour', exact: true }).waitFor();
      await page.getByRole('textbox', { name: 'Size', exact: true }).fill('3');
      await page.getByText('Expected a number from 4 to 2000.').waitFor();
    },
  },
  {
    name: 'light-properties',
    snapshot: () => inLight(withLive(believableSnapshot())),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Add source' }).click();
      await page.getByRole('button', { name: /^Colour/ }).click();
      await page.getByRole('switch', { name: 'Chroma key' }).click();
      await page.getByRole('textbox', { name: 'Key colour', exact: true }).waitFor();
    },
  },
  {
    name: 'statistics',
    snapshot: () => withLive(believableSnapshot()),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Statistics' }).click();
      await page.locator('.uplot').first().waitFor();
    },
  },
  {
    name: 'show-menu',
    snapshot: () => believableSnapshot(),
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Show: / }).click();
      await page.getByRole('textbox', { name: 'Name of the show' }).waitFor();
    },
  },
  {
    name: 'restore-points',
    isBrief: true,
    snapshot: () => believableSnapshot(),
    prepare: async (page, peer) => {
      const point = { at: Date.now() - 3_600_000, name: 'Friday show', scenes: 5, sources: 8 };
      peer.handlers['show.restorePoints'] = () => ({
        points: [
          { ...point, id: 'p1', label: 'Before the big change' },
          { ...point, id: 'p2', label: null, scenes: 1 },
        ],
      });
      await page.getByRole('button', { name: /^Show: / }).click();
      await page.getByRole('button', { name: 'Restore Before the big change' }).waitFor();
    },
  },
  ...linkScreens,
  ...settingsScreens,
  ...[1, 2, 3].map((step) => ({
    name: `first-run-${step}`,
    snapshot: () => {
      const snapshot = believableSnapshot();
      return { ...snapshot, settings: { ...snapshot.settings, isFirstRunDone: false } };
    },
    prepare: async (page: Page) => {
      if (step > 1) await page.getByRole('button', { name: 'Skip this step' }).click();
      if (step > 2) await page.getByRole('button', { name: 'Continue without' }).click();
      await page.getByText(`Step ${step} of 3`).waitFor();
    },
  })),
  {
    name: 'connection-lost',
    snapshot: () => withLive(believableSnapshot()),
    prepare: async (page, peer) => {
      // A font still on its way would be a resource that could not be loaded.
      await page.waitForLoadState('networkidle');
      await peer.stop();
      await page.getByRole('alert').filter({ hasText: 'Connection lost' }).waitFor();
    },
  },
  {
    name: 'machine',
    snapshot: () => believableSnapshot(),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('tab', { name: 'About' }).click();
      await page.getByText('/usr/bin/ffmpeg').waitFor();
    },
  },
];

/** What is looked at on paper too. */
const alsoInLight = [
  'idle',
  'live',
  'errors',
  'preflight',
  'add-source',
  'edit-destination',
  'settings-stream',
  'statistics',
  'first-run-2',
];

export const screens: readonly Screen[] = [
  ...darkScreens,
  ...sourceScreens,
  ...darkScreens
    .filter(({ name }) => alsoInLight.includes(name))
    .map((screen) => ({
      ...screen,
      name: `light-${screen.name}`,
      // Laid out as in the dark: only the colours are others.
      isBrief: true,
      snapshot: () => inLight(screen.snapshot()),
    })),
];
