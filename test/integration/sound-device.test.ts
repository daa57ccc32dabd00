import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { gainOfDb } from '../../shared/model/sound';
import { sourceSchema } from '../../shared/model/source';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { LinuxSounds } from '../../electron/streaming/sources/devices/linux-sounds';
import { SystemDevices } from '../../electron/streaming/sources/devices/system-devices';
import { createSource } from '../../electron/streaming/sources/registry';
import type { DeviceDirectory, FoundDevice, StudioSource } from '../../electron/streaming/sources/source';
import { LiveMix } from '../support/live-mix';
import { PulseServer } from '../support/pulse-server';
import { requires } from '../support/requires';
import { ShellProgram } from '../support/shell-program';
import { testContext } from '../support/source-bench';
import { channelOf, measureTone } from '../support/tone';
import { waitFor } from '../support/wait-for';

/** A list of devices that the test keeps. */
class Devices implements DeviceDirectory {
  #list: FoundDevice[] = [];
  readonly #listeners = new Set<() => void>();

  set(...names: string[]): void {
    this.#list = names.map((name) => ({
      ...{ id: `${name}.monitor`, kind: 'desktop-sound' as const, name, isDefault: false },
      ...{ size: null, modes: [], address: { system: 'pulse' as const, input: `${name}.monitor` } },
    }));
    for (const listener of this.#listeners) listener();
  }

  find(_kinds: unknown, { id, name }: { id: string; name: string }): FoundDevice | null {
    return (
      this.#list.find((device) => device.id === id) ??
      this.#list.find((device) => device.name === name) ??
      null
    );
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onListed(listener: () => void): () => void {
    return this.onChanged(listener);
  }
}

const settingsOf = (name: string) =>
  sourceSchema.parse({
    ...{ id: 'out', name: 'What the game plays', kind: 'desktop-sound' },
    device: { id: `${name}.monitor`, name },
  });

const toDb = (amplitude: number): number => 20 * Math.log10(amplitude);
const isSilent = (mix: LiveMix): boolean => mix.last(0.25).every((sample) => sample === 0);

