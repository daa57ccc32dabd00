import type { CommandHandlers } from '../../shared/contract/commands';
import type { RtmpServer } from '../streaming/rtmp/server';
import type { StreamKeys } from '../streaming/rtmp/stream-keys';
import { destinationCommands } from './destination-commands';
import type { Devices } from './devices';
import type { DestinationStore } from './destination-store';
import type { Egress } from './egress';
import type { EncoderDesk } from './encoder-desk';
import type { LanPreviewDesk } from './lan-preview-desk';
import type { Links } from './links';
import { LiveDesk } from './live-desk';
import type { Notices } from './notices';
import type { PreflightDesk } from './preflight-desk';
import type { Recorders } from './recorders';
import type { SettingsDesk } from './settings-desk';
import { showCommands } from './show-commands';
import type { ShowDesk } from './show-desk';
import type { VariantDesk } from './variant-desk';

export interface CommandTargets {
  readonly desk: ShowDesk;
  readonly devices: Devices;
  readonly egress: Egress;
  readonly server: RtmpServer;
  readonly keys: StreamKeys;
  readonly saved: DestinationStore;
  readonly notices: Notices;
  readonly settings: SettingsDesk;
  readonly encoders: EncoderDesk;
  readonly variants: VariantDesk;
  readonly recorders: Recorders;
  readonly preflight: PreflightDesk;
  readonly links: Links;
  readonly lanPreview: LanPreviewDesk;
  /** aborted when the studio stops */
  readonly stopping: AbortSignal;
}

/** settings that are another program, or another encoder for it */
const shapesProgram: ReadonlySet<string> = new Set(['canvas', 'output', 'fps', 'bitrateKbps', 'profile']);

/** What each command of the contract does. A missing one does not compile. */
export function commandHandlers(targets: CommandTargets): CommandHandlers {
  const { desk, devices, egress, server, keys, saved, notices, stopping } = targets;
  const { settings, encoders, variants, preflight, links } = targets;
  const { recordings, replay, journal, playback } = targets.recorders;
  const { bandwidth, servers } = links;
  const live = new LiveDesk({ egress, settings, preflight, bandwidth });
  return {
    ...showCommands(desk),
    'devices.refresh': async () => {
      await devices.refresh();
      return {};
    },
    ...destinationCommands({ egress, saved, stopping }),
    'destination.servers': ({ serviceId, isAnew }) => servers.choice(serviceId, isAnew),
    'destination.testBandwidth': ({ id, viaId, isUnwatched }) => {
      bandwidth.start(id, viaId, isUnwatched);
      return {};
    },
    'destination.cancelBandwidthTest': async () => {
      await bandwidth.cancel();
      return {};
    },
    'preflight.run': async () => {
      links.prepare();
      return { checks: await preflight.run() };
    },
    'settings.update': async ({ patch }) => {
      if (patch.lanPreview) targets.lanPreview.check(patch.lanPreview);
      // It would have to wait for its end, longer than a page waits for an answer.
      if (Object.keys(patch).some((name) => shapesProgram.has(name))) encoders.cancelCalibration();
      await settings.update(patch);
      return {};
    },
    'recording.openFolder': async ({ id }) => {
      await (id === undefined ? recordings.openFolder() : recordings.openFolderOf(id));
      return {};
    },
    'recording.ticket': ({ id }) => playback.ticket(id),
    'destination.start': async ({ id }) => {
      encoders.cancelCalibration();
      await live.startOne(id);
      return {};
    },
    'destination.stop': async ({ id }) => {
      await live.stopOne(id);
      return {};
    },
    'encoder.calibrate': () => {
      encoders.calibrate();
      return {};
    },
    'encoder.cancelCalibration': () => {
      encoders.cancelCalibration();
      return {};
    },
    'profile.save': async (profile) => {
      await encoders.saveProfile(profile);
      return {};
    },
    'profile.remove': async ({ name }) => {
      await encoders.removeProfile(name);
      return {};
    },
    'variant.save': async (variant) => ({ id: await variants.save(variant) }),
    'variant.remove': async ({ id }) => {
      await variants.remove(id);
      return {};
    },
    'live.start': async () => {
      // Whoever wants on air does not wait for figures.
      encoders.cancelCalibration();
      await live.start();
      return {};
    },
    'live.stop': async () => {
      await live.stop();
      return {};
    },
    'recording.start': async () => {
      encoders.cancelCalibration();
      return { path: await settings.whileSettled(() => recordings.startRecording()) };
    },
    'replay.save': () => replay.save(),
    'recording.stop': async () => {
      await egress.stopRecording();
      return {};
    },
    'recording.forget': ({ id }) => {
      journal.forget(id);
      return {};
    },
    'key.create': ({ name, key }) => keys.add(name, key),
    'key.list': () => ({ keys: keys.list() }),
    'key.revoke': async ({ id }) => {
      await keys.remove(id);
      return {};
    },
    'ingest.setPort': async ({ port }) => ({ port: await server.setPort(port) }),
    'lanPreview.setPassword': async ({ password }) => {
      await targets.lanPreview.setPassword(password);
      return {};
    },
    'notice.dismiss': ({ id }) => {
      notices.dismiss(id);
      return {};
    },
  };
}
