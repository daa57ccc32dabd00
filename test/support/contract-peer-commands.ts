import { randomBytes } from 'node:crypto';
import type { CommandHandlers } from '../../shared/contract/commands';
import type { OutputState, OutputView } from '../../shared/contract/snapshot';
import { pageUrl } from '../../electron/streaming/lan-preview/local-network';
import type { ContractPeer } from './contract-peer';
import { peerShowCommands } from './contract-peer-show';
import { believableServers } from './contract-peer-servers';
import { believableOutput } from './contract-peer-state';

/** What the commands do to the peer's state: the simplest behaviour that the contract allows. */
export function peerCommands(peer: ContractPeer): CommandHandlers {
  let lastId = 0;
  const nextId = (kind: string): string => `${kind}-${++lastId}`;
  const setDestinations = (
    status: OutputState,
    isMeant: (output: OutputView) => boolean = () => true,
  ): void => {
    const isWanted = status.state !== 'idle';
    peer.update('outputs', (outputs) =>
      outputs.map((output) =>
        output.kind === 'destination' && isMeant(output) ? { ...output, status, isWanted } : output,
      ),
    );
  };
  return {
    'scene.switch': ({ sceneId }) => {
      peer.update('program', (program) => ({ ...program, sceneId }));
      return {};
    },
    ...peerShowCommands(peer),
    'devices.refresh': () => ({}),
    'live.start': () => {
      peer.set('live', { isLive: true, since: Date.now() });
      setDestinations({ state: 'connecting', attempt: 1 }, ({ isEnabled }) => isEnabled);
      return {};
    },
    'live.stop': () => {
      setDestinations({ state: 'idle' });
      peer.set('live', { isLive: false, since: null });
      return {};
    },
    'recording.start': () => {
      const path = '/home/streamer/Videos/2026-11-22 20-15-00.mp4';
      peer.set('recording', {
        state: 'recording',
        path,
        since: Date.now(),
        bytes: 0,
        error: null,
        freeBytes: 123_000_000_000,
        silentFolder: null,
        alarm: null,
      });
      return { path };
    },
    'recording.stop': () => {
      peer.update('recording', (recording) => ({ ...recording, state: 'idle', since: null }));
      return {};
    },
    'replay.save': () => ({
      paths: ['/home/streamer/Videos/Replay 2026-11-27 21-14-05.mp4'],
      durationSec: 31.2,
    }),
    'recording.forget': ({ id }) => {
      peer.update('recordings', (recordings) => recordings.filter((recording) => recording.id !== id));
      return {};
    },
    'key.list': () => ({ keys: [...peer.snapshot.keys] }),
    'key.create': ({ name, key }) => {
      const id = nextId('key');
      const publicName = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
      peer.update('keys', (keys) => [
        ...keys,
        { id, name, publicName, weak: key !== undefined, createdAt: Date.now() },
      ]);
      return { id, key: key ?? randomBytes(32).toString('base64url'), publicName };
    },
    'key.revoke': ({ id }) => {
      const publicName = peer.snapshot.keys.find((key) => key.id === id)?.publicName;
      peer.update('keys', (keys) => keys.filter((key) => key.id !== id));
      peer.update('streams', (streams) => streams.filter(({ name }) => name !== publicName));
      return {};
    },
    'destination.add': ({ name, url, isEnabled, delaySec, isAdaptive, variantId, isNearest }) => {
      const id = nextId('destination');
      const nearest = isNearest ? { name: null, connectMs: null } : null;
      const own = { isEnabled, delaySec, isAdaptive, variantId, nearest };
      const added = { ...believableOutput(id, name, url), ...own };
      peer.update('outputs', (outputs) => [...outputs, added]);
      return { id };
    },
    'destination.update': ({ id, name, url, isEnabled, delaySec, isAdaptive, variantId }) => {
      peer.update('outputs', (outputs) =>
        outputs.map((output) =>
          output.id === id
            ? {
                ...output,
                name: name ?? output.name,
                url: url ?? output.url,
                isEnabled: isEnabled ?? output.isEnabled,
                delaySec: delaySec ?? output.delaySec,
                isAdaptive: isAdaptive ?? output.isAdaptive,
                variantId: variantId === undefined ? output.variantId : variantId,
              }
            : output,
        ),
      );
      return {};
    },
    'destination.start': ({ id }) => {
      peer.update('live', ({ since }) => ({ isLive: true, since: since ?? Date.now() }));
      setDestinations({ state: 'connecting', attempt: 1 }, (output) => output.id === id);
      return {};
    },
    'destination.stop': ({ id }) => {
      setDestinations({ state: 'idle' }, (output) => output.id === id);
      if (!peer.snapshot.outputs.some(({ kind, isWanted }) => kind === 'destination' && isWanted))
        peer.set('live', { isLive: false, since: null });
      return {};
    },
    'destination.revealKey': () => ({ key: 'live_1234567890_abcdefghijklmnop' }),
    'destination.test': () => ({ connectMs: 38, isEncrypted: true, isKeyChecked: true }),
    'destination.servers': () => believableServers(),
    'destination.testBandwidth': ({ id }) => {
      const running = { destinationId: id, host: 'euc10.contribute.live-video.net', share: null, kbps: null };
      peer.update('bandwidth', (bandwidth) => ({ ...bandwidth, running, failure: null }));
      return {};
    },
    'destination.cancelBandwidthTest': () => {
      peer.update('bandwidth', (bandwidth) => ({ ...bandwidth, running: null }));
      return {};
    },
    'preflight.run': () => ({ checks: [] }),
    'settings.update': ({ patch }) => {
      const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      peer.update('settings', (settings) => ({ ...settings, ...given }));
      const { lanPreview } = patch;
      if (lanPreview)
        peer.update('lanPreview', (view) => ({
          ...view,
          state: lanPreview.isOn ? 'on' : 'off',
          urls: lanPreview.isOn
            ? view.addresses
                .filter(({ address }) => [null, address].includes(lanPreview.address))
                .map(({ address }) => pageUrl(address, lanPreview.port))
            : [],
        }));
      return {};
    },
    'lanPreview.setPassword': () => {
      peer.update('lanPreview', (view) => ({ ...view, hasPassword: true }));
      return {};
    },
    'encoder.calibrate': () => {
      const running = { state: 'running', phase: 'speed', profile: 'fast-8t', progress: 0.24 } as const;
      peer.update('encoder', (encoder) => ({ ...encoder, calibration: running }));
      return {};
    },
    'encoder.cancelCalibration': () => {
      peer.update('encoder', (encoder) => ({ ...encoder, calibration: { state: 'idle', error: null } }));
      return {};
    },
    'profile.save': (profile) => {
      peer.update('encoder', (encoder) => ({
        ...encoder,
        userProfiles: [...encoder.userProfiles.filter(({ name }) => name !== profile.name), profile],
      }));
      return {};
    },
    'profile.remove': ({ name }) => {
      peer.update('encoder', (encoder) => ({
        ...encoder,
        userProfiles: encoder.userProfiles.filter((profile) => profile.name !== name),
      }));
      return {};
    },
    'variant.save': (variant) => {
      const id = variant.id ?? nextId('variant');
      peer.update('variants', ({ list, ...others }) => {
        const saved = {
          ...variant,
          id,
          fps: Math.min(60, variant.maxFps),
          state: 'off',
          figures: null,
        } as const;
        const isKnown = list.some((each) => each.id === id);
        return {
          ...others,
          list: isKnown ? list.map((each) => (each.id === id ? saved : each)) : [...list, saved],
        };
      });
      return { id };
    },
    'variant.remove': ({ id }) => {
      peer.update('variants', ({ list, ...others }) => ({
        ...others,
        list: list.filter((variant) => variant.id !== id),
      }));
      return {};
    },
    'recording.openFolder': () => ({}),
    // It has no files: a player finds nothing at that address.
    'recording.ticket': ({ id }) => ({
      url: `/api/recordings/${id}?ticket=none`,
      bytes: 2_750_000_000,
      contentType: 'video/mp4',
    }),
    'destination.remove': ({ id }) => {
      peer.update('outputs', (outputs) => outputs.filter((output) => output.id !== id));
      return {};
    },
    'destination.retryNow': ({ id }) => {
      peer.update('outputs', (outputs) =>
        outputs.map((output) =>
          output.id === id ? { ...output, status: { state: 'connecting', attempt: 2 } } : output,
        ),
      );
      return {};
    },
    'ingest.setPort': ({ port }) => {
      const bound = port === 0 ? 41935 : port;
      peer.update('ingest', (ingest) => ({
        ...ingest,
        state: 'running',
        port: bound,
        error: null,
      }));
      return { port: bound };
    },
    'notice.dismiss': ({ id }) => {
      peer.update('notices', (notices) => notices.filter((notice) => notice.id !== id));
      return {};
    },
  };
}
