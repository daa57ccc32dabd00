import type { Device } from '../../../shared/contract/device';
import type { DeviceAddress } from './source';

export type SoundDeviceKind = Extract<Device['kind'], 'microphone' | 'desktop-sound'>;
type SoundAddress = Extract<DeviceAddress, { input: string }>;

/** What the system itself records, or plays, at the time; PulseAudio and PipeWire follow its changes. */
export const defaultSoundAddress = (kind: SoundDeviceKind): SoundAddress => ({
  system: 'pulse',
  input: kind === 'microphone' ? 'default' : '@DEFAULT_MONITOR@',
});

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
