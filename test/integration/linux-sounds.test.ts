import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LinuxSounds } from '../../electron/streaming/sources/devices/linux-sounds';
import { SystemDevices } from '../../electron/streaming/sources/devices/system-devices';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { testBuilds } from '../support/ffmpeg-builds';
import { MuteFfmpeg } from '../support/mute-ffmpeg';
import { PulseServer } from '../support/pulse-server';
import { requires } from '../support/requires';
import { waitFor } from '../support/wait-for';

const isReady = requires('ffmpeg', 'pulseaudio', 'pactl');
const [ffmpeg, withoutPulse] = isReady ? await testBuilds() : [];

describe.skipIf(!isReady)('the sound devices of a PulseAudio server', () => {
  let pulse: PulseServer;
  beforeAll(async () => {
    pulse = await PulseServer.start();
    await pulse.addSink('speakers');
  });
  afterAll(() => pulse.stop());
  const env = (): NodeJS.ProcessEnv => ({ ...process.env, PULSE_SERVER: pulse.address });

  it('are listed with what people call them, and noticed as they come and go', async () => {
    if (!ffmpeg) return;
    const devices = new SystemDevices([new LinuxSounds(ffmpeg, env())], silentLogger);
    await devices.start();
    const stopListening = devices.onChanged(() => undefined);
    const ids = (): string[] => devices.list.map(({ id }) => id);
    await waitFor(() => ids().includes('pulse:speakers.monitor'), 'the speakers');
    expect(devices.find(['desktop-sound'], { id: 'pulse:speakers.monitor', name: '' })).toMatchObject({
      ...{ kind: 'desktop-sound', isDefault: true },
      address: { system: 'pulse', input: 'speakers.monitor' },
    });
    expect(devices.list[0]?.name).not.toMatch(/monitor/i);
    await pulse.addSink('headset');
    await waitFor(() => ids().includes('pulse:headset.monitor'), 'the headset', 2000);
    await pulse.removeSink('headset');
    await waitFor(() => !ids().includes('pulse:headset.monitor'), 'no headset', 2000);
    stopListening();
    await devices.stop();
  }, 30_000);

  it('stay listed while the lister is too slow to tell of them, and are asked for again', async () => {
    if (!ffmpeg) return;
    using slow = new MuteFfmpeg(ffmpeg);
    slow.isMute = true;
    const devices = new SystemDevices([new LinuxSounds(slow.build, env())], silentLogger);
    await devices.start();
    let changes = 0;
    const stopListening = devices.onChanged(() => (changes += 1));
    await devices.refresh();
    expect(devices.list).toEqual([]);
    // Nobody knows: neither that this FFmpeg cannot listen nor that there is no sound server.
    expect(devices.notes).toEqual({});
    slow.isMute = false;
    await waitFor(() => devices.list.some(({ id }) => id === 'pulse:speakers.monitor'), 'the speakers', 5000);
    expect(changes).toBe(1);
    slow.isMute = true;
    await devices.refresh();
    expect(devices.find(['desktop-sound'], { id: 'pulse:speakers.monitor', name: '' })).not.toBeNull();
    expect(changes).toBe(1);
    stopListening();
    await devices.stop();
  }, 30_000);

  it('cannot be heard by a build without it, which says so', async () => {
    if (!withoutPulse) return;
    const { notes } = await new LinuxSounds(withoutPulse, env()).list(new AbortController().signal);
    expect(notes['desktop-sound']).toContain('cannot listen to PulseAudio');
  });
});