describe('a sound device that fails', () => {
  it('is tried again in its own time, however its fader and its name are moved', async () => {
    using failing = new ShellProgram('echo start >> "$HERE/starts"; echo "[error] no luck" >&2; exit 1');
    const devices = new Devices();
    devices.set('speakers', 'headset');
    const context = { ...testContext({ ffmpeg: failing.path }), devices };
    await using source = createSource(settingsOf('speakers'), context);
    const starts = (): number => failing.read('starts').split('\n').length - 1;
    await source.start();
    await waitFor(() => source.state.state === 'failed', 'the failure');
    const before = starts();
    const { settings } = source;
    const sinceMs = performance.now();
    for (let step = 1; step <= 30; step += 1) {
      const sound = { ...source.sound, gainDb: -step };
      expect(source.update(sourceSchema.parse({ ...settings, name: `Out ${step}`, sound }))).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    // By itself, half a second at the soonest.
    expect(starts() - before).toBeLessThanOrEqual(Math.ceil((performance.now() - sinceMs) / 450));
    // Another device is a reason. By itself it would be 3 s after the fifth.
    await waitFor(() => starts() >= 5, 'the fifth attempt');
    expect(source.update(settingsOf('headset'))).toBe(true);
    await waitFor(() => starts() === 6, 'the other device', 1500);
  });
});

describe.skipIf(!requires('ffmpeg', 'pulseaudio', 'pactl'))('sound devices', () => {
  let pulse: PulseServer;
  const devices = new Devices();

  beforeAll(async () => {
    pulse = await PulseServer.start();
    vi.stubEnv('PULSE_SERVER', pulse.address);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await pulse.stop();
  });

  const newSource = (name: string): StudioSource =>
    createSource(settingsOf(name), { ...testContext(), devices });
  /** the tone of the last tenth of a second, once it is steady: a loaded machine may miss a moment */
  const toneOf = async (mix: LiveMix, nearHz: number): Promise<number> => {
    let amplitude = 0;
    await waitFor(
      () => {
        const sound = mix.last(0.1);
        const [left, right] = [
          measureTone(channelOf(sound, 0), nearHz),
          measureTone(channelOf(sound, 1), nearHz),
        ];
        amplitude = left.amplitude;
        return left.restDb < -50 && right.restDb < -50 && amplitude > 0.01;
      },
      `a clean tone of ${nearHz} Hz`,
      { pollMs: 100 },
    );
    return amplitude;
  };

  it('are heard at the level of their fader', async () => {
    await pulse.addSink('speakers');
    devices.set('speakers');
    const player = pulse.play('speakers', 1000, 0.25);
    await using source = newSource('speakers');
    using mix = new LiveMix();
    await source.start();
    if (!source.audio) throw new Error('it has no sound');
    mix.mixer.add(source.audio, { gain: gainOfDb(-6) });
    expect(Math.abs(toDb(await toneOf(mix, 1000)) - (toDb(0.25) - 6))).toBeLessThan(1);
    expect(source.state).toEqual({ state: 'ok', error: null });
    expect(source.pids).toHaveLength(1);
    mix.mixer.set('out', { gain: gainOfDb(-26) });
    await waitFor(() => Math.max(...mix.last(0.2)) < 0.02, 'the fader is down');
    expect(Math.abs(toDb(await toneOf(mix, 1000)) - (toDb(0.25) - 26))).toBeLessThan(1);
    await player.stop();
  });

  it('that go leave silence and say so, and are heard again when they are back', async () => {
    await pulse.addSink('headset');
    devices.set('headset');
    let player = pulse.play('headset', 500, 0.25);
    await using source = newSource('headset');
    using mix = new LiveMix();
    await source.start();
    if (!source.audio) throw new Error('it has no sound');
    mix.mixer.add(source.audio);
    await toneOf(mix, 500);

    await pulse.removeSink('headset');
    await player.stop();
    await waitFor(() => isSilent(mix), 'silence');
    devices.set();
    await waitFor(() => source.state.error?.code === 'device-missing', 'it says what is missing');
    expect(source.state.error?.details).toEqual({ name: 'headset' });
    expect(source.pids).toEqual([]);

    await pulse.addSink('headset');
    player = pulse.play('headset', 700, 0.25);
    devices.set('headset');
    expect(Math.abs(toDb(await toneOf(mix, 700)) - toDb(0.25))).toBeLessThan(1);
    expect(source.state).toEqual({ state: 'ok', error: null });
    await player.stop();
  });

  it('that are pulled out and plugged in again are noticed by the system’s own news', async () => {
    await pulse.addSink('dock');
    const { ffmpeg, ...plain } = testContext();
    await using system = new SystemDevices([new LinuxSounds(ffmpeg, process.env)], silentLogger);
    await system.start();
    const context = { ...plain, ffmpeg, devices: system };
    const settings = sourceSchema.parse({
      ...{ id: 'out', name: 'Dock', kind: 'desktop-sound' },
      device: { id: 'pulse:dock.monitor', name: 'Dock' },
    });
    let player = pulse.play('dock', 600, 0.25);
    await using source = createSource(settings, context);
    using mix = new LiveMix();
    await source.start();
    if (!source.audio) throw new Error('it has no sound');
    mix.mixer.add(source.audio);
    await toneOf(mix, 600);

    await pulse.removeSink('dock');
    await player.stop();
    await waitFor(() => isSilent(mix), 'silence');
    await waitFor(() => !system.list.some(({ id }) => id === 'pulse:dock.monitor'), 'the news');
    await waitFor(() => source.state.error?.code === 'device-missing', 'it says what is missing');
    expect(source.state.error?.details).toEqual({ name: 'Dock' });
    await waitFor(() => source.pids.length === 0, 'no process');

    await pulse.addSink('dock');
    player = pulse.play('dock', 800, 0.25);
    expect(Math.abs(toDb(await toneOf(mix, 800)) - toDb(0.25))).toBeLessThan(1);
    expect(source.state).toEqual({ state: 'ok', error: null });
    await player.stop();
  });

  it('change while they run, by their settings', async () => {
    await Promise.all([pulse.addSink('left'), pulse.addSink('right')]);
    devices.set('left', 'right');
    const players = [pulse.play('left', 400, 0.25), pulse.play('right', 900, 0.25)];
    await using source = newSource('left');
    using mix = new LiveMix();
    await source.start();
    if (!source.audio) throw new Error('it has no sound');
    mix.mixer.add(source.audio);
    await toneOf(mix, 400);
    expect(source.update(settingsOf('right'))).toBe(true);
    await toneOf(mix, 900);
    await source.stop();
    await waitFor(() => isSilent(mix), 'silence');
    expect(source.pids).toEqual([]);
    await Promise.all(players.map((player) => player.stop()));
  });
});
