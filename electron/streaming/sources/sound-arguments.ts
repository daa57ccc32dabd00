import type { Device } from '../../../shared/contract/device';
import type { DeviceAddress } from './source';

export type SoundDeviceKind = Extract<Device['kind'], 'microphone' | 'desktop-sound'>;
type SoundAddress = Extract<DeviceAddress, { input: string }>;

type Defaults = Readonly<Record<SoundDeviceKind, SoundAddress | null>>;

/** PulseAudio and PipeWire follow the system's changes. */
const pulseDefaults: Defaults = {
  microphone: { system: 'pulse', input: 'default' },
  'desktop-sound': { system: 'pulse', input: '@DEFAULT_MONITOR@' },
};

/** FFmpeg has no word for the default where this says null: DirectShow takes names only, macOS gives no desktop sound. */
const systemDefaults: Partial<Record<NodeJS.Platform, Defaults>> = {
  darwin: { microphone: { system: 'avfoundation', input: 'none:default' }, 'desktop-sound': null },
  win32: { microphone: null, 'desktop-sound': null },
};

/** What the system itself records, or plays, at the time; null: a device has to be chosen by name. */
export const defaultSoundAddress = (
  kind: SoundDeviceKind,
  platform: NodeJS.Platform = process.platform,
): SoundAddress | null => (systemDefaults[platform] ?? pulseDefaults)[kind];

/** Sound at its own rate would be converted twice; asked for as the program has it, the system does it once. */
const asProgram = ['-sample_rate', '48000', '-channels', '2'];

/** What each system needs to give sound soon: its own choice of a buffer may be two seconds. */
const inputOptions: Record<SoundAddress['system'], readonly string[]> = {
  // 10 ms a fragment, bytes of s16 stereo
  pulse: [
    '-name',
    'Stream Manager Studio',
    '-stream_name',
    'Capture',
    ...asProgram,
    '-fragment_size',
    '1920',
  ],
  alsa: asProgram,
  dshow: ['-audio_buffer_size', '20', '-rtbufsize', '4M'],
  avfoundation: [],
  v4l2: [],
};

/** Mono is heard on both sides at its own level (FFmpeg's own way is 3 dB down). */
const toStereo = 'pan=stereo|FL=FL+FC|FR=FR+FC';

/** FFmpeg's arguments to capture a sound device with little delay: interleaved stereo, f32le, 48 kHz, on stdout. */
export function soundCaptureArgs({ system, input }: SoundAddress): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-v', 'level+warning'],
    ...['-fflags', 'nobuffer', '-probesize', '32', '-analyzeduration', '0', '-thread_queue_size', '256'],
    ...['-f', system, ...inputOptions[system], '-i', input],
    ...['-map', '0:a:0', '-af', toStereo, '-ar', '48000', '-f', 'f32le', '-flush_packets', '1', 'pipe:1'],
  ];
}
